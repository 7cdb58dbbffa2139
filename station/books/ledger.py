"""The ledger: takes what vehicles report, counts it once, acknowledges what is durable."""

import logging
import sqlite3
from collections.abc import Callable

from edge.clock import Clock
from edge.errors import StoreError
from station.books.intake import Intake, KeyRing, Received, Taken
from station.books.lanes import take_proof, take_track
from station.books.waiting import Waiting
from station.store.database import Database

log = logging.getLogger(__name__)

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
        self._waiting = Waiting()

    @property
    def shed(self) -> int:
        """Messages let go because too many waited; unacknowledged, they come again."""
        return self._waiting.shed

    def offer(self, received: Received) -> bool:
        """Queue a message; False if there is no room, which loses nothing."""
        return self._waiting.offer(received)

    async def run(self, committed: Callable[[Taken], None]) -> None:
        """Commit what is queued, group by group; tell `committed` what each one did.

        Raises StoreError when the disk fails; what was not acknowledged is not lost.
        """
        while True:
            committed(await self.take(await self._waiting.next_group()))

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

    async def _commit(self, group: list[Received], *, careful: bool) -> Taken:
        utc = self._clock.utc()

        def take(db: sqlite3.Connection) -> Taken:
            intake = Intake(db, self._keys, utc, careful=careful)
            for received in group:
                TAKES[received.lane](intake, received)
            return intake.finish()

        return await self._database.transaction(take)
