"""Bugs to plant, so that a swarm can show that it finds them."""

import asyncio
import sqlite3
from contextlib import suppress

from edge.guard import guard
from edge.guard.rules.pavement import yielding
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


def no_yielding() -> None:
    """The guard has no rule about people any more: neither for orders nor for what goes on."""
    people = (yielding.slow_for_people, yielding.now)
    guard.ON_THE_GROUND = {
        command: tuple(rule for rule in rules if rule not in people)
        for command, rules in guard.ON_THE_GROUND.items()
    }
    guard.WATCHED_ON_THE_GROUND = tuple(
        rule for rule in guard.WATCHED_ON_THE_GROUND if rule not in people
    )


def exits() -> None:
    """The process dies without a word."""
    import os

    os._exit(3)


def hangs() -> None:
    """The day never ends."""
    import time

    while True:
        time.sleep(1)
