"""Everything that the checkers look at, and the one call that asks them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.messages.facts import FactEvent
from sim.checks.findings import Finding
from sim.faults.fault import Struck
from sim.scenario import Scenario
from station.books.audit import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that is over."""

    scenario: Scenario
    books: Books
    on_board: Mapping[str, Sequence[FactEvent]]
    """Each vehicle's own facts, in order."""
    struck: tuple[Struck, ...] = ()


def check(day: Day) -> tuple[Finding, ...]:
    """Return everything that must not be."""
    found = [
        Finding(checker="C1", vehicle="", what=f"{count} facts {what}")
        for count, what in (
            (day.books.facts_lost, "lost"),
            (day.books.facts_counted_twice, "counted twice"),
        )
        if count
    ]
    return (*found, *(Finding(checker="C3", vehicle="", what=p) for p in day.books.problems))
