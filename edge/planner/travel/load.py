"""Which source of travel times the configuration names."""

from pathlib import Path

from edge.planner.travel.roads import RoadTravel
from edge.planner.travel.table import TableTravel
from edge.planner.travel.times import Travel
from edge.roads.graph import RoadGraph


def load_travel(
    roads: Path | None,
    table: Path | None,
    *,
    kind: str,
    speed_mps: float,
    detour: float,
) -> Travel:
    """Return roads where a road file is named, else a table's times, else estimates alone.

    Raises ConfigError if a file cannot be used.
    """
    if roads is not None:
        return RoadTravel(RoadGraph.open(roads), "van", kind=kind)
    return TableTravel.load(table, speed_mps=speed_mps, detour=detour)
