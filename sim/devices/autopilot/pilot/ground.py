"""Degrees to metres round the place where the vehicle was put down."""

import math
from typing import NamedTuple

from sim.town.streets import M_PER_DEG


class Point(NamedTuple):
    """East, north and above the place where the vehicle was put down [m]."""

    east_m: float
    north_m: float
    up_m: float

    def level_m(self, other: "Point") -> float:
        """Return the distance over ground."""
        return math.hypot(self.east_m - other.east_m, self.north_m - other.north_m)


class Ground:
    """Flat, and everywhere as high as where the vehicle was put down."""

    def __init__(self, lat_deg: float, lon_deg: float, alt_m: float) -> None:
        self.lat_deg = lat_deg
        self.lon_deg = lon_deg
        self.alt_m = alt_m
        self._east_m = M_PER_DEG * math.cos(math.radians(lat_deg))

    def point(self, lat_e7: int, lon_e7: int, up_m: float) -> Point:
        """Return where a place in 1e-7 degrees is."""
        return Point(
            (lon_e7 * 1e-7 - self.lon_deg) * self._east_m,
            (lat_e7 * 1e-7 - self.lat_deg) * M_PER_DEG,
            up_m,
        )

    def degrees(self, point: Point) -> tuple[float, float]:
        """Return latitude and longitude."""
        return (
            self.lat_deg + point.north_m / M_PER_DEG,
            self.lon_deg + point.east_m / self._east_m,
        )

    def e7(self, point: Point) -> tuple[int, int]:
        """Return latitude and longitude in 1e-7 degrees."""
        lat_deg, lon_deg = self.degrees(point)
        return round(lat_deg * 1e7), round(lon_deg * 1e7)
