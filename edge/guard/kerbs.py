"""The kerb map: whether all of a reach is inside, told by the edges near it in a grid.

Inside is what an odd number of rings goes round, and what a piece goes round that was added
for one day: the way to a door, a yard. An edge that is kept though it bounds nothing stops a
machine too early; none is dropped that bounds something.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from edge.guard.shapes import Point, Reach, Ring, in_reach, nearest_on, segments_apart_m, side
from edge.messages.geo import Place, east_north_m, metres_per_degree

Edge = tuple[Point, Point]
Cell = tuple[int, int]
CELL_M = 16.0
STRICTLY_M = 1e-6  # inside a piece is farther inside than this: an edge along another stays
SAME_M = 1e-9


@dataclass(frozen=True, slots=True)
class Grid:
    """Every edge of a map by the cells that it goes through; metres about an origin."""

    origin: Place
    cells: Mapping[Cell, tuple[Edge, ...]]
    rows: Mapping[int, tuple[float, ...]]
    """Where the edges cross the middle line of each row of cells, from west to east."""

    def point(self, place: Place) -> Point:
        """Return a place in metres about the origin."""
        return east_north_m(self.origin, place)

    def place(self, point: Point) -> Place:
        """Return the place of a point about the origin."""
        north_m, east_m = metres_per_degree(self.origin.lat_deg)
        return Place(
            lat_deg=self.origin.lat_deg + point[1] / north_m,
            lon_deg=self.origin.lon_deg + point[0] / east_m,
        )

    def inside(self, point: Point) -> bool:
        """Tell whether a point is in an odd number of rings.

        Counted along the middle line of its row, and from there straight to the point.
        """
        east_m, north_m = point
        row = math.floor(north_m / CELL_M)
        middle_m = (row + 0.5) * CELL_M
        crossed = bisect_left(self.rows.get(row, ()), east_m)
        low_m, high_m = sorted((north_m, middle_m))
        for a, b in self.cells.get((math.floor(east_m / CELL_M), row), ()):
            if (a[0] < east_m) != (b[0] < east_m):
                share = (east_m - a[0]) / (b[0] - a[0])
                crossed += low_m < a[1] + (b[1] - a[1]) * share <= high_m
        return crossed % 2 == 1

    def near(self, low: Point, high: Point) -> Iterator[Edge]:
        """Yield the edges that may meet a box; an edge may come more than once."""
        for row in range(math.floor(low[1] / CELL_M), math.floor(high[1] / CELL_M) + 1):
            for column in range(math.floor(low[0] / CELL_M), math.floor(high[0] / CELL_M) + 1):
                for edge in self.cells.get((column, row), ()):
                    if _meets_box(edge, low, high):
                        yield edge

    def nearest(self, point: Point, within_m: float) -> Point | None:
        """Return the nearest point of any edge; None if none is so near."""
        low = (point[0] - within_m, point[1] - within_m)
        high = (point[0] + within_m, point[1] + within_m)
        spots = [nearest_on(point, *edge) for edge in self.near(low, high)]
        best = min(spots, key=lambda spot: (math.dist(spot, point), spot), default=None)
        return best if best is not None and math.dist(best, point) <= within_m else None


def grid_of(rings: Iterable[Sequence[int]]) -> Grid:
    """Return the grid of rings: latitude and longitude of each corner by turns, in e7."""
    rings = list(rings)
    lat_e7 = [ring[at] for ring in rings for at in range(0, len(ring), 2)]
    lon_e7 = [ring[at] for ring in rings for at in range(1, len(ring), 2)]
    middle = (min(lat_e7) + max(lat_e7)) / 2e7, (min(lon_e7) + max(lon_e7)) / 2e7
    origin = Place(lat_deg=round(middle[0], 7), lon_deg=round(middle[1], 7))
    north_m, east_m = (part / 1e7 for part in metres_per_degree(origin.lat_deg))
    lat_0, lon_0 = origin.lat_deg * 1e7, origin.lon_deg * 1e7
    cells: dict[Cell, list[Edge]] = defaultdict(list)
    rows: dict[int, list[float]] = defaultdict(list)
    for ring in rings:
        corners = [
            ((ring[at + 1] - lon_0) * east_m, (ring[at] - lat_0) * north_m)
            for at in range(0, len(ring), 2)
        ]
        for edge in pairwise((*corners, corners[0])):
            for cell in _cells(edge):
                cells[cell].append(edge)
            for row, crossed_m in _rows(edge):
                rows[row].append(crossed_m)
    return Grid(
        origin,
        {cell: tuple(edges) for cell, edges in cells.items()},
        {row: tuple(sorted(crossed)) for row, crossed in rows.items()},
    )


@dataclass(frozen=True, slots=True)
class Kerbs:
    """A grid with pieces added to it, asked in metres about a home."""

    grid: Grid
    home: Place
    pieces: tuple[Ring, ...] = ()
    """Convex, anticlockwise, about the grid's origin."""
    _cut: Mapping[Edge, tuple[Edge, ...]] = field(default_factory=dict)
    """What is left of the grid's edges that the pieces open."""
    _more: tuple[Edge, ...] = ()
    _scale: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)

    def home_point(self, place: Place) -> Point:
        """Return a place in metres about home."""
        return east_north_m(self.home, place)

    def holds(self, reach: Reach, margin_m: float) -> bool:
        """Tell whether all of a reach about home is inside, by more than the margin."""
        east_m, east, north_m, north = self._scale
        a, b, c = ((east_m + x * east, north_m + y * north) for x, y in reach)
        if not (self.grid.inside(a) or any(in_piece(piece, a) for piece in self.pieces)):
            return False
        low = min(a[0], b[0], c[0]) - margin_m, min(a[1], b[1], c[1]) - margin_m
        high = max(a[0], b[0], c[0]) + margin_m, max(a[1], b[1], c[1]) + margin_m
        sides = tuple(dict.fromkeys(((a, b), (b, c), (c, a))))
        for edge in self.grid.near(low, high):
            for part in self._cut.get(edge, (edge,)):
                if _comes_near(part, (a, b, c), sides, margin_m):
                    return False
        return not any(
            _meets_box(edge, low, high) and _comes_near(edge, (a, b, c), sides, margin_m)
            for edge in self._more
        )


