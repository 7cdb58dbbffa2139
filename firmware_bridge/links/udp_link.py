"""A UDP socket as a link: each read is one datagram, each write is one."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from edge.errors import LinkError
from firmware_bridge.port import ByteLink

MOST_WAITING = 512  # datagrams; past it the oldest go: 2 s of a firmware's fullest stream
PEER_KEPT_S = 10.0  # so long a listening socket answers one peer before it takes another

Address = tuple[str, int]


class UdpLink(asyncio.DatagramProtocol):
    """One peer: the one that was named, or the first that spoke to us."""

    def __init__(self, name: str, peer: Address | None) -> None:
        self._name = name
        self._peer = peer
        self._listens = peer is None
        self._heard_s = 0.0
        self._pieces: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._ready = asyncio.Event()
        self._gone = False
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.DatagramTransport | None = None
        self.lost = 0
        """Datagrams dropped because nobody read them in time."""

    async def read(self) -> bytes:
        """Return the next datagram, or b"" once the socket is gone."""
        while not self._pieces:
            if self._gone:
                return b""
            self._ready.clear()
            await self._ready.wait()
        return self._pieces.popleft()

    async def write(self, data: bytes) -> None:
        """Send a datagram; without a peer yet, nobody gets it. Raises LinkError once gone."""
        if self._gone or self._transport is None:
            raise LinkError(f"{self._name} is closed")
        if self._listens and self._peer is None:
            return
        self._transport.sendto(data, self._peer if self._listens else None)

    def opened(self, transport: asyncio.DatagramTransport) -> None:
        """Keep the socket to write to."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Queue what the peer sends; on a listening socket, nobody else gets in between."""
        now_s = self._loop.time()
        if self._listens and addr != self._peer:
            if self._peer is not None and now_s - self._heard_s < PEER_KEPT_S:
                return
            self._peer = addr
        self._heard_s = now_s
        if not data:
            return
        self.lost += len(self._pieces) == MOST_WAITING
        self._pieces.append(data)
        self._ready.set()

    def error_received(self, exc: Exception) -> None:
        """Go on: "port unreachable" only says that the far side does not listen yet."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        """End the reading."""
        self._gone = True
        self._ready.set()


@asynccontextmanager
async def open_udp(host: str, port: int, *, listens: bool) -> AsyncIterator[ByteLink]:
    """Open a socket to a peer, or one that peers may speak to. Raises LinkError on entry."""
    name = f"{host}:{port}"
    peer = None if listens else (host, port)
    loop = asyncio.get_running_loop()
    try:
        transport, link = await loop.create_datagram_endpoint(
            lambda: UdpLink(name, peer),
            local_addr=(host, port) if listens else None,
            remote_addr=peer,
        )
    except OSError as error:
        raise LinkError(f"cannot open {name}: {error}") from error
    link.opened(transport)
    try:
        yield link
    finally:
        transport.abort()
