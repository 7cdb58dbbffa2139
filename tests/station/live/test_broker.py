"""The embedded broker, for real: mosquitto and amqtt carry the same traffic and end with us."""

import asyncio
import os
import signal
import socket
import struct
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from pathlib import Path

import pytest

from edge.errors import ConfigError, LinkError
from edge.uplink.mqtt import connector
from station.broker import embedded_broker

NOWHERE = "/nonexistent"
BOTH = [
    pytest.param(None, id="mosquitto", marks=pytest.mark.real),
    pytest.param(NOWHERE, id="amqtt"),
]


@pytest.fixture
async def broker(request, tmp_path: Path):
    async with embedded_broker(tmp_path, search_path=request.param) as address:
        yield address


def link_to(address, name: str, *filters: str):
    connect = connector(address.host, address.port, client_id=name, protocol=address.protocol)
    return connect(filters, None)


async def take(link, count: int) -> list[tuple[str, bytes]]:
    got = []
    async with asyncio.timeout(20):
        async for message in link.messages():
            got.append(message)
            if len(got) == count:
                break
    return got


@pytest.mark.parametrize("broker", BOTH, indirect=True)
async def test_a_days_traffic_passes(broker):
    """Four vehicles, QoS 1, small and full-sized payloads, wildcards, acknowledgements back."""
    payloads = [os.urandom(600) for _ in range(40)] + [os.urandom(100_000)]

    async def drive(number: int) -> int:
        root = f"fleet/v1/acme/van-{number}"
        async with link_to(broker, f"van-{number}", f"{root}/down/ack") as link:
            for payload in payloads:
                await link.publish(f"{root}/up/fact", payload, qos=1)
            return len(await take(link, len(payloads)))

    station_link = link_to(broker, "station", "fleet/v1/acme/+/up/fact")
    async with station_link as station, asyncio.TaskGroup() as tasks:
        vans = [tasks.create_task(drive(number)) for number in range(4)]
        got = await take(station, 4 * len(payloads))
        for topic, _ in got:
            await station.publish(topic.replace("up/fact", "down/ack"), b"ok", qos=1)
    assert sorted(payload for _, payload in got) == sorted(payloads * 4)
    assert [van.result() for van in vans] == [len(payloads)] * 4


@pytest.mark.parametrize("broker", BOTH, indirect=True)
async def test_a_status_is_retained_and_a_will_is_said(broker):
    topic = "fleet/v1/acme/van-1/up/status"
    async with link_to(broker, "van-0") as link:
        await link.publish(topic.replace("van-1", "van-0"), b"online", qos=1, retained=True)
    writer = await die_soon(broker, topic, b"offline")
    async with link_to(broker, "station", "fleet/v1/acme/+/up/status") as station:
        assert await take(station, 1) == [(topic.replace("van-1", "van-0"), b"online")]
        writer.transport.abort()
        # amqtt gives a retained message again at every subscription.
        async with asyncio.timeout(20):
            async for message in station.messages():
                if message == (topic, b"offline"):
                    break


async def die_soon(broker, topic: str, will: bytes) -> asyncio.StreamWriter:
    """Connect by hand (MQTT 3.1.1 §3.1) with a retained will."""

    def text(value: bytes) -> bytes:
        return struct.pack("!H", len(value)) + value

    flags = 0x02 | 0x04 | 0x08 | 0x20  # clean session, will, will QoS 1, will retained
    body = text(b"MQTT") + bytes([4, flags]) + struct.pack("!H", 60)
    body += text(b"dying") + text(topic.encode()) + text(will)
    reader, writer = await asyncio.open_connection(broker.host, broker.port)
    writer.write(bytes([0x10, len(body)]) + body)
    assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
    return writer


@pytest.mark.parametrize("search_path", BOTH)
async def test_a_taken_port_is_named_with_its_cure(tmp_path: Path, search_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"{port}.*broker.port"):
            async with embedded_broker(tmp_path, port, search_path=search_path):
                pass


@pytest.mark.parametrize("search_path", BOTH)
async def test_a_broker_that_dies_is_told(tmp_path: Path, search_path):
    async def lose() -> None:
        async with embedded_broker(tmp_path, search_path=search_path) as address:
            os.kill(pid_listening_on(address.port), signal.SIGKILL)
            await asyncio.Future()

    with pytest.raises(ExceptionGroup) as raised:
        await lose()
    assert raised.value.subgroup(LinkError) is not None


async def test_an_error_in_the_block_comes_out_as_it_is(tmp_path: Path):
    with pytest.raises(ZeroDivisionError):
        async with embedded_broker(tmp_path, search_path=NOWHERE):
            raise ZeroDivisionError


@pytest.mark.parametrize("search_path", BOTH)
async def test_it_ends_when_its_parent_is_killed(tmp_path: Path, search_path):
    script = (
        "import asyncio\n"
        "from pathlib import Path\n"
        "from station.broker import embedded_broker\n"
        "async def main():\n"
        f"    async with embedded_broker(Path({str(tmp_path)!r}), search_path={search_path!r})"
        " as a:\n"
        "        print(a.port, flush=True)\n"
        "        await asyncio.Future()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=PIPE)
    assert parent.stdout is not None
    port = int(await parent.stdout.readline())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    parent.kill()
    await parent.communicate()
    async with asyncio.timeout(20):  # the kernel closes what is open when the broker ends
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()


def pid_listening_on(port: int) -> int:
    """Find the process by its socket (proc(5))."""
    wanted = f"0100007F:{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    inode = next(
        fields[9]
        for fields in (line.split() for line in lines)
        if fields[1] == wanted and fields[3] == "0A"
    )
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            names = [os.readlink(link) for link in (folder / "fd").iterdir()]
        except OSError:
            continue
        if f"socket:[{inode}]" in names:
            return int(folder.name)
    raise AssertionError(f"nobody listens on {port}")
