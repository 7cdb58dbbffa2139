"""A vehicle, a station and the simulator's broker between them, on virtual time."""

import asyncio
from random import Random

import pytest

from edge.handover.proof import verify_chain
from edge.messages.facts import ParcelLoaded
from sim.broker import SimBroker
from tests.edge.uplink.peers import Station
from tests.edge.uplink.vehicle import KEY, Vehicle, until

KEYS = {KEY.key_id: KEY.public}


class Net:
    """A broker with a vehicle and a station on it."""

    def __init__(self, folder, group, *, faults=None, source="ntp", seed=1):
        self.broker = SimBroker(Random(seed))
        self.group = group
        self.vehicle = Vehicle(folder, self.broker.connector("van-1", faults), source=source)
        self.station = Station(self.broker.connector("station"), Random(seed))
        self.tasks = {}

    async def start(self):
        await self.vehicle.open()
        self.station_running()
        await self.station.connected.wait()
        self.vehicle_running()

    def vehicle_running(self):
        self.tasks["vehicle"] = self.group.create_task(self.vehicle.uplink.run())

    def station_running(self):
        self.tasks["station"] = self.group.create_task(self.station.run())

    async def kill_vehicle(self):
        """Let the vehicle vanish: no goodbye, and only what is durable stays."""
        self.broker.sever("van-1")
        await self.stop("vehicle")
        await self.vehicle.close()

    async def stop(self, name):
        self.tasks[name].cancel()
        await asyncio.wait([self.tasks[name]])

    async def commit(self, count):
        """Commit some facts; in one go, which costs one write to the disk."""
        facts = [ParcelLoaded(parcel_id=f"P{number}") for number in range(count)]
        await self.vehicle.facts.commit(facts)

    async def arrived(self, within_s=300.0):
        """Wait until the station has every fact and the vehicle knows it."""
        facts = self.vehicle.facts
        await until(lambda: facts.acked == facts.last_seq, within_s)
        own = [event for _, event in await facts.read(1, 100_000)]
        assert self.station.facts(facts.epoch) == own
        assert verify_chain(own, KEYS) == (len(own), [])


@pytest.fixture
def net(tmp_path, simulate):
    """Run a coroutine function of a `Net` on virtual time."""

    def run(main, *, started=True, **options):
        async def whole():
            async with asyncio.TaskGroup() as group:
                made = Net(tmp_path, group, **options)
                if started:
                    await made.start()
                await main(made)
                for task in made.tasks.values():
                    task.cancel()

        simulate(whole)

    return run
