"""Stops that cannot be driven to, and where the vehicle may stand instead."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from edge.conditions.areas import contains
from edge.conditions.layers import Layers
from edge.messages.conditions import Zone
from edge.messages.geo import Place, distance_m, metres_per_degree
from edge.messages.plan import DroppedStop
from edge.messages.routes import Stop
from edge.planner.problem import LONGEST_LEG_MS
from edge.planner.travel.times import Travel

WALK_M = 300.0  # how far a driver may be asked to carry a parcel
RING_M = 25.0
BEARINGS = 8
POLE_DEG = 89.0  # nobody walks round it
MOST_CHANGES = 32  # of the zones, looked at until the shift ends


@dataclass(frozen=True, slots=True)
class Barred:
    """A stop that may not be driven to, and which zone says so; None: no way leads there."""

    stop: Stop
    zone: Zone | None
    until_utc: datetime | None
    """When it may be again, before the shift ends."""


def in_hard_zones(
    stops: Sequence[Stop], layers: Layers, kind: str, utc: datetime, until_utc: datetime
) -> list[Barred]:
    """Return the stops that lie in a hard zone now; one of the air bars no vehicle below."""
    found: list[Barred] = []
    if not any(zone.kind == "hard" for zone in layers.zones(utc)):
        return found
    for stop in stops:
        zone = _zone_over(stop.place, layers, kind, utc)
        if zone is not None:
            free_utc = _free_utc(stop.place, layers, kind, utc, until_utc)
            found.append(Barred(stop, zone, free_utc))
    return found


def unreachable(stops: Sequence[Stop], base_ms: NDArray[np.int32]) -> list[Barred]:
    """Return the stops to or from which no way leads: (n + 2, n + 2) travel times."""
    ways = base_ms < LONGEST_LEG_MS
    np.fill_diagonal(ways, False)
    reached: NDArray[np.bool_] = np.logical_and(ways[:-1].any(axis=0), ways.any(axis=1))
    return [Barred(stop, None, None) for node, stop in enumerate(stops, 1) if not reached[node]]


def told(
    barred: Barred,
    *,
    start: Place,
    station: Place,
    travel: Travel,
    layers: Layers,
    kind: str,
    utc: datetime,
) -> DroppedStop:
    """Say why the stop is left out and what could be done instead."""
    place = _stand_near(barred, start, station, travel, layers, kind, utc)
    zone = barred.zone
    if zone is None:
        reason = "no way leads there as the roads are"
    else:
        name = zone.name or zone.zone_id
        until = f" until {barred.until_utc:%H:%M} UTC" if barred.until_utc else ""
        reason = f"in a zone that may not be entered: {name}{until}"
        if zone.reason:
            reason += f" ({zone.reason})"
    if place is not None:
        reason += f"; {distance_m(place, barred.stop.place):.0f} m away the vehicle may stand"
    return DroppedStop(
        stop_id=barred.stop.stop_id,
        reason=reason,
        code="unreachable" if zone is None else "zone",
        until_utc=barred.until_utc,
        alternative=place,
    )


def _zone_over(place: Place, layers: Layers, kind: str, utc: datetime) -> Zone | None:
    for zone in layers.zones(utc):
        bars = zone.kind == "hard" and (not zone.applies_to or kind in zone.applies_to)
        if bars and zone.lower_reference == "ground" and contains(zone.area, place):
            return zone
    return None


def _free_utc(
    place: Place, layers: Layers, kind: str, utc: datetime, until_utc: datetime
) -> datetime | None:
    """Return the first instant before the end of the shift at which no zone bars a place."""
    now_utc = utc
    for _ in range(MOST_CHANGES):
        change_utc = layers.next_change_utc(now_utc)
        if change_utc is None or change_utc >= until_utc:
            return None
        now_utc = change_utc
        if _zone_over(place, layers.without_expired(now_utc), kind, now_utc) is None:
            return now_utc
    return None


def _stand_near(
    barred: Barred,
    start: Place,
    station: Place,
    travel: Travel,
    layers: Layers,
    kind: str,
    utc: datetime,
) -> Place | None:
    """Return the nearest place within walking distance that may be and can be driven to."""
    tried: list[Stop] = []
    for place in _around(barred.stop.place):
        if _zone_over(place, layers, kind, utc) is None:
            tried.append(Stop(stop_id=f"near {len(tried)}", place=place))
    if not tried:
        return None
    times = travel.times(
        start, None, tried, station,
        layers=layers, from_utc=utc, until_utc=utc + timedelta(hours=1),
    )  # fmt: skip
    for node, stop in enumerate(tried, 1):
        if max(times.base_ms[0, node], times.base_ms[node, -1]) < LONGEST_LEG_MS:
            return stop.place
    return None


def _around(place: Place) -> Iterator[Place]:
    """Yield places round one, the nearest first."""
    north_m, east_m = metres_per_degree(place.lat_deg)
    away_m = RING_M
    while away_m <= WALK_M:
        for number in range(BEARINGS):
            bearing_rad = 2 * math.pi * number / BEARINGS
            lat_deg = place.lat_deg + away_m * math.cos(bearing_rad) / north_m
            lon_deg = place.lon_deg + away_m * math.sin(bearing_rad) / east_m
            if abs(lat_deg) < POLE_DEG:
                yield Place(lat_deg=lat_deg, lon_deg=math.remainder(lon_deg, 360.0))
        away_m += RING_M
