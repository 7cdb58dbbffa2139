"""When a zone of ED-269 or ED-318 applies; what cannot be told is taken as always."""

from datetime import datetime
from typing import Any

from edge.conditions.windows import DAYS, time_zone
from edge.messages.conditions import Day, Window
from station.conditions.formats.reading import FaultyRecordError, Found, Record

DAY_MINUTES = 24 * 60
WHOLE_DAY = (0, DAY_MINUTES, "UTC")


def windows_of(periods: object, found: Found) -> tuple[Window, ...] | None:
    """Return the windows of a list of periods; () is always, None is never again.

    A daily time without an offset, or by sunrise and sunset, is taken as the whole day, and
    that is noted.
    """
    if periods in (None, [], ""):
        return ()
    listed = periods if isinstance(periods, list) else [periods]
    windows: list[Window] = []
    for value in listed:
        period = Record.of(value, "applicability")
        begins, ends = period.instant("startDateTime"), period.instant("endDateTime")
        schedule = period.get("schedule")
        if ends is not None and ends <= found.utc:
            continue
        if begins is not None and ends is not None and ends <= begins:
            cure = "it is before startDateTime"
            raise FaultyRecordError("endDateTime", period.get("endDateTime"), cure)
        permanent = period.flag("permanent") is True or (begins is None and ends is None)
        if permanent and not schedule:
            return ()
        windows.extend(_daily(schedule, begins, ends, found))
    return tuple(windows) if windows else None


def _daily(
    schedule: Any,  # noqa: ANN401
    begins: datetime | None,
    ends: datetime | None,
    found: Found,
) -> list[Window]:
    if not schedule:
        return [Window(from_utc=begins, until_utc=ends)]
    windows = []
    for value in schedule if isinstance(schedule, list) else [schedule]:
        period = Record.of(value, "schedule")
        opens, closes, zone = _times(period, found)
        windows.append(
            Window(
                from_utc=begins,
                until_utc=ends,
                days=days_of(period.words("day", "days")),
                opens=_clock(opens),
                closes=_clock(closes),
                time_zone=zone,
            )
        )
    return windows


def days_of(words: tuple[str, ...]) -> tuple[Day, ...]:
    """Return days of the week; () is every day."""
    wanted = {word.upper()[:3] for word in words}
    if "ANY" in wanted:
        return ()
    if unknown := wanted - set(DAYS):
        raise FaultyRecordError("day", sorted(unknown), f"write {', '.join(DAYS)} or ANY")
    return tuple(day for day in DAYS if day in wanted)


def time_zone_of(name: str) -> str:
    """Return the name of a time zone that there is."""
    if time_zone(name) is None:
        raise FaultyRecordError("time_zone", name, "write a name like Europe/Berlin, or +01:00")
    return name


def _times(period: Record, found: Found) -> tuple[int, int, str]:
    """Return opening and closing in minutes of the day, and their time zone."""
    if period.get("startEvent") is not None or period.get("endEvent") is not None:
        found.note("times by sunrise, sunset or twilight are not supported: taken as all day")
        return WHOLE_DAY
    start, end = period.text("startTime"), period.text("endTime")
    if not start and not end:
        return WHOLE_DAY
    opens, closes = _time("startTime", start), _time("endTime", end)
    if opens is None or closes is None:
        found.note("times of day without an offset: taken as all day")
        return WHOLE_DAY
    begins = int(opens[0] // 60)
    lasts = (closes[0] - closes[1] - (opens[0] - opens[1])) / 60 % DAY_MINUTES or DAY_MINUTES
    closing = -(-int(opens[0] + lasts * 60) // 60)  # up to the next minute
    if closing > DAY_MINUTES:
        closing -= DAY_MINUTES
    offset_min = abs(opens[1]) // 60
    sign = "-" if opens[1] < 0 else "+"
    zone = f"{sign}{offset_min // 60:02d}:{offset_min % 60:02d}" if opens[1] else "UTC"
    return begins, closing, zone


def _time(key: str, text: str) -> tuple[int, int] | None:
    """Return seconds of the day and of the offset; None without an offset.

    `08:00Z`, `08:00:00.00Z` and `08:00:00+01:00` are all seen.
    """
    cure = "write a time of day with its offset, like 08:00Z"
    whole = text.removeprefix("T")
    if whole.startswith("24:00"):
        whole = f"23:59:59{whole[5:].lstrip(':.0')}"
    try:
        moment = datetime.fromisoformat(f"2000-01-02T{whole}")
    except ValueError as error:
        raise FaultyRecordError(key, text, cure) from error
    offset = moment.utcoffset()
    if offset is None:
        return None
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return seconds, round(offset.total_seconds())


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
