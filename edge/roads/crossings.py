"""Where a way on foot goes over a road of motor traffic, as the graph tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from edge.messages.geo import Place
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
        nodes = [node for point in points if (node := self._node_at(point)) is not None]
        found = []
        for index, node in enumerate(nodes[1:-1], 1):
            followed = {nodes[index - 1], nodes[index + 1]}
            roads = [road for road, other in self._roads_at(node) if other not in followed]
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

    def _roads_at(self, node: int) -> list[tuple[int, int]]:
        """Return class and other end of each road of motor traffic that begins here."""
        graph = self._graph
        arcs = range(int(graph.first_arc[node]), int(graph.first_arc[node + 1]))
        return [
            (int(graph.arc_class[arc]), int(graph.arc_head[arc]))
            for arc in arcs
            if graph.arc_access[arc] & MOTOR and int(graph.arc_class[arc]) not in QUIET
        ]

    def _osm(self, node: int) -> int:
        arc = int(self._graph.first_arc[node])
        return int(self._graph.osm_nodes(arc)[0])

    def _place(self, node: int) -> Place:
        lat_e7, lon_e7 = self._graph.node_lat_e7[node], self._graph.node_lon_e7[node]
        return Place(lat_deg=int(lat_e7) / 1e7, lon_deg=int(lon_e7) / 1e7)


def _reach_m(road_class: int) -> float:
    name = ROAD_CLASSES[road_class].removesuffix("_link")
    if name in ("motorway", "trunk"):
        return FAST_REACH_M
    return REACH_M.get(name, OTHER_REACH_M)
