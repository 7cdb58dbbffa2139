"""A TCP proxy on this machine that delays, throttles, stalls, swallows, damages and resets."""

import asyncio
from contextlib import suppress
from random import Random
from types import TracebackType

PIECE_B = 1024


class TcpFaultProxy:
    """Listens on `port` and passes to another port; what it does may be changed at any time."""

    def __init__(
        self,
        target_port: int,
        *,
        port: int = 0,
        delay_s: float = 0.0,
        rng: Random | None = None,
    ) -> None:
        self.delay_s = delay_s
        self.bytes_per_s = float("inf")
        self.damage_frac = 0.0
        """Of the pieces, those with a byte that is another one."""
        self.swallows: set[str] = set()
        """Ways ("up" is to the target) on which nothing arrives: half-open, asymmetric."""
        self.port = port
        self._rng = rng or Random(1)
        self._target_port = target_port
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "TcpFaultProxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None, "never entered"
        self._server.close()
        self.flow()
        self.reset()

    @property
    def connections(self) -> int:
        """How many connections pass now."""
        return len(self._writers) // 2

    def stall(self) -> None:
        """Let nothing pass any more, and close nothing: a dead zone."""
        self._flows.clear()

    def flow(self) -> None:
        """End a stall: what was held back passes."""
        self._flows.set()

    def reset(self) -> None:
        """Break every connection without a word of farewell."""
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(
                "127.0.0.1", self._target_port
            )
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._writers |= both
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, far_writer, "up"))
                group.create_task(self._pass(far_reader, writer, "down"))
        finally:
            self._writers -= both
            for end in both:
                end.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE_B):
                if pause_s := self.delay_s + len(piece) / self.bytes_per_s:
                    await asyncio.sleep(pause_s)
                await self._flows.wait()
                if way in self.swallows:
                    continue
                if self._rng.random() < self.damage_frac:
                    piece = self._damaged(piece)
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()

    def _damaged(self, piece: bytes) -> bytes:
        at = self._rng.randrange(len(piece))
        other = piece[at] ^ self._rng.randrange(1, 256)
        return piece[:at] + bytes([other]) + piece[at + 1 :]
