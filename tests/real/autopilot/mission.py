"""The mission that every peer flies: up, along, across; on wheels the same without the up."""

import math
from typing import NamedTuple

TAKE_OFF, WAYPOINT = 22, 16
UP_M, NORTH_M, EAST_M = 6.0, 10.0, 6.0
LAT_DEG, LON_DEG, ALT_M = 47.397742, 8.545594, 488.0
RELATIVE = 3


class Step(NamedTuple):
    frame: int
    command: int
    lat_e7: int
    lon_e7: int
    z_m: float


def place(north_m: float, east_m: float) -> tuple[int, int]:
    """Return a place near where it stands, in 1e-7 degrees."""
    lat_deg = LAT_DEG + north_m / 111_195.0
    lon_deg = LON_DEG + east_m / (111_195.0 * math.cos(math.radians(LAT_DEG)))
    return round(lat_deg * 1e7), round(lon_deg * 1e7)


def mission_for(kind: str, manner: str) -> list[Step]:
    """Return the items, with home as the first where the firmware wants it."""
    up_m = UP_M if kind == "copter" else 0.0
    steps = [
        Step(RELATIVE, WAYPOINT, *place(NORTH_M, 0.0), up_m),
        Step(RELATIVE, WAYPOINT, *place(NORTH_M, EAST_M), up_m),
    ]
    if kind == "copter":
        steps.insert(0, Step(RELATIVE, TAKE_OFF, *place(0.0, 0.0), up_m))
    if manner == "ardupilot":
        steps.insert(0, Step(0, WAYPOINT, *place(0.0, 0.0), ALT_M))
    return steps


def is_same(sent: list[Step], got: list[Step], manner: str) -> bool:
    """Tell if a plan came back as it went, but for ArduPilot's item 0, which is home."""
    first = int(manner == "ardupilot")
    return len(sent) == len(got) and all(
        a[:2] == b[:2]
        and max(abs(a.lat_e7 - b.lat_e7), abs(a.lon_e7 - b.lon_e7)) <= 20
        and abs(a.z_m - b.z_m) < 0.01
        for a, b in zip(sent[first:], got[first:], strict=True)
    )
