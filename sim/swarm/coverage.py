"""Which faults have struck whom in which sub-state, of all that can."""

from collections.abc import Iterable

from sim.faults.base import BROKER, PHASES, STATION
from sim.faults.drawing import LOTS
from sim.faults.fault import Struck

Cell = tuple[str, str, str]
"""Fault, kind of vehicle, sub-state."""


def reachable(kinds: Iterable[str], never: Iterable[str] = ()) -> frozenset[Cell]:
    """Return every cell that days with these kinds of vehicles can reach."""
    there = {*kinds, STATION, BROKER}
    return frozenset(
        (fault, kind, state)
        for fault, lot in LOTS.items()
        if fault not in set(never)
        for kind in lot.kinds
        if kind in there
        for state in (PHASES if kind not in (STATION, BROKER) else ("",))
    )


class Coverage:
    """Counts the cells that were hit."""

    def __init__(self, cells: frozenset[Cell]) -> None:
        self._cells = cells
        self._hits: dict[Cell, int] = {}

    def add(self, struck: Iterable[Struck]) -> None:
        """Count what struck on a day."""
        for one in struck:
            cell = (one.fault, one.vehicle_kind, one.sub_state)
            if one.vehicle_kind in (STATION, BROKER):
                cell = (one.fault, one.vehicle_kind, "")
            if cell in self._cells:
                self._hits[cell] = self._hits.get(cell, 0) + 1

    @property
    def pct(self) -> float:
        """Cells that were hit, of all [%]."""
        return round(100 * len(self._hits) / len(self._cells), 1) if self._cells else 100.0

    def missing(self) -> tuple[Cell, ...]:
        """Return the cells that were never hit."""
        return tuple(sorted(self._cells - self._hits.keys()))