def kerbs_about(grid: Grid, home: Place, pieces: Iterable[Ring] = ()) -> Kerbs:
    """Return the map about a home, with convex pieces added, anticlockwise about its origin."""
    pieces = tuple(dict.fromkeys(pieces))
    cut: dict[Edge, tuple[Edge, ...]] = {}
    more: list[Edge] = []
    for piece in pieces:
        low, high = _box(piece)
        for edge in grid.near(low, high):
            cut[edge] = tuple(_outside(edge, pieces))
        others = tuple(one for one in pieces if one is not piece)
        for edge in pairwise((*piece, piece[0])):
            for part in _outside(edge, others):
                more += [bit for bit in _split(part, grid) if not grid.inside(_middle(bit))]
    there_m, here_m = metres_per_degree(home.lat_deg), metres_per_degree(grid.origin.lat_deg)
    east_m, north_m = grid.point(home)
    scale = (east_m, here_m[1] / there_m[1], north_m, here_m[0] / there_m[0])
    return Kerbs(grid, home, pieces, cut, tuple(more), scale)


def _comes_near(edge: Edge, reach: Reach, sides: Iterable[Edge], margin_m: float) -> bool:
    """Tell whether an edge is in the reach, or not farther from it than the margin."""
    if in_reach(edge[0], reach):
        return True
    return any(segments_apart_m(*one, *edge) <= margin_m for one in sides)


