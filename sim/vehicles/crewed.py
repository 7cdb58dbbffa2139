"""A van with everything in it: the board, a receiver on its cable, and a driver."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from edge.clock import LoopClock
from edge.config import (
    Config,
)
from edge.messages.geo import Place
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
from sim.vehicles.config import GPS_PORT, Keys
from sim.vehicles.equipped import Equipped
from sim.vehicles.van import Van
from sim.wire import Cable, Ports


class CrewedVan(Equipped):
    """Everything of one van's day; its driver closes it."""

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
        super().__init__(scenario, name)
        self.wall = WallClock(scenario.opens)
        self._out = out
        self._delays = [
            each for each in scenario.long_stop if each.vehicle in (name, EVERYBODY)
        ]
        self.van = Van(parked)
        self.cable = Cable(chance(seed, name, "cable"), scenario.cable)
        self.receiver = Receiver(
            lambda: self.van.truth(self._loop.time()),
            self.cable.send,
            clock=LoopClock(self._loop, self._utc(), "simulated"),
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
            tasks.create_task(self._work(self.driver.work), name=f"{self.name} driver")
            for outage in self._scenario.gnss_outage:
                if outage.vehicle in (self.name, EVERYBODY):
                    tasks.create_task(self._lose_position(outage), name="outage")

    async def _lose_position(self, outage: GnssOutage) -> None:
        await self._until(self._scenario.after_s(outage.at))
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

    def _local(self) -> datetime:
        return self._utc().astimezone(self._scenario.zone)
