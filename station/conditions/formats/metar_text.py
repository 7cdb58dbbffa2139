"""Weather of METAR and SPECI reports, one on a line; decoded by the `metar` package."""

import calendar
import math
import warnings
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files

import msgspec
from metar.Metar import Metar, ParserError

from edge.messages.conditions import Circle, Weather
from edge.messages.geo import Place
from station.conditions.formats.reading import FaultyRecordError, Found

HOLDS = timedelta(minutes=90)  # reports come every half hour or hour
AREA_M = 30_000.0
AHEAD = timedelta(hours=2)  # a report from later than that is last month's
MOST_LETTERS = 1000
# What intensities stand for, by the US Federal Meteorological Handbook No. 1: light rain up to
# 2.5 mm/h, heavy above 7.6; new snow by the usual ten times the water.
RAIN_MM_H = {"-": 1.0, "": 5.0, "+": 10.0}
DRIZZLE_MM_H = {"-": 0.2, "": 0.4, "+": 1.0}
SNOW_CM_H = {"-": 0.5, "": 1.5, "+": 4.0}
MM_PER_INCH = 25.4


def read_metar(text: str, found: Found) -> None:
    """Read reports; lines that are none (dates, blanks) are skipped."""
    lines = [line.strip() for line in text.splitlines()]
    reports = [line for line in lines if _is_report(line)]
    if not reports:
        cure = "write METAR reports like `EDDM 221950Z 24008KT 9999 -RA 04/02 Q1009`"
        raise FaultyRecordError("the file", text[:40], cure)
    found.each(reports, lambda number: f"report {number}", lambda one: _take(one, found))


def _take(report: str, found: Found) -> None:
    if len(report) > MOST_LETTERS:
        raise FaultyRecordError("report", report, f"it has more than {MOST_LETTERS} letters")
    decoded, utc = _decode(report, found.utc)
    until_utc = utc + HOLDS
    if until_utc <= found.utc:
        found.ignored += 1
        found.note("reports older than 90 minutes: ignored")
        return
    area = _area(decoded.station_id or "")
    if area is None:
        found.note(f"where {decoded.station_id} is, is not known: its weather is everywhere")
    unread = " ".join(decoded._unparsed_groups)  # noqa: SLF001 — told by warnings only
    if unread:
        found.note(f"{decoded.station_id}: not read: {unread[:60]}")
    rain_mm_h, snow_cm_h, ice = _precipitation(decoded)
    weather = Weather(
        from_utc=utc,
        until_utc=until_utc,
        area=area,
        wind_mps=_value(decoded.wind_speed, "MPS"),
        wind_from_deg=_value(decoded.wind_dir),
        gust_mps=_value(decoded.wind_gust, "MPS"),
        # the package takes a visibility that was not measured for ten kilometres
        visibility_m=None if "////" in report.split() else _value(decoded.vis, "M"),
        temp_c=_value(decoded.temp, "C"),
        rain_mm_h=rain_mm_h,
        snow_cm_h=snow_cm_h,
        ice=ice,
    )
    found.weather.append(msgspec.convert(msgspec.to_builtins(weather), Weather))  # bounds


def _decode(report: str, now_utc: datetime) -> tuple[Metar, datetime]:
    """Return the report and its instant, which names only the day of some month."""
    stamp = next(word for word in report.split() if _is_stamp(word))
    day = int(stamp[:2])
    last = now_utc + AHEAD
    year, month = last.year, last.month
    for _ in range(3):
        if 1 <= day <= calendar.monthrange(year, month)[1]:
            hour, minute = int(stamp[2:4]), int(stamp[4:6])
            if hour > 23 or minute > 59:
                break
            utc = datetime(year, month, day, hour, minute, tzinfo=UTC)
            if utc <= last:
                return _metar(report, utc), utc
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    raise FaultyRecordError("report", report, f"there is no day and time {stamp}")


def _metar(report: str, utc: datetime) -> Metar:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Metar(report, month=utc.month, year=utc.year, strict=False)
    except (ParserError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise FaultyRecordError("report", report, f"it is no METAR: {error}") from error


def _precipitation(decoded: Metar) -> tuple[float | None, float | None, bool | None]:
    """Return rain, snow and ice of the present weather; none reported is none falling."""
    rain, snow, ice, unknown = 0.0, 0.0, False, False
    for intensity, description, falling, _, _ in decoded.weather:
        if intensity and "VC" in intensity:
            continue  # in the vicinity is not here
        strength = intensity or ""
        falling = falling or ""
        freezing = description == "FZ" and bool(falling)
        unknown |= falling == "//" or "UP" in falling  # longer slashes are clouds
        ice |= freezing or "PL" in falling
        if "RA" in falling:
            rain = max(rain, RAIN_MM_H.get(strength, RAIN_MM_H[""]))
        if "DZ" in falling:
            rain = max(rain, DRIZZLE_MM_H.get(strength, DRIZZLE_MM_H[""]))
        if any(word in falling for word in ("SN", "SG", "GS")):
            snow = max(snow, SNOW_CM_H.get(strength, SNOW_CM_H[""]))
    measured = decoded.precip_1hr
    if measured is not None and rain and not snow:
        rain = measured.value("IN") * MM_PER_INCH or rain
    if unknown:
        return rain or None, snow or None, ice or None
    return round(rain, 2), snow, ice


def _value(measure: object, unit: str | None = None) -> float | None:
    """Return a measure of the package in a unit, if it was reported."""
    if measure is None:
        return None
    reading = measure.value(unit) if unit else measure.value()  # type: ignore[attr-defined]
    return round(float(reading), 2) if math.isfinite(reading) else None


def _is_report(line: str) -> bool:
    words = line.split()[:5]
    return any(_is_stamp(word) for word in words) and not line.startswith("TAF")


def _is_stamp(word: str) -> bool:
    return len(word) == 7 and word[:6].isdecimal() and word.isascii() and word[6] == "Z"


def _area(station: str) -> Circle | None:
    degrees = _stations().get(station)
    if degrees is None:
        return None
    return Circle(centre=Place(lat_deg=degrees[0], lon_deg=degrees[1]), radius_m=AREA_M)


@lru_cache(maxsize=1)
def _stations() -> dict[str, tuple[float, float]]:
    """Return where the stations are, from the list that comes with the package."""
    places = {}
    text = files("metar").joinpath("nsd_cccc.txt").read_text(encoding="latin-1")
    for line in text.splitlines():
        cells = line.split(";")
        if len(cells) > 8 and (lat := _degrees(cells[7])) is not None:
            lon = _degrees(cells[8])
            if lon is not None:
                places[cells[0]] = (lat, lon)
    return places


def _degrees(text: str) -> float | None:
    """Return degrees of `48-21N` or `40-38-19N`."""
    parts = text[:-1].split("-")
    if text[-1:] not in "NSEW" or not all(part.isdecimal() for part in parts):
        return None
    degrees = sum(int(part) / 60.0**power for power, part in enumerate(parts))
    return -float(degrees) if text[-1] in "SW" else float(degrees)
