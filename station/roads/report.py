"""What an import made of an extract, and what a graph file holds."""

from pathlib import Path

import msgspec
import numpy as np

from edge.roads.classes import ACCESS_BITS, ROAD_CLASSES
from edge.roads.graph import RoadGraph
from edge.roads.stored.layout import Bounds, Country, Source


class UserRoads(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the roads that one kind of user can reach and leave."""

    arcs: int
    km: float
    turns: int


class RoadsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a graph file holds."""

    file: str
    bytes: int
    digest: str
    nodes: int
    arcs: int
    turns: int
    points: int
    names: int
    bounds: Bounds
    country: Country
    source: Source
    attribution: str
    users: dict[str, UserRoads]
    classes_km: dict[str, float]
    """Every direction counts."""


class RoadsImported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import made of an extract."""

    graph: RoadsAnswer
    ways: int
    restrictions: int
    marks: int
    dropped: dict[str, int]
    """What was left out or taken otherwise, and how often."""
    took_s: float
    peak_mb: float


class KerbsMade(msgspec.Struct, frozen=True, kw_only=True):
    """What was made of an extract for robots."""

    kerbs: str
    roads: str
    rings: int
    corners: int
    laid: int
    """Pavements and crossings that the map has only as tags of streets."""
    shut: int
    """Pieces of ways on foot outside of the kerb map: no robot is sent along them."""
    foot_km: float
    """Of ways that hang together, inside; every direction counts."""
    attribution: str
    took_s: float

    @property
    def sentence(self) -> str:
        """The same, for people."""
        return (
            f"{self.kerbs}: {self.rings:,} rings, {self.corners:,} corners\n"
            f"{self.roads}: {self.foot_km} km on foot inside of it; {self.laid:,} pavements "
            f"and crossings laid beside streets, {self.shut:,} pieces of ways shut\n"
            f"{self.attribution}, in {self.took_s} s"
        )


def foot_km(graph: RoadGraph) -> float:
    """Return how long the ways on foot are, both directions."""
    open_dm = graph.arc_length_dm[graph.arc_access & ACCESS_BITS["foot"] != 0]
    return round(float(open_dm.sum()) / 10_000, 1)


def roads_answer(path: Path, graph: RoadGraph) -> RoadsAnswer:
    """Describe a graph."""
    km = graph.arc_length_dm / 10_000.0
    by_class = np.bincount(graph.arc_class, weights=km, minlength=len(ROAD_CLASSES))
    return RoadsAnswer(
        file=str(path),
        bytes=path.stat().st_size,
        digest=graph.digest,
        nodes=graph.nodes,
        arcs=graph.arcs,
        turns=graph.turns,
        points=graph.point_osm.size,
        names=len(graph.names) - 1,
        bounds=graph.bounds,
        country=graph.country,
        source=graph.imported_from,
        attribution=graph.attribution,
        users={
            user: UserRoads(
                arcs=int(np.count_nonzero(graph.arc_access & bit)),
                km=round(float(km[graph.arc_access & bit != 0].sum()), 1),
                turns=int(np.count_nonzero(graph.turn_access & bit)),
            )
            for user, bit in ACCESS_BITS.items()
        },
        classes_km={
            name: round(float(total), 1)
            for name, total in zip(ROAD_CLASSES, by_class, strict=True)
            if total
        },
    )
