"""How many facts a second become durable, and how many bytes each costs the disk."""

import asyncio
import os
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from edge.clock import LoopClock
from edge.handover.proof import SigningKey
from edge.messages.facts import Fact, ParcelEnded
from edge.messages.geo import Place
from edge.messages.parcels import Outcome
from edge.store.facts import FILE, FactStore
from tests.bench.report import Figure, Told

PROGRESS = bytes(600)  # what the mission writes beside its facts


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look."""

    rounds: int
    commits: dict[int, int]
    """Commits in a round, by facts in each commit."""


FULL = Effort(rounds=8, commits={1: 100, 10: 40, 100: 10})
TINY = Effort(rounds=1, commits={1: 2, 10: 1})


@dataclass(frozen=True, slots=True)
class Took:
    """One round of commits."""

    wall_s: float
    written_b: int


def measure(effort: Effort) -> Told:
    """Ours and a bare table take turns on the same disk; the best round of each counts."""
    ours: dict[int, list[Took]] = {size: [] for size in effort.commits}
    bare: dict[int, list[Took]] = {size: [] for size in effort.commits}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sealed = asyncio.run(_sealed(folder))
        disk_ms = median(sync_ms(folder, 40 * effort.rounds))
        for number in range(effort.rounds):
            for size, commits in effort.commits.items():
                place = folder / f"{number}-{size}"
                place.mkdir()
                ours[size].append(asyncio.run(_ours(place, size, commits)))
                bare[size].append(_bare(place / "bare.db", sealed, size, commits))
    figures = [Figure("fdatasync_p50_ms", "fdatasync of 4 KiB, median [ms]", disk_ms)]
    for size, commits in effort.commits.items():
        count = size * commits
        rate = count / min(took.wall_s for took in ours[size])
        bare_rate = count / min(took.wall_s for took in bare[size])
        each_b = min(took.written_b for took in ours[size]) / count
        bare_b = min(took.written_b for took in bare[size]) / count
        figures += [
            Figure(f"facts_per_s_{size}", f"facts/s, {size} in a commit", rate),
            Figure(
                f"bare_per_s_{size}", f"  bare SQLite rows/s, {size} in a commit", bare_rate
            ),
            Figure(f"ratio_{size}", "  ours over bare", rate / bare_rate),
            Figure(f"bytes_per_fact_{size}", "  bytes written per fact", each_b),
            Figure(f"bare_bytes_{size}", "  bytes written per bare row", bare_b),
        ]
    notes = [f"a fact here is {len(sealed)} bytes; bare: the same bytes, WAL, synchronous=FULL"]
    return Told(figures, notes)


def fact(number: int) -> Fact:
    """Return a usual fact."""
    return ParcelEnded(
        parcel_id=f"P{number:06d}",
        outcome=Outcome.DELIVERED,
        stop_id=f"S{number:04d}",
        custody="customer",
        recipient="M. Example",
        place=Place(lat_deg=48.1372, lon_deg=11.5756),
        accuracy_m=3.2,
        distance_m=8.5,
    )


async def open_store(folder: Path) -> FactStore:
    """Open a store with a fixed key."""
    return await FactStore.open(
        folder,
        vehicle="van-1",
        org="acme",
        key=SigningKey.from_seed(bytes(32)),
        clock=LoopClock.started_now(),
        new_epoch=lambda: "0123456789abcdef",
    )


async def _ours(folder: Path, size: int, commits: int) -> Took:
    store = await open_store(folder)
    await store.commit([fact(0)])

    async def work() -> None:
        for number in range(commits):
            facts = [fact(number * size + one) for one in range(size)]
            await store.commit(facts, state={"progress": PROGRESS}, driver="ada", route="R1")

    try:
        began_b, began_s = _written_b(), time.perf_counter()
        await work()
        return Took(time.perf_counter() - began_s, _written_b() - began_b)
    finally:
        await store.close()
        (folder / FILE).unlink()


def _bare(path: Path, sealed: bytes, size: int, commits: int) -> Took:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("CREATE TABLE fact (seq INTEGER PRIMARY KEY, sealed BLOB)")
        began_b, began_s = _written_b(), time.perf_counter()
        for number in range(commits):
            db.execute("BEGIN IMMEDIATE")
            for one in range(size):
                db.execute("INSERT INTO fact VALUES (?, ?)", (number * size + one, sealed))
            db.execute("COMMIT")
        return Took(time.perf_counter() - began_s, _written_b() - began_b)
    finally:
        db.close()


async def _sealed(folder: Path) -> bytes:
    store = await open_store(folder)
    try:
        number = await store.commit([fact(1)], driver="ada", route="R1")
        ((_, sealed),) = await store.read(number, 1)
        return sealed
    finally:
        await store.close()


def sync_ms(folder: Path, times: int, pause_s: float = 0.0) -> list[float]:
    """Return how long the disk itself takes for 4 KiB [ms]."""
    took: list[float] = []
    descriptor = os.open(folder / "sync", os.O_CREAT | os.O_WRONLY)
    try:
        for number in range(times):
            os.pwrite(descriptor, bytes(4096), 4096 * number)
            began_s = time.perf_counter()
            os.fdatasync(descriptor)
            took.append((time.perf_counter() - began_s) * 1000)
            time.sleep(pause_s)
    finally:
        os.close(descriptor)
    return took


def _written_b() -> int:
    """Return what this process has had written to files."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(fields["wchar"])
