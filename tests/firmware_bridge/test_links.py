"""Real sockets and pseudo-terminals of this machine, no time of their own."""

import asyncio
import os
import pty
import socket
import tty
from contextlib import asynccontextmanager

import pytest

from edge.errors import ConfigError, LinkError
from firmware_bridge.links import open_link, serial_link, udp_link


@asynccontextmanager
async def listening(serve):
    async def served(reader, writer):
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    async with server:
        yield f"tcp:127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
def wire(tmp_path):
    """The far end of a serial port, and the stable path of its near end."""
    far, near = pty.openpty()
    tty.setraw(near)
    path = tmp_path / "gnss"
    path.symlink_to(os.ttyname(near))
    os.close(near)
    ends = [far]
    yield ends, path
    for end in ends:
        os.close(end)


async def all_of(link, count):
    data = b""
    while len(data) < count and (piece := await link.read()):
        data += piece
    return data


async def write_on(link):
    for _ in range(1000):
        await link.write(b"x" * 1000)


@pytest.mark.parametrize(
    "address",
    ["", "tcp", "tcp:", "tcp:host", "tcp::1", "ipx:host:1", "serial:/dev/x", "tcp:h:x"],
)
def test_what_is_no_address_is_the_operators_fault(address):
    with pytest.raises(ConfigError, match="neither"):
        open_link(address)


async def test_bytes_go_both_ways_over_tcp_until_the_peer_leaves():
    async def serve(reader, writer):
        writer.write((await reader.readline()).upper())

    async with listening(serve) as address, open_link(address) as link:
        await link.write(b"hello\n")
        assert await all_of(link, 6) == b"HELLO\n"
        assert await link.read() == b""
        assert await link.read() == b""


async def test_a_peer_that_is_away_is_a_lost_link():
    async with listening(None) as address:
        pass
    with pytest.raises(LinkError, match="cannot connect"):
        async with open_link(address):
            pass


async def test_writing_to_a_peer_that_left_is_a_lost_link():
    async def serve(reader, writer):
        writer.transport.abort()

    async with listening(serve) as address, open_link(address) as link:
        assert await link.read() == b""
        with pytest.raises(LinkError, match="takes no bytes"):
            await write_on(link)


async def test_a_closed_link_is_closed_at_once_even_if_the_peer_hangs():
    async def serve(reader, writer):
        await reader.read()

    async with listening(serve) as address, open_link(address) as link:
        await link.write(b"x" * 100)


async def test_bytes_go_both_ways_over_a_serial_port(wire):
    (far,), path = wire
    async with open_link(f"serial:{path}:38400") as link:
        os.write(far, b"$GNRMC\r\n")
        assert await all_of(link, 8) == b"$GNRMC\r\n"
        await link.write(b"\xb5\x62")
        assert os.read(far, 10) == b"\xb5\x62"


async def test_a_serial_port_without_bytes_is_not_taken_for_an_unplugged_one(wire):
    (far,), path = wire
    async with open_link(f"serial:{path}:9600") as link:
        link._on_readable()
        assert not link._gone
        os.write(far, b"x")
        assert await link.read() == b"x"


async def test_an_unplugged_serial_port_reads_as_gone_after_its_last_bytes(wire):
    ends, path = wire
    async with open_link(f"serial:{path}:9600") as link:
        os.write(ends[0], b"last words")
        assert await all_of(link, 10) == b"last words"
        os.close(ends.pop())
        assert await link.read() == b""
        assert await link.read() == b""
        with pytest.raises(LinkError):
            await link.write(b"x")


async def test_a_stable_path_is_followed_anew_at_each_opening(wire):
    ends, path = wire
    async with open_link(f"serial:{path}:9600"):
        pass
    far, near = pty.openpty()
    ends.append(far)
    path.unlink()
    path.symlink_to(os.ttyname(near))
    os.close(near)
    async with open_link(f"serial:{path}:9600") as link:
        os.write(far, b"new")
        assert await all_of(link, 3) == b"new"


async def test_a_port_that_is_away_in_use_or_no_terminal_is_a_lost_link(wire, tmp_path):
    _, path = wire
    with pytest.raises(LinkError, match="cannot open"):
        async with open_link("serial:/dev/serial/by-id/nothing:9600"):
            pass
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LinkError, match="cannot"):
        async with open_link(f"serial:{tmp_path / 'file'}:9600"):
            pass
    async with open_link(f"serial:{path}:9600"):
        with pytest.raises(LinkError, match="cannot open"):
            async with open_link(f"serial:{path}:9600"):
                pass


async def test_what_nobody_reads_is_dropped_oldest_first(wire, monkeypatch):
    (far,), path = wire
    monkeypatch.setattr(serial_link, "BUFFER_BYTES", 1000)
    async with open_link(f"serial:{path}:9600") as link:
        for number in range(50):
            os.write(far, b"%099d\n" % number)
            await asyncio.sleep(0)
        while link.lost_bytes + link._held_bytes < 5000:
            link._ready.clear()
            await link._ready.wait()
        data = await link.read()
        assert len(data) <= 1000
        assert data.endswith(b"%099d\n" % 49)


async def test_a_serial_peer_that_takes_nothing_is_a_lost_link(wire, monkeypatch):
    _, path = wire
    monkeypatch.setattr(serial_link, "WRITE_S", 0.05)
    async with open_link(f"serial:{path}:9600") as link:
        with pytest.raises(LinkError, match="takes no bytes"):
            await link.write(b"x" * 100_000)


async def test_datagrams_go_both_ways_whole_and_one_by_one():
    port = free_port()
    async with open_link(f"udpin:127.0.0.1:{port}") as near:
        await near.write(b"nobody is there yet")
        async with open_link(f"udp:127.0.0.1:{port}") as far:
            await far.write(b"one")
            await far.write(b"two")
            assert [await near.read(), await near.read()] == [b"one", b"two"]
            await near.write(b"three")
            assert await far.read() == b"three"


async def test_nobody_gets_between_a_listening_socket_and_its_peer():
    port = free_port()
    async with (
        open_link(f"udpin:127.0.0.1:{port}") as near,
        open_link(f"udp:127.0.0.1:{port}") as far,
        open_link(f"udp:127.0.0.1:{port}") as stranger,
    ):
        await far.write(b"mine")
        assert await near.read() == b"mine"
        await stranger.write(b"no, mine")
        await far.write(b"still mine")
        assert await near.read() == b"still mine"
        await near.write(b"yours")
        assert await far.read() == b"yours"


async def test_datagrams_that_nobody_reads_are_bounded():
    port = free_port()
    async with (
        open_link(f"udpin:127.0.0.1:{port}") as near,
        open_link(f"udp:127.0.0.1:{port}") as far,
    ):
        for number in range(udp_link.MOST_WAITING + 100):
            await far.write(str(number).encode())
            await asyncio.sleep(0)
        for _ in range(1000):
            await asyncio.sleep(0)
        assert near.lost
        assert int(await near.read()) >= 1
        assert len(near._pieces) < udp_link.MOST_WAITING


async def test_a_closed_socket_ends_reading_and_refuses_writing():
    async with open_link(f"udp:127.0.0.1:{free_port()}") as link:
        pass
    await asyncio.sleep(0)
    assert await link.read() == b""
    with pytest.raises(LinkError, match="closed"):
        await link.write(b"x")


async def test_a_port_that_is_taken_is_a_lost_link():
    port = free_port()
    async with open_link(f"udpin:127.0.0.1:{port}"):
        with pytest.raises(LinkError, match="cannot open"):
            async with open_link(f"udpin:127.0.0.1:{port}"):
                pass


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
