"""A way to drive, and who knows how to find one."""

from dataclasses import dataclass
from typing import Protocol

from edge.messages.geo import Place
from edge.planner.travel.table import TravelTable

OPEN: frozenset[int] = frozenset()
"""No piece of road is closed."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to drive: points, and how fast each of the pieces between them may be driven."""

    points: tuple[Place, ...]
    limits_mps: tuple[float, ...]
    lasts_s: float | None = None
    """Known travel time; None: it follows from limits and acceleration."""
    pieces: tuple[int, ...] = ()
    """The arc of each of the pieces; empty where no streets are known."""

    def corners(self) -> tuple[bool, ...]:
        """Tell of each inner point whether another street begins there."""
        if not self.pieces:
            return (False,) * (len(self.points) - 2)
        return tuple(
            before != after for before, after in zip(self.pieces, self.pieces[1:], strict=False)
        )


class Ways(Protocol):
    """Who knows how to get from one place to another."""

    def way(self, start: Place, end: Place, closed: frozenset[int] = OPEN) -> Way:
        """Return the way of a driver who knows that these pieces are closed."""
        ...

    def pieces_of(self, street: str) -> frozenset[int]:
        """Return the pieces that bear a name."""
        ...

    def bridges(self) -> tuple[str, ...]:
        """Return the names of the bridges."""
        ...

    def line(self, piece: int) -> tuple[Place, ...]:
        """Return the points along a piece."""
        ...


class _NoStreets:
    """Ground on which nothing has a name."""

    def pieces_of(self, street: str) -> frozenset[int]:  # noqa: ARG002
        """Return nothing."""
        return OPEN

    def bridges(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def line(self, piece: int) -> tuple[Place, ...]:
        """Refuse: there are no pieces."""
        raise AssertionError(f"no piece {piece} where there are no streets")


class StraightWays(_NoStreets):
    """Straight lines where no streets are known."""

    def __init__(self, speed_mps: float = 8.0) -> None:
        self._speed_mps = speed_mps

    def way(self, start: Place, end: Place, closed: frozenset[int] = OPEN) -> Way:  # noqa: ARG002
        """Return the straight line."""
        return Way((start, end), (self._speed_mps,))


class TableWays(_NoStreets):
    """Straight lines that take as long as a table says (recorded routes)."""

    def __init__(self, table: TravelTable) -> None:
        self._index = {(p.lat_deg, p.lon_deg): row for row, p in enumerate(table.places)}
        self._seconds = table.seconds

    def way(self, start: Place, end: Place, closed: frozenset[int] = OPEN) -> Way:  # noqa: ARG002
        """Return the straight line, with the table's time between two of its places."""
        here = self._index.get((start.lat_deg, start.lon_deg))
        there = self._index.get((end.lat_deg, end.lon_deg))
        known = None if here is None or there is None else self._seconds[here][there]
        return Way((start, end), (8.0,), known)
