"""The drivers' breaks as station.toml rules them, and those of one shift."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from edge.messages.routes import MOST_BREAKS, DriverBreak

# A time of day at the station, or hours and minutes after the shift began.
BreakTime = Annotated[str, Meta(pattern=r"^(\+\d{1,2}|[01]\d|2[0-3]):[0-5]\d$")]
SINCE_START = re.compile(r"\+(\d{1,2}):(\d{2})")
Shift = tuple[datetime, datetime]


class BreakSection(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One break of a shift; "+4:30" counts from its start, "12:30" is a time of day."""

    after: BreakTime = "+0:00"
    """Not sooner."""
    before: BreakTime
    """It is to have begun by then."""
    minutes: Annotated[float, Meta(ge=1, le=720)]
    vehicles: tuple[str, ...] = ()
    """Whose it is; none: of every vehicle of the fleet but contractors."""

    def is_for(self, vehicle: str, kind: str) -> bool:
        """Tell whether a vehicle's driver takes it."""
        return vehicle in self.vehicles if self.vehicles else kind not in NO_DRIVERS_OF_OURS

    def in_shift(self, shift: Shift, day: date, timezone: ZoneInfo) -> DriverBreak | None:
        """Return the break of a shift; None if its time is past the end of it."""
        starts_utc, ends_utc = shift
        opens_utc = max(starts_utc, _instant(self.after, shift, day, timezone))
        closes_utc = _instant(self.before, shift, day, timezone)
        if opens_utc >= ends_utc or closes_utc <= starts_utc:
            return None
        lasts_s = self.minutes * 60
        return DriverBreak(opens_utc=opens_utc, closes_utc=closes_utc, lasts_s=lasts_s)


def breaks_of(
    rules: tuple[BreakSection, ...],
    vehicle: str,
    kind: str,
    shift: Shift,
    day: date,
    timezone: ZoneInfo,
) -> tuple[DriverBreak, ...]:
    """Return the breaks of a vehicle's shift, in order of time. Raises BreakError."""
    found = [
        one
        for rule in rules
        if rule.is_for(vehicle, kind)
        and (one := rule.in_shift(shift, day, timezone)) is not None
    ]
    found.sort(key=lambda one: (one.opens_utc, one.closes_utc))
    latest_utc = shift[0]
    for one in found:
        if one.closes_utc < one.opens_utc:
            raise BreakError("a break is to begin before it may")
        if one.opens_utc < latest_utc:
            raise BreakError("two breaks overlap")
        latest_utc = one.closes_utc
    if len(found) > MOST_BREAKS:
        raise BreakError(f"more than {MOST_BREAKS} breaks in a shift")
    return tuple(found)


NO_DRIVERS_OF_OURS = ("contractor", "drone", "robot")


class BreakError(ValueError):
    """Breaks that do not fit together; says why."""


def _instant(at: str, shift: Shift, day: date, timezone: ZoneInfo) -> datetime:
    if found := SINCE_START.fullmatch(at):
        return shift[0] + timedelta(hours=int(found[1]), minutes=int(found[2]))
    instant = datetime.combine(day, time.fromisoformat(at), timezone).astimezone(UTC)
    over_night = shift[1].astimezone(timezone).date() > day
    if over_night and instant < shift[0]:
        next_day = day + timedelta(days=1)
        return datetime.combine(next_day, time.fromisoformat(at), timezone).astimezone(UTC)
    return instant
