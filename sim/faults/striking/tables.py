"""The troubles that a scenario's own tables name: dead zones, kills, a broker that is down."""

import asyncio
from collections.abc import Callable

from sim.beside import Lives
from sim.chance import chance
from sim.faults.base import EVERYBODY
from sim.faults.striking.world import World
from sim.scenario import BrokerDown, DeadZone, Kill, Scenario
from sim.vehicles.vehicle import Vehicle


class Tables:
    """Plays them on one day."""

    def __init__(self, scenario: Scenario, world: World, over: Callable[[], bool]) -> None:
        """`over` tells whether no vehicle is at work any more."""
        self._scenario = scenario
        self._world = world
        self._over = over

    def lives(self) -> Lives:
        """Return what lives beside the vehicles, by name."""
        scenario, lives = self._scenario, Lives()
        if (per_h := scenario.chaos.kills_per_h) > 0:
            for name in self._world.vehicles:
                lives[f"{name} chaos"] = self._chaos(name, per_h)
        if (per_h := scenario.chaos.station_kills_per_h) > 0:
            lives["station chaos"] = self._chaos("station", per_h)
        for number, zone in enumerate(scenario.dead_zone):
            lives[f"dead zone {number}"] = self._dead_zone(zone)
        for number, down in enumerate(scenario.broker_down):
            lives[f"broker down {number}"] = self._broker_down(down)
        for number, kill in enumerate(scenario.kill):
            lives[f"kill {number}"] = self._kill(kill)
        return lives

    def _named(self, vehicle: str) -> list[Vehicle]:
        return [
            each for name, each in self._world.vehicles.items() if vehicle in (name, EVERYBODY)
        ]

    async def _until(self, time_of_day: str) -> None:
        now_s = asyncio.get_running_loop().time()
        await asyncio.sleep(self._scenario.after_s(time_of_day) - now_s)

    async def _chaos(self, name: str, per_h: float) -> None:
        """Kill a machine again and again, until no vehicle is working any more."""
        rng, machine = chance(self._world.seed, name, "chaos"), self._world.machine(name)
        while not self._over():
            await asyncio.sleep(rng.expovariate(per_h / 3600))
            machine.kill(rng.expovariate(1 / self._scenario.chaos.down_s))

    async def _dead_zone(self, zone: DeadZone) -> None:
        await self._until(zone.at)
        for vehicle in self._named(zone.vehicle):
            self._world.broker.cover(vehicle.name, covered=False)
        await asyncio.sleep(zone.minutes * 60)
        for vehicle in self._named(zone.vehicle):
            self._world.broker.cover(vehicle.name, covered=True)

    async def _broker_down(self, down: BrokerDown) -> None:
        await self._until(down.at)
        self._world.broker.stop()
        await asyncio.sleep(down.minutes * 60)
        self._world.broker.start()

    async def _kill(self, kill: Kill) -> None:
        await self._until(kill.at)
        for vehicle in self._named(kill.vehicle):
            vehicle.board.machine.kill(kill.down_s)
