"""How the tests of this folder open stores and look into their files."""

import asyncio
import sqlite3
from datetime import UTC, datetime

from edge.clock import LoopClock
from edge.handover.proof import SigningKey
from edge.store.facts import FactStore
from edge.store.proofs import ProofStore
from edge.store.track import TrackStore

KEY = SigningKey.from_seed(bytes(range(32)))
MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


def clock(source="ntp"):
    return LoopClock(asyncio.get_running_loop(), MORNING, source)


def epochs(*names):
    """Return a `new_epoch` that gives these names in turn."""
    return iter(names or ("e1", "e2", "e3")).__next__


async def open_facts(folder, *, vehicle="van-1", new_epoch=None, source="ntp"):
    return await FactStore.open(
        folder,
        vehicle=vehicle,
        org="acme",
        key=KEY,
        clock=clock(source),
        new_epoch=new_epoch or epochs(),
    )


async def open_track(folder, report, **options):
    return await TrackStore.open(
        folder,
        vehicle="van-1",
        clock=options.pop("clock", None) or clock(),
        new_epoch=epochs("t1"),
        report=report,
        **options,
    )


async def open_proofs(facts, folder):
    return await ProofStore.open(facts, folder, clock=clock())


def tamper(file, statement, *values):
    """Change a closed database behind its owner's back."""
    with sqlite3.connect(file) as connection:
        connection.execute(statement, values)
    connection.close()


async def crash(store):
    """Let go of the file without writing anything that only memory knows."""
    database = store.database
    await database.read(lambda c: None)
    database._connection.close()
    database._worker.shutdown()


async def crash_track(store):
    """The same for a track store."""
    await store._database.read(lambda c: c.close())
    store._database._worker.shutdown()


async def all_facts(store):
    """Return the sealed facts, in order."""
    return [sealed for _, sealed in await store.read(1, 100_000)]
