"""Bugs to plant, so that a swarm can show that it finds them."""

import asyncio
import sqlite3
from contextlib import suppress

from edge.handover.proof import FIRST_PREVHASH
from edge.store import rows
from edge.store.rows import Head
from station.books.intake import Intake
from station.books.ledger import TAKES, Ledger

LATE_S = 2.0


class _NeverMindError(Exception):
    pass


def acknowledged_before_commit() -> None:
    """The station acknowledges facts, and commits them two seconds later."""
    commit = Ledger._commit
    if commit.__name__ != "_commit":
        return

    async def hasty(self, group, *, careful):
        found = []
        if any(received.lane != "fact" for received in group):
            return await commit(self, group, careful=careful)

        def look(db: sqlite3.Connection) -> None:
            intake = Intake(db, self._keys, self._clock.utc(), careful=careful)
            for received in group:
                TAKES[received.lane](intake, received)
            found.append(intake.finish())
            raise _NeverMindError

        with suppress(_NeverMindError):
            await self._database.transaction(look)

        async def later():
            await asyncio.sleep(LATE_S)
            await commit(self, group, careful=careful)

        self._late = getattr(self, "_late", set())
        self._late.add(asyncio.create_task(later()))
        return found[0]

    Ledger._commit = hasty


def sequence_reset() -> None:
    """Every third start of a daemon counts its facts from 1 again."""
    load = rows.load
    if load.__name__ != "load":
        return

    def forgetful(connection, vehicle, new_epoch):
        memory = load(connection, vehicle, new_epoch)
        if memory.boot % 3 == 0:
            memory.head = Head(0, FIRST_PREVHASH)
        return memory

    rows.load = forgetful


def exits() -> None:
    """The process dies without a word."""
    import os

    os._exit(3)


def hangs() -> None:
    """The day never ends."""
    import time

    while True:
        time.sleep(1)
