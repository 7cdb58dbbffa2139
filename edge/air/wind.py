"""The wind triangle: how fast a track is flown over the ground."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_GROUND_MPS = 0.5
"""A track flown slower than this is not flown."""
REPORTED_AT_M = 10.0  # the height of which weather reports speak
SHEAR = (
    1 / 7
)  # power law of the wind over open ground in neutral air (Peterson, Hennessey 1978)


@dataclass(frozen=True, slots=True)
class Wind:
    """The same wind everywhere."""

    east_mps: float
    """Towards the east, that is a west wind."""
    north_mps: float

    @classmethod
    def from_direction(cls, speed_mps: float, from_deg: float) -> "Wind":
        """Return the wind as weather reports give it: where it comes from, clockwise."""
        from_rad = math.radians(from_deg)
        return cls(-speed_mps * math.sin(from_rad), -speed_mps * math.cos(from_rad))

    @property
    def speed_mps(self) -> float:
        """Return how strong it is."""
        return math.hypot(self.east_mps, self.north_mps)

    def aloft(self, height_m: float) -> "Wind":
        """Return what a wind reported near the ground is at a height above it."""
        more = stronger(height_m)
        return Wind(self.east_mps * more, self.north_mps * more)


CALM = Wind(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Headwind:
    """A wind of which only the strength is known, or assumed: against every track."""

    speed_mps: float

    def aloft(self, height_m: float) -> "Headwind":
        """Return what a wind reported near the ground is at a height above it."""
        return Headwind(self.speed_mps * stronger(height_m))


AnyWind = Wind | Headwind


def stronger(height_m: float) -> float:
    """Return how many times as strong the wind is at a height as where it is reported."""
    return float((max(height_m, REPORTED_AT_M) / REPORTED_AT_M) ** SHEAR)


def ground_speeds_mps(tracks_m: Floats, wind: AnyWind, airspeed_mps: float) -> Floats:
    """Return the speeds over the ground along tracks, (..., 2) east and north; 0 if not flown.

    With the wind p along and c across the track, the nose is turned into the wind so that
    the airspeed just cancels c; what is left along the track is p + sqrt(airspeed² - c²). A
    track of no length has the least speed there is, so that it takes no time.
    """
    if isinstance(wind, Headwind):
        speed = airspeed_mps - wind.speed_mps
        return np.full(tracks_m.shape[:-1], speed if speed > LEAST_GROUND_MPS else 0.0)
    lengths_m = np.hypot(tracks_m[..., 0], tracks_m[..., 1])
    along_m = np.where(lengths_m > 0, lengths_m, 1.0)
    along = (tracks_m[..., 0] * wind.east_mps + tracks_m[..., 1] * wind.north_mps) / along_m
    across = (tracks_m[..., 0] * wind.north_mps - tracks_m[..., 1] * wind.east_mps) / along_m
    spare = airspeed_mps**2 - across**2
    speeds = along + np.sqrt(np.maximum(spare, 0.0))
    flown: Floats = np.where((spare > 0) & (speeds > LEAST_GROUND_MPS), speeds, 0.0)
    return np.where(lengths_m > 0, flown, LEAST_GROUND_MPS)
