"""One reliable lane of the vehicle: an outbox, its stream, and the broker between."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from math import inf
from typing import Generic, TypeVar

from edge.clock import Clock
from edge.errors import PeerError, StoreError
from edge.messages.broker.stream import Ack, StreamName
from edge.uplink.frames import runs
from edge.uplink.outbox import Outbox
from edge.uplink.port import BrokerLink
from edge.uplink.stream.sender import SILENT_AFTER_S, WINDOW, Sender

log = logging.getLogger(__name__)

T = TypeVar("T")


class Lane(Generic[T]):
    """Sends what is durable until the station says that it has committed it."""

    def __init__(
        self,
        stream: StreamName,
        topic: str,
        outbox: Outbox[T],
        *,
        frame: Callable[[Sequence[T]], list[bytes]],
        took: Callable[[int, float], None],
        clock: Clock,
        turn: asyncio.Lock,
        window: int = WINDOW,
    ) -> None:
        """`frame` makes payloads of items, `took` learns (bytes, seconds) of each."""
        self.sender = Sender(
            stream, outbox.epoch, acked=outbox.acked, last=outbox.last_seq, window=window
        )
        self.alarm = ""
        """Why this lane needs a person; empty when all is well."""
        self._topic = topic
        self._outbox = outbox
        self._frame = frame
        self._took = took
        self._clock = clock
        self._turn = turn
        self._changed = asyncio.Event()
        self._named_silent = False

    @property
    def backlog(self) -> int:
        """How many durable items the station has not committed."""
        return self._outbox.last_seq - self._outbox.acked

    @property
    def silent(self) -> bool:
        """The station has not acknowledged anything for longer than it may."""
        return self.sender.silent_s(self._clock.now_s()) >= SILENT_AFTER_S

    async def follow(self) -> None:
        """Wake the lane at every new item, for ever."""
        version = self._outbox.appended.version
        while True:
            version, _ = await self._outbox.appended.newer_than(version)
            self._changed.set()

    async def run(self, link: BrokerLink) -> None:
        """Send over one connection until it fails. Raises LinkError."""
        self.sender.connected(self._clock.now_s())
        try:
            while True:
                self._changed.clear()
                self.sender.appended(self._outbox.last_seq)
                due = self.sender.due(self._clock.now_s())
                if due:
                    await self._send(link, due)
                else:
                    await self._wait()
        finally:
            self.sender.disconnected(self._clock.now_s())

    async def on_ack(self, ack: Ack) -> None:
        """Take the station's word for what it has committed."""
        before = self.sender.acked
        try:
            acked = self.sender.on_ack(ack, self._clock.now_s())
        except PeerError as error:
            self.alarm = str(error)
            log.error("store went back in time", extra={"why": str(error)})  # noqa: TRY400
            return
        if acked is not None:
            if self._named_silent:
                log.info("station acknowledges again", extra={"stream": ack.stream})
                self._named_silent = False
            if acked < before:
                log.warning(
                    "the station has less than it had acknowledged: sending again",
                    extra={"stream": ack.stream, "upto": acked, "was": before},
                )
            try:
                await self._outbox.acknowledge(acked)
            except StoreError:  # it will be acknowledged again, or sent again: both harmless
                log.exception("acknowledgement not kept", extra={"stream": ack.stream})
        self._changed.set()

    async def _send(self, link: BrokerLink, due: list[int]) -> None:
        for first, count in runs(due):
            items = await self._outbox.read(first, count)
            found = {seq: item for seq, item in items if seq < first + count}
            gone = [seq for seq in range(first, first + count) if seq not in found]
            if gone:
                log.info(
                    "wiped items asked for again",
                    extra={"stream": self.sender.stream, "first": gone[0], "count": len(gone)},
                )
                found |= await self._outbox.stand_ins(gone)
            for payload in self._frame([found[seq] for seq in sorted(found)]):
                async with self._turn:
                    started_s = self._clock.now_s()
                    await link.publish(self._topic, payload, qos=1)
                now_s = self._clock.now_s()
                self._took(len(payload), now_s - started_s)
                self.sender.published(now_s)

    async def _wait(self) -> None:
        """Wait for news, for the time to send again, or to name a silent station."""
        now_s = self._clock.now_s()
        wait_s = self.sender.wake_at_s - now_s
        if not self._named_silent:
            silent_s = self.sender.silent_s(now_s)
            if silent_s >= SILENT_AFTER_S:
                self._named_silent = True
                log.warning(
                    "station does not acknowledge",
                    extra={"stream": self.sender.stream, "silent_s": round(silent_s)},
                )
            elif silent_s > 0:
                wait_s = min(wait_s, SILENT_AFTER_S - silent_s)
        try:
            async with asyncio.timeout(None if wait_s == inf else max(wait_s, 0.0)):
                await self._changed.wait()
        except TimeoutError:
            pass
