"""Open a real wire by its address: a TCP or UDP socket, or a serial port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from edge.errors import ConfigError, LinkError
from firmware_bridge.links.serial_link import open_serial
from firmware_bridge.links.udp_link import open_udp
from firmware_bridge.port import ByteLink

CONNECT_S = 3.0  # a host that does not answer a handshake by then is not there
WRITE_S = 5.0  # a peer that reads nothing for so long is hung
PIECE_BYTES = 16_384
SCHEMES = ("tcp", "udp", "udpin", "serial")


def open_link(address: str) -> AbstractAsyncContextManager[ByteLink]:
    """Open `tcp:HOST:PORT`, `udp:HOST:PORT`, `udpin:HOST:PORT` or `serial:PATH:BAUD`.

    `udp` speaks to HOST, `udpin` waits there for a peer. HOST and PATH may hold colons.
    Raises ConfigError for an address that is none, LinkError on entry if the far side is away.
    """
    scheme, _, rest = address.partition(":")
    where, _, number = rest.rpartition(":")
    if scheme not in SCHEMES or not where or not number.isdecimal():
        raise ConfigError(
            f"{address!r} is neither tcp:HOST:PORT nor udp:HOST:PORT, udpin:HOST:PORT or "
            "serial:PATH:BAUD"
        )
    if scheme in ("udp", "udpin"):
        return open_udp(where.strip("[]"), int(number), listens=scheme == "udpin")
    if scheme == "tcp":
        return _open_tcp(where.strip("[]"), int(number))
    return open_serial(where, int(number))


class TcpLink:
    """A connected socket; what is not read yet waits in one bounded buffer and the kernel."""

    def __init__(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._name = name
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        """Return at least one byte, or b"" once the link is gone."""
        try:
            return await self._reader.read(PIECE_BYTES)
        except OSError:
            return b""

    async def write(self, data: bytes) -> None:
        """Write all bytes. Raises LinkError when the link is gone or the peer takes nothing."""
        try:
            async with asyncio.timeout(WRITE_S):
                self._writer.write(data)
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            raise LinkError(f"{self._name} takes no bytes: {error or 'time is up'}") from error


@asynccontextmanager
async def _open_tcp(host: str, port: int) -> AsyncIterator[ByteLink]:
    name = f"{host}:{port}"
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(host, port, limit=PIECE_BYTES)
    except (OSError, TimeoutError) as error:
        raise LinkError(f"cannot connect to {name}: {error or 'no answer'}") from error
    try:
        yield TcpLink(name, reader, writer)
    finally:
        # Waits for no peer: bytes that a hung one has not taken are of no use to it.
        writer.transport.abort()
