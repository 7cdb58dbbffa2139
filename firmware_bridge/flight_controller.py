"""The configured autopilot: its session on its link, and what is looked after beside it."""

import asyncio
import math
from collections.abc import Callable
from functools import partial
from random import Random

from edge.clock import Clock
from edge.config import AutopilotRates, AutopilotSection
from edge.devices import Lent, Word
from edge.messages.machines.autopilot import (
    AutopilotPresence,
    LinkQuality,
    ParametersChecked,
)
from edge.messages.machines.orders import CheckParameters, OrderAnswer, WantedParameter
from edge.supervise import keep_alive
from firmware_bridge.autopilot import Autopilot
from firmware_bridge.autopilot import Word as Said
from firmware_bridge.mavlink.manners import MANNERS
from firmware_bridge.mavlink.router import Router
from firmware_bridge.mavlink.session import MavlinkSession
from firmware_bridge.mavlink.vehicle.streams import USUAL_HZ
from firmware_bridge.mavlink.wire.dialect import mavlink
from firmware_bridge.mavlink.wire.frames import LinkCount
from firmware_bridge.port import OpenLink
from firmware_bridge.stamps import StampKeeper, signing_of

AUTOPILOT = "autopilot"
LONGEST_PAUSE_S = 2.0  # as for a receiver: in flight nobody waits half a minute for a cable
LOOK_S = 5.0
DRONES_HZ = {
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: 2.0,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 2.0,
    mavlink.MAVLINK_MSG_ID_MISSION_CURRENT: 2.0,
    mavlink.MAVLINK_MSG_ID_DISTANCE_SENSOR: 2.0,
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_LOCATION: 2.0,
}
"""At least: the guard takes nothing older than a second for true."""
CHECK_AGAIN_S = 30.0  # parameters that could not be read


async def run_autopilot(
    section: AutopilotSection,
    publish: Callable[[Word], None],
    lent: Lent,
    *,
    clock: Clock,
    rng: Random,
    open_link: OpenLink,
    key: bytes | None = None,
    flies: bool = False,
) -> None:
    """Speak with the autopilot for ever; `key` signs, `flies`: ask for what a drone needs."""
    signing = signing_of(key, lent, clock) if key is not None else None
    router = Router(bytes_per_s=section.ground_bytes_per_s) if section.ground else None
    session = MavlinkSession(
        clock.now_s(),
        system=section.system,
        signing=signing,
        datagrams=section.link.startswith("udp"),
        rates_hz=rates_of(section.rates) | (DRONES_HZ if flies else {}),
        router=router,
    )
    controller = FlightController(section.parameters, session, publish, clock)
    autopilot = Autopilot(
        address=address_of(section),
        session=session,
        publish=controller.hear,
        clock=clock,
        open_link=open_link,
        ground_address=section.ground or "",
        router=router,
    )
    async with asyncio.TaskGroup() as tasks:
        if signing is not None:
            keeper = StampKeeper(signing, lent, clock)
            await keeper.begin()
            tasks.create_task(keeper.run(), name="bridge.autopilot.stamp")
        alive = partial(keep_alive, rng=rng, longest_pause_s=LONGEST_PAUSE_S)
        tasks.create_task(alive(AUTOPILOT, autopilot.connect), name="bridge.autopilot")
        if router is not None:
            ground = alive("ground station", autopilot.serve_ground)
            tasks.create_task(ground, name="bridge.autopilot.ground")
        tasks.create_task(controller.look_after(autopilot), name="bridge.autopilot.look")
        tasks.create_task(_forward(lent, autopilot), name="bridge.autopilot.orders")


def address_of(section: AutopilotSection) -> str:
    """Return the address of the autopilot's link."""
    if section.link.startswith("serial:"):
        return f"{section.link}:{section.baud}"
    return section.link


def rates_of(rates: AutopilotRates) -> dict[int, float]:
    """Return the rates by message; those that nobody chooses are as usual."""
    return {
        **USUAL_HZ,
        mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: rates.motion_hz,
        mavlink.MAVLINK_MSG_ID_ATTITUDE: rates.attitude_hz,
        mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: rates.gnss_hz,
        mavlink.MAVLINK_MSG_ID_SYS_STATUS: rates.state_hz,
        mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: rates.state_hz,
        mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: rates.battery_hz,
    }


def wanted_of(manner: str, profile: tuple[WantedParameter, ...]) -> tuple[WantedParameter, ...]:
    """Return what the firmware's kind should have, the fleet's own wishes first."""
    named = {name for one in profile for name in one.names}
    usual = MANNERS[manner].wanted if manner in MANNERS else ()
    return (*profile, *(one for one in usual if named.isdisjoint(one.names)))


class FlightController:
    """Lets its parameters be read whenever it is found, and tells how good the link is."""

    def __init__(
        self,
        profile: tuple[WantedParameter, ...],
        session: MavlinkSession,
        publish: Callable[[Word], None],
        clock: Clock,
    ) -> None:
        self._profile = profile
        self._session = session
        self._publish = publish
        self._clock = clock
        self._manner = ""
        self._check_at_s = math.inf
        self._checks = 0
        self._found = asyncio.Event()

    def hear(self, word: Said) -> None:
        """Take a word of the session; what is not for us alone is passed on."""
        match word:
            case AutopilotPresence():
                self._meet(word)
            case OrderAnswer() if word.order_id == self._check_id:
                self._checked(word)
                return
        self._publish(word)

    def _meet(self, word: AutopilotPresence) -> None:
        if not (word.present and word.manner):
            self._manner, self._check_at_s = "", math.inf
        elif word.restarted or (not self._manner and (word.version or word.missing)):
            self._manner, self._check_at_s = word.manner, word.received_s
            self._found.set()

    async def look_after(self, autopilot: Autopilot) -> None:
        """Ask for the parameters when it is time, tell the link's quality, for ever."""
        before = _copy(self._session.count)
        quality_s = self._clock.now_s() + LOOK_S
        while True:
            now_s = self._clock.now_s()
            if now_s >= self._check_at_s:
                self._checks += 1
                self._check_at_s = now_s + CHECK_AGAIN_S
                wanted = wanted_of(self._manner, self._profile)
                autopilot.order(CheckParameters(order_id=self._check_id, wanted=wanted))
            if now_s >= quality_s:
                quality_s, count = now_s + LOOK_S, _copy(self._session.count)
                self._publish(
                    LinkQuality(
                        received_s=now_s,
                        frames=count.frames - before.frames,
                        lost=max(0, count.lost - before.lost),
                        damaged=count.damaged - before.damaged,
                    )
                )
                before = count
            self._found.clear()
            due_s = min(quality_s, self._check_at_s)
            try:
                async with asyncio.timeout(max(0.0, due_s - self._clock.now_s())):
                    await self._found.wait()
            except TimeoutError:
                continue

    @property
    def _check_id(self) -> str:
        return f"parameters-{self._checks}"

    def _checked(self, answer: OrderAnswer) -> None:
        was_read = answer.result == "done"
        problems = answer.problems
        if was_read:
            self._check_at_s = math.inf
        else:
            problems = (f"its parameters could not be read: {answer.why or answer.result}",)
        self._publish(
            ParametersChecked(received_s=answer.received_s, read=was_read, problems=problems)
        )


def _copy(count: LinkCount) -> LinkCount:
    return LinkCount(count.frames, count.bytes_in, count.noise_bytes, count.damaged, count.lost)


async def _forward(lent: Lent, autopilot: Autopilot) -> None:
    while True:
        autopilot.order(await lent.orders.get())
