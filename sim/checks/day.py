"""Everything that the checkers look at, and the one call that asks them all."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.messages.routes import Route
from edge.store.facts import FILE
from sim.checks.custody import check_between, check_custody
from sim.checks.findings import Finding
from sim.checks.guard import check_guard
from sim.checks.kept import Kept, events_of, kept
from sim.checks.numbers import Held, check_numbers
from sim.checks.promises import check_promises
from station.books.audit import Books
from station.store.ledger import held_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that is over."""

    books: Books
    routes: Sequence[Route]
    """As they were dispatched, each in its last revision."""
    on_board: Mapping[str, Sequence[Kept]]
    """Each vehicle's own facts, in order."""
    held: Held
    """The ledger's."""
    seen: tuple[Finding, ...] = ()
    """What was found while it went on."""


def facts_of(store: Path) -> tuple[Kept, ...]:
    """Return the facts that stand in a vehicle's store."""
    with closing(sqlite3.connect(store / FILE)) as db:
        found = db.execute("SELECT seq, crc, sealed FROM fact ORDER BY seq").fetchall()
    return tuple(kept(seq, crc, sealed) for seq, crc, sealed in found)


def held_by(db: sqlite3.Connection) -> Held:
    """Return every fact of the ledger."""
    return {(each.vehicle, each.epoch, each.seq): each.sealed for each in held_facts(db)}


def check(day: Day) -> tuple[Finding, ...]:
    """Return everything that must not be."""
    counts = ((day.books.facts_lost, "lost"), (day.books.facts_counted_twice, "counted twice"))
    found = [
        Finding(checker="C1", vehicle="", what=f"{count} facts {what}")
        for count, what in counts
        if count
    ]
    found += [Finding(checker="C3", vehicle="", what=what) for what in day.books.problems]
    events = {vehicle: events_of(facts) for vehicle, facts in day.on_board.items()}
    for vehicle, facts in day.on_board.items():
        found += check_numbers(vehicle, facts, day.held)
        found += check_custody(vehicle, events[vehicle])
        found += check_guard(vehicle, events[vehicle])
    found += check_between(events)
    found += check_promises(day.routes, events)
    return (*found, *day.seen)
