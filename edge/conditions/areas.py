"""Geometry of areas, in a plane that touches the earth at one of their points."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.messages.conditions import Area, Circle, Polygon, Ring
from edge.messages.geo import Place, distance_m, metres_per_degree

Floats = NDArray[np.float64]

ON_THE_EDGE_M = 0.01  # nearer than this to an edge is inside: a doubt is for the zone


def contains(area: Area | None, place: Place) -> bool:
    """Tell whether a place lies in an area or on its edge; None is everywhere.

    Where an outline crosses itself, inside is what either the even-odd or the winding rule
    calls so, and a hole is only what both do.
    """
    if area is None:
        return True
    if isinstance(area, Circle):
        return distance_m(area.centre, place) <= area.radius_m
    rings = [_ring_m(ring, place) for ring in (area.outer, *area.holes)]
    if any(_edge_away_m(ring) <= ON_THE_EDGE_M for ring in rings):
        return True
    if not any(_around(rings[0])):
        return False
    return not any(all(_around(hole)) for hole in rings[1:])


def share_inside(area: Area, places: Sequence[Place]) -> Floats:
    """Return which part of the straight way between any two places lies in the area.

    (n, n), row from, column to; at [i, i] whether place i lies in it.
    """
    if isinstance(area, Circle):
        return _share_inside_circle(_points_m(places, area.centre), area.radius_m)
    return _share_inside_polygon(area, places)


def _share_inside_circle(points_m: Floats, radius_m: float) -> Floats:
    x_m, y_m = points_m[:, 0], points_m[:, 1]
    inside = np.hypot(x_m, y_m) <= radius_m
    dx_m, dy_m = x_m[None, :] - x_m[:, None], y_m[None, :] - y_m[:, None]
    # |from + t (to - from)| = radius, for t in [0, 1]
    a = dx_m**2 + dy_m**2
    b = x_m[:, None] * dx_m + y_m[:, None] * dy_m
    c = (x_m**2 + y_m**2 - radius_m**2)[:, None]
    root = b**2 - a * c
    crosses = (root > 0) & (a > 0)
    half = np.sqrt(np.where(crosses, root, 0.0))
    length = np.where(crosses, a, 1.0)
    enters = np.clip((-b - half) / length, 0.0, 1.0)
    leaves = np.clip((-b + half) / length, 0.0, 1.0)
    standing = (a == 0) & inside[:, None]
    share: Floats = np.where(crosses, leaves - enters, np.where(standing, 1.0, 0.0))
    return share


def _share_inside_polygon(area: Polygon, places: Sequence[Place]) -> Floats:
    """Add up where each way's line crosses the edges: what is entered at t counts for 1 - t."""
    origin = area.outer[0]
    points_m = _points_m(places, origin)
    x_m, y_m = points_m[:, :1], points_m[:, 1:]
    dx_m, dy_m = x_m.T - x_m, y_m.T - y_m
    share = np.zeros_like(dx_m)
    for number, ring in enumerate((area.outer, *area.holes)):
        corners = _points_m(ring, origin)
        if (_twice_area(corners) > 0) != (number == 0):
            corners = corners[::-1]  # the outer ring anticlockwise, holes clockwise
        ax_m, ay_m = corners[-1]
        a_left = dx_m * (ay_m - y_m) - dy_m * (ax_m - x_m) > 0  # of the way
        for bx_m, by_m in corners:
            b_left = dx_m * (by_m - y_m) - dy_m * (bx_m - x_m) > 0
            ex_m, ey_m = bx_m - ax_m, by_m - ay_m
            slope = ex_m * dy_m - ey_m * dx_m
            crosses = (a_left != b_left) & (slope != 0)
            t = (ey_m * (x_m - ax_m) - ex_m * (y_m - ay_m)) / np.where(crosses, slope, 1.0)
            entered = np.where(a_left, 1.0, -1.0) * (1.0 - np.clip(t, 0.0, 1.0))
            share += np.where(crosses, entered, 0.0)
            ax_m, ay_m, a_left = bx_m, by_m, b_left
    standing = (dx_m == 0) & (dy_m == 0)
    here = np.array([contains(area, place) for place in places], dtype=np.float64)
    whole: Floats = np.clip(np.where(standing, here[:, None], share), 0.0, 1.0)
    return whole


def _points_m(places: Sequence[Place], origin: Place) -> Floats:
    """Return (n, 2): east and north of the origin [m]."""
    north_m, east_m = metres_per_degree(origin.lat_deg)
    degrees = np.array([(place.lon_deg, place.lat_deg) for place in places]).reshape(-1, 2)
    turned = (degrees[:, 0] - origin.lon_deg + 180.0) % 360.0 - 180.0
    return np.stack((turned * east_m, (degrees[:, 1] - origin.lat_deg) * north_m), axis=1)


def _ring_m(ring: Ring, origin: Place) -> list[tuple[float, float]]:
    north_m, east_m = metres_per_degree(origin.lat_deg)
    return [
        (
            math.remainder(corner.lon_deg - origin.lon_deg, 360.0) * east_m,
            (corner.lat_deg - origin.lat_deg) * north_m,
        )
        for corner in ring
    ]


def _edge_away_m(ring_m: list[tuple[float, float]]) -> float:
    """Return how far the nearest edge is from the origin [m]."""
    return min(
        _segment_away_m(*start, *end)
        for start, end in zip(ring_m, ring_m[1:] + ring_m[:1], strict=True)
    )


def _segment_away_m(ax_m: float, ay_m: float, bx_m: float, by_m: float) -> float:
    dx_m, dy_m = bx_m - ax_m, by_m - ay_m
    squared = dx_m * dx_m + dy_m * dy_m
    t = 0.0 if squared == 0 else -(ax_m * dx_m + ay_m * dy_m) / squared
    t = min(1.0, max(0.0, t))
    return math.hypot(ax_m + t * dx_m, ay_m + t * dy_m)


def _around(ring_m: list[tuple[float, float]]) -> tuple[bool, bool]:
    """Tell whether a ring goes round the origin, by the even-odd and by the winding rule."""
    crossed, turns = 0, 0
    for (ax_m, ay_m), (bx_m, by_m) in zip(ring_m, ring_m[1:] + ring_m[:1], strict=True):
        if (ay_m > 0) != (by_m > 0) and ax_m + (bx_m - ax_m) * ay_m / (ay_m - by_m) > 0:
            crossed += 1
            turns += 1 if by_m > ay_m else -1
    return crossed % 2 == 1, turns != 0


def _twice_area(corners_m: Floats) -> float:
    x_m, y_m = corners_m[:, 0], corners_m[:, 1]
    return float(np.sum(x_m * np.roll(y_m, -1) - np.roll(x_m, -1) * y_m))
