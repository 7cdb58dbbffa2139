"""One report of gpsd to one reading; gpsd-py3 parses it, nothing it makes up is kept."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from gpsd import GpsResponse

from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.gnss.accuracy import accuracy_from_dop_m
from firmware_bridge.gnss.dates import after_rollovers

Report = Mapping[str, Any]

MODE_FLAT = 2  # from here on gpsd knows a position
NMEA_QUALITY = {2: 2, 3: 4, 4: 5, 5: 6, 6: 6}
"""gpsd's `status` to the quality of a GGA; anything else is a plain fix."""
PLAIN_DRIVERS = ("", "NMEA0183", "Generic NMEA")
SIMULATED = 8
LATEST_YEAR = 2200


@dataclass(frozen=True, slots=True)
class Reports:
    """A TPV report, and what gpsd said besides; a report that never came is empty."""

    tpv: Report
    sky: Report
    gst: Report
    driver: str
    """How gpsd reads the receiver, empty while it has not said."""


def reading_of(
    reports: Reports, received_s: float, not_before: datetime
) -> GnssFix | GnssNoFix | None:
    """Return what the reports amount to, None if gpsd would not send such a one."""
    tpv, sky = reports.tpv, _checked_sky(reports.sky)
    mode = number(tpv, "mode", 0, 3)
    if mode is None:
        return None
    response = GpsResponse.from_json(
        {"active": 1, "tpv": [{**tpv, "mode": int(mode)}], "sky": [sky]}
    )
    utc, satellites = utc_of(tpv, not_before), _satellites(sky, response)
    lat_deg, lon_deg = number(tpv, "lat", -90, 90), number(tpv, "lon", -180, 180)
    if (
        response.mode < MODE_FLAT
        or lat_deg is None
        or lon_deg is None
        or lat_deg == lon_deg == 0
        or tpv.get("status") == SIMULATED
    ):
        return GnssNoFix(received_s=received_s, utc=utc, satellites=satellites)
    lat_deg, lon_deg = map(float, response.position())
    accuracy_m, accuracy_from = _accuracy(reports)
    return GnssFix(
        received_s=received_s,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        utc=utc,
        altitude_m=_altitude_m(tpv, response),
        # Not speed(): that is 0 below gpsd's error bound, in most epochs of a drive.
        speed_mps=response.hspeed if number(tpv, "speed", 0, 120) is not None else None,
        course_deg=response.track % 360.0 if number(tpv, "track", 0, 360) is not None else None,
        accuracy_m=accuracy_m,
        accuracy_from=accuracy_from,
        satellites=satellites,
        hdop=number(sky, "hdop", 0, 99),
    )


def number(report: Report, key: str, least: float, most: float) -> float | None:
    """Return a field that is there, a finite number and in range; anything else is unknown."""
    found = report.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return found if math.isfinite(found) and least <= found <= most else None


def utc_of(report: Report, not_before: datetime) -> datetime | None:
    """Return the receiver's time, None if the report has none that can be read."""
    try:
        utc = datetime.fromisoformat(report["time"])
    except (KeyError, TypeError, ValueError):
        return None
    if utc.tzinfo is None or not 1980 <= utc.year <= LATEST_YEAR:
        return None
    return after_rollovers(utc.astimezone(UTC), not_before)


def _altitude_m(tpv: Report, response: GpsResponse) -> float | None:
    """Return the height above mean sea level; gpsd says it under two names."""
    if number(tpv, "alt", -1000, 20_000) is not None and response.mode > MODE_FLAT:
        return float(response.alt)
    return number(tpv, "altMSL", -1000, 20_000)


def _accuracy(reports: Reports) -> tuple[float | None, Literal["receiver", "dop", "unknown"]]:
    """Return the 95 % horizontal accuracy [m] and whose it is.

    A receiver's own estimate is one standard deviation: per axis in a GST, of the distance in
    the binary protocols (u-blox hAcc). From plain NMEA gpsd computes `eph` by a model of its
    own from the dilution, some ten times too much; ours is kinder.
    """
    north_m = number(reports.gst, "lat", 0.001, 1e5)
    east_m = number(reports.gst, "lon", 0.001, 1e5)
    if north_m is not None and east_m is not None:
        return 2 * math.hypot(north_m, east_m), "receiver"
    eph_m = number(reports.tpv, "eph", 0.001, 1e5)
    if eph_m is not None and reports.driver not in PLAIN_DRIVERS:
        return 2 * eph_m, "receiver"
    status = reports.tpv.get("status")
    quality = NMEA_QUALITY.get(status, 1) if isinstance(status, int) else 1
    modelled_m = accuracy_from_dop_m(quality, number(reports.sky, "hdop", 0, 99))
    if modelled_m is None:
        modelled_m = eph_m
    return modelled_m, "unknown" if modelled_m is None else "dop"


def _satellites(sky: Report, response: GpsResponse) -> int | None:
    if "satellites" in sky:
        return int(response.sats_valid)
    used = number(sky, "uSat", 0, 999)
    return None if used is None else int(used)


def _checked_sky(sky: Report) -> Report:
    """Return the report without satellites that gpsd-py3 would trip over."""
    satellites = sky.get("satellites")
    sound = isinstance(satellites, list) and all(
        isinstance(satellite, dict) and isinstance(satellite.get("used"), bool)
        for satellite in satellites
    )
    return sky if sound else {key: sky[key] for key in sky if key != "satellites"}
