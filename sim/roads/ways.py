"""Ways over a road graph, as the world knows them: a search of its own, in plain Python.

The vehicle plans on the same file by the native search; a fault in that one must not find
itself confirmed here.
"""

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.messages.geo import Place, metres_per_degree
from edge.roads.classes import DESTINATION_ONLY, FORBIDDEN_DS, VAN
from edge.roads.graph import RoadGraph
from sim.roads.way import OPEN, Way

SNAP_M = 400.0  # a place farther from every street is reached in a straight line
STRAIGHT_MPS = 5.0
THROUGH_S = 120.0  # what driving through a street for residents only is worth avoiding
WAY_ROUND_S = 7200.0  # a closed street is taken only where there is no other
KMH = 3.6

Coordinates = NDArray[np.int32] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OnArc:
    """A point on a road, in one of its directions."""

    arc: int
    along_frac: float
    off_m: float
    """How far the place that was looked for is from it."""


class GraphWays:
    """The quickest ways for a van, turn by turn."""

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        self._heads: list[int] = graph.arc_head.tolist()
        metres = graph.arc_length_dm / 10
        self._limits_mps: list[float] = (graph.arc_speed_kmh / KMH).tolist()
        residents = (graph.arc_flags & DESTINATION_ONLY) != 0
        seconds = metres / (graph.arc_speed_kmh / KMH)
        self._seconds: list[float] = seconds.tolist()
        self._shy_s: list[float] = np.where(residents, THROUGH_S, 0.0).tolist()
        self._fastest_mps = float(graph.arc_speed_kmh.max()) / KMH
        self._first_turn: list[int] = graph.first_turn.tolist()
        self._turn_to: list[int] = graph.turn_to.tolist()
        self._turn_s: list[float] = (graph.turn_ds / 10).tolist()
        may = (graph.turn_access & VAN != 0) & (graph.turn_ds != FORBIDDEN_DS)
        may &= graph.arc_access[graph.turn_to] & VAN != 0
        self._may_turn: list[bool] = may.tolist()
        self._plane = _Plane(graph)
        self._node_xy: list[tuple[float, float]] = self._plane.nodes()
        self._snapped: dict[Place, tuple[OnArc, ...]] = {}

    def way(self, start: Place, end: Place, closed: frozenset[int] = OPEN) -> Way:
        """Return the quickest way past what is closed; straight where no street is near.

        It begins and ends on its arcs even where these are closed, and leads over a closed
        one where there is no other way.
        """
        arcs, first, last = self._quickest(start, end, closed)
        if first is None or last is None:
            return Way((start, end), (STRAIGHT_MPS,))
        points, pieces = [start], []
        for index, arc in enumerate(arcs):
            from_frac = first.along_frac if index == 0 else 0.0
            to_frac = last.along_frac if index == len(arcs) - 1 else 1.0
            for place in self._along(arc, from_frac, to_frac):
                if place != points[-1]:
                    points.append(place)
                    pieces.append(arc)
        if not pieces:
            return Way((start, start), (self._limits_mps[first.arc],), pieces=(first.arc,))
        limits = tuple(self._limits_mps[arc] for arc in pieces)
        return Way(tuple(points), limits, pieces=tuple(pieces))

    def pieces_of(self, street: str) -> frozenset[int]:
        """Return the pieces that bear a name, in both directions."""
        graph = self.graph
        numbers = [number for number, name in enumerate(graph.names) if name == street]
        return frozenset(np.flatnonzero(np.isin(graph.arc_name, numbers)).tolist())

    def bridges(self) -> tuple[str, ...]:
        """Return the names of the bridges, those streets that are called so."""
        return tuple(sorted({name for name in self.graph.names if name.endswith(" Bridge")}))

    def line(self, piece: int) -> tuple[Place, ...]:
        """Return the points along a piece, in its direction."""
        return tuple(_places(*self.graph.shape(piece)))

    def nearest(self, place: Place) -> tuple[OnArc, ...]:
        """Return the nearest point of any road, once for each direction; () without one."""
        found = self._snapped.get(place)
        if found is None:
            found = self._snapped[place] = self._plane.nearest(place)
        return found

    def place_on(self, arc: int, along_frac: float) -> Place:
        """Return the place a part of the way along an arc."""
        return self._plane.cut(arc, along_frac, along_frac)[0]

    def _along(self, arc: int, from_frac: float, to_frac: float) -> list[Place]:
        """Return the points from one part of an arc to another."""
        if (from_frac, to_frac) == (0.0, 1.0):
            return _places(*self.graph.shape(arc))
        return self._plane.cut(arc, from_frac, to_frac)

    def _quickest(
        self, start: Place, end: Place, closed: frozenset[int]
    ) -> tuple[list[int], OnArc | None, OnArc | None]:
        """Return the arcs of the quickest way, and where it begins and ends on them (A*)."""
        starts, ends = self.nearest(start), {on.arc: on for on in self.nearest(end)}
        if not starts or not ends:
            return [], None, None
        for on in starts:
            ahead = ends.get(on.arc)
            if ahead is not None and ahead.along_frac >= on.along_frac:
                return [on.arc], on, ahead
        goal, slack_m = self._plane.xy(end), max(on.off_m for on in ends.values())
        cost_s: dict[int, float] = {}  # to the end of each arc
        came: dict[int, int | None] = {}
        queue: list[tuple[float, int]] = []
        first = {on.arc: on for on in starts}
        for on in starts:
            cost_s[on.arc] = (1 - on.along_frac) * self._seconds[on.arc]
            came[on.arc] = None
            heapq.heappush(
                queue, (cost_s[on.arc] + self._ahead_s(on.arc, goal, slack_m), on.arc)
            )
        best_s, best = math.inf, (-1, -1)
        done: set[int] = set()
        while queue and queue[0][0] < best_s:
            _, arc = heapq.heappop(queue)
            if arc in done:
                continue
            done.add(arc)
            for to, turn_s in self._turns(arc):
                reached_s = cost_s[arc] + turn_s
                on_end = ends.get(to)
                if on_end is not None:
                    there_s = reached_s + on_end.along_frac * self._seconds[to]
                    if there_s < best_s:
                        best_s, best = there_s, (arc, to)
                reached_s += self._seconds[to] + self._shy_s[to]
                if to in closed:
                    reached_s += WAY_ROUND_S
                if reached_s < cost_s.get(to, math.inf):
                    cost_s[to], came[to] = reached_s, arc
                    heapq.heappush(queue, (reached_s + self._ahead_s(to, goal, slack_m), to))
        if math.isinf(best_s):
            return [], None, None
        arcs = [best[1]]
        here: int | None = best[0]
        while here is not None:
            arcs.append(here)
            here = came[here]
        arcs.reverse()
        return arcs, first[arcs[0]], ends[arcs[-1]]

    def _turns(self, arc: int) -> Iterator[tuple[int, float]]:
        for turn in range(self._first_turn[arc], self._first_turn[arc + 1]):
            if self._may_turn[turn]:
                yield self._turn_to[turn], self._turn_s[turn]

    def _ahead_s(self, arc: int, goal: tuple[float, float], slack_m: float) -> float:
        """Return what the rest of the way takes at least; it ends within `slack_m` of the goal.

        Road lengths and the plane differ by a part in a thousand.
        """
        away_m = math.dist(self._node_xy[self._heads[arc]], goal)
        return max(0.0, 0.99 * away_m - slack_m) / self._fastest_mps


