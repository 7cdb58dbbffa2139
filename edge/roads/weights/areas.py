"""Which roads an area touches, and how much of each lies in it."""

import numpy as np
from numpy.typing import NDArray

from edge.messages.conditions import Area, Circle, Ring
from edge.messages.geo import Place, metres_per_degree
from edge.roads.segments import Int32s, Segments

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SAMPLES = 5  # points along a segment that say how much of it lies inside


def pieces_touched(segments: Segments, area: Area) -> Int32s:
    """Return the pieces of road of which any part lies in an area or on its edge."""
    found = np.unique(_in_box_of(segments, area))
    if not found.size:
        return found
    centre, radius_m, rings = _plane(area)
    ax_m, ay_m, bx_m, by_m = segments.ends_m(found, centre.lat_deg, centre.lon_deg)
    if not rings:
        touched = _segment_away_m(ax_m, ay_m, bx_m, by_m) <= radius_m
    else:
        touched = _inside(rings, ax_m, ay_m) | _inside(rings, bx_m, by_m)
        for ring in rings:
            touched |= _crosses(ring, ax_m, ay_m, bx_m, by_m)
    return np.unique(segments.piece_of(found[touched])).astype(np.int32)


def piece_shares(segments: Segments, area: Area) -> tuple[Int32s, Floats]:
    """Return pieces of road and which part of each lies in an area; those with none left out.

    Good to a fifth of a segment.
    """
    graph = segments.graph
    near = np.unique(segments.piece_of(_in_box_of(segments, area)))
    if not near.size:
        return near.astype(np.int32), np.zeros(0)
    first, end = graph.first_shape[near], graph.first_shape[near + 1] - 1
    counts = end - first
    of = np.repeat(np.arange(near.size), counts)
    within = np.arange(of.size) - np.repeat(np.cumsum(counts) - counts, counts)
    found = (first[of] + within).astype(np.int32)
    centre, radius_m, rings = _plane(area)
    ax_m, ay_m, bx_m, by_m = segments.ends_m(found, centre.lat_deg, centre.lon_deg)
    inside = np.zeros(found.size)
    for sample in range(SAMPLES):
        t = (sample + 0.5) / SAMPLES
        x_m, y_m = ax_m + t * (bx_m - ax_m), ay_m + t * (by_m - ay_m)
        hit = _inside(rings, x_m, y_m) if rings else np.hypot(x_m, y_m) <= radius_m
        inside += hit / SAMPLES
    length_m = np.maximum(np.hypot(bx_m - ax_m, by_m - ay_m), 1e-6)
    share = np.bincount(of, inside * length_m, near.size) / np.bincount(of, length_m, near.size)
    some = share > 0
    return near[some].astype(np.int32), share[some]


def _in_box_of(segments: Segments, area: Area) -> Int32s:
    if isinstance(area, Circle):
        return segments.near(area.centre.lat_deg, area.centre.lon_deg, area.radius_m)
    lats = [corner.lat_deg for corner in area.outer]
    lons = [corner.lon_deg for corner in area.outer]
    return segments.in_box(min(lats), min(lons), max(lats), max(lons))


def _plane(area: Area) -> tuple[Place, float, list[Floats]]:
    """Return where the plane touches the earth, a radius, and rings as (n, 2) [m]."""
    if isinstance(area, Circle):
        return area.centre, area.radius_m, []
    origin = area.outer[0]
    return origin, 0.0, [_ring_m(ring, origin) for ring in (area.outer, *area.holes)]


def _ring_m(ring: Ring, origin: Place) -> Floats:
    north_m, east_m = metres_per_degree(origin.lat_deg)
    return np.array(
        [
            (
                (corner.lon_deg - origin.lon_deg) * east_m,
                (corner.lat_deg - origin.lat_deg) * north_m,
            )
            for corner in ring
        ]
    )


def _inside(rings: list[Floats], x_m: Floats, y_m: Floats) -> Bools:
    """Tell which points lie in the first ring and in none of the others."""
    odd = np.zeros(x_m.shape, dtype=bool)  # each ring that goes round a point counts
    for ring in rings:
        for (ax_m, ay_m), (bx_m, by_m) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if ay_m == by_m:
                continue
            crosses = (y_m < ay_m) != (y_m < by_m)
            odd ^= crosses & (x_m < ax_m + (y_m - ay_m) * (bx_m - ax_m) / (by_m - ay_m))
    return odd


def _crosses(ring: Floats, ax_m: Floats, ay_m: Floats, bx_m: Floats, by_m: Floats) -> Bools:
    """Tell which segments cross an edge of a ring, or touch it."""
    crossed = np.zeros(ax_m.shape, dtype=bool)
    dx_m, dy_m = bx_m - ax_m, by_m - ay_m
    for (cx_m, cy_m), (ex_m, ey_m) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        fx_m, fy_m = ex_m - cx_m, ey_m - cy_m
        a_side = fx_m * (ay_m - cy_m) - fy_m * (ax_m - cx_m)
        b_side = fx_m * (by_m - cy_m) - fy_m * (bx_m - cx_m)
        c_side = dx_m * (cy_m - ay_m) - dy_m * (cx_m - ax_m)
        e_side = dx_m * (ey_m - ay_m) - dy_m * (ex_m - ax_m)
        crossed |= (a_side * b_side <= 0) & (c_side * e_side <= 0) & (a_side != b_side)
    return crossed


def _segment_away_m(ax_m: Floats, ay_m: Floats, bx_m: Floats, by_m: Floats) -> Floats:
    """Return how far the nearest point of each segment is from the origin."""
    dx_m, dy_m = bx_m - ax_m, by_m - ay_m
    squared = np.maximum(dx_m * dx_m + dy_m * dy_m, 1e-12)
    t = np.clip(-(ax_m * dx_m + ay_m * dy_m) / squared, 0.0, 1.0)
    away_m: Floats = np.hypot(ax_m + t * dx_m, ay_m + t * dy_m)
    return away_m
