"""Fixes of a vehicle that moves as the test says, free of error."""

import math
from datetime import UTC, datetime, timedelta

from edge.messages.geo import Place, east_north_m
from edge.messages.readings import GnssFix
from edge.position.frames import LocalFrame

HOME = Place(lat_deg=47.4, lon_deg=8.55)
FRAME = LocalFrame(HOME)
START_UTC = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fix_at(second, east_m=0.0, north_m=0.0, *, speed_mps=0.0, course_deg=None, **changes):
    """A fix so many metres from home; its course is unknown while it stands."""
    place = FRAME.to_place(east_m, north_m)
    fields = {
        "received_s": float(second),
        "lat_deg": place.lat_deg,
        "lon_deg": place.lon_deg,
        "utc": START_UTC + timedelta(seconds=second),
        "speed_mps": speed_mps,
        "course_deg": course_deg,
        "accuracy_m": 4.0,
        "accuracy_from": "dop",
        **changes,
    }
    return GnssFix(**fields)


def eastward(seconds, speed_mps=10.0, start=0, **changes):
    """Fixes of a straight drive to the east."""
    return [
        fix_at(
            second,
            speed_mps * (second - start),
            speed_mps=speed_mps,
            course_deg=90.0,
            **changes,
        )
        for second in range(start, start + seconds)
    ]


def off_m(place, east_m=0.0, north_m=0.0):
    """How far a place is from where it should be."""
    return math.hypot(*east_north_m(FRAME.to_place(east_m, north_m), place))
