"""One connection to a real mosquitto, and to what is none."""

import asyncio
import subprocess
import sys
import textwrap

import pytest

from edge.errors import LinkError
from edge.messages.broker.catalog import filters
from edge.uplink.mqtt import connector
from edge.uplink.port import Will
from tests.edge.uplink.vehicle import until
from tests.real.mosquitto.broker import free_port
from tests.real.ways_in import collect, way_in

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("mosquitto")]

TOPIC = "fleet/v1/acme/van-1/up/status"
both_protocols = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


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