class _Plane:
    """The roads on flat ground: every straight piece of every shape, and who may use it."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        middle_deg = (graph.bounds.south_deg + graph.bounds.north_deg) / 2
        self._north_m, self._east_m = metres_per_degree(middle_deg)
        x_m = graph.point_lon_e7 * (self._east_m / 1e7)
        y_m = graph.point_lat_e7 * (self._north_m / 1e7)
        pieces = graph.first_shape.size - 1
        self._arc = _arcs_by_piece(graph, pieces)
        piece_of = np.repeat(np.arange(pieces), np.diff(graph.first_shape))
        inner = piece_of[1:] == piece_of[:-1]
        ax, ay = x_m[graph.shape_point][:-1], y_m[graph.shape_point][:-1]
        bx, by = x_m[graph.shape_point][1:], y_m[graph.shape_point][1:]
        length_m = np.where(inner, np.hypot(bx - ax, by - ay), 0.0)
        reached_m = np.concatenate(([0.0], np.cumsum(length_m)))
        used = inner & (self._arc[:, piece_of[:-1]] >= 0).any(axis=0)
        at = np.flatnonzero(used)
        self._piece = piece_of[at]
        self._a = np.stack((ax[at], ay[at]))
        self._d = np.stack((bx[at] - ax[at], by[at] - ay[at]))
        self._square = np.maximum((self._d**2).sum(axis=0), 1e-12)
        begins_m = reached_m[graph.first_shape[:-1]]
        ends_m = reached_m[np.maximum(graph.first_shape[1:] - 1, 0)]
        self._whole_m = np.maximum(ends_m - begins_m, 1e-9)
        self._before_m = reached_m[at] - begins_m[self._piece]
        self._length_m = length_m[at]

    def xy(self, place: Place) -> tuple[float, float]:
        """Return metres east and north."""
        return place.lon_deg * self._east_m, place.lat_deg * self._north_m

    def nodes(self) -> list[tuple[float, float]]:
        """Return where the nodes are."""
        graph = self._graph
        x_m = graph.node_lon_e7 * (self._east_m / 1e7)
        y_m = graph.node_lat_e7 * (self._north_m / 1e7)
        return list(zip(x_m.tolist(), y_m.tolist(), strict=True))

    def nearest(self, place: Place) -> tuple[OnArc, ...]:
        """Return the nearest point on a road, once for each direction it may be driven in."""
        x, y = self.xy(place)
        px, py = x - self._a[0], y - self._a[1]
        along = np.clip((px * self._d[0] + py * self._d[1]) / self._square, 0.0, 1.0)
        off = np.hypot(px - along * self._d[0], py - along * self._d[1])
        if not off.size or (off_m := float(off[at := int(off.argmin())])) > SNAP_M:
            return ()
        piece = int(self._piece[at])
        reached_m = float(self._before_m[at] + along[at] * self._length_m[at])
        frac = min(1.0, reached_m / float(self._whole_m[piece]))
        forth, back = (int(arc) for arc in self._arc[:, piece])
        both = (OnArc(forth, frac, off_m), OnArc(back, 1.0 - frac, off_m))
        return tuple(on for on in both if on.arc >= 0)

    def cut(self, arc: int, from_frac: float, to_frac: float) -> list[Place]:
        """Return the points of a part of an arc."""
        lat_e7, lon_e7 = (each.astype(np.float64) for each in self._graph.shape(arc))
        metres = np.hypot(np.diff(lat_e7) * self._north_m, np.diff(lon_e7) * self._east_m)
        reached = np.concatenate(([0.0], np.cumsum(metres)))
        span = np.array([from_frac, to_frac]) * reached[-1]
        inner = reached[(reached > span[0]) & (reached < span[1])]
        wanted = np.concatenate((span[:1], inner, span[1:]))
        return _places(np.interp(wanted, reached, lat_e7), np.interp(wanted, reached, lon_e7))


def _arcs_by_piece(graph: RoadGraph, pieces: int) -> NDArray[np.int64]:
    """Return the arcs along and against each piece, (2, P); -1 where no van may drive."""
    arc = np.full((2, pieces), -1, dtype=np.int64)
    for number in np.flatnonzero(graph.arc_access & VAN):
        piece = int(graph.arc_piece[number])
        if piece >= 0:
            arc[0, piece] = number
        else:
            arc[1, ~piece] = number
    return arc


def _places(lat_e7: Coordinates, lon_e7: Coordinates) -> list[Place]:
    return [
        Place(lat_deg=round(lat / 1e7, 7), lon_deg=round(lon / 1e7, 7))
        for lat, lon in zip(lat_e7.tolist(), lon_e7.tolist(), strict=True)
    ]
