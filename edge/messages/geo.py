"""Places on the earth: WGS 84 degrees, metres."""

import math
from typing import Annotated

import msgspec
from msgspec import Meta

LatDeg = Annotated[float, Meta(ge=-90, le=90, description="WGS 84 latitude [deg]")]
LonDeg = Annotated[float, Meta(ge=-180, le=180, description="WGS 84 longitude [deg]")]
HeadingDeg = Annotated[float, Meta(ge=0, le=360, description="clockwise from true north [deg]")]
AltitudeM = Annotated[float, Meta(ge=-1000, le=20000, description="above mean sea level [m]")]
AccuracyM = Annotated[float, Meta(ge=0, description="95 % horizontal accuracy [m]")]
SpeedMps = Annotated[float, Meta(ge=0, le=120, description="over ground [m/s]")]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A point on the ground."""

    lat_deg: LatDeg
    lon_deg: LonDeg


EQUATOR_M = 6_378_137.0  # WGS 84, semi-major axis
SQUARED_ECCENTRICITY = 6.694379990141e-3  # WGS 84


def metres_per_degree(lat_deg: float) -> tuple[float, float]:
    """Return how long one degree of latitude and one of longitude are at a latitude [m]."""
    lat_rad = math.radians(lat_deg)
    flattening = 1.0 - SQUARED_ECCENTRICITY * math.sin(lat_rad) ** 2
    prime_vertical_m = EQUATOR_M / math.sqrt(flattening)
    meridian_m = prime_vertical_m * (1.0 - SQUARED_ECCENTRICITY) / flattening
    return math.radians(meridian_m), math.radians(prime_vertical_m * math.cos(lat_rad))


def east_north_m(origin: Place, place: Place) -> tuple[float, float]:
    """Return how far east and north of `origin` a place not many kilometres away lies [m]."""
    north_m, east_m = metres_per_degree(origin.lat_deg)
    turn_deg = math.remainder(place.lon_deg - origin.lon_deg, 360.0)
    return turn_deg * east_m, (place.lat_deg - origin.lat_deg) * north_m


def distance_m(here: Place, there: Place) -> float:
    """Return how far apart two places not many kilometres away are [m]."""
    return math.hypot(*east_north_m(here, there))
