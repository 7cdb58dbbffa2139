"""What every format shares: the file's bounds, its faults, records whose keys are forgiving."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from edge.errors import RefusedError
from edge.messages.conditions import (
    Closure,
    SegmentSpeed,
    TrafficFactor,
    Weather,
    Zone,
)

T = TypeVar("T")

MAX_FILE_B = 50_000_000
MAX_RECORDS = 200_000
MOST_FAULTS = 20
MOST_NOTES = 100
MOST_SHOWN = 60  # characters of a value in a fault


class FaultyRecordError(ValueError):
    """A record that cannot be used: key, value and cure."""

    def __init__(self, key: str, value: object, cure: str) -> None:
        super().__init__(f"{key} {shown(value)}: {cure}")


class FaultyConditionsError(RefusedError):
    """A file that cannot be used; says where, what and what to do, for its first faults."""

    def __init__(self, file: str, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        first = self.faults[:MOST_FAULTS]
        more = len(self.faults) - len(first)
        lines = [f"{file}: {fault}" for fault in first]
        if more:
            lines.append(f"{file}: and {more} more faults")
        super().__init__("\n".join([*lines, "nothing was taken from it"]))


@dataclass(slots=True)
class Found:
    """What a file says, as far as it was read."""

    utc: datetime
    """When it is read."""
    until_utc: datetime
    """When what has no end of its own expires."""
    segments: dict[tuple[int, int], SegmentSpeed] = field(default_factory=dict)
    factors: list[TrafficFactor] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    weather: list[Weather] = field(default_factory=list)
    zones: list[Zone] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was left out or taken more strictly than it says."""
    ignored: int = 0
    """Records that say nothing to a vehicle."""
    attribution: str = ""

    def each(
        self, records: Iterable[T], where: Callable[[int], str], read: Callable[[T], None]
    ) -> None:
        """Read records one by one; a faulty one is told, and the others are still read."""
        for number, record in enumerate(records, 1):
            if number > MAX_RECORDS:
                self.faults.append(f"more than {MAX_RECORDS} records: cut it to your area")
                return
            try:
                read(record)
            except FaultyRecordError as error:
                self.faults.append(f"{where(number)}: {error}")
            except msgspec.ValidationError as error:
                self.faults.append(f"{where(number)}: {error}")

    def note(self, text: str) -> None:
        """Tell something once, up to a bound."""
        if text not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(text)


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping whose keys are found whatever their case and separators."""

    values: Mapping[str, Any]

    @classmethod
    def of(cls, value: object, what: str = "record") -> "Record":
        """Raise FaultyRecordError if the value is no mapping."""
        if not isinstance(value, Mapping):
            raise FaultyRecordError(what, value, "write an object in braces")
        return cls({plain(str(key)): item for key, item in value.items()})

    def get(self, *keys: str) -> Any:  # noqa: ANN401
        """Return the first value that is there and not null, or None."""
        found = (self.values.get(plain(key)) for key in keys)
        return next((value for value in found if value is not None), None)

    def text(self, *keys: str, longest: int = 500) -> str:
        """Return a text, cut to what a message holds; empty if there is none."""
        value = self.get(*keys)
        if isinstance(value, (list, tuple)):  # ED-318: [{"text": …, "lang": …}]
            value = next((item for item in value if item), "")
        if isinstance(value, Mapping):
            value = Record.of(value).get("text") or ""
        return "" if value is None else str(value).strip()[:longest]

    def number(self, *keys: str, low: float, high: float) -> float | None:
        """Return a number within bounds; None if there is none."""
        value = self.get(*keys)
        return None if value is None else number(keys[0], value, low, high)

    def flag(self, *keys: str) -> bool | None:
        """Return yes or no; None if it is not said."""
        value = self.get(*keys)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in ("yes", "true", "1"):
            return True
        if word in ("no", "false", "0"):
            return False
        raise FaultyRecordError(keys[0], value, "write true or false")

    def instant(self, *keys: str) -> datetime | None:
        """Return an instant; None if there is none."""
        value = self.get(*keys)
        return None if value in (None, "") else instant(keys[0], value)

    def words(self, *keys: str) -> tuple[str, ...]:
        """Return a list of words, also from `a, b`."""
        value = self.get(*keys)
        if value is None:
            return ()
        items = value if isinstance(value, (list, tuple)) else str(value).split(",")
        return tuple(str(item).strip() for item in items if str(item).strip())


def plain(key: str) -> str:
    """Return a key in lower case, without its separators."""
    return "".join(letter for letter in key.lower() if letter.isalnum())


def number(key: str, value: object, low: float, high: float) -> float:
    """Return a number, also from text. Raises FaultyRecordError."""
    cure = f"write a number from {low:g} to {high:g}"
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise FaultyRecordError(key, value, cure)
    try:
        found = float(value)
    except (ValueError, OverflowError) as error:
        raise FaultyRecordError(key, value, cure) from error
    if not low <= found <= high:
        raise FaultyRecordError(key, value, cure)
    return found


def instant(key: str, value: object) -> datetime:
    """Return an instant of an ISO 8601 text with an offset. Raises FaultyRecordError."""
    cure = "write an instant with its offset, like 2026-11-23T08:00:00+01:00"
    try:
        found = datetime.fromisoformat(str(value).strip())
        if found.tzinfo is None:
            raise FaultyRecordError(key, value, cure)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FaultyRecordError(key, value, cure) from error


def json_of(text: str) -> Any:  # noqa: ANN401
    """Return the decoded JSON. Raises FaultyRecordError."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FaultyRecordError("the file", text[:20], f"it is no JSON: {error}") from error


def text_of(file: str, content: bytes) -> str:
    """Return a file's text without its byte order mark. Raises FaultyConditionsError."""
    if len(content) > MAX_FILE_B:
        size = f"{len(content):,} bytes, {MAX_FILE_B:,} are allowed"
        raise FaultyConditionsError(file, [f"{size}: cut it to your area"])
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(mark):
            try:
                return content.decode(name)
            except UnicodeDecodeError as error:
                fault = f"byte {error.start} is not {name}: save it as UTF-8"
                raise FaultyConditionsError(file, [fault]) from error
    raise AssertionError("every file starts with nothing")


def shown(value: object) -> str:
    """Return a value as a fault shows it."""
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
