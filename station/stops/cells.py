"""One cell → one value, whatever way people write it; what cannot be read says why."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from edge.messages.geo import Place
from station.stops.sheet import Cell

EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # day 0 of Excel's calendar, no zone
EXCEL_DAYS = (20_000, 80_000)  # serial numbers taken for dates: 1954 to 2119
PLACE_DECIMALS = 7  # 1 cm; spreadsheets do not keep more digits faithfully
FIRST_YEAR = 1905  # below this an Excel date is a bare time of day

YES = frozenset(
    ("yes", "y", "true", "1", "x", "ja", "j", "oui", "si", "required", "erforderlich", "wahr")
)
NO = frozenset(
    ("no", "n", "false", "0", "nein", "non", "not required", "none", "falsch", "-", "optional")
)

DayOrder = Literal["day first", "month first", "unknown"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile(r"[+-]?\d[\d.,' \u00a0\u202f]*|[+-]?[.,]\d+")
_CLOCK = re.compile(r"^(\d{1,2})(?:[:.h](\d{2}))?(?:[:.]\d{2})?\s*([ap])?\.?m?\.?(?:\s*uhr)?$")
_NUMERIC_DAY = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{2}|\d{4})$")
_ISO_DAY = re.compile(r"^(\d{4})[./-](\d{1,2})[./-](\d{1,2})$")
_DECIMAL = r"[+-]?\d{1,3}(?:[.,]\d+)?"
_PAIR = (
    re.compile(r"^\(?\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[,;/ ]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*\)?$"),
    re.compile(rf"^\(?\s*({_DECIMAL})\s*[; /]\s*({_DECIMAL})\s*\)?$"),
    re.compile(rf"^\(?\s*({_DECIMAL}),\s+({_DECIMAL})\s*\)?$"),
)

KG_PER = {"": 1.0, "kg": 1.0, "kgs": 1.0, "g": 0.001, "lb": 0.45359237, "lbs": 0.45359237,
          "pound": 0.45359237, "pounds": 0.45359237}  # fmt: skip
L_PER = {"": 1.0, "l": 1.0, "litre": 1.0, "litres": 1.0, "liter": 1.0, "liters": 1.0,
         "dm3": 1.0, "m3": 1000.0, "m³": 1000.0, "cbm": 1000.0, "ft3": 28.316846592,
         "cuft": 28.316846592}  # fmt: skip
S_PER = {"": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0, "s": 1.0,
         "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "h": 3600.0,
         "hh:mm": 60.0}  # fmt: skip


class CellError(ValueError):
    """A cell that cannot be read; `cure` says what to write instead."""

    def __init__(self, why: str, cure: str) -> None:
        super().__init__(why)
        self.why = why
        self.cure = cure


@dataclass(frozen=True, slots=True)
class When:
    """A time of day, with its day if the cell names one."""

    time: time
    day: date | None = None


def text_of(cell: Cell) -> str:
    """Return a cell as people read it: 42.0 is "42", control characters are gone."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    return _CONTROL.sub(" ", str(cell)).strip()


def number_of(cell: Cell) -> tuple[float, str]:
    """Return a number and the unit written after it, lower case. Raises CellError."""
    if isinstance(cell, bool):
        raise CellError("is not a number", "write a number")
    if isinstance(cell, int | float):
        return float(cell), ""
    text = text_of(cell)
    found = _NUMBER.match(text)
    if found is None:
        raise CellError("is not a number", "write a number, for example 3.5")
    unit = re.sub(r"[\s.]", "", text[found.end() :]).lower()
    return _plain_number(found.group()), unit


def amount_of(cell: Cell, per: dict[str, float], header_unit: str, most: float) -> float:
    """Return an amount in the unit of `per`; the cell's own unit wins over the header's.

    Raises CellError for a unit that is not in `per`, a negative amount or one over `most`.
    """
    value, unit = number_of(cell)
    factor = per.get(unit or header_unit)
    if factor is None:
        known = ", ".join(name for name in per if name)
        raise CellError(f"the unit {unit or header_unit!r} is not known", f"use {known}")
    amount = round(value * factor, 6)
    if not 0 <= amount <= most:
        raise CellError(f"lies outside 0 to {most:g}", "correct the number")
    return amount


