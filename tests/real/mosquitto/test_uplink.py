"""The shipped uplink against a real mosquitto that is stopped, killed and restarted."""

import asyncio
import os
from dataclasses import dataclass
from random import Random

import pytest

from edge.handover.proof import verify_chain
from edge.messages.broker.wire import from_json
from edge.messages.facts import ParcelLoaded
from edge.messages.state import Status
from tests.edge.uplink.peers import MORNING, Station, sealed
from tests.edge.uplink.vehicle import KEY, Vehicle, until
from tests.real.tcp_fault_proxy import TcpFaultProxy
from tests.real.ways_in import collect, way_in

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("mosquitto")]

KEYS = {KEY.key_id: KEY.public}
TOPIC = "fleet/v1/acme/van-1/up/status"
both_protocols = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


@dataclass(frozen=True)
class Broker:
    """Somewhere else to connect to."""

    port: int


class Whole:
    """A vehicle, a station, and the broker between."""

    def __init__(self, tmp_path, broker, protocol="5", *, station_on=None):
        self.vehicle = Vehicle(tmp_path / "van", way_in(broker, "van-1", protocol))
        self.station = Station(way_in(station_on or broker, "station", protocol), Random(1))

    async def __aenter__(self):
        await self.vehicle.open()
        self.group = asyncio.TaskGroup()
        await self.group.__aenter__()
        self.tasks = [
            self.group.create_task(self.station.run()),
            self.group.create_task(self.vehicle.uplink.run()),
        ]
        return self

    async def __aexit__(self, *error):
        for task in self.tasks:
            task.cancel()
        await self.group.__aexit__(*error)
        await self.vehicle.close()

    async def arrived(self):
        facts = self.vehicle.facts
        await until(lambda: facts.acked == facts.last_seq)
        own = [event for _, event in await facts.read(1, 100_000)]
        assert self.station.facts() == own
        assert verify_chain(own, KEYS) == (len(own), [])


@pytest.mark.parametrize("seed", range(2))
async def test_two_thousand_facts_through_a_broker_that_forgets_everything(
    tmp_path, broker, seed
):
    """Killed five times without persistence: what it had acknowledged is gone each time."""
    rng = Random(seed)
    async with Whole(tmp_path, broker) as whole:

        async def kill_and_restart():
            for _ in range(5):
                await asyncio.sleep(rng.uniform(0.1, 0.6))
                await asyncio.to_thread(broker.kill)
                await asyncio.sleep(rng.uniform(0.0, 0.3))
                await asyncio.to_thread(broker.start)

        killing = asyncio.ensure_future(kill_and_restart())
        committed = 0
        while committed < 2000 or not killing.done():
            count = rng.randint(1, 20)
            facts = [ParcelLoaded(parcel_id=f"P{committed + n}") for n in range(count)]
            committed += count
            await whole.vehicle.facts.commit(facts)
            await asyncio.sleep(0.01)
        await killing
        await whole.arrived()
        assert len(whole.station.facts()) == committed + 1
        assert whole.station.received >= committed + 1


async def test_facts_pass_a_network_that_resets_and_stalls(tmp_path, broker):
    rng = Random(4)
    async with TcpFaultProxy(broker.port, delay_s=0.001) as network:
        proxied = Broker(network.port)
        async with Whole(tmp_path, proxied, station_on=broker) as whole:
            for number in range(400):
                await whole.vehicle.facts.commit([ParcelLoaded(parcel_id=f"P{number}")])
                if rng.random() < 0.02:
                    network.reset()
            await whole.arrived()
            network.stall()
            await whole.vehicle.facts.commit([ParcelLoaded(parcel_id="in the dead zone")])
            await until(lambda: not whole.vehicle.uplink.online, 30.0)
            network.flow()
            await whole.arrived()


async def test_a_slow_link_still_shows_the_live_position_beside_the_backlog(tmp_path, broker):
    """1 kB each 20 ms is 400 kbit/s; a backlog of some hundred kB takes seconds."""
    async with TcpFaultProxy(broker.port, delay_s=0.02) as network:
        proxied = Broker(network.port)
        async with Whole(tmp_path, proxied, station_on=broker) as whole:
            await until(lambda: whole.vehicle.uplink.online)
            await whole.vehicle.proofs.attach(os.urandom(300_000), "image/jpeg")
            facts = [ParcelLoaded(parcel_id=f"P{number}") for number in range(300)]
            await whole.vehicle.facts.commit(facts)
            for number in range(4):
                whole.vehicle.show(number)
                await asyncio.sleep(1.1)
            zero_s = asyncio.get_running_loop().time() - whole.vehicle.clock.now_s()
            ages_s = [
                at_s - zero_s - (live.utc - MORNING).total_seconds()
                for at_s, live in whole.station.live
            ]
            assert whole.vehicle.uplink.backlog().proof > 0, "there was something in the way"
            assert len(ages_s) == 4
            assert max(ages_s) < 2.0
            await whole.arrived()


@both_protocols
async def test_orders_and_media_cross_a_real_broker_both_ways(tmp_path, broker, protocol):
    async with Whole(tmp_path, broker, protocol) as whole:
        photo = os.urandom(500_000)
        await whole.vehicle.proofs.attach(photo, "image/jpeg")
        for seq in range(1, 41):
            whole.station.order(sealed(seq))
            if seq == 20:
                await asyncio.to_thread(broker.kill)
                await asyncio.to_thread(broker.start)
        await until(lambda: whole.station.orders_acked == 40)
        assert whole.vehicle.obeyed == list(range(1, 41))
        await until(lambda: whole.vehicle.uplink.backlog().proof == 0)
        chunks = whole.station.committed["proof"]["e1"]
        assert b"".join(chunk.piece for chunk in chunks) == photo


async def test_presence_of_two_vehicles_is_kept_apart(tmp_path, broker):
    vans = [Vehicle(tmp_path / name, way_in(broker, name), name=name) for name in ("a", "b")]
    told = []
    running = {}
    async with way_in(broker, "ear")(("fleet/v1/acme/+/up/status",), None) as ear:
        listening = asyncio.ensure_future(collect(ear, told))
        for van in vans:
            await van.open()
            running[van.name] = asyncio.ensure_future(van.uplink.run())
        await until(lambda: len(told) == 2)
        running["a"].cancel()
        await until(lambda: len(told) == 3)
        running["b"].cancel()
        await until(lambda: len(told) == 4)
        listening.cancel()
    statuses = [from_json(payload, Status) for _, payload in told]
    states = [(status.vehicle, status.state) for status in statuses]
    assert sorted(states[:2]) == [("a", "online"), ("b", "online")]
    assert states[2:] == [("a", "offline"), ("b", "offline")]
    for van in vans:
        await van.close()
