"""The flat map on which flights are planned: metres east and north of the station."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.messages.geo import EQUATOR_M, Place
from edge.position.frames import LocalFrame

Floats = NDArray[np.float64]

SCALE_ERROR = 0.01
"""How wrong a length on the chart may be, as a share; whatever keeps a distance adds it."""
LARGEST_REACH_M = 60_000.0
WIDEST_EDGE_DEG = 90.0  # longer, and nobody can say which way round it was meant
NEAREST_POLE_DEG = 89.9


class Chart:
    """East and north of an origin [m]; true to scale within `reach_m` of it.

    A degree of longitude is as long everywhere as at the origin. So straight lines are those
    of GeoJSON, straight in latitude and longitude, and zones keep their true shape among
    each other; only lengths grow wrong to the north and south, the sooner the nearer the pole.
    """

    def __init__(self, origin: Place) -> None:
        self.origin = origin
        self._frame = LocalFrame(origin)
        self._lat_rad = math.radians(origin.lat_deg)
        steepness = max(abs(math.tan(self._lat_rad)), SCALE_ERROR)
        self.reach_m = min(LARGEST_REACH_M, EQUATOR_M * SCALE_ERROR / steepness)

    def point_m(self, place: Place) -> tuple[float, float]:
        """Return where a place lies, the short way round the earth."""
        return self._frame.to_enu_m(place.lat_deg, place.lon_deg)

    def points_m(self, places: Sequence[Place]) -> Floats:
        """Return where places lie, (n, 2)."""
        return np.array([self.point_m(place) for place in places], dtype=np.float64).reshape(
            -1, 2
        )

    def place(self, east_m: float, north_m: float) -> Place:
        """Return the place at a point of the chart."""
        return self._frame.to_place(east_m, north_m)

    def reaches(self, points_m: Floats) -> NDArray[np.bool_]:
        """Return which points, (n, 2), lie where lengths are true."""
        near: NDArray[np.bool_] = np.hypot(points_m[:, 0], points_m[:, 1]) <= self.reach_m
        return near

    def ring_m(self, ring: Sequence[Place]) -> Floats | None:
        """Return a closed ring as (n, 2), each corner once; None if it cannot be understood.

        An edge goes the short way round, so a ring may cross the antimeridian. Not understood
        is an edge that spans a quarter of the earth or more, and a ring round a pole.
        """
        if not ring:
            return None
        turned_deg, lon_deg = 0.0, []
        for before, place in zip((ring[-1], *ring[:-1]), ring, strict=True):
            raw_deg = place.lon_deg - before.lon_deg
            step_deg = math.remainder(raw_deg, 360.0)
            if abs(step_deg) >= WIDEST_EDGE_DEG or abs(raw_deg) >= 360.0:
                return None
            turned_deg += step_deg
            lon_deg.append(turned_deg)
        if abs(turned_deg) > WIDEST_EDGE_DEG:
            return None
        scale_m, _ = self._frame.to_enu_m(self.origin.lat_deg, self.origin.lon_deg + 1.0)
        east_m, _ = self.point_m(ring[0])
        points = [
            (east_m + (lon - lon_deg[0]) * scale_m, self.point_m(place)[1])
            for lon, place in zip(lon_deg, ring, strict=True)
        ]
        return distinct(np.array(points, dtype=np.float64))

    def radius_m(self, centre: Place, radius_m: float) -> float | None:
        """Return how large a circle must be drawn to hold the true one; None near a pole."""
        spread_deg = math.degrees(radius_m / EQUATOR_M) * (1 + SCALE_ERROR)
        farthest_deg = abs(centre.lat_deg) + spread_deg
        if farthest_deg >= NEAREST_POLE_DEG:
            return None
        stretch = math.cos(self._lat_rad) / math.cos(math.radians(farthest_deg))
        return radius_m * max(1 + SCALE_ERROR, stretch * (1 + SCALE_ERROR))


def distinct(ring_m: Floats) -> Floats:
    """Return a ring without the corners that repeat the one before, the first included."""
    repeats = (ring_m == np.roll(ring_m, 1, axis=0)).all(axis=1)
    if repeats.all():
        return ring_m[:1]
    once: Floats = ring_m[~repeats]
    return once
