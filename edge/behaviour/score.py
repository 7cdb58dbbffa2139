"""The driver's score, from events alone: the same function for page, station and anybody.

Of the last seven days each event costs points: POINTS of its kind, times how far it was
beyond the limit (1 to 3: worst / limit, squared). With p points the score is
100 + 750 · 2^(−p / 20): 850 without an event, 475 with twenty points, never below 100.
Acceleration is shown and costs nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from edge.messages.driving.view import BehaviourKind, DrivingMark
from edge.messages.facts import DrivingEvent

WINDOW = timedelta(days=7)
BEST, WORST = 850, 100
EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
HALF_POINTS = 20.0
MOST_SEVERE = 3.0

POINTS: Mapping[BehaviourKind, float] = {
    "braking": 2.0,
    "cornering": 2.0,
    "acceleration": 0.0,
    "belt_off": 4.0,
    "reversing": 1.0,
    "speeding": 3.0,
}


def points_of(mark: DrivingMark) -> float:
    """Return what one event costs."""
    beyond = abs(mark.worst) / mark.limit if mark.limit > 0 else 1.0
    return POINTS[mark.kind] * min(MOST_SEVERE, max(1.0, beyond * beyond))


def score_of(marks: Iterable[DrivingMark], utc: datetime) -> int:
    """Return the score at an instant: 100 to 850, higher is better."""
    points = sum(points_of(mark) for mark in marks if utc - WINDOW < mark.at_utc <= utc)
    return round(WORST + (BEST - WORST) * 2 ** (-points / HALF_POINTS))


def mark_of(fact: DrivingEvent, driver: str) -> DrivingMark:
    """Return what of a fact counts; `driver` as its envelope says."""
    return DrivingMark(
        at_utc=fact.began_utc,
        kind=fact.kind,
        worst=fact.worst,
        limit=fact.limit,
        lasts_s=fact.lasts_s,
        driver=driver,
    )


def still_counting(marks: Iterable[DrivingMark], utc: datetime) -> tuple[DrivingMark, ...]:
    """Return the marks of the window, the newest first."""
    return tuple(
        sorted(
            (mark for mark in marks if utc - WINDOW < mark.at_utc),
            key=lambda mark: mark.at_utc,
            reverse=True,
        )
    )


def holds_for(marks: Iterable[DrivingMark], utc: datetime) -> tuple[datetime, datetime]:
    """Return since when and until when score and marks are what they are at `utc`.

    In between no mark begins to count and none stops. The end is not included.
    """
    turns = sorted(t for mark in marks for t in (mark.at_utc, mark.at_utc + WINDOW))
    after = bisect_right(turns, utc)
    return (
        turns[after - 1] if after else EVER[0],
        turns[after] if after < len(turns) else EVER[1],
    )
