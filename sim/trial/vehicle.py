"""The shipped daemon on a real autopilot's link, with whoever loads it and waits for it."""

import asyncio
import math
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random
from typing import Any

from msgspec.structs import replace

from edge.clock import Clock
from edge.config import (
    AutopilotRates,
    AutopilotSection,
    Config,
    FlightSection,
    GnssSection,
    GroundHeights,
    LookoutSection,
    McuSection,
    PlannerSection,
    SidewalkSection,
)
from edge.daemon import Daemon
from edge.devices import Lent, Word
from edge.handover.proof import SigningKey
from edge.messages.geo import Place, distance_m
from edge.messages.machines.autopilot import VehicleMotion
from edge.messages.state import Backlog
from edge.uplink.port import Connect
from firmware_bridge.bridge import run_bridge
from firmware_bridge.links import open_link
from firmware_bridge.port import ByteLink
from sim.devices.lid import LidOnCable
from sim.devices.lookout import Lookout
from sim.people.at_lid import AtLid
from sim.people.cab import Cab
from sim.people.customer import Customers
from sim.people.loader import Hold as Holder
from sim.people.loader import Loader
from sim.people.tailgate import Tailgate
from sim.scenario import Scenario
from sim.trial.probe import Found
from sim.trial.stand_ins import BetweenAutopilotAndDaemon, Hold, beat_as_ground
from sim.vehicles.machines.strongbox import Strongbox
from sim.wire import Cable, Ports, WireFaults
from sim.world import Truth

LID_PORT, LOOKOUT_PORT = "/dev/doorstep/trial-lid", "/dev/doorstep/trial-lookout"
COMPARTMENTS = 4
PAD_M = 15.0
STANDS_MPS = 0.3
FLAT_M = 5.0  # so much may the ground rise and fall round the place of a trial
BACKLOG_KNOWN_AFTER_S = 6.0


def trial_config(config: Config, found: Found, kind: str, *, ground_port: int) -> Config:
    """Return the vehicle.toml of a trial, from that of a van at its station."""
    autopilot = AutopilotSection(
        link=found.link,
        rates=AutopilotRates(motion_hz=5.0 if kind == "drone" else 10.0),
        ground=f"udpin:127.0.0.1:{ground_port}",
    )
    config = replace(
        config,
        vehicle=replace(config.vehicle, kind=kind),
        gnss=GnssSection(source="autopilot"),
        autopilot=autopilot,
    )
    if kind == "drone":
        here_m = found.altitude_m
        ground = GroundHeights(
            station_m=here_m, lowest_m=here_m - FLAT_M, highest_m=here_m + FLAT_M
        )
        return replace(config, flight=FlightSection(ground=ground, remote_id=False))
    return replace(
        config,
        mcu=McuSection(link=f"serial:{LID_PORT}"),
        lookout=LookoutSection(link=f"serial:{LOOKOUT_PORT}"),
        sidewalk=SidewalkSection(compartments=COMPARTMENTS),
        planner=PlannerSection(speed_mps=1.2),
    )


class Box(Strongbox):
    """The robot's compartments, stood in for; its battery is its own."""

    def refresh(self) -> None:
        """Leave the battery as it is."""


