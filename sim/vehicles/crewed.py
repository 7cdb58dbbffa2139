"""A van with everything in it: the board, a receiver on its cable, and a driver."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edge.clock import LoopClock
from edge.config import (
    BrokerSection,
    Config,
    GnssSection,
    KeysSection,
    PlannerSection,
    RecordSection,
    StoreSection,
    VehicleSection,
)
from edge.handover.proof import SigningKey, VerifyingKey
from edge.messages.geo import Place
from edge.messages.state import Backlog
from edge.uplink.port import Connect
from sim.chance import chance
from sim.devices.receiver import Receiver
from sim.faults.striking.clocks import WallClock
from sim.people.customer import Customers
from sim.people.driver import Driver
from sim.people.tailgate import Tailgate
from sim.people.wheel import Surroundings
from sim.roads.truth import Roads
from sim.roads.way import OPEN
from sim.scenario import GnssOutage, Scenario
from sim.trouble.tables import EVERYBODY
from sim.vehicles.board import Board
from sim.vehicles.van import Van
from sim.wire import Cable, Ports

BACKLOG_KNOWN_AFTER_S = 15.0
SIMULATED_KEY = "simulated:"
"""Begins the name of a key file that there is not: the seed follows."""
NOT_RECORDED = RecordSection(days=0)
GPS_PORT = "/dev/serial/by-id/usb-simulated-receiver"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a vehicle holds and knows."""

    own: SigningKey
    station: VerifyingKey


def vehicle_key(seed: int, name: str) -> SigningKey:
    """Return the signing key of a simulated vehicle or station."""
    return SigningKey.from_seed(chance(seed, name, "key").randbytes(32))


def vehicle_config(
    scenario: Scenario,
    name: str,
    org: str,
    keys: Keys,
    planner: PlannerSection = PlannerSection(),  # noqa: B008 (frozen)
    record: RecordSection = NOT_RECORDED,
    seed: int | None = None,
) -> Config:
    """Return what would stand in this vehicle's vehicle.toml.

    With `seed` its key file says that `vehicle_key` makes the key.
    """
    return Config(
        vehicle=VehicleSection(name=name, org=org, kind=scenario.group_of(name).kind),
        keys=KeysSection(
            signing_key_file="" if seed is None else f"{SIMULATED_KEY}{seed}",
            station_keys=(keys.station.to_hex(),),
        ),
        store=StoreSection(folder="store"),
        broker=BrokerSection(host="broker"),
        gnss=GnssSection(source="nmea", device=GPS_PORT),
        planner=planner,
        record=record,
    )


class CrewedVan:
    """Everything of one vehicle's day; `over` is set when the driver has closed it."""

    def __init__(
        self,
        scenario: Scenario,
        name: str,
        *,
        seed: int,
        config: Config,
        keys: Keys,
        roads: Roads,
        parked: Place,
        pins: Mapping[str, str],
        connect: Connect,
        folder: Path,
        sever: Callable[[], None] = lambda: None,
        tailgate: Tailgate | None = None,
        told: Callable[[str], frozenset[int]] = lambda _: OPEN,
        out: Callable[[], Sequence[float]] = tuple,
    ) -> None:
        self.name = name
        self.wall = WallClock(scenario.opens)
        self._out = out
        self.over = asyncio.Event()
        self._scenario = scenario
        self._closed_at = 0
        self._delays = [
            each for each in scenario.long_stop if each.vehicle in (name, EVERYBODY)
        ]
        self._loop = asyncio.get_running_loop()
        self._clock = LoopClock(self._loop, self._utc(), "simulated")
        self.van = Van(parked)
        self.cable = Cable(chance(seed, name, "cable"), scenario.cable)
        self.receiver = Receiver(
            lambda: self.van.truth(self._loop.time()),
            self.cable.send,
            clock=self._clock,
            rng=chance(seed, name, "receiver"),
            faults=scenario.receiver,
        )
        ports = Ports()
        ports.attach(GPS_PORT, self.cable)
        self.board = Board(
            config,
            key=keys.own,
            seed=seed,
            ports=ports,
            connect=connect,
            folder=folder,
            new_clock=self.wall.at_start,
            sever=sever,
        )
        around = Surroundings(
            roads=roads,
            van=self.van,
            customers=Customers(seed, scenario.customers, pins, self._out_frac),
            now_s=self._loop.time,
            local=self._local,
            told=lambda: told(name),
            held_up_s=self._held_up_s,
            tailgate=tailgate or Tailgate(),
        )
        self.driver = Driver(
            f"driver-{name}",
            self.board.cab,
            around,
            scenario.driver,
            chance(seed, name, "driver"),
            chance(seed, name, "lights"),
        )

    async def run(self) -> None:
        """Live through the day, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.board.machine.run(), name=f"{self.name} board")
            tasks.create_task(self.receiver.run(), name=f"{self.name} receiver")
            tasks.create_task(self._drive(), name=f"{self.name} driver")
            for outage in self._scenario.gnss_outage:
                if outage.vehicle in (self.name, EVERYBODY):
                    tasks.create_task(self._lose_position(outage), name="outage")

    @property
    def phase(self) -> str:
        """What the driver's page shows."""
        view = self.board.cab.views.value
        return view.phase if view is not None else "dark"

    async def settled(self) -> None:
        """Wait until the day is closed and the station has acknowledged all of it."""
        await self.over.wait()
        views, version = self.board.cab.views, 0
        while True:
            # An older view may tell of a time when nothing waited.
            version, view = await views.newer_than(max(version, self._closed_at))
            if view.backlog == Backlog(facts=0, track=0, proof=0):
                return

    async def _drive(self) -> None:
        starts_s = self._scenario.after_s(self._scenario.group_of(self.name).shift_start)
        await asyncio.sleep(starts_s - self._loop.time())
        await self.driver.work()
        await asyncio.sleep(BACKLOG_KNOWN_AFTER_S)
        self._closed_at = self.board.cab.views.version
        self.over.set()

    async def _lose_position(self, outage: GnssOutage) -> None:
        start_s = self._scenario.after_s(outage.at)
        await asyncio.sleep(start_s - self._loop.time())
        if outage.how == "unplugged":
            self.cable.unplug()
        self.receiver.sees_sky = outage.how != "roof"
        self.receiver.has_power = outage.how != "power"
        await asyncio.sleep(outage.minutes * 60)
        self.receiver.sees_sky = self.receiver.has_power = True
        self.cable.plug()

    def _held_up_s(self) -> float:
        """Return how much longer the stop served now takes; each delay happens once."""
        due = [
            each
            for each in self._delays
            if self._scenario.after_s(each.at) <= self._loop.time()
        ]
        self._delays = [each for each in self._delays if each not in due]
        return sum(each.minutes * 60 for each in due)

    def _out_frac(self) -> float:
        """Return how large a part of the customers is out now."""
        home = 1.0
        for out_frac in self._out():
            home *= 1 - out_frac
        for each in self._scenario.nobody_home:
            from_s = self._scenario.after_s(each.at)
            if from_s <= self._loop.time() < from_s + each.minutes * 60:
                home *= 1 - each.frac
        return 1 - home

    def _utc(self) -> datetime:
        return self._scenario.opens + timedelta(seconds=self._loop.time())

    def _local(self) -> datetime:
        return self._utc().astimezone(self._scenario.zone)
