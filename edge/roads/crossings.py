"""Where a way on foot goes over a road of motor traffic, as the graph tells."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from edge.messages.geo import Place, east_north_m
from edge.roads.classes import CLASS_INDEX, MOTOR, ROAD_CLASSES
from edge.roads.graph import RoadGraph

QUIET = frozenset(
    CLASS_INDEX[name] for name in ("living_street", "service", "track", "pedestrian")
)
"""Here people walk among the cars, and nobody asks for leave."""
REACH_M = {"primary": 8.0, "secondary": 6.0, "tertiary": 5.0}
"""From the middle of a road to where one waits, by its class; half its lanes and a gutter."""
OTHER_REACH_M = 4.0
FAST_REACH_M = 12.0
SAME_DEG = 2.0  # a line that leaves in this direction goes along that road


@dataclass(frozen=True, slots=True)
class RoadCrossing:
    """A node of the map at which a way goes over a road."""

    osm_node: int
    place: Place
    reach_m: float


class Crossings:
    """Finds the crossings of ways on one road graph."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph

    def of(self, points: Sequence[Place]) -> tuple[RoadCrossing, ...]:
        """Return the crossings of a line that `leg_of_way` made, in its order.

        At a node of the line a road is gone over that the line does not follow: one that
        meets it there, or the one that a path for walkers leads across.
        """
        found = []
        for before, point, after in zip(points, points[1:], points[2:], strict=False):
            node = self._node_at(point)
            if node is None:
                continue
            ways_deg = [_bearing_deg(point, before), _bearing_deg(point, after)]
            roads = [
                road
                for road, bearing_deg in self._roads_at(node, point)
                if all(_apart_deg(bearing_deg, way) > SAME_DEG for way in ways_deg)
            ]
            if roads:
                reach_m = max(map(_reach_m, roads))
                found.append(RoadCrossing(self._osm(node), self._place(node), reach_m))
        return tuple(found)

    @cached_property
    def _nodes(self) -> dict[tuple[int, int], int]:
        graph = self._graph
        lat, lon = graph.node_lat_e7.tolist(), graph.node_lon_e7.tolist()
        return {place: node for node, place in enumerate(zip(lat, lon, strict=True))}

    def _node_at(self, point: Place) -> int | None:
        return self._nodes.get((round(point.lat_deg * 1e7), round(point.lon_deg * 1e7)))

    def _roads_at(self, node: int, here: Place) -> list[tuple[int, float]]:
        """Return class and bearing of each road of motor traffic that begins here."""
        graph, found = self._graph, []
        for arc in range(int(graph.first_arc[node]), int(graph.first_arc[node + 1])):
            road = int(graph.arc_class[arc])
            if graph.arc_access[arc] & MOTOR and road not in QUIET:
                lat_e7, lon_e7 = graph.shape(arc)
                there = Place(lat_deg=int(lat_e7[1]) / 1e7, lon_deg=int(lon_e7[1]) / 1e7)
                found.append((road, _bearing_deg(here, there)))
        return found

    def _osm(self, node: int) -> int:
        arc = int(self._graph.first_arc[node])
        return int(self._graph.osm_nodes(arc)[0])

    def _place(self, node: int) -> Place:
        lat_e7, lon_e7 = self._graph.node_lat_e7[node], self._graph.node_lon_e7[node]
        return Place(lat_deg=int(lat_e7) / 1e7, lon_deg=int(lon_e7) / 1e7)


def _bearing_deg(here: Place, there: Place) -> float:
    east_m, north_m = east_north_m(here, there)
    return math.degrees(math.atan2(east_m, north_m))


def _apart_deg(one_deg: float, other_deg: float) -> float:
    return abs(math.remainder(one_deg - other_deg, 360.0))


def _reach_m(road_class: int) -> float:
    name = ROAD_CLASSES[road_class].removesuffix("_link")
    if name in ("motorway", "trunk"):
        return FAST_REACH_M
    return REACH_M.get(name, OTHER_REACH_M)
