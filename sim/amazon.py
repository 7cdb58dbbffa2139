"""A recorded route of the 2021 Amazon Last Mile Routing Research Challenge as one of ours."""

import gzip
import math
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from edge.errors import ConfigError
from edge.messages.geo import LatDeg, LonDeg, Place
from edge.messages.parcels import Parcel
from edge.messages.routes import Route, Stop, TimeWindow

LITRES_PER_PARCEL = (
    12.0  # the files give litres by stop; parcels of their routes are about this
)
MOST_PARCELS = 12  # at one stop
SHORTEST_SHIFT = timedelta(hours=10)
SHIFT_OVER_DRIVEN = 1.1  # the driver's own day, and some room for ours to go otherwise
VEHICLE = "van-1"

Tenths = Annotated[float, Meta(ge=0)]
"""Tenths of a second, after departure where it is an instant."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """The file: one entry per place, the station first."""

    route_id: Annotated[str, Meta(min_length=1, max_length=64)]
    departure_utc: str
    stop_ids: tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...]
    lat: tuple[LatDeg, ...]
    lng: tuple[LonDeg, ...]
    zone: tuple[str | None, ...]
    volume_cm3: tuple[Tenths, ...]
    service: tuple[Tenths, ...]
    time_window: tuple[tuple[Tenths, Tenths | None] | None, ...]
    driver_sequence: tuple[int, ...]
    travel_time: tuple[tuple[Tenths, ...], ...]


def load_amazon_route(path: Path) -> tuple[Route, dict[str, Any]]:
    """Return the route, in the order it was driven, and its table of travel times.

    The table has the form of `edge.planner.travel.table.TravelTable`. Raises ConfigError if the
    file (JSON, or JSON in gzip) cannot be read or is no such route.
    """
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        recorded = msgspec.json.decode(content, type=Recorded)
        departs_utc = datetime.fromisoformat(recorded.departure_utc).replace(tzinfo=UTC)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise ConfigError(f"recorded route {path}: {error}") from error
    _check(path, recorded)
    return _route(recorded, departs_utc), _table(recorded)


def _check(path: Path, recorded: Recorded) -> None:
    """Raise ConfigError if the columns of the file do not fit together."""
    n = len(recorded.stop_ids)
    columns = {
        "lat": len(recorded.lat),
        "lng": len(recorded.lng),
        "zone": len(recorded.zone),
        "volume_cm3": len(recorded.volume_cm3),
        "service": len(recorded.service),
        "time_window": len(recorded.time_window),
        "travel_time": len(recorded.travel_time),
        **{f"travel_time[{i}]": len(row) for i, row in enumerate(recorded.travel_time)},
    }
    for name, length in columns.items():
        if length != n:
            raise ConfigError(f"recorded route {path}: {n} stop_ids but {length} of {name}")
    if n == 0 or sorted(recorded.driver_sequence) != list(range(n)):
        raise ConfigError(f"recorded route {path}: driver_sequence is no order of its stops")
    if len(set(recorded.stop_ids)) != n:
        raise ConfigError(f"recorded route {path}: a stop_id stands there twice")


def _route(recorded: Recorded, departs_utc: datetime) -> Route:
    order = [row for row in recorded.driver_sequence if row != 0]
    returns_by_utc = departs_utc + _shift(recorded, order)
    stops, parcels = [], []
    for row in order:
        own = _parcels(recorded, row)
        parcels += own
        stops.append(
            Stop(
                stop_id=recorded.stop_ids[row],
                place=_place(recorded, row),
                parcels=tuple(parcel.parcel_id for parcel in own),
                windows=_windows(recorded, row, departs_utc, returns_by_utc),
                service_s=recorded.service[row] / 10,
                name=f"Stop {recorded.stop_ids[row]}",
                address=f"zone {recorded.zone[row]}" if recorded.zone[row] else "",
            )
        )
    return Route(
        route_id=recorded.route_id,
        revision=1,
        vehicle=VEHICLE,
        station=_place(recorded, 0),
        departs_utc=departs_utc,
        returns_by_utc=returns_by_utc,
        stops=tuple(stops),
        parcels=tuple(parcels),
    )


def _shift(recorded: Recorded, order: Sequence[int]) -> timedelta:
    """Return a shift that the day as it was driven fits into."""
    clock, here = 0.0, 0
    for row in order:
        clock += recorded.travel_time[here][row]
        window = recorded.time_window[row]
        clock = max(clock, window[0] if window else 0.0) + recorded.service[row]
        here = row
    clock += recorded.travel_time[here][0]
    driven = timedelta(seconds=clock / 10) * SHIFT_OVER_DRIVEN
    quarter = timedelta(minutes=15)
    return max(SHORTEST_SHIFT, -(-driven // quarter) * quarter)


def _parcels(recorded: Recorded, row: int) -> list[Parcel]:
    """Divide the litres of a stop into parcels of the usual size."""
    litres = recorded.volume_cm3[row] / 1000
    count = max(1, min(MOST_PARCELS, round(litres / LITRES_PER_PARCEL)))
    short = recorded.route_id.removeprefix("RouteID_")[:8]
    return [
        Parcel(
            parcel_id=f"{short}-{recorded.stop_ids[row]}-{number}",
            volume_l=math.floor(litres / count * 1000) / 1000,
        )
        for number in range(1, count + 1)
    ]


def _windows(
    recorded: Recorded, row: int, departs_utc: datetime, returns_by_utc: datetime
) -> tuple[TimeWindow, ...]:
    """Return the promise at a stop; one that spans the whole day is none."""
    window = recorded.time_window[row]
    if window is None or (window[0] == 0 and window[1] is None):
        return ()
    opens_utc = departs_utc + timedelta(seconds=window[0] / 10)
    closes_utc = returns_by_utc
    if window[1] is not None:
        closes_utc = departs_utc + timedelta(seconds=window[1] / 10)
    return (TimeWindow(opens_utc=opens_utc, closes_utc=closes_utc),)


def _place(recorded: Recorded, row: int) -> Place:
    return Place(lat_deg=recorded.lat[row], lon_deg=recorded.lng[row])


def _table(recorded: Recorded) -> dict[str, Any]:
    """Return the measured travel times, the station under its name in tables."""
    ids = ("station", *recorded.stop_ids[1:])
    return {
        "places": [
            {"id": place_id, "lat_deg": lat_deg, "lon_deg": lon_deg}
            for place_id, lat_deg, lon_deg in zip(ids, recorded.lat, recorded.lng, strict=True)
        ],
        "seconds": [[tenths / 10 for tenths in row] for row in recorded.travel_time],
    }
