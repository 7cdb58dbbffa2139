"""Which source of travel times the configuration names."""

from pathlib import Path

from edge.errors import ConfigError
from edge.planner.travel.roads import RoadTravel
from edge.planner.travel.table import TableTravel
from edge.planner.travel.times import Travel
from edge.roads.graph import RoadGraph
from edge.vehicles.kind import VehicleKind


def load_travel(
    roads: Path | None,
    table: Path | None,
    *,
    kind: VehicleKind,
    speed_mps: float,
    detour: float,
) -> Travel:
    """Return roads where a road file is named, else a table's times, else estimates alone.

    Raises ConfigError if a file cannot be used, or the vehicle is on no road.
    """
    if roads is None:
        return TableTravel.load(table, speed_mps=speed_mps, detour=detour, kind=kind.name)
    if kind.drives_as is None:
        raise ConfigError(f"planner.roads {roads}: a {kind.name} is on no road: leave it out")
    graph = RoadGraph.open(roads)
    return RoadTravel(graph, kind.drives_as, kind=kind.name, fastest_mps=kind.fastest_mps)
