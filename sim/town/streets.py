"""Streets on flat ground, and the road graph that they make."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.messages.geo import Place
from edge.roads.classes import CLASS_INDEX
from edge.roads.graph import RoadGraph

M_PER_DEG = 111_195.0  # of latitude, on a sphere of 6,371 km
AHEAD_DS = 25  # what a corner costs on average: one in eight is red, for twenty seconds
TURN_DS = 45  # and slowing down for it and speeding up again
AHEAD_DEG = 30.0

XY = tuple[float, float]
"""East and north of the origin [m]."""


class Flat:
    """Degrees to metres round an origin, good for some tens of kilometres."""

    def __init__(self, origin: Place) -> None:
        self._origin = origin
        self._east_m = M_PER_DEG * math.cos(math.radians(origin.lat_deg))

    def xy(self, place: Place) -> XY:
        """Return metres east and north."""
        east = (place.lon_deg - self._origin.lon_deg) * self._east_m
        return east, (place.lat_deg - self._origin.lat_deg) * M_PER_DEG

    def place(self, xy: XY) -> Place:
        """Return the place, rounded to about a centimetre."""
        return Place(
            lat_deg=round(self._origin.lat_deg + xy[1] / M_PER_DEG, 7),
            lon_deg=round(self._origin.lon_deg + xy[0] / self._east_m, 7),
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of street between two junctions."""

    a: int
    b: int
    street: str
    limit_kmh: int
    main: bool = False
    one_way: bool = False
    """Only from a to b."""
    bridge: bool = False
    """Nobody lives on it."""


def graph_of(flat: Flat, junctions: Sequence[XY], segments: Sequence[Segment]) -> RoadGraph:
    """Return the graph of the streets; junction n is its OSM node n + 1."""
    names = ("", *sorted({segment.street for segment in segments}))
    number_of = {name: number for number, name in enumerate(names)}
    arcs = [(s.a, s.b, s) for s in segments]
    arcs += [(s.b, s.a, s) for s in segments if not s.one_way]
    places = [flat.place(xy) for xy in junctions]
    return RoadGraph.of_arrays(
        [round(place.lat_deg * 1e7) for place in places],
        [round(place.lon_deg * 1e7) for place in places],
        [tail for tail, _, _ in arcs],
        [head for _, head, _ in arcs],
        arc_class=[CLASS_INDEX["secondary" if s.main else "residential"] for _, _, s in arcs],
        arc_speed_kmh=[s.limit_kmh for _, _, s in arcs],
        arc_name=[number_of[s.street] for _, _, s in arcs],
        names=names,
        turns=_turns(junctions, arcs),
    )


def _turns(
    junctions: Sequence[XY], arcs: Sequence[tuple[int, int, Segment]]
) -> tuple[list[int], list[int], list[int]]:
    """Return every turn but those back, which are made at dead ends only."""
    leaving: dict[int, list[int]] = {}
    for number, (tail, _, _) in enumerate(arcs):
        leaving.setdefault(tail, []).append(number)
    from_arc, to_arc, tenths = [], [], []
    for number, (tail, head, segment) in enumerate(arcs):
        choices = leaving.get(head, [])
        onward = [to for to in choices if arcs[to][2] is not segment]
        for to in onward or choices:
            (ax, ay), (bx, by), (cx, cy) = (junctions[n] for n in (tail, head, arcs[to][1]))
            bend_rad = math.atan2(cy - by, cx - bx) - math.atan2(by - ay, bx - ax)
            ahead = abs(math.remainder(math.degrees(bend_rad), 360.0)) < AHEAD_DEG
            from_arc.append(number)
            to_arc.append(to)
            tenths.append(AHEAD_DS if ahead else TURN_DS)
    return from_arc, to_arc, tenths