def _cells(edge: Edge) -> Iterator[Cell]:
    """Yield every cell that an edge goes through, or nearly."""
    (ax, ay), (bx, by) = sorted(edge, key=lambda corner: corner[1])
    for row in range(
        math.floor((ay - SAME_M) / CELL_M), math.floor((by + SAME_M) / CELL_M) + 1
    ):
        share = [
            min(1.0, max(0.0, (north_m - ay) / (by - ay))) if by > ay else end
            for north_m, end in ((row * CELL_M, 0.0), ((row + 1) * CELL_M, 1.0))
        ]
        easts_m = sorted(ax + (bx - ax) * part for part in share)
        first = math.floor((easts_m[0] - STRICTLY_M) / CELL_M)
        for column in range(first, math.floor((easts_m[1] + STRICTLY_M) / CELL_M) + 1):
            yield column, row


def _rows(edge: Edge) -> Iterator[tuple[int, float]]:
    """Yield where an edge crosses the middle lines of rows: the row, and how far east."""
    (ax, ay), (bx, by) = sorted(edge, key=lambda corner: corner[1])
    for row in range(math.floor(ay / CELL_M), math.floor(by / CELL_M) + 1):
        middle_m = (row + 0.5) * CELL_M
        if ay < middle_m <= by:
            yield row, ax + (bx - ax) * (middle_m - ay) / (by - ay)


def _outside(edge: Edge, pieces: Iterable[Ring]) -> Iterator[Edge]:
    """Yield the parts of an edge that are strictly inside no piece."""
    a, b = edge
    covered = sorted(span for piece in pieces if (span := _within(edge, piece)) is not None)
    begin = 0.0
    for start, end in covered:
        if start > begin:
            yield _between(a, b, begin), _between(a, b, start)
        begin = max(begin, end)
    if begin < 1.0:
        yield _between(a, b, begin), b


def _within(edge: Edge, piece: Ring) -> tuple[float, float] | None:
    """Return from where to where an edge is strictly inside a convex piece; 0 to 1."""
    a, b = edge
    begin, end = 0.0, 1.0
    for c, d in pairwise((*piece, piece[0])):
        size_m = math.dist(c, d)
        if size_m < SAME_M:
            continue
        from_m, to_m = (side(c, d, p) / size_m - STRICTLY_M for p in (a, b))
        if from_m <= 0 and to_m <= 0:
            return None
        if from_m < 0:
            begin = max(begin, from_m / (from_m - to_m))
        elif to_m < 0:
            end = min(end, from_m / (from_m - to_m))
    return (begin, end) if begin < end else None


def _split(edge: Edge, grid: Grid) -> Iterator[Edge]:
    """Yield an edge in parts, cut where it crosses the edges of a grid."""
    a, b = edge
    marks = {0.0, 1.0}
    for c, d in grid.near(*_box(edge)):
        at, to = side(c, d, a), side(c, d, b)
        if at != to and 0.0 < at / (at - to) < 1.0:
            marks.add(at / (at - to))
    for begin, end in pairwise(sorted(marks)):
        yield _between(a, b, begin), _between(a, b, end)


def in_piece(piece: Ring, point: Point) -> bool:
    """Tell whether a point is in a convex piece, anticlockwise, or on its edge."""
    return all(side(c, d, point) >= 0 for c, d in pairwise((*piece, piece[0])))


def _box(corners: Iterable[Point]) -> Edge:
    easts_m, norths_m = zip(*corners, strict=True)
    return (min(easts_m), min(norths_m)), (max(easts_m), max(norths_m))


def _meets_box(edge: Edge, low: Point, high: Point) -> bool:
    (ax, ay), (bx, by) = edge
    return not (
        (ax < low[0] and bx < low[0])
        or (ax > high[0] and bx > high[0])
        or (ay < low[1] and by < low[1])
        or (ay > high[1] and by > high[1])
    )


def _middle(edge: Edge) -> Point:
    return _between(*edge, 0.5)


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
