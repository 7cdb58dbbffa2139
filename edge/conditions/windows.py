"""When a zone applies: its windows at an instant, and when that changes next."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from edge.messages.conditions import Day, Window, Zone

DAYS: tuple[Day, ...] = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
DAYS_AHEAD = 8


def applies(zone: Zone, utc: datetime) -> bool:
    """Tell whether a zone applies at an instant, as far as its windows say."""
    return not zone.windows or any(is_open(window, utc) for window in zone.windows)


def is_open(window: Window, utc: datetime) -> bool:
    """Tell whether a window is open; one whose time zone is not known here always is."""
    if window.from_utc is not None and utc < window.from_utc:
        return False
    if window.until_utc is not None and utc >= window.until_utc:
        return False
    if _whole_days(window):
        return True
    zone = time_zone(window.time_zone)
    if zone is None:
        return True
    return any(opens <= utc < closes for opens, closes in _spans(window, zone, utc))


def changes(window: Window, utc: datetime) -> Iterator[datetime]:
    """Return the instants after `utc` at which a window may open or close, some days ahead."""
    for instant in (window.from_utc, window.until_utc):
        if instant is not None and instant > utc:
            yield instant
    zone = time_zone(window.time_zone)
    if _whole_days(window) or zone is None:
        return
    begin = utc if window.from_utc is None else max(utc, window.from_utc)
    for span in _spans(window, zone, begin):
        yield from (instant for instant in span if instant > utc)


def time_zone(name: str) -> tzinfo | None:
    """Return a time zone by name or offset; None if this machine does not know it."""
    if name in ("UTC", "Z"):
        return UTC
    if name[:1] in ("+", "-"):
        return _offset(name)
    return _named(name)


@lru_cache(maxsize=64)
def _named(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        return None
    except KeyError:
        return None


def _offset(name: str) -> tzinfo | None:
    hours, _, minutes = name[1:].partition(":")
    if len(name) != 6 or not (hours + minutes).isdecimal():
        return None
    span = timedelta(hours=int(hours), minutes=int(minutes))
    if span >= timedelta(hours=24):
        return None
    return timezone(-span if name[0] == "-" else span)


def _whole_days(window: Window) -> bool:
    return not window.days and (window.opens, window.closes) == ("00:00", "24:00")


def _spans(window: Window, zone: tzinfo, utc: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Return the spans of the days about an instant, in UTC."""
    today = utc.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    opens, closes = _minutes(window.opens), _minutes(window.closes)
    for ahead in range(-1, DAYS_AHEAD + 1):
        day = today + timedelta(days=ahead)  # on the wall clock, whatever the offset does
        if window.days and DAYS[day.weekday()] not in window.days:
            continue
        closing = day if closes > opens else day + timedelta(days=1)
        yield _at(day, opens), _at(closing, closes)


def _at(day: datetime, minutes: int) -> datetime:
    return (day + timedelta(minutes=minutes)).astimezone(UTC)


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])
