"""Promised windows of a row: two cells, or one with "08:00-12:00", up to three times."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from edge.messages.routes import TimeWindow
from station.stops import cells
from station.stops.cells import CellError, DayOrder, When
from station.stops.columns import MOST_WINDOWS
from station.stops.row_cells import RowCells
from station.stops.sheet import Cell

BETWEEN = re.compile(r"\s*(?:-|–|—|\bto\b|\bbis\b|\ba\b)\s*")
DAY_START, DAY_END = time(0, 0), time(23, 59)
LONGEST = timedelta(hours=24)


def read_windows(
    row: RowCells, day: date, timezone: ZoneInfo, order: DayOrder
) -> tuple[TimeWindow, ...]:
    """Return the windows in order of opening; an impossible one rejects the row."""

    def instant(when: When) -> datetime:
        return datetime.combine(when.day or day, when.time, timezone).astimezone(UTC)

    windows = []
    for number in range(1, MOST_WINDOWS + 1):
        window = _window(row, number, order, instant)
        if window is None:
            continue
        name = "window_to" if row.cell("window_to", number) is not None else "window"
        opens_day = window.opens_utc.astimezone(timezone).date()
        if window.closes_utc <= window.opens_utc:
            why = f"ends at {_clock(window.closes_utc, timezone)}, not after it begins at "
            why += _clock(window.opens_utc, timezone)
            cure = "correct it; past midnight, write the end with its date"
            row.reject(name, why, cure, number=number)
        elif opens_day != day:
            why = f"is on {opens_day}, but the row's day is {day}"
            row.reject(name, why, "correct the day of one of them", number=number)
        elif window.closes_utc - window.opens_utc > LONGEST:
            row.reject(name, "is longer than 24 hours", "correct it", number=number)
        else:
            windows.append(window)
    return tuple(sorted(windows, key=lambda window: (window.opens_utc, window.closes_utc)))


def read_deliver_by(
    row: RowCells,
    day: date,
    timezone: ZoneInfo,
    order: DayOrder,
    windows: Sequence[TimeWindow],
) -> datetime | None:
    """Return by when the goods must be handed over; an impossible one rejects the row."""
    when = row.take("deliver_by", lambda cell, _: cells.when_of(cell, order), empty=None)
    if when is None:
        return None
    by_utc = datetime.combine(when.day or day, when.time, timezone).astimezone(UTC)
    if (when.day or day) < day:
        why = f"is on {when.day}, but the row's day is {day}"
        row.reject("deliver_by", why, "correct the day of one of them")
    elif windows and by_utc < windows[0].opens_utc:
        opens = _clock(windows[0].opens_utc, timezone)
        cure = "correct one of the two; past midnight, write this one with its date"
        row.reject("deliver_by", f"is before its window opens at {opens}", cure)
    return by_utc


def _window(
    row: RowCells, number: int, order: DayOrder, instant: Callable[[When], datetime]
) -> TimeWindow | None:
    whole = row.cell("window", number)
    opens: When | None
    closes: When | None
    if whole is not None:
        found = _take_both(row, number, whole, order)
        if found is None:
            return None
        opens, closes = found
    else:
        opens = _take(row, "window_from", number, order)
        closes = _take(row, "window_to", number, order)
    if opens is None and closes is None:
        return None
    if opens is None:
        opens = When(DAY_START, closes.day if closes else None)
    if closes is None:
        closes = When(DAY_END, opens.day)
    return TimeWindow(opens_utc=instant(opens), closes_utc=instant(closes))


def _take(row: RowCells, name: str, number: int, order: DayOrder) -> When | None:
    cell = row.cell(name, number)
    if cell is None:
        return None
    try:
        return cells.when_of(cell, order)
    except CellError as error:
        row.reject(name, error.why, error.cure, number=number)
        return None


def _take_both(
    row: RowCells, number: int, cell: Cell, order: DayOrder
) -> tuple[When, When] | None:
    parts = BETWEEN.split(cells.text_of(cell).lower())
    if len(parts) != 2:
        row.reject("window", "is no window", "write 08:00-12:00", number=number)
        return None
    try:
        return cells.when_of(parts[0], order), cells.when_of(parts[1], order)
    except CellError as error:
        row.reject("window", error.why, "write 08:00-12:00", number=number)
        return None


def _clock(utc: datetime, timezone: ZoneInfo) -> str:
    return utc.astimezone(timezone).strftime("%H:%M")