def seconds_of(cell: Cell, header_unit: str, most_s: float) -> float:
    """Return a duration; a bare number is minutes, "0:05" is hours and minutes.

    Raises CellError.
    """
    if isinstance(cell, timedelta):
        seconds = cell.total_seconds()
    elif isinstance(cell, datetime | time):
        seconds = cell.hour * 3600.0 + cell.minute * 60 + cell.second
    elif clock := re.match(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$", text_of(cell)):
        hours, minutes, rest = (int(part or 0) for part in clock.groups())
        seconds = hours * 3600.0 + minutes * 60 + rest
    else:
        return amount_of(cell, S_PER, header_unit, most_s)
    if not 0 <= seconds <= most_s:
        raise CellError(f"lies outside 0 to {most_s / 60:g} minutes", "correct the duration")
    return seconds


def degrees_of(cell: Cell, limit: float, name: str) -> float:
    """Return a coordinate within ± limit. Raises CellError."""
    try:
        value, unit = number_of(cell)
    except CellError as error:
        raise CellError(f"the {name} is not a number", "write degrees: 48.1372") from error
    if unit not in ("", "°"):
        raise CellError(f"the {name} is not in plain degrees", "write degrees: 48.1372")
    if not -limit <= value <= limit:
        raise CellError(f"the {name} lies outside ±{limit:g}°", "write degrees: 48.1372")
    return value


def pair_of(text: str) -> tuple[str, str] | None:
    """Split "48.1, 11.5" in its many ways; None if the text is no pair of numbers."""
    for pattern in _PAIR:
        if found := pattern.match(text.strip()):
            return found.group(1), found.group(2)
    return None


def place_of(lat: Cell, lon: Cell) -> Place:
    """Return the place of two coordinates. Raises CellError."""
    lat_deg, lon_deg = degrees_of(lat, 90, "latitude"), degrees_of(lon, 180, "longitude")
    return Place(lat_deg=round(lat_deg, PLACE_DECIMALS), lon_deg=round(lon_deg, PLACE_DECIMALS))


def when_of(cell: Cell, order: DayOrder) -> When:
    """Return a time of day: a time, "08:00", "8:30 pm", a date with time. Raises CellError."""
    cure = "write HH:MM, for example 08:30"
    if isinstance(cell, datetime):
        return When(cell.time(), cell.date() if cell.year >= FIRST_YEAR else None)
    if isinstance(cell, time):
        return When(cell)
    if isinstance(cell, timedelta):
        return _when_in_day(cell.total_seconds(), cure)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _numeric_when(float(cell), cure)
    text = text_of(cell).lower()
    if found := re.match(r"^(\S+)[ t]+(\S*\d[:.h]\d\S*(?:\s*[ap]\.?m\.?)?)$", text):
        return When(when_of(found.group(2), order).time, day_of(found.group(1), order))
    found = _CLOCK.match(text)
    if found is None:
        raise CellError("is not a time of day", cure)
    hour, minute, half = int(found.group(1)), int(found.group(2) or 0), found.group(3)
    if half and not 1 <= hour <= 12:
        raise CellError("is not a time of day", cure)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return _when_in_day(hour * 3600.0 + minute * 60, cure, minute=minute)


def day_of(cell: Cell, order: DayOrder) -> date:
    """Return a day: a date cell, "2026-11-23", "23.11.2026", Excel's number.

    Raises CellError.
    """
    cure = "write the day as 2026-11-23"
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell).split("T")[0]
    try:
        if found := _ISO_DAY.match(text):
            return date(*(int(part) for part in found.groups()))
        if found := _NUMERIC_DAY.match(text):
            return _numeric_day(found, order if "/" in text else "day first", cure)
        if text.isdigit() and EXCEL_DAYS[0] <= int(text) <= EXCEL_DAYS[1]:
            return (EXCEL_ZERO + timedelta(days=int(text))).date()
    except ValueError as error:
        if isinstance(error, CellError):
            raise
        raise CellError("is a day that does not exist", cure) from error
    raise CellError("is not a day", cure)


def day_order_of(texts: list[str]) -> DayOrder:
    """Tell from a whole column whether 03/04/2026 is the third of April."""
    for text in texts:
        if found := re.match(r"^(\d{1,2})/(\d{1,2})/\d{2,4}", text.strip()):
            if int(found.group(1)) > 12:
                return "day first"
            if int(found.group(2)) > 12:
                return "month first"
    return "unknown"


def yes_or_no(cell: Cell) -> bool:
    """Return what a tick, a "yes" or a "nein" means; empty is no. Raises CellError."""
    text = text_of(cell).lower()
    if not text or text in NO:
        return False
    if text in YES or text in "✓✔":
        return True
    raise CellError("is neither yes nor no", "write yes or no")


def _plain_number(written: str) -> float:
    """Read 1.234,5 and 1,234.5 and 3,5: the last of two kinds of separator is the decimal."""
    digits = re.sub(r"[' \u00a0\u202f]", "", written)
    if "," in digits and "." in digits:
        thousands = "," if digits.rindex(",") < digits.rindex(".") else "."
        digits = digits.replace(thousands, "")
    if digits.count(",") > 1 or digits.count(".") > 1:
        digits = digits.replace(",", "").replace(".", "")
    try:
        return float(digits.replace(",", "."))
    except ValueError as error:
        raise CellError("is not a number", "write a number, for example 3.5") from error


def _numeric_when(value: float, cure: str) -> When:
    if 0 <= value < 1:  # Excel: a fraction of the day
        return _when_in_day(round(value * 1440) * 60.0, cure)
    if EXCEL_DAYS[0] <= value <= EXCEL_DAYS[1]:
        at = EXCEL_ZERO + timedelta(minutes=round(value * 1440))
        return When(at.time(), at.date())
    if value.is_integer() and 1 <= value <= 24:
        return _when_in_day(value * 3600, cure)
    if value.is_integer() and 100 <= value <= 2400:
        return _when_in_day(value // 100 * 3600 + value % 100 * 60, cure, minute=value % 100)
    raise CellError("is not a time of day", cure)


def _when_in_day(seconds: float, cure: str, *, minute: float = 0) -> When:
    """Return the time of day; 24:00 is the last minute of the day."""
    if not 0 <= seconds <= 86_400 or minute > 59:
        raise CellError("is not a time of day", cure)
    at = int(min(seconds, 86_340))
    return When(time(at // 3600, at % 3600 // 60))


def _numeric_day(found: re.Match[str], order: DayOrder, cure: str) -> date:
    first, second, year = (int(part) for part in found.groups())
    year += 2000 if year < 100 else 0
    if order == "unknown" and first != second:
        raise CellError("may be day/month or month/day", cure)
    month, day = (first, second) if order == "month first" else (second, first)
    return date(year, month, day)
