"""Which arcs a closed line runs along: the nearest road in its direction, point by point."""

import math

import numpy as np
from numpy.typing import NDArray

from edge.messages.conditions import Closure
from edge.messages.geo import Place, metres_per_degree
from edge.roads.segments import Int32s, Segments

Floats = NDArray[np.float64]

AWAY_M = 25.0  # how far a published line may lie from the road it means
TURN_DEG = 30.0  # and how far it may turn from it
STEP_M = 10.0
MOST_POINTS = 4000  # 40 km; a longer line is looked at in larger steps
TOGETHER = 32  # points that are compared with the roads about all of them
ENOUGH_M = 20.0  # of an arc under the line: it is closed, however long it is


def closed_arcs(segments: Segments, closure: Closure) -> Int32s:
    """Return the arcs that a closure closes, in order, both ways if it says so.

    An arc is closed if the line runs along 20 m or half of it, or half the line along it; the
    arcs that only touch the line's ends stay open.
    """
    x_m, y_m, bearing_deg, step_m = _points_along(closure.line)
    found = [_arcs_along(segments, closure.line[0], x_m, y_m, bearing_deg, step_m)]
    if closure.both_ways:
        back_deg = (bearing_deg + 180.0) % 360.0
        found.append(_arcs_along(segments, closure.line[0], x_m, y_m, back_deg, step_m))
    return np.unique(np.concatenate(found))


def _points_along(line: tuple[Place, ...]) -> tuple[Floats, Floats, Floats, float]:
    """Return points along a line, east and north of its first [m], and its bearing there."""
    north_m, east_m = metres_per_degree(line[0].lat_deg)
    corner_x = np.array([(place.lon_deg - line[0].lon_deg) * east_m for place in line])
    corner_y = np.array([(place.lat_deg - line[0].lat_deg) * north_m for place in line])
    dx_m, dy_m = np.diff(corner_x), np.diff(corner_y)
    done_m = np.concatenate(([0.0], np.cumsum(np.hypot(dx_m, dy_m))))
    whole_m = float(done_m[-1])
    count = min(MOST_POINTS, max(1, math.ceil(whole_m / STEP_M)))
    at_m = (np.arange(count) + 0.5) * whole_m / count  # not the ends: they touch crossings
    part = np.clip(np.searchsorted(done_m, at_m, side="right") - 1, 0, dx_m.size - 1)
    bearing_deg = np.degrees(np.arctan2(dx_m, dy_m))[part] % 360.0
    x_m, y_m = np.interp(at_m, done_m, corner_x), np.interp(at_m, done_m, corner_y)
    return x_m, y_m, bearing_deg, whole_m / count


def _arcs_along(
    segments: Segments,
    origin: Place,
    x_m: Floats,
    y_m: Floats,
    bearing_deg: Floats,
    step_m: float,
) -> Int32s:
    hits = np.concatenate(
        [
            _nearest_arcs(segments, origin, x_m[part], y_m[part], bearing_deg[part])
            for part in (slice(at, at + TOGETHER) for at in range(0, x_m.size, TOGETHER))
        ]
    )
    arcs, counts = np.unique(hits[hits >= 0], return_counts=True)
    under_m = counts * step_m
    half_m = np.minimum(segments.graph.arc_length_dm[arcs] / 20.0, x_m.size * step_m / 2)
    closed: Int32s = arcs[under_m >= np.minimum(ENOUGH_M, half_m) * 0.999]
    return closed


def _nearest_arcs(
    segments: Segments, origin: Place, x_m: Floats, y_m: Floats, bearing_deg: Floats
) -> Int32s:
    """Return for each point the nearest arc near enough in the direction, or -1."""
    north_m, east_m = metres_per_degree(origin.lat_deg)
    aside, up = AWAY_M / east_m, AWAY_M / north_m
    near = np.unique(
        segments.in_box(
            origin.lat_deg + float(y_m.min()) / north_m - up,
            origin.lon_deg + float(x_m.min()) / east_m - aside,
            origin.lat_deg + float(y_m.max()) / north_m + up,
            origin.lon_deg + float(x_m.max()) / east_m + aside,
        )
    )
    arcs = np.full(x_m.size, -1, dtype=np.int32)
    if not near.size:
        return arcs
    ax_m, ay_m, bx_m, by_m = segments.ends_m(near, origin.lat_deg, origin.lon_deg)
    dx_m, dy_m = bx_m - ax_m, by_m - ay_m
    squared = np.maximum(dx_m * dx_m + dy_m * dy_m, 1e-12)
    t = ((x_m[:, None] - ax_m) * dx_m + (y_m[:, None] - ay_m) * dy_m) / squared
    t = np.clip(t, 0.0, 1.0)
    away_m = np.hypot(ax_m + t * dx_m - x_m[:, None], ay_m + t * dy_m - y_m[:, None])
    line_deg = np.degrees(np.arctan2(dx_m, dy_m))
    piece_arcs = segments.piece_arcs[segments.piece_of(near)]
    best_m = np.full(x_m.size, AWAY_M)
    for side in (0, 1):
        turn = (line_deg + 180.0 * side - bearing_deg[:, None] + 180.0) % 360.0 - 180.0
        fits = (np.abs(turn) <= TURN_DEG) & (piece_arcs[:, side] >= 0)
        fitting_m = np.where(fits, away_m, np.inf)
        at = fitting_m.argmin(axis=1)
        nearest_m = fitting_m[np.arange(x_m.size), at]
        better = nearest_m <= best_m
        arcs[better] = piece_arcs[at[better], side]
        best_m[better] = nearest_m[better]
    return arcs
