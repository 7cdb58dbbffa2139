"""The shipped uplink against a real mosquitto that is stopped, killed and restarted."""

import asyncio
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from random import Random

import pytest

from edge.errors import LinkError
from edge.handover.proof import verify_chain
from edge.messages.catalog import filters
from edge.messages.facts import ParcelLoaded
from edge.messages.state import Status
from edge.messages.wire import from_json
from edge.uplink.mqtt import connector
from edge.uplink.port import Will
from tests.edge.uplink.peers import MORNING, Station, sealed
from tests.edge.uplink.vehicle import KEY, Vehicle, until
from tests.real.mosquitto import Mosquitto, find_mosquitto, free_port
from tests.real.tcp_fault_proxy import TcpFaultProxy

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("mosquitto")]

KEYS = {KEY.key_id: KEY.public}
TOPIC = "fleet/v1/acme/van-1/up/status"
both_protocols = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


@pytest.fixture
def broker(tmp_path):
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with Mosquitto(tmp_path) as running:
        yield running


def way_in(broker, name, protocol="5", **options):
    return connector(
        "127.0.0.1",
        broker.port,
        client_id=name,
        protocol=protocol,
        timeout_s=options.pop("timeout_s", 5.0),
        keepalive_s=5,
        **options,
    )


async def collect(link, messages):
    async for name, payload in link.messages():
        messages.append((name, payload))


@both_protocols
async def test_what_is_published_arrives(broker, protocol):
    got = []
    async with (
        way_in(broker, "ear", protocol)(filters("acme", "up"), None) as ear,
        way_in(broker, "mouth", protocol)((), None) as mouth,
    ):
        listening = asyncio.ensure_future(collect(ear, got))
        await mouth.publish(TOPIC, b"at most once", qos=0)
        await mouth.publish(TOPIC, b"at least once", qos=1)
        await mouth.publish(TOPIC, bytes(100_000), qos=1)
        await until(lambda: len(got) == 3)
        assert got == [
            (TOPIC, b"at most once"),
            (TOPIC, b"at least once"),
            (TOPIC, bytes(100_000)),
        ]
        listening.cancel()


@both_protocols
async def test_what_is_retained_is_there_for_whoever_comes_later(broker, protocol):
    async with way_in(broker, "mouth", protocol)((), None) as mouth:
        await mouth.publish(TOPIC, b"online", qos=1, retained=True)
    async with way_in(broker, "ear", protocol)((TOPIC,), None) as ear:
        async for name, payload in ear.messages():
            assert (name, payload) == (TOPIC, b"online")
            break


@both_protocols
async def test_the_will_is_said_for_a_process_that_was_killed_but_not_for_one_that_left(
    broker, protocol
):
    got = []
    async with way_in(broker, "ear", protocol)((TOPIC,), None) as ear:
        listening = asyncio.ensure_future(collect(ear, got))
        async with way_in(broker, "van-1", protocol)((), Will(TOPIC, b"offline")):
            pass
        program = f"""
            import asyncio
            from edge.uplink.mqtt import connector
            from edge.uplink.port import Will

            async def main():
                connect = connector(
                    "127.0.0.1", {broker.port}, client_id="van-1", protocol="{protocol}"
                )
                async with connect((), Will("{TOPIC}", b"offline")):
                    print("connected", flush=True)
                    await asyncio.sleep(60)

            asyncio.run(main())
        """
        command = [sys.executable, "-c", textwrap.dedent(program)]
        child = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        assert await child.stdout.readline() == b"connected\n"
        assert got == []
        child.kill()
        await child.wait()
        await until(lambda: got == [(TOPIC, b"offline")])
        listening.cancel()


@both_protocols
async def test_a_second_connection_of_the_same_client_ends_the_first(broker, protocol):
    async with way_in(broker, "van-1", protocol)((TOPIC,), None) as first:
        with pytest.raises(LinkError):  # noqa: PT012 -- the loop is what raises
            async with way_in(broker, "van-1", protocol)((), None):
                async for _ in first.messages():
                    pass


async def test_nobody_listening_is_a_lost_link(tmp_path):
    with pytest.raises(LinkError, match=r"127\.0\.0\.1:\d+: .*refused"):
        async with connector("127.0.0.1", free_port(), client_id="van-1")((), None):
            pass


async def test_a_host_without_a_name_is_a_lost_link():
    with pytest.raises(LinkError, match="no-such-host"):
        async with connector("no-such-host.invalid", 1883, client_id="van-1")((), None):
            pass


@pytest.mark.parametrize(
    "speaks", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x02\x00\x05"]
)
async def test_a_peer_that_is_no_broker_is_a_lost_link_and_leaves_nothing_open(speaks):
    closed = asyncio.Event()

    async def answer(reader, writer):
        await reader.read(1)
        writer.write(speaks)
        while await reader.read(1000):
            pass
        closed.set()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(LinkError):
        async with connector("127.0.0.1", port, client_id="van-1", timeout_s=0.3)((), None):
            pass
    await asyncio.wait_for(closed.wait(), 5.0)
    server.close()


async def test_giving_up_while_connecting_leaves_nothing_open():
    opened, closed = asyncio.Event(), asyncio.Event()

    async def say_nothing(reader, writer):
        opened.set()
        while await reader.read(1000):
            pass
        closed.set()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def connect():
        async with connector("127.0.0.1", port, client_id="van-1", timeout_s=30.0)((), None):
            pass

    trying = asyncio.ensure_future(connect())
    await opened.wait()
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    await asyncio.wait_for(closed.wait(), 5.0)
    server.close()


@both_protocols
async def test_a_broker_that_is_killed_is_noticed_at_once(broker, protocol):
    async with way_in(broker, "van-1", protocol)((TOPIC,), None) as link:
        broker.kill()
        with pytest.raises(LinkError):
            async for _ in link.messages():
                pass
        with pytest.raises(LinkError):
            await link.publish(TOPIC, b"too late", qos=1)


@pytest.mark.parametrize(
    ("protocol", "connack", "suback"),
    [
        ("5", b"\x20\x03\0\0\0", b"\x90\x04%s\0\x87"),
        ("3.1.1", b"\x20\x02\0\0", b"\x90\x03%s\x80"),
    ],
)
async def test_a_subscription_that_is_refused_is_named(protocol, connack, suback):
    async def refuse(reader, writer):
        await read_packet(reader)
        writer.write(connack)
        subscribe = await read_packet(reader)
        writer.write(suback % subscribe[:2])
        await reader.read()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connect = connector("127.0.0.1", port, client_id="van-1", protocol=protocol)
    with pytest.raises(LinkError, match=f"refuses the subscription to {TOPIC}"):
        async with connect((TOPIC,), None):
            pass
    server.close()


async def read_packet(reader):
    """Return the body of one short MQTT packet."""
    _, size = await reader.readexactly(2)
    return await reader.readexactly(size)


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
