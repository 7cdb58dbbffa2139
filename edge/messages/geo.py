"""Places on the earth: WGS 84 degrees, metres."""

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
