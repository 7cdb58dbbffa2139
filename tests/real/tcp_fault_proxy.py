"""A TCP proxy on this machine that delays, stalls and resets what passes."""

import asyncio
from contextlib import suppress
from types import TracebackType

PIECE_B = 1024


class TcpFaultProxy:
    """Listens on `port` and passes to another port; `delay_s` may be changed at any time."""

    def __init__(self, target_port: int, *, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.port = 0
        self._target_port = target_port
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "TcpFaultProxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
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
                group.create_task(self._pass(reader, far_writer))
                group.create_task(self._pass(far_reader, writer))
        finally:
            self._writers -= both
            for end in both:
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE_B):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                await self._flows.wait()
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()
