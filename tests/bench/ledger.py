"""How many facts a second the station counts, every signature checked."""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from edge.clock import LoopClock
from station.books.intake import Received, Taken
from station.books.ledger import Ledger
from station.store.database import Database
from tests.bench.report import Figure, Told
from tests.station.live.vans import Van

FACTS_IN_MESSAGE = 20  # a vehicle that comes out of a dead zone


@dataclass(frozen=True, slots=True)
class Effort:
    """How large a fleet."""

    vans: int
    stops: int
    rounds: int


FULL = Effort(vans=20, stops=60, rounds=3)
TINY = Effort(vans=1, stops=4, rounds=1)


def measure(effort: Effort) -> Told:
    """A fleet's whole day arrives at once; then all of it a second time."""
    vans = [Van(f"van-{number}") for number in range(effort.vans)]
    days = [(van, van.day(effort.stops)) for van in vans]
    count = sum(len(day) for _, day in days)
    messages = [
        van.facts_of(*day[at : at + FACTS_IN_MESSAGE])
        for van, day in days
        for at in range(0, len(day), FACTS_IN_MESSAGE)
    ]
    first, again, signatures = [], [], []
    for _ in range(effort.rounds):
        with tempfile.TemporaryDirectory() as name:
            taken_s = asyncio.run(_take(Path(name) / "station.db", vans, messages, count))
        first.append(count / taken_s[0])
        again.append(count / taken_s[1])
        signatures.append(count / _verify_s(days))
    rate, checks = median(first), median(signatures)
    figures = [
        Figure("facts_per_s", "facts/s, checked, kept, projected, durable", rate),
        Figure("resent_per_s", "facts/s, all of them sent again", median(again)),
        Figure("signatures_per_s", "signatures/s alone (OpenSSL)", checks),
        Figure("ratio", "ledger over signatures alone", rate / checks),
    ]
    return Told(figures, [f"{count} facts of {effort.vans} vans"])


async def _take(
    path: Path, vans: list[Van], messages: list[Received], count: int
) -> tuple[float, float]:
    """Return how long the facts took [s], the first and the second time."""
    keys = {name: ring for van in vans for name, ring in van.keys.items()}
    database = await Database.open(path)
    ledger = Ledger(database, keys, LoopClock.started_now())
    counted = asyncio.Event()
    total = {"facts": 0, "resent": 0}

    def committed(taken: Taken) -> None:
        assert taken.refused == 0, "every fact of the bench is good"
        total["facts"] += taken.facts
        total["resent"] += taken.resent
        if total["facts"] + total["resent"] in (count, 2 * count):
            counted.set()

    worker = asyncio.create_task(ledger.run(committed), name="ledger")
    took = []
    try:
        for _ in range(2):
            counted.clear()
            began_s = time.perf_counter()
            for message in messages:
                assert ledger.offer(message), "there is room"
            await counted.wait()
            took.append(time.perf_counter() - began_s)
    finally:
        worker.cancel()
        await database.close()
    assert total == {"facts": count, "resent": count}, total
    return took[0], took[1]


def _verify_s(days: list[tuple[Van, list[bytes]]]) -> float:
    began_s = time.perf_counter()
    for van, day in days:
        assert all(van.key.public.signed(sealed) for sealed in day), "sealed by the van"
    return time.perf_counter() - began_s
