"""What a simulated day came to: the books, and one hash over everything that happened."""

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge.messages.broker.wire import read_fact
from edge.messages.facts import FactEvent
from edge.store.facts import FILE
from sim.checks.findings import Finding
from sim.checks.kept import kept
from sim.depot.figures import Figures
from sim.faults.fault import Struck
from station.books.audit import Books


class DayResult(msgspec.Struct, frozen=True, kw_only=True):
    """A day's outcome; its JSON is the one line that `doorstep-sim` prints."""

    parcels: int
    outcomes: dict[str, int]
    balanced: bool
    facts: int
    facts_lost: int
    facts_counted_twice: int
    facts_resent: int
    speed_factor: float
    """Simulated seconds per real second."""
    wall_s: float
    vehicle_h: float
    """How long its vehicles were switched on, together."""
    log_sha256: str
    figures: Figures
    problems: tuple[str, ...] = ()
    """What does not balance, in words."""
    struck: tuple[Struck, ...] = ()
    """Every fault that had its effect, and when, and what its victim was at."""
    findings: tuple[Finding, ...] = ()
    """What the checkers found: everything that must never be."""

    @property
    def good(self) -> bool:
        """The books balance, no fact was lost or counted twice, and no checker complains."""
        return self.books_good and not self.findings

    @property
    def books_good(self) -> bool:
        """The books balance, and no fact was lost or counted twice."""
        return self.balanced and self.facts_lost == 0 and self.facts_counted_twice == 0


def day_result(
    books: Books,
    log: "DayLog",
    figures: Figures,
    *,
    simulated_s: float,
    wall_s: float,
    vehicle_h: float,
    unfinished: str = "",
    struck: tuple[Struck, ...] = (),
    findings: tuple[Finding, ...] = (),
) -> DayResult:
    """Put the line together; `unfinished` says why the day was not over, if it was not."""
    return DayResult(
        parcels=books.parcels,
        outcomes=books.outcomes,
        balanced=books.balanced and not unfinished,
        facts=books.facts,
        facts_lost=books.facts_lost,
        facts_counted_twice=books.facts_counted_twice,
        facts_resent=books.facts_resent,
        speed_factor=round(simulated_s / wall_s, 1),
        wall_s=round(wall_s, 3),
        vehicle_h=round(vehicle_h, 4),
        log_sha256=log.sha256(),
        figures=figures,
        problems=(unfinished, *books.problems) if unfinished else books.problems,
        struck=struck,
        findings=findings,
    )


class DayLog:
    """A running hash over every message the broker took and every fact, in order."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def message(self, at_s: float, client: str, topic: str, payload: bytes, qos: int) -> None:
        """Take a message of the broker, with when and from whom it came."""
        self._take(b"%.6f %s %s %d" % (at_s, client.encode(), topic.encode(), qos), payload)

    def fact(self, vehicle: str, sealed: bytes) -> None:
        """Take a fact as it stands in a vehicle's store."""
        self._take(vehicle.encode(), sealed)

    def sha256(self) -> str:
        """Return the hash so far."""
        return self._hash.hexdigest()

    def _take(self, head: bytes, content: bytes) -> None:
        self._hash.update(b"%d %d\n" % (len(head), len(content)))
        self._hash.update(head)
        self._hash.update(content)


def facts_on_board(store: Path) -> tuple[str, list[tuple[int, bytes]]]:
    """Return the epoch and every numbered fact of a store whose daemon has ended.

    One that rotted after it was sent is healed here as the store would, if it was asked.
    """
    with closing(sqlite3.connect(store / FILE)) as db:
        (epoch,) = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
        found = db.execute("SELECT seq, crc, sealed FROM fact ORDER BY seq").fetchall()
    return str(epoch), [(seq, kept(seq, crc, sealed).sealed) for seq, crc, sealed in found]


@dataclass(frozen=True, slots=True)
class OnBoard:
    """What one vehicle's store holds after the day."""

    epoch: str
    last: int
    """Number of its last fact."""
    events: tuple[FactEvent, ...]


def read_stores(stores: Mapping[str, Path], log: DayLog) -> dict[str, OnBoard]:
    """Return what each vehicle's store holds, logging its facts."""
    found = {}
    for vehicle, store in stores.items():
        epoch, facts = facts_on_board(store)
        for _, sealed in facts:
            log.fact(vehicle, sealed)
        events = tuple(read_fact(sealed) for _, sealed in facts)
        found[vehicle] = OnBoard(epoch, facts[-1][0] if facts else 0, events)
    return found