class OnTrial:
    """One vehicle on trial; `over` is set when its day is closed."""

    def __init__(
        self,
        config: Config,
        found: Found,
        scenario: Scenario,
        *,
        key: SigningKey,
        pins: Mapping[str, str],
        connect: Connect,
        clock: Clock,
        folder: Path,
    ) -> None:
        """Build it; its store will be in `folder`. `config` is made by `trial_config`."""
        self._config = config
        self._found = found
        self._clock = clock
        self._closed_at = 0
        self._motion: VehicleMotion | None = None
        self._ports = Ports()
        self._rng = Random(1)  # noqa: S311 (how long people take)
        self.over = asyncio.Event()
        self.cab = Cab()
        self._lives: dict[str, Coroutine[Any, Any, None]] = {}
        self._hold = Hold()
        flies = config.vehicle.kind == "drone"
        holder: Holder = self._hold if flies else self._stand_in(scenario, pins)
        self.between = BetweenAutopilotAndDaemon(
            clock, self._hold, has_gripper=found.has_gripper or not flies, looks_below=flies
        )
        self._loader = Loader(
            "trial-loader",
            self.cab,
            holder,
            self._rng,
            lambda: self.is_away,
            Tailgate(),
        )
        self._daemon = Daemon(
            config,
            key=key,
            clock=clock,
            rng=Random(2),  # noqa: S311 (pauses)
            devices=self._run_devices,
            connect=connect,
            folder=folder,
        )

    @property
    def is_away(self) -> bool:
        """Whether it is not where people may touch it."""
        motion = self._motion
        if motion is None:
            return True
        here = Place(lat_deg=motion.lat_deg, lon_deg=motion.lon_deg)
        speed_mps = math.hypot(motion.east_mps, motion.north_mps, motion.up_mps)
        return speed_mps > STANDS_MPS or distance_m(here, self._found.place) > PAD_M

    @property
    def is_armed(self) -> bool:
        """Whether its motors may run."""
        return bool(self.between.modes and self.between.modes[-1]["armed"])

    @property
    def stood_in(self) -> tuple[str, ...]:
        """What is not the vehicle's own."""
        common = ("ground station (heartbeat)", "weather (calm)", "who loads it")
        if self._config.vehicle.kind == "robot":
            return (*common, "lid and compartments", "lookout", "customers")
        parts = ["remote identification (not asked for)"]
        if not self.between.sees_itself:
            parts.append("look below")
        if not self._found.has_gripper:
            parts.append("gripper")
        return (*common, *parts)

    async def run(self) -> None:
        """Live through the day, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._daemon.run(), name="daemon")
            for name, life in self._lives.items():
                tasks.create_task(life, name=name)
            await self._daemon.ready.wait()
            tasks.create_task(self.cab.watch(self._daemon.desk), name="page")
            tasks.create_task(self._work(), name="loader")

    async def settled(self) -> None:
        """Wait until the day is closed and the station has acknowledged all of it."""
        await self.over.wait()
        version = 0
        while True:
            version, view = await self.cab.views.newer_than(max(version, self._closed_at))
            if view.backlog == Backlog(facts=0, track=0, proof=0):
                return

    async def _work(self) -> None:
        await self._loader.work()
        await asyncio.sleep(BACKLOG_KNOWN_AFTER_S)
        self._closed_at = self.cab.views.version
        self.over.set()

    def _stand_in(self, scenario: Scenario, pins: Mapping[str, str]) -> Holder:
        """Stand in for a robot's lid, lookout and customers."""
        box = Box(COMPARTMENTS)
        cables = {port: Cable(self._rng, WireFaults()) for port in (LID_PORT, LOOKOUT_PORT)}
        for port, cable in cables.items():
            self._ports.attach(port, cable)
        lid = LidOnCable(box, cables[LID_PORT], clock=self._clock)
        lookout = Lookout(cables[LOOKOUT_PORT], self._truth, self._rng, passers_per_min=0.0)
        customers = Customers(1, scenario.customers, pins)
        self._lives = {
            "lid": lid.run(),
            "lookout": lookout.run(),
            "customers": AtLid(self.cab, lid, lookout, customers).run(),
        }
        return box

    async def _run_devices(self, publish: Callable[[Word], None], lent: Lent) -> None:
        inner = self.between.over(publish, lent)
        devices = run_bridge(
            self._config,
            self._hear,
            inner,
            clock=self._clock,
            rng=self._rng,
            open_link=self._open_link,
        )
        assert self._config.autopilot is not None, "made by trial_config"
        port = int((self._config.autopilot.ground or "").rpartition(":")[2])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(devices, name="devices")
            tasks.create_task(self.between.run(lent, inner), name="stand-ins")
            tasks.create_task(beat_as_ground(port), name="ground station")

    def _hear(self, word: Word) -> None:
        if isinstance(word, VehicleMotion):
            self._motion = word
        self.between.hear(word)

    def _open_link(self, address: str) -> AbstractAsyncContextManager[ByteLink]:
        path = address.removeprefix("serial:").rpartition(":")[0]
        stands_in = path in (LID_PORT, LOOKOUT_PORT)
        return self._ports.open_link(address) if stands_in else open_link(address)

    def _truth(self) -> Truth:
        motion, start = self._motion, self._found.place
        if motion is None:
            return Truth(start.lat_deg, start.lon_deg, 0.0, 0.0)
        speed_mps = math.hypot(motion.east_mps, motion.north_mps)
        return Truth(motion.lat_deg, motion.lon_deg, speed_mps, motion.heading_deg or 0.0)
