"""Messages that wait for the ledger: bounded, handed over in groups."""

import asyncio
from collections import deque

from station.books.intake import Received

GROUP_B = 512_000  # some 800 facts, a tenth of a second of work
QUEUE_B = 64_000_000  # more than this waits at the vehicles


class Waiting:
    """A queue of messages; what finds no room is let go, and comes again."""

    def __init__(self) -> None:
        self.shed = 0
        """Messages let go because too many waited; unacknowledged, they come again."""
        self._queue: deque[Received] = deque()
        self._queued_b = 0
        self._changed = asyncio.Event()
        self._closed = False

    def offer(self, received: Received) -> bool:
        """Queue a message; False if there is no room, which loses nothing."""
        if self._queued_b + len(received.payload) > QUEUE_B:
            self.shed += 1
            return False
        self._queue.append(received)
        self._queued_b += len(received.payload)
        self._changed.set()
        return True

    def close(self) -> None:
        """Let `next_group` end once nothing waits any more."""
        self._closed = True
        self._changed.set()

    async def next_group(self) -> list[Received]:
        """Return what waits, up to some size; nothing only if it was closed and is empty."""
        while not self._queue and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        group: list[Received] = []
        size_b = 0
        while self._queue and size_b < GROUP_B:
            group.append(self._queue.popleft())
            size_b += len(group[-1].payload)
        self._queued_b -= size_b
        return group
