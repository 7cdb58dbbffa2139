"""A graph of streets on flat ground: the nearest street, the quickest way."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from edge.messages.geo import Place

M_PER_DEG = 111_195.0  # of latitude, on a sphere of 6,371 km
CELL_M = 160.0

XY = tuple[float, float]
"""East and north of the origin [m]."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to drive: points, and how fast each of the pieces between them may be driven."""

    points: tuple[Place, ...]
    limits_mps: tuple[float, ...]
    lasts_s: float | None = None
    """Known travel time; None: it follows from limits and acceleration."""


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
    limit_mps: float
    one_way: bool = False
    """Only from a to b."""


@dataclass(frozen=True, slots=True)
class OnStreet:
    """A point on a segment."""

    segment: int
    along_frac: float
    xy: XY
    off_m: float
    """How far the place that was looked for is from it."""


class Streets:
    """Junctions and segments; ways are found once and remembered."""

    def __init__(self, junctions: Sequence[XY], segments: Sequence[Segment]) -> None:
        self.junctions = tuple(junctions)
        self.segments = tuple(segments)
        self._fastest_mps = max(segment.limit_mps for segment in segments)
        self._out: list[list[tuple[int, float, int]]] = [[] for _ in junctions]
        self._cells: dict[tuple[int, int], list[int]] = {}
        self._known: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {}
        for number, segment in enumerate(segments):
            cost_s = self.length_m(segment) / segment.limit_mps
            self._out[segment.a].append((segment.b, cost_s, number))
            if not segment.one_way:
                self._out[segment.b].append((segment.a, cost_s, number))
            for cell in self._cells_of(segment):
                self._cells.setdefault(cell, []).append(number)

    def length_m(self, segment: Segment) -> float:
        """Return the length of a segment."""
        return math.dist(self.junctions[segment.a], self.junctions[segment.b])

    def nearest(self, xy: XY, within_m: float = 400.0) -> OnStreet | None:
        """Return the nearest point on any street, None when all are farther away."""
        best: OnStreet | None = None
        cx, cy = int(xy[0] // CELL_M), int(xy[1] // CELL_M)
        for ring in range(int(within_m // CELL_M) + 2):
            if best is not None and best.off_m <= (ring - 1) * CELL_M:
                break
            for cell in _ring(cx, cy, ring):
                for number in self._cells.get(cell, ()):
                    found = self._project(number, xy)
                    if best is None or found.off_m < best.off_m:
                        best = found
        return best if best is not None and best.off_m <= within_m else None

    def way(self, start: OnStreet, end: OnStreet) -> list[tuple[XY, float]]:
        """Return the quickest way: points, each with the limit of the piece up to it."""
        first, last = self.segments[start.segment], self.segments[end.segment]
        if start.segment == end.segment and (
            end.along_frac >= start.along_frac or not first.one_way
        ):
            return [(start.xy, first.limit_mps), (end.xy, first.limit_mps)]
        best: tuple[float, tuple[int, ...]] | None = None
        for out, out_s in self._ends(first, start.along_frac, leaving=True):
            for into, into_s in self._ends(last, end.along_frac, leaving=False):
                cost_s, path = self._quickest(out, into)
                if best is None or cost_s + out_s + into_s < best[0]:
                    best = (cost_s + out_s + into_s, path)
        assert best is not None, "a segment has at least one end"
        points = [(start.xy, first.limit_mps), (self.junctions[best[1][0]], first.limit_mps)]
        for here, there in pairwise(best[1]):
            points.append((self.junctions[there], self._limit(here, there)))
        points.append((end.xy, last.limit_mps))
        return points

    def _ends(
        self, segment: Segment, along_frac: float, *, leaving: bool
    ) -> list[tuple[int, float]]:
        """Return the junctions by which a point on a segment can be left or reached [s]."""
        whole_s = self.length_m(segment) / segment.limit_mps
        to_b, to_a = (segment.b, (1 - along_frac) * whole_s), (segment.a, along_frac * whole_s)
        if not segment.one_way:
            return [to_a, to_b]
        return [to_b] if leaving else [to_a]

    def _limit(self, here: int, there: int) -> float:
        return max(
            self.segments[number].limit_mps for to, _, number in self._out[here] if to == there
        )

    def _quickest(self, start: int, end: int) -> tuple[float, tuple[int, ...]]:
        """Return seconds and junctions of the quickest way (A*)."""
        known = self._known.get((start, end))
        if known is not None:
            return known
        goal = self.junctions[end]
        best_s = {start: 0.0}
        came: dict[int, int] = {}
        queue = [(0.0, start)]
        done: set[int] = set()
        while queue:
            _, here = heapq.heappop(queue)
            if here == end:
                break
            if here in done:
                continue
            done.add(here)
            for there, cost_s, _ in self._out[here]:
                reached_s = best_s[here] + cost_s
                if reached_s < best_s.get(there, math.inf):
                    best_s[there] = reached_s
                    came[there] = here
                    ahead_s = math.dist(self.junctions[there], goal) / self._fastest_mps
                    heapq.heappush(queue, (reached_s + ahead_s, there))
        assert end in best_s, "the streets are strongly connected"
        path = [end]
        while path[-1] != start:
            path.append(came[path[-1]])
        found = self._known[start, end] = (best_s[end], tuple(reversed(path)))
        return found

    def _project(self, number: int, xy: XY) -> OnStreet:
        segment = self.segments[number]
        (ax, ay), (bx, by) = self.junctions[segment.a], self.junctions[segment.b]
        dx, dy = bx - ax, by - ay
        along = ((xy[0] - ax) * dx + (xy[1] - ay) * dy) / (dx * dx + dy * dy)
        along = min(1.0, max(0.0, along))
        at = (ax + along * dx, ay + along * dy)
        return OnStreet(number, along, at, math.dist(at, xy))

    def _cells_of(self, segment: Segment) -> list[tuple[int, int]]:
        (ax, ay), (bx, by) = self.junctions[segment.a], self.junctions[segment.b]
        return [
            (x, y)
            for x in range(int(min(ax, bx) // CELL_M), int(max(ax, bx) // CELL_M) + 1)
            for y in range(int(min(ay, by) // CELL_M), int(max(ay, by) // CELL_M) + 1)
        ]


def _ring(cx: int, cy: int, ring: int) -> list[tuple[int, int]]:
    """Return the cells at this distance from a cell, in a fixed order."""
    return [
        (cx + x, cy + y)
        for x in range(-ring, ring + 1)
        for y in range(-ring, ring + 1)
        if max(abs(x), abs(y)) == ring
    ]
