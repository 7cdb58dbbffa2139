"""Which straight lines keep their distance from every wall of every zone."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edge.native.library import native_function

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

CLEAR = -1
"""No zone stands in the line's way."""
FLOATS_IN = np.ctypeslib.ndpointer(dtype=np.float64, flags="C_CONTIGUOUS")
INTS_IN = np.ctypeslib.ndpointer(dtype=np.int32, flags="C_CONTIGUOUS")
INTS_OUT = np.ctypeslib.ndpointer(dtype=np.int32, flags=("C_CONTIGUOUS", "WRITEABLE"))


@dataclass(frozen=True)
class Walls:
    """The walls of some zones, zone by zone."""

    of_zone: Sequence[Floats]
    """(walls, 5) each: from east, north; to east, north; distance to keep [m]."""

    @cached_property
    def all_m(self) -> Floats:
        """All walls in one array, (walls, 5).

        Raises ValueError if a number is not finite, or no distance is to be kept.
        """
        walls = np.concatenate([np.empty((0, 5)), *self.of_zone])
        if not np.isfinite(walls).all():
            raise ValueError("a wall has a coordinate that is not a finite number")
        if not (walls[:, 4] > 0).all():
            raise ValueError("a wall from which no distance is to be kept")
        return np.ascontiguousarray(walls)

    @cached_property
    def first(self) -> Ints:
        """Where each zone's walls begin, and where the last one's end."""
        counts = [0, *(len(walls) for walls in self.of_zone)]
        return np.cumsum(counts, dtype=np.int32)

    @cached_property
    def boxes_m(self) -> Floats:
        """What each zone's walls and the distance to them cover: west, south, east, north."""
        boxes = np.empty((len(self.of_zone), 4))
        for box, walls in zip(boxes, self.of_zone, strict=True):
            east, north, clear = walls[:, [0, 2]].T, walls[:, [1, 3]].T, walls[:, 4]
            box[0], box[2] = (
                (east - clear).min(initial=np.inf),
                (east + clear).max(initial=-np.inf),
            )
            box[1], box[3] = (
                (north - clear).min(initial=np.inf),
                (north + clear).max(initial=-np.inf),
            )
        return boxes


def blocking_zones(points_m: Floats, pairs: Ints, walls: Walls) -> Ints:
    """Return for each pair of points the first zone too near to the line, or CLEAR.

    points_m: (n, 2) east, north; pairs: (k, 2) rows of it; a pair of one point asks for the
    point. Raises ValueError if a pair names no point or a number is not finite.
    """
    points_m = np.ascontiguousarray(points_m, dtype=np.float64)
    pairs = np.ascontiguousarray(pairs, dtype=np.int32)
    if not np.isfinite(points_m).all():
        raise ValueError("a point has a coordinate that is not a finite number")
    if pairs.size and not (pairs.min() >= 0 and pairs.max() < len(points_m)):
        raise ValueError(f"a pair names a point outside the {len(points_m)} there are")
    blocked = np.empty(len(pairs), dtype=np.int32)
    sight = native_function(
        "doorstep_air_sight",
        None,
        *(FLOATS_IN, INTS_IN, ctypes.c_int32),
        *(FLOATS_IN, INTS_IN, FLOATS_IN, ctypes.c_int32, INTS_OUT),
    )
    sight(
        *(points_m, pairs, len(pairs)),
        *(walls.all_m, walls.first, walls.boxes_m, len(walls.of_zone), blocked),
    )
    return blocked


def blocking_zones_reference(points_m: Floats, pairs: Ints, walls: Walls) -> Ints:
    """Return the same by numpy, zone by zone and wall by wall: slow, and the oracle."""
    a, b = points_m[pairs[:, 0]], points_m[pairs[:, 1]]
    blocked = np.full(len(pairs), CLEAR, dtype=np.int32)
    for zone, zone_walls in enumerate(walls.of_zone):
        for wall in zone_walls:
            near = distances_m(a, b, wall[:2], wall[2:4]) < wall[4]
            blocked[near & (blocked == CLEAR)] = zone
    return blocked


def distances_m(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Return how far the segments from `a` to `b`, (k, 2) each, are from one segment."""
    crosses = (_turn(a, b, c) > 0) != (_turn(a, b, d) > 0)
    crosses &= (_turn(c, d, a) > 0) != (_turn(c, d, b) > 0)
    away = np.min([_away_m(a, b, c), _away_m(a, b, d), _away_m(c, d, a), _away_m(c, d, b)], 0)
    distances: Floats = np.where(crosses, 0.0, away)
    return distances


def _turn(a: Floats, b: Floats, c: Floats) -> Floats:
    u, v = b - a, c - a
    turn: Floats = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    return turn


def _away_m(a: Floats, b: Floats, c: Floats) -> Floats:
    """Return how far point `c` is from the segment `a`, `b`; each (k, 2) or (2,)."""
    u = b - a
    length = (u**2).sum(-1)
    along = ((c - a) * u).sum(-1) / np.where(length > 0, length, 1.0)
    foot = a + np.clip(along, 0.0, 1.0)[..., None] * u
    away: Floats = np.hypot(*np.moveaxis(c - foot, -1, 0))
    return away
