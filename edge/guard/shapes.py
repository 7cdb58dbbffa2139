"""Areas and reaches in a flat frame about home [m]; the guard's own geometry.

A reach is a triangle: everywhere the machine may come to stand. What is in doubt is inside a
zone, and outside an area it must stay in.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from edge.messages.conditions import Area, Circle
from edge.messages.geo import Place, east_north_m

Point = tuple[float, float]
Ring = tuple[Point, ...]
Reach = tuple[Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Round:
    """A circle."""

    centre: Point
    radius_m: float


@dataclass(frozen=True, slots=True)
class Cornered:
    """A polygon; the first ring is the outer one, the others are holes."""

    rings: tuple[Ring, ...]


Shape = Round | Cornered


def shape_of(area: Area, origin: Place) -> Shape:
    """Return an area about an origin."""
    if isinstance(area, Circle):
        return Round(east_north_m(origin, area.centre), area.radius_m)
    return Cornered(
        tuple(
            tuple(east_north_m(origin, corner) for corner in ring)
            for ring in (area.outer, *area.holes)
        )
    )


def meets(shape: Shape, reach: Reach, margin_m: float) -> bool:
    """Tell whether a part of the reach is in the shape or nearer than the margin to it."""
    if isinstance(shape, Round):
        return _away_m(reach, shape.centre) <= shape.radius_m + margin_m
    if _nearest_edge_m(shape, reach) <= margin_m:
        return True
    outer, holes = shape.rings[0], shape.rings[1:]
    return any(_around(outer, reach[0])) and not any(
        all(_around(hole, reach[0])) for hole in holes
    )


def holds(shape: Shape, reach: Reach, margin_m: float) -> bool:
    """Tell whether all of the reach is in the shape, by more than the margin."""
    if isinstance(shape, Round):
        farthest_m = max(math.dist(shape.centre, corner) for corner in reach)
        return farthest_m < shape.radius_m - margin_m
    if _nearest_edge_m(shape, reach) <= margin_m:
        return False
    outer, holes = shape.rings[0], shape.rings[1:]
    return all(_around(outer, reach[0])) and not any(
        any(_around(hole, reach[0])) for hole in holes
    )


def away_m(shape: Shape, point: Point) -> float:
    """Return how far a point is from a shape; 0 in it."""
    reach = (point, point, point)
    if meets(shape, reach, 0.0):
        return 0.0
    if isinstance(shape, Round):
        return math.dist(shape.centre, point) - shape.radius_m
    return _nearest_edge_m(shape, reach)


def segments_apart_m(a: Point, b: Point, c: Point, d: Point) -> float:
    """Return how far the segments from a to b and from c to d are apart."""
    if side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0:
        return 0.0
    return min(
        _from_segment_m(a, c, d),
        _from_segment_m(b, c, d),
        _from_segment_m(c, a, b),
        _from_segment_m(d, a, b),
    )


def _nearest_edge_m(shape: Cornered, reach: Reach) -> float:
    """Return how far the reach is from the nearest edge of any ring."""
    a, b, c = reach
    nearest_m = math.inf
    for ring in shape.rings:
        if any(in_reach(corner, reach) for corner in ring):
            return 0.0
    for start, end in edges(shape):
        nearest_m = min(
            nearest_m,
            segments_apart_m(a, b, start, end),
            segments_apart_m(b, c, start, end),
            segments_apart_m(c, a, start, end),
        )
    return nearest_m


def _away_m(reach: Reach, point: Point) -> float:
    """Return how far a point is from the reach; 0 in it."""
    if in_reach(point, reach):
        return 0.0
    a, b, c = reach
    return min(
        _from_segment_m(point, a, b),
        _from_segment_m(point, b, c),
        _from_segment_m(point, c, a),
    )


def in_reach(point: Point, reach: Reach) -> bool:
    """Tell whether a point is in a reach, and not on its edge."""
    a, b, c = reach
    sides = (side(a, b, point), side(b, c, point), side(c, a, point))
    return all(one > 0 for one in sides) or all(one < 0 for one in sides)


def side(a: Point, b: Point, c: Point) -> float:
    """Return on which side of the line from a to b c is: left positive."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def nearest_on(point: Point, a: Point, b: Point) -> Point:
    """Return the point of the segment from a to b that is nearest."""
    along = (b[0] - a[0], b[1] - a[1])
    squared = along[0] ** 2 + along[1] ** 2
    to_point = (point[0] - a[0], point[1] - a[1])
    share = (to_point[0] * along[0] + to_point[1] * along[1]) / squared if squared else 0.0
    share = min(1.0, max(0.0, share))
    return (a[0] + share * along[0], a[1] + share * along[1])


def edges(shape: Cornered) -> Iterator[tuple[Point, Point]]:
    """Yield the edges of all rings."""
    for ring in shape.rings:
        yield from zip(ring, (*ring[1:], ring[0]), strict=True)


def _from_segment_m(point: Point, a: Point, b: Point) -> float:
    return math.dist(point, nearest_on(point, a, b))


def _around(ring: Ring, point: Point) -> tuple[bool, bool]:
    """Tell whether a ring goes round a point, by the even-odd and by the winding rule."""
    crossed, turns = 0, 0
    for a, b in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (a[1] > point[1]) == (b[1] > point[1]):
            continue
        rises = b[1] > a[1]
        if (side(a, b, point) > 0) == rises:  # the edge is to the east of the point
            crossed += 1
            turns += 1 if rises else -1
    return crossed % 2 == 1, turns != 0
