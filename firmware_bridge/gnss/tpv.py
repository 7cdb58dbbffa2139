"""One report of gpsd to one reading; gpsd-py3 parses it, nothing it makes up is kept."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gpsd import GpsResponse

from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.gnss.accuracy import accuracy_from_dop_m
from firmware_bridge.gnss.dates import after_rollovers

Report = Mapping[str, Any]

MODE_FLAT = 2  # from here on gpsd knows a position
NMEA_QUALITY = {2: 2, 3: 4, 4: 5, 5: 6, 6: 6}
"""gpsd's `status` to the quality of a GGA; anything else is a plain fix."""
SIMULATED = 8
LATEST_YEAR = 2200


def reading_of(
    tpv: Report, sky: Report, received_s: float, *, receiver_knows: bool, not_before: datetime
) -> GnssFix | GnssNoFix | None:
    """Return what a TPV report says, with `sky` the last SKY report or an empty one.

    None if it is no report that gpsd would send. `receiver_knows`: `eph` is the receiver's own
    estimate and not gpsd's model from the dilution, which is ten times too much.
    """
    mode = number(tpv, "mode", 0, 3)
    if mode is None:
        return None
    response = GpsResponse.from_json(
        {"active": 1, "tpv": [{**tpv, "mode": int(mode)}], "sky": [_checked_sky(sky)]}
    )
    satellites = response.sats_valid if "satellites" in _checked_sky(sky) else None
    utc = utc_of(tpv, not_before)
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
    hdop = number(sky, "hdop", 0, 99)
    accuracy_m = _accuracy_m(tpv, hdop, receiver_knows=receiver_knows)
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
        accuracy_from=(
            "unknown" if accuracy_m is None else "receiver" if receiver_knows else "dop"
        ),
        satellites=satellites,
        hdop=hdop,
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


def _accuracy_m(tpv: Report, hdop: float | None, *, receiver_knows: bool) -> float | None:
    """Return the 95 % horizontal accuracy.

    `eph` of a receiver is one standard deviation (u-blox hAcc); that of gpsd's model, 95 %.
    """
    eph_m = number(tpv, "eph", 0.001, 1e5)
    if receiver_knows:
        return None if eph_m is None else 2 * eph_m
    status = tpv.get("status")
    quality = NMEA_QUALITY.get(status, 1) if isinstance(status, int) else 1
    modelled_m = accuracy_from_dop_m(quality, hdop)
    return eph_m if modelled_m is None else modelled_m


def _checked_sky(sky: Report) -> Report:
    """Return the report, emptied if gpsd-py3 would trip over its satellites."""
    satellites = sky.get("satellites")
    sound = isinstance(satellites, list) and all(
        isinstance(satellite, dict) and isinstance(satellite.get("used"), bool)
        for satellite in satellites
    )
    return sky if sound else {}
