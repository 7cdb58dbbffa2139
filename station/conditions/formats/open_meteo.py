"""Weather of Open-Meteo's forecast API: JSON with `current` and `hourly`, of some places.

Source: open-meteo.com/en/docs. Precipitation is the sum of the hour before its instant, all
else holds at the instant. Attribution is asked for (CC BY 4.0).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from edge.messages.conditions import Circle, Weather
from station.conditions.formats.geometry import place_at
from station.conditions.formats.reading import (
    FaultyRecordError,
    Found,
    Record,
    json_of,
    number,
)

AREA_M = 25_000.0  # about a place; the models have cells of 2 to 25 km
HOUR = timedelta(hours=1)
MOST_HOURS = 400
FREEZING = (56, 57, 66, 67)  # WMO weather codes of freezing drizzle and rain
ATTRIBUTION = "Weather data by Open-Meteo.com (CC BY 4.0)"
UNITS: Mapping[str, float] = {
    "": 1.0, "mm": 1.0, "cm": 1.0, "m": 1.0, "°": 1.0, "wmocode": 1.0, "m/s": 1.0, "ms": 1.0,
    "km/h": 1 / 3.6, "kmh": 1 / 3.6, "mp/h": 0.44704, "mph": 0.44704, "kn": 1852 / 3600,
    "ft": 0.3048, "km": 1000.0,
}  # fmt: skip
WIND = ("wind_speed_10m", "windspeed_10m", "windspeed")
WIND_FROM = ("wind_direction_10m", "winddirection_10m", "winddirection")
GUST = ("wind_gusts_10m", "windgusts_10m")
TEMPERATURE = ("temperature_2m", "temperature")


def read_open_meteo(text: str, found: Found) -> None:
    """Read the answer of the API, or a list of them."""
    whole = json_of(text)
    places = whole if isinstance(whole, list) else [whole]
    found.each(places, lambda number: f"place {number}", lambda one: _read(one, found))
    found.attribution = ATTRIBUTION


def _read(value: object, found: Found) -> None:
    answer = Record.of(value, "place")
    if answer.flag("error"):
        raise FaultyRecordError("reason", answer.text("reason"), "the service refused")
    centre = place_at("place", answer.get("latitude"), answer.get("longitude"))
    area = Circle(centre=centre, radius_m=AREA_M)
    offset_s = answer.number("utc_offset_seconds", low=-86_399, high=86_399) or 0.0
    took = False
    for name in ("current", "current_weather"):
        if answer.get(name) is not None:
            units = Record.of(answer.get(f"{name}_units") or {}, f"{name}_units")
            now = Record.of(answer.get(name), name)
            took |= _take(now, units, area, offset_s, found)
    if answer.get("hourly") is not None:
        units = Record.of(answer.get("hourly_units") or {}, "hourly_units")
        took |= _hours(Record.of(answer.get("hourly"), "hourly"), units, area, offset_s, found)
    if not took:
        raise FaultyRecordError("place", sorted(answer.values), "ask for current or hourly")


def _take(now: Record, units: Record, area: Circle, offset_s: float, found: Found) -> bool:
    """Take the present weather; it holds for an hour."""
    begins = _instant(now.get("time"), units, offset_s)
    sum_s = now.number("interval", low=1, high=86_400) or 3600.0
    per_hour = 3600.0 / sum_s
    _add(now, now, units, area, begins, per_hour, found)
    return True


def _hours(hourly: Record, units: Record, area: Circle, offset_s: float, found: Found) -> bool:
    times = hourly.get("time")
    if not isinstance(times, list):
        raise FaultyRecordError("hourly.time", times, "write a list of times")
    if len(times) > MOST_HOURS:
        raise FaultyRecordError("hourly.time", len(times), f"{MOST_HOURS} are allowed")
    for key, column in hourly.values.items():
        if not isinstance(column, list) or len(column) != len(times):
            cure = f"write a list of {len(times)}, as many as times"
            raise FaultyRecordError(f"hourly.{key}", column, cure)
    for row, time in enumerate(times):
        here = Record({key: column[row] for key, column in hourly.values.items()})
        later = (
            {key: column[row + 1] for key, column in hourly.values.items()}
            if (row + 1 < len(times))
            else {}
        )
        _add(here, Record(later), units, area, _instant(time, units, offset_s), 1.0, found)
    return bool(times)


def _add(
    here: Record,
    falling: Record,
    units: Record,
    area: Circle,
    begins: datetime,
    per_hour: float,
    found: Found,
) -> None:
    """Add an hour; `falling` is the record whose sums are of this hour."""
    if begins + HOUR <= found.utc:
        return
    code = here.number("weather_code", "weathercode", low=0, high=99)
    weather = Weather(
        from_utc=begins,
        until_utc=begins + HOUR,
        area=area,
        wind_mps=_value(here, units, WIND),
        wind_from_deg=_value(here, units, WIND_FROM),
        gust_mps=_value(here, units, GUST),
        rain_mm_h=_rain(falling, units, per_hour),
        snow_cm_h=_value(falling, units, ("snowfall",), per_hour, inch=2.54),
        visibility_m=_value(here, units, ("visibility",)),
        temp_c=_temperature(here, units),
        ice=None if code is None else int(code) in FREEZING,
    )
    found.weather.append(msgspec.convert(msgspec.to_builtins(weather), Weather))  # bounds


def _rain(falling: Record, units: Record, per_hour: float) -> float | None:
    """Return the rain with its showers; else all precipitation where no snow falls."""
    parts = [
        _value(falling, units, (name,), per_hour, inch=25.4) for name in ("rain", "showers")
    ]
    known = [part for part in parts if part is not None]
    if known:
        return sum(known)
    if falling.get("snowfall") not in (0, 0.0):
        return None
    return _value(falling, units, ("precipitation",), per_hour, inch=25.4)


def _value(
    record: Record,
    units: Record,
    names: tuple[str, ...],
    times: float = 1.0,
    *,
    inch: float = 1.0,
) -> float | None:
    """Return a measure in our unit; None if it is not known."""
    value = record.get(*names)
    if value is None:
        return None
    unit = units.text(*names).replace(" ", "").lower()
    unit = unit or ("km/h" if names in (WIND, GUST) else "")
    scale = inch if unit == "inch" else UNITS.get(unit)
    if scale is None:
        raise FaultyRecordError(f"unit of {names[0]}", unit, "ask for metric units")
    return round(number(names[0], value, -1e6, 1e6) * scale * times, 3)


def _temperature(record: Record, units: Record) -> float | None:
    value = record.get(*TEMPERATURE)
    if value is None:
        return None
    found = number("temperature", value, -200, 200)
    unit = units.text(*TEMPERATURE).upper().replace(" ", "")
    return round((found - 32) / 1.8 if unit in ("°F", "F") else found, 2)


def _instant(value: Any, units: Record, offset_s: float) -> datetime:  # noqa: ANN401
    """Return the instant of a local time without offset, or of seconds since 1970."""
    cure = "write 2026-11-23T08:00 or seconds since 1970"
    try:
        if units.text("time").lower() == "unixtime" or isinstance(value, int):
            return datetime.fromtimestamp(number("time", value, 0, 1e11), UTC)
        local = datetime.fromisoformat(str(value))
        if local.tzinfo is not None:
            return local.astimezone(UTC)
        return local.replace(tzinfo=UTC) - timedelta(seconds=offset_s)
    except (ValueError, OverflowError, OSError) as error:
        raise FaultyRecordError("time", value, cure) from error
