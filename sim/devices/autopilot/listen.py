"""An autopilot in real time on a real wire: UDP, TCP or serial, for any ground station."""

import asyncio
import os
import pty
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import cast

from edge.errors import ConfigError, LinkError
from firmware_bridge.links import open_link
from sim.devices.autopilot.autopilot import Autopilot

FORGETS_S = 30.0  # a UDP peer that says nothing for so long is gone
MOST_PEERS = 8
MOST_WAITING_B = 262_144
MOST_DATAGRAMS = 64
BAUD = 57_600


class Radio:
    """The autopilot's one telemetry link, however many hear it."""

    def __init__(self, autopilot: Autopilot, *, speed: float = 1.0) -> None:
        self.autopilot = autopilot
        self._speed = speed
        self._loop = asyncio.get_running_loop()
        self._zero_s = self._loop.time()
        self._heard = asyncio.Event()
        self.send: Callable[[bytes], None] = _to_nobody

    @property
    def now_s(self) -> float:
        """The vehicle's own time."""
        return (self._loop.time() - self._zero_s) * self._speed

    def hear(self, data: bytes, link: str, *, datagrams: bool = False) -> None:
        """Take bytes from the wire."""
        self.autopilot.receive(data, self.now_s, link=link, datagrams=datagrams)
        self._heard.set()

    async def run(self) -> None:
        """Live for ever."""
        autopilot = self.autopilot
        while True:
            autopilot.wake(self.now_s)
            while data := autopilot.outgoing():
                self.send(data)
            self._heard.clear()
            pause_s = (autopilot.wake_at_s - self.now_s) / self._speed
            try:
                async with asyncio.timeout(max(0.0, pause_s)):
                    await self._heard.wait()
            except TimeoutError:
                continue


@asynccontextmanager
async def listen(radio: Radio, address: str) -> AsyncIterator[str]:
    """Open `udp:HOST:PORT`, `tcp:HOST:PORT` or `serial:PATH`; yield where it is to be found.

    Raises ConfigError for what is no address, LinkError where it cannot listen.
    """
    scheme, _, where = address.partition(":")
    if scheme == "serial" and where:
        opened = _serial(radio, where)
    elif scheme in ("udp", "tcp"):
        host, _, port = where.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise ConfigError(f"--listen {address}: {scheme} needs HOST:PORT")
        opened = (_udp if scheme == "udp" else _tcp)(radio, host.strip("[]"), int(port))
    else:
        raise ConfigError(
            f"--listen {address} is none of udp:HOST:PORT, tcp:HOST:PORT, serial:PATH"
        )
    try:
        async with opened as found:
            yield found
    except OSError as error:
        raise LinkError(f"cannot listen on {address}: {error.strerror or error}") from error


def _to_nobody(data: bytes) -> None:
    """Drop bytes: no wire is open yet."""


class _Datagrams(asyncio.DatagramProtocol):
    """Answers everybody it has heard of lately."""

    def __init__(self, radio: Radio) -> None:
        self._radio = radio
        self._heard_s: dict[tuple[str, int], float] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self._radio.send = self._send

    def datagram_received(self, data: bytes, peer: tuple[str, int]) -> None:
        if peer in self._heard_s or len(self._heard_s) < MOST_PEERS:
            self._heard_s[peer] = self._radio.now_s
            self._radio.hear(data, f"{peer[0]}:{peer[1]}", datagrams=True)

    def error_received(self, exc: Exception) -> None:
        """Pass over a peer that is gone: it is forgotten in time."""

    def _send(self, data: bytes) -> None:
        oldest_s = self._radio.now_s - FORGETS_S
        self._heard_s = {peer: at_s for peer, at_s in self._heard_s.items() if at_s > oldest_s}
        assert self._transport is not None, "it is connected before it is asked to send"
        for peer in self._heard_s:
            self._transport.sendto(data, peer)


@asynccontextmanager
async def _udp(radio: Radio, host: str, port: int) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Datagrams(radio), local_addr=(host, port)
    )
    try:
        found = transport.get_extra_info("sockname")
        yield f"udp:{host}:{found[1]}"
    finally:
        transport.abort()


@asynccontextmanager
async def _tcp(radio: Radio, host: str, port: int) -> AsyncIterator[str]:
    writers: set[asyncio.StreamWriter] = set()

    def send(data: bytes) -> None:
        for writer in writers:
            if writer.transport.get_write_buffer_size() < MOST_WAITING_B:
                writer.write(data)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(writers) >= MOST_PEERS:
            writer.transport.abort()
            return
        writers.add(writer)
        name = str(writer.get_extra_info("peername"))
        try:
            with suppress(OSError):
                while data := await reader.read(4096):
                    radio.hear(data, name)
        finally:
            writers.discard(writer)
            writer.transport.abort()

    server = await asyncio.start_server(serve, host, port)
    radio.send = send
    try:
        yield f"tcp:{host}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in list(writers):
            writer.transport.abort()


def _serial(radio: Radio, path: str) -> AbstractAsyncContextManager[str]:
    """Open a port that exists, else make a pseudo-terminal and let the path lead to it."""
    is_port = Path(path).is_char_device() and not Path(path).is_symlink()
    return _port(radio, path) if is_port else _terminal(radio, Path(path))


@asynccontextmanager
async def _port(radio: Radio, path: str) -> AsyncIterator[str]:
    outbox: asyncio.Queue[bytes] = asyncio.Queue(MOST_DATAGRAMS)

    def put(data: bytes) -> None:
        with suppress(asyncio.QueueFull):  # a slow line loses what it cannot carry
            outbox.put_nowait(data)

    async with open_link(f"serial:{path}:{BAUD}") as link, asyncio.TaskGroup() as tasks:

        async def write() -> None:
            while True:
                await link.write(await outbox.get())

        async def read() -> None:
            while data := await link.read():
                radio.hear(data, path)
            raise LinkError(f"{path} is gone")

        radio.send = put
        both = (
            tasks.create_task(write(), name="autopilot.serial.write"),
            tasks.create_task(read(), name="autopilot.serial.read"),
        )
        yield f"serial:{path}"
        for task in both:
            task.cancel()


@asynccontextmanager
async def _terminal(radio: Radio, path: Path) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    far, near = pty.openpty()
    tty.setraw(near)
    os.set_blocking(far, False)

    def read() -> None:
        with suppress(OSError):
            radio.hear(os.read(far, 4096), str(path))

    def write(data: bytes) -> None:
        with suppress(OSError):  # nobody reads: what does not fit is lost, as on a wire
            os.write(far, data)

    _lead(path, os.ttyname(near))
    loop.add_reader(far, read)
    radio.send = write
    try:
        yield f"serial:{path}"
    finally:
        loop.remove_reader(far)
        _lead(path, None)
        os.close(far)
        os.close(near)


def _lead(path: Path, to: str | None) -> None:
    """Let a path lead to a terminal, or nowhere any more."""
    if path.is_symlink():
        path.unlink()
    if to is not None:
        path.symlink_to(to)
