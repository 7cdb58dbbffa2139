"""Who answers on a link: which autopilot, where it stands, what it lacks for a delivery."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from edge.clock import LoopClock
from edge.config import AutopilotSection
from edge.errors import ConfigError, LinkError
from edge.messages.geo import Place
from edge.messages.machines.autopilot import (
    AutopilotPresence,
    AutopilotState,
    AutopilotText,
    VehicleMotion,
)
from edge.messages.machines.orders import (
    AutopilotOrder,
    CheckParameters,
    Number,
    OrderAnswer,
    SetParameter,
    WantedParameter,
)
from edge.supervise import keep_alive
from firmware_bridge.autopilot import Autopilot, Word
from firmware_bridge.flight_controller import address_of
from firmware_bridge.links import open_link
from firmware_bridge.mavlink.manners import MANNERS
from firmware_bridge.mavlink.session import MavlinkSession
from sim.trial.stand_ins import SHORT_WARNING

SPEAKS_FIRST_S = 12.0  # then it also waits to be spoken to, as PX4 in SITL does
ANSWERS_S = 30.0
GRIPPERS = {"ardupilot": "GRIP_ENABLE", "px4": "PD_GRIPPER_EN"}
SAFE: dict[str, Number] = {
    "BATT_FS_LOW_ACT": 2, "BATT_FS_CRT_ACT": 1, "FENCE_ENABLE": 1, "FENCE_TYPE": 4,
    "FS_GCS_ENABLE": 1, "FS_ACTION": 2,
    "NAV_DLL_ACT": 2, "COM_LOW_BAT_ACT": 3, "GF_ACTION": 2, "COM_OBL_RC_ACT": 5,
}  # fmt: skip
"""What makes it safe, where the check finds it unsafe: return or hold, and heed the fence."""
GOES_WITH = {"FENCE_ENABLE": ("FENCE_TYPE",)}


@dataclass(frozen=True, slots=True)
class Found:
    """What answers."""

    link: str
    """As it answered: `udp:` may have become `udpin:`."""
    manner: str
    version: str
    place: Place
    altitude_m: float
    """Of the ground there, above mean sea level."""
    has_gripper: bool
    changed: tuple[str, ...]
    """Parameters that were set for the trial, each with what it was."""


class Conversation:
    """What was said on the link, and what is asked over it."""

    def __init__(self, link: str) -> None:
        self.clock = LoopClock.started_now()
        self.section = AutopilotSection(link=link)
        self.autopilot = Autopilot(
            address=address_of(self.section),
            session=MavlinkSession(self.clock.now_s(), datagrams=link.startswith("udp")),
            publish=self._hear,
            clock=self.clock,
            open_link=open_link,
        )
        self.presence: AutopilotPresence | None = None
        self.state: AutopilotState | None = None
        self.motion: VehicleMotion | None = None
        self.texts: list[str] = []
        self._answers: dict[str, asyncio.Future[OrderAnswer]] = {}
        self._numbers = 0

    def _hear(self, word: Word) -> None:
        match word:
            case AutopilotPresence():
                self.presence = word
            case AutopilotState():
                self.state = word
            case VehicleMotion():
                self.motion = word
            case AutopilotText() if word.severity <= SHORT_WARNING:
                self.texts = [*self.texts[-7:], word.text]
            case OrderAnswer():
                waiting = self._answers.pop(word.order_id, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(word)

    @property
    def manner(self) -> str:
        """How it is spoken to; empty until that is known."""
        presence = self.presence
        return presence.manner if presence is not None and presence.present else ""

    async def ask(self, make: Callable[[str], AutopilotOrder]) -> OrderAnswer:
        """Give an order and return its answer. Raises LinkError when none comes."""
        self._numbers += 1
        name = f"trial-{self._numbers}"
        waiting: asyncio.Future[OrderAnswer] = asyncio.get_running_loop().create_future()
        self._answers[name] = waiting
        self.autopilot.order(make(name))
        try:
            async with asyncio.timeout(ANSWERS_S):
                return await waiting
        except TimeoutError as error:
            raise LinkError(f"{self.section.link}: no answer in {ANSWERS_S:g} s") from error

    def missing(self) -> str:
        """Return what has not been heard of what a trial needs; empty if nothing."""
        presence = self.presence
        if presence is None:
            return "no heartbeat of an autopilot is heard"
        if not presence.present:
            return f"the autopilot was heard and is gone ({presence.why or 'no heartbeat'})"
        if not presence.manner:
            why = f": {presence.why}" if presence.why else ""
            return f"something answers that is no ArduPilot or PX4 copter or rover{why}"
        said = f"; it says: {'; '.join(self.texts)}" if self.texts else ""
        if self.motion is None:
            return f"it tells no position: it has no fix, or does not stream one{said}"
        if self.state is None:
            return f"it does not tell its mode{said}"
        return ""


@asynccontextmanager
async def conversation(link: str) -> AsyncIterator[Conversation]:
    """Speak on a link as long as the block lasts."""
    talk = Conversation(link)
    rng = Random(0)  # noqa: S311 (pauses between tries)
    async with asyncio.TaskGroup() as tasks:
        alive = keep_alive("autopilot", talk.autopilot.connect, rng, longest_pause_s=2.0)
        speaking = tasks.create_task(alive, name="trial.probe")
        try:
            yield talk
        finally:
            speaking.cancel()


def links_of(link: str) -> tuple[str, ...]:
    """Return the ways to reach it, in turn."""
    if not link.startswith("udp:"):
        return (link,)
    waits = f"udpin:{link.removeprefix('udp:')}"
    return (waits,) if link.startswith(("udp:0.0.0.0:", "udp:[::]:")) else (link, waits)


async def find(
    link: str, kind: str, *, patience_s: float, may_set: bool, tell: Callable[[str], None]
) -> Found:
    """Return who answers, made safe to fly or drive.

    Raises LinkError when nobody fit does within `patience_s`, ConfigError for a vehicle of
    another kind or one that is under way.
    """
    loop = asyncio.get_running_loop()
    give_up_s, why = loop.time() + patience_s, ""
    ways = links_of(link)
    for number, way in enumerate(ways):
        left_s = give_up_s - loop.time()
        share_s = left_s if number == len(ways) - 1 else min(left_s, SPEAKS_FIRST_S)
        failed: LinkError | ConfigError | None = None
        async with conversation(way) as talk:
            try:
                if await _heard(talk, loop.time() + share_s, give_up_s):
                    return await _fit(talk, way, kind, may_set=may_set, tell=tell)
            except (LinkError, ConfigError) as error:
                failed = error
            why = talk.missing()
        if failed is not None:
            raise failed
    raise LinkError(f"{link}: {why} within {patience_s:g} s")


async def _heard(talk: Conversation, somebody_s: float, all_s: float) -> bool:
    """Tell whether everything was heard: somebody soon, the rest in good time."""
    loop = asyncio.get_running_loop()
    while talk.missing():
        if loop.time() >= (all_s if talk.presence is not None else somebody_s):
            return False
        await asyncio.sleep(0.2)
    return True


async def _fit(
    talk: Conversation, link: str, kind: str, *, may_set: bool, tell: Callable[[str], None]
) -> Found:
    presence, motion, state = talk.presence, talk.motion, talk.state
    assert presence is not None, "nothing is missing"
    assert motion is not None, "nothing is missing"
    assert state is not None, "nothing is missing"
    flies = "copter" in talk.manner
    if flies != (kind == "drone"):
        what = "a multicopter" if flies else "a rover"
        raise ConfigError(f"--kind {kind}, but {what} answers on {link} ({talk.manner})")
    if state.armed:
        raise ConfigError(f"the vehicle on {link} is armed ({state.mode_name}): stop it first")
    tell(
        f"{talk.manner} {presence.version or ''} at {motion.lat_deg:.5f}, {motion.lon_deg:.5f}"
    )
    changed = await _make_safe(talk, may_set=may_set, tell=tell)
    gripper = GRIPPERS["px4" if talk.manner.startswith("px4") else "ardupilot"]
    wanted = WantedParameter(names=(gripper,), one_of=(1,), why="there is no gripper")
    grips = await _check(talk, wanted)
    return Found(
        link=link,
        manner=talk.manner,
        version=presence.version,
        place=Place(lat_deg=motion.lat_deg, lon_deg=motion.lon_deg),
        altitude_m=motion.altitude_m,
        has_gripper=flies and grips.result == "done" and not grips.problems,
        changed=tuple(changed),
    )


async def _make_safe(
    talk: Conversation, *, may_set: bool, tell: Callable[[str], None]
) -> list[str]:
    """Set what the check finds unsafe, and return what it found; the daemon checks again."""
    changed: list[str] = []
    for wanted in MANNERS[talk.manner].wanted:
        found = await _check(talk, wanted)
        if found.result != "done" or not found.problems:
            continue
        problem = "; ".join(found.problems)
        if not may_set:
            raise ConfigError(f"{problem}. Without --keep-parameters the trial sets it")
        for name in wanted.names:
            value = safe_value(wanted, name)
            if value is not None and await _set(talk, name, value, tell):
                changed.append(f"{name} = {value} ({problem})")
                others = GOES_WITH.get(name, ())
                changed += [
                    f"{other} = {SAFE[other]}"
                    for other in others
                    if await _set(talk, other, SAFE[other], tell)
                ]
                break
    return changed


def safe_value(wanted: WantedParameter, name: str) -> Number | None:
    """Return what makes a parameter right: what is usual, or the nearest that will do."""
    if name in SAFE:
        return SAFE[name]
    if wanted.one_of:
        return wanted.one_of[0]
    return wanted.most if wanted.most is not None else wanted.least


async def _check(talk: Conversation, wanted: WantedParameter) -> OrderAnswer:
    return await talk.ask(lambda name: CheckParameters(order_id=name, wanted=(wanted,)))


async def _set(
    talk: Conversation, name: str, value: Number, tell: Callable[[str], None]
) -> bool:
    answer = await talk.ask(lambda order: SetParameter(order_id=order, name=name, value=value))
    if answer.result == "done":
        tell(f"set for the trial: {name} = {value}")
        return True
    tell(f"could not be set: {name} = {value} ({answer.why or answer.result})")
    return False
