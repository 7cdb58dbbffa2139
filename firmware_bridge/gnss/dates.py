"""Which day a receiver means: dates that ran over, and times of day without a date."""

from datetime import UTC, date, datetime, time, timedelta

DAY_S = 86_400.0
ROLLOVER = timedelta(weeks=1024)  # the week of a GPS message has 10 bits (IS-GPS-200, 20.3.3.3)

UNDATED = datetime(1900, 1, 1, tzinfo=UTC)  # stands for "some day", 80 years before GPS time


def after_rollovers(utc: datetime, not_before: datetime) -> datetime:
    """Undo rollovers of the GPS week: add 1024 weeks while that comes closer to `not_before`.

    `not_before` is a day that is certainly past, such as that of the build. A recording of the
    last 9.8 years keeps its date.
    """
    while not_before - utc > ROLLOVER / 2:
        utc += ROLLOVER
    return utc


class Calendar:
    """Joins times of day with the newest date told, past midnight too."""

    def __init__(self, not_before: datetime) -> None:
        self._not_before = not_before
        self._midnight = UNDATED
        self._day: tuple[date, datetime] | None = None
        """The day last told, and the midnight it stands for: the same all day long."""
        self._time_of_day_s: float | None = None

    def tell_date(self, day: date, time_of_day_s: float) -> None:
        """Take the date and time of an RMC or ZDA."""
        if self._day is None or self._day[0] != day:
            midnight = datetime.combine(day, time(), UTC)
            self._day = day, after_rollovers(midnight, self._not_before)
        self._midnight = self._day[1]
        self._time_of_day_s = time_of_day_s

    def advance(self, time_of_day_s: float) -> None:
        """Take the time of day of an epoch that may have come without its date."""
        if self._time_of_day_s is not None:
            half_days = (self._time_of_day_s - time_of_day_s) / (DAY_S / 2)
            if abs(half_days) > 1:
                self._midnight += timedelta(days=1 if half_days > 0 else -1)
        self._time_of_day_s = time_of_day_s

    @property
    def utc(self) -> datetime | None:
        """The instant last advanced to, None while the date is unknown."""
        return self._instant() if self._midnight - UNDATED > ROLLOVER else None

    @property
    def told_s(self) -> float:
        """The same in seconds, since an arbitrary midnight while the date is unknown."""
        return self._instant().timestamp()

    def _instant(self) -> datetime:
        return self._midnight + timedelta(seconds=self._time_of_day_s or 0.0)
