"""Ground truth: where vans really are, how ways are found, how full the roads are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.messages.geo import Place
from edge.planner.travel.table import TravelTable
from sim.town.streets import Way

# How much longer driving takes by hour of the day: two rush hours, quiet nights.
TRAFFIC_BY_HOUR = (
    0.90, 0.90, 0.90, 0.90, 0.92, 0.95, 1.05, 1.25, 1.40, 1.25, 1.10, 1.10,
    1.15, 1.12, 1.10, 1.18, 1.30, 1.45, 1.30, 1.10, 1.00, 0.95, 0.92, 0.90,
)  # fmt: skip


class Ways(Protocol):
    """Who knows how to get from one place to another."""

    def way(self, start: Place, end: Place) -> Way:
        """Return the way to drive."""
        ...


@dataclass(frozen=True, slots=True)
class Truth:
    """Where a vehicle really is at one instant."""

    lat_deg: float
    lon_deg: float
    speed_mps: float
    heading_deg: float


class StraightWays:
    """Straight lines where no streets are known."""

    def __init__(self, speed_mps: float = 8.0) -> None:
        self._speed_mps = speed_mps

    def way(self, start: Place, end: Place) -> Way:
        """Return the straight line."""
        return Way((start, end), (self._speed_mps,))


class TableWays:
    """Straight lines that take as long as a table says (recorded routes)."""

    def __init__(self, table: TravelTable) -> None:
        self._index = {(p.lat_deg, p.lon_deg): row for row, p in enumerate(table.places)}
        self._seconds = table.seconds

    def way(self, start: Place, end: Place) -> Way:
        """Return the straight line, with the table's time between two of its places."""
        here = self._index.get((start.lat_deg, start.lon_deg))
        there = self._index.get((end.lat_deg, end.lon_deg))
        known = None if here is None or there is None else self._seconds[here][there]
        return Way((start, end), (8.0,), known)


def traffic(local: datetime) -> float:
    """Return how much longer driving takes at this time of day, without steps at the hour."""
    hour, part = local.hour, local.minute / 60
    now, soon = TRAFFIC_BY_HOUR[hour], TRAFFIC_BY_HOUR[(hour + 1) % 24]
    return now + (soon - now) * part
