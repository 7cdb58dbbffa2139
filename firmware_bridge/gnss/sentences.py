"""NMEA 0183 sentences to numbers: nothing without a checksum, nothing out of range."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from math import hypot

import msgspec

from edge.errors import PeerError

LONGEST_LINE_BYTES = 1024
KNOT_MPS = 1852 / 3600
MOST_MPS = 120.0  # bound of GnssFix.speed_mps
DECIMAL = re.compile(r"-?\d{1,9}(?:\.\d{0,12})?")
LATITUDE = re.compile(r"(\d\d)(\d\d(?:\.\d{0,12})?)")
LONGITUDE = re.compile(r"(\d{3})(\d\d(?:\.\d{0,12})?)")
TIME_OF_DAY = re.compile(r"(\d\d)(\d\d)(\d\d(?:\.\d{0,9})?)")
NORTH = {"N": 1, "S": -1}
EAST = {"E": 1, "W": -1}
SAID_AGAIN = 8  # the sentences of one instant say the same time and place
CHECKED = re.compile(rb"\$([ -)+-~]{5,})\*([0-9A-Fa-f]{2})\r*")
"""One sentence: printable ASCII without a second star, then its checksum."""


class Rmc(msgspec.Struct, frozen=True):
    """Recommended minimum: time, validity, position, speed, course and date."""

    time_of_day_s: float | None
    valid: bool
    position_deg: tuple[float, float] | None
    """Latitude, longitude."""
    speed_mps: float | None
    course_deg: float | None
    day: date | None


class Gga(msgspec.Struct, frozen=True):
    """Fix data: time, position, quality, satellites, HDOP, altitude."""

    time_of_day_s: float | None
    position_deg: tuple[float, float] | None
    quality: int
    satellites: int | None
    hdop: float | None
    altitude_m: float | None


class Gsa(msgspec.Struct, frozen=True):
    """Kind of fix (1 none, 2 flat, 3 in space) and dilution."""

    mode: int
    hdop: float | None


class Gst(msgspec.Struct, frozen=True):
    """Error estimates of the receiver itself."""

    time_of_day_s: float | None
    accuracy_m: float | None
    """95 % horizontal, as twice the distance root mean square."""


class Vtg(msgspec.Struct, frozen=True):
    """Course and speed over ground."""

    course_deg: float | None
    speed_mps: float | None


class Zda(msgspec.Struct, frozen=True):
    """Time and date; on some receivers stamped when sent, so it joins no epoch."""

    time_of_day_s: float | None
    day: date | None


Sentence = Rmc | Gga | Gsa | Gst | Vtg | Zda


def parse_line(line: bytes) -> Sentence | None:
    """Parse one line, from its last dollar sign; None for a sentence that is not used here.

    Raises PeerError for a damaged one.
    """
    start = line.rfind(b"$")
    if start < 0:
        raise PeerError("no sentence in the line")
    if line[start + 3 : start + 7] in UNUSED:
        return None
    found = CHECKED.fullmatch(line, start)
    if found is None:
        raise PeerError("no checksum, or bytes that are not printable ASCII")
    body = found[1]
    if checksum(body) != int(found[2], 16):
        raise PeerError("wrong checksum")
    head, *fields = body.decode("ascii").split(",")
    parse = KINDS.get(head[2:]) if len(head) == 5 and head[0] != "P" else None
    return None if parse is None else parse(fields)


def checksum(body: bytes) -> int:
    """Return the exclusive or of all bytes.

    Folded as one number, a half onto the other, which is three times as quick as byte by byte.
    """
    folded, bits = int.from_bytes(body, "big"), 8 << len(body).bit_length()
    while bits > 8:
        bits //= 2
        folded ^= folded >> bits
    return folded & 0xFF


def _rmc(fields: list[str]) -> Rmc:
    _need(fields, 9)
    mode = fields[11] if len(fields) > 11 else ""  # since NMEA 2.3
    return Rmc(
        time_of_day_s=time_of_day(fields[0]),
        valid=fields[1] == "A" and mode not in ("N", "S", "M"),
        position_deg=position(*fields[2:6]),
        speed_mps=speed(fields[6], KNOT_MPS),
        course_deg=decimal(fields[7], 0.0, 360.0),
        day=_day(fields[8]),
    )


def _gga(fields: list[str]) -> Gga:
    _need(fields, 9)
    satellites = decimal(fields[6], 0.0, 199.0)
    return Gga(
        time_of_day_s=time_of_day(fields[0]),
        position_deg=position(*fields[1:5]),
        quality=_digit(fields[5] or "0", "012345678"),
        satellites=None if satellites is None else int(satellites),
        hdop=_dilution(fields[7]),
        altitude_m=_altitude(fields[8]),
    )


def _gsa(fields: list[str]) -> Gsa:
    _need(fields, 17)
    return Gsa(mode=_digit(fields[1], "123"), hdop=_dilution(fields[15]))


def _gst(fields: list[str]) -> Gst:
    _need(fields, 8)
    north_m = decimal(fields[5], 0.0, 1e6)
    east_m = decimal(fields[6], 0.0, 1e6)
    accuracy_m = 2 * hypot(north_m or 0.0, east_m or 0.0)
    known = None not in (north_m, east_m) and accuracy_m > 0
    return Gst(time_of_day_s=time_of_day(fields[0]), accuracy_m=accuracy_m if known else None)


def _vtg(fields: list[str]) -> Vtg:
    _need(fields, 8)
    if fields[1] not in ("T", "") or fields[5] not in ("N", ""):
        raise PeerError("VTG in the form of NMEA 1.5 or damaged")
    return Vtg(course_deg=decimal(fields[0], 0.0, 360.0), speed_mps=speed(fields[4], KNOT_MPS))


def _zda(fields: list[str]) -> Zda:
    _need(fields, 4)
    told = all(part.isdecimal() for part in fields[1:4]) and len(fields[3]) == 4
    day, month, year = (int(part) for part in fields[1:4]) if told else (0, 0, 0)
    return Zda(time_of_day_s=time_of_day(fields[0]), day=_calendar_day(year, month, day))


KINDS: dict[str, Callable[[list[str]], Sentence]] = {
    "RMC": _rmc,
    "GGA": _gga,
    "GSA": _gsa,
    "GST": _gst,
    "VTG": _vtg,
    "ZDA": _zda,
}
UNUSED = frozenset((b"GSV,", b"GLL,", b"TXT,"))
"""Most of the volume; not even their checksums are worth the time."""


@lru_cache(maxsize=SAID_AGAIN)
def position(lat: str, north: str, lon: str, east: str) -> tuple[float, float] | None:
    """Return latitude and longitude [deg], None if empty. Raises PeerError for a broken one.

    Exactly 0, 0 counts as empty: it is what firmware writes when it does not know.
    """
    if not lat and not lon:
        return None
    lat_parts, lon_parts = LATITUDE.fullmatch(lat), LONGITUDE.fullmatch(lon)
    if not lat_parts or not lon_parts or north not in NORTH or east not in EAST:
        raise PeerError(f"no position: {lat},{north},{lon},{east}")
    lat_deg, lat_min = float(lat_parts[1]), float(lat_parts[2])
    lon_deg, lon_min = float(lon_parts[1]), float(lon_parts[2])
    lat_deg += lat_min / 60
    lon_deg += lon_min / 60
    if lat_min >= 60 or lon_min >= 60 or lat_deg > 90 or lon_deg > 180:
        raise PeerError(f"position out of range: {lat},{north},{lon},{east}")
    return None if lat_deg == lon_deg == 0 else (NORTH[north] * lat_deg, EAST[east] * lon_deg)


@lru_cache(maxsize=SAID_AGAIN)
def time_of_day(field: str) -> float | None:
    """Return seconds since midnight, None if empty. Raises PeerError for a broken one."""
    if not field:
        return None
    parts = TIME_OF_DAY.fullmatch(field)
    if parts is None:
        raise PeerError(f"no time of day: {field}")
    hours, minutes, seconds = int(parts[1]), int(parts[2]), float(parts[3])
    if hours > 23 or minutes > 59 or seconds >= 61:  # 60: a leap second
        raise PeerError(f"time of day out of range: {field}")
    return 3600.0 * hours + 60.0 * minutes + seconds


def decimal(field: str, least: float, most: float) -> float | None:
    """Return a number, None if empty. Raises PeerError if it is none or out of range."""
    if not field:
        return None
    if DECIMAL.fullmatch(field) is None:
        raise PeerError(f"no number: {field}")
    number = float(field)
    if not least <= number <= most:
        raise PeerError(f"{field} lies outside {least} to {most}")
    return number


def speed(field: str, unit_mps: float) -> float | None:
    """Return a speed [m/s], None if empty. Raises PeerError past what a vehicle here can do."""
    number = decimal(field, 0.0, MOST_MPS / unit_mps)
    return None if number is None else number * unit_mps


def _altitude(field: str) -> float | None:
    number = decimal(field, -1e6, 1e6)
    return number if number is not None and -1000 <= number <= 20_000 else None


def _dilution(field: str) -> float | None:
    """Return a dilution of precision; 99 and above is how receivers write unknown."""
    number = decimal(field, 0.0, 1e6)
    return number if number is not None and 0 < number < 99 else None


def _digit(field: str, allowed: str) -> int:
    if len(field) != 1 or field not in allowed:
        raise PeerError(f"{field!r} is none of {allowed}")
    return int(field)


@lru_cache(maxsize=SAID_AGAIN)
def _day(field: str) -> date | None:
    """Return the date of an RMC; None if it is none, the position may still be good."""
    if len(field) != 6 or not field.isdecimal():
        return None
    year = int(field[4:6])
    return _calendar_day(year + (1900 if year >= 80 else 2000), int(field[2:4]), int(field[:2]))


def _calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except (OverflowError, ValueError):
        return None


def _need(fields: list[str], count: int) -> None:
    if len(fields) < count:
        raise PeerError(f"{len(fields)} fields where {count} are needed")
