"""The ledger: takes what vehicles report, counts it once, acknowledges what is durable."""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable

from edge.clock import Clock
from edge.errors import StoreError
from station.books.intake import Intake, KeyRing, Received, Taken
from station.books.lanes import take_proof, take_track
from station.store.database import Database

log = logging.getLogger(__name__)

GROUP_B = 512_000  # some 800 facts, a tenth of a second of work
QUEUE_B = 64_000_000  # more than this waits at the vehicles
TAKES: dict[str, Callable[[Intake, Received], None]] = {
    "fact": Intake.take_facts,
    "track": take_track,
    "proof": take_proof,
}


class Ledger:
    """Collects messages and commits them in groups; `run` is its one worker."""

    def __init__(self, database: Database, keys: KeyRing, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._queue: deque[Received] = deque()
        self._queued_b = 0
        self._filled = asyncio.Event()
        self.shed = 0
        """Messages let go because too many waited; unacknowledged, they come again."""

    def offer(self, received: Received) -> bool:
        """Queue a message; False if there is no room, which loses nothing."""
        if self._queued_b + len(received.payload) > QUEUE_B:
            self.shed += 1
            return False
        self._queue.append(received)
        self._queued_b += len(received.payload)
        self._filled.set()
        return True

    async def run(self, committed: Callable[[Taken], None]) -> None:
        """Commit what is queued, group by group; tell `committed` what each one did.

        Raises StoreError when the disk fails; what was not acknowledged is not lost.
        """
        while True:
            await self._filled.wait()
            committed(await self.take(self._next_group()))

    async def take(self, group: list[Received]) -> Taken:
        """Commit one group of messages; if our own code trips over one, each by itself."""
        try:
            return await self._commit(group, careful=False)
        except StoreError:
            raise
        except Exception:
            log.exception("group not taken, each by itself", extra={"messages": len(group)})
        taken = Taken()
        for received in group:
            try:
                one = await self._commit([received], careful=True)
            except StoreError:
                raise
            except Exception:
                log.exception("message not taken", extra={"topic": received.topic})
                taken.refused += 1
                continue
            taken.acks += one.acks
            taken.events += one.events
            taken.facts += one.facts
            taken.resent += one.resent
            taken.refused += one.refused
            taken.alarmed |= one.alarmed
            taken.tracks += one.tracks
        return taken

    def _next_group(self) -> list[Received]:
        group: list[Received] = []
        size_b = 0
        while self._queue and size_b < GROUP_B:
            group.append(self._queue.popleft())
            size_b += len(group[-1].payload)
        self._queued_b -= size_b
        if not self._queue:
            self._filled.clear()
        return group

    async def _commit(self, group: list[Received], *, careful: bool) -> Taken:
        utc = self._clock.utc()

        def take(db: sqlite3.Connection) -> Taken:
            intake = Intake(db, self._keys, utc, careful=careful)
            for received in group:
                TAKES[received.lane](intake, received)
            return intake.finish()

        return await self._database.transaction(take)
