"""What the report says of how vehicles were driven; the driver has seen it before."""

from collections.abc import Sequence

from edge.behaviour.score import BEST, mark_of, points_of, score_of
from edge.messages.driving.view import DrivingMark
from edge.messages.facts import DrivingEvent, FactEvent

WORDS = {
    "braking": "hard braking, {worst:.1f} m/s²",
    "cornering": "hard cornering, {worst:.1f} m/s²",
    "acceleration": "hard acceleration, {worst:.1f} m/s²",
    "belt_off": "driven without the belt, up to {kmh:.0f} km/h for {lasts:.0f} s",
    "reversing": "reversed {worst:.1f} m",
    "speeding": "{kmh:.0f} km/h where {limit:.0f} is posted, {lasts:.0f} s",
}


def marks_of(events: Sequence[FactEvent]) -> tuple[DrivingMark, ...]:
    """Return what of a vehicle's facts counts, in order."""
    return tuple(
        mark_of(event.data, event.driver)
        for event in events
        if isinstance(event.data, DrivingEvent)
    )


def counted(marks: Sequence[DrivingMark]) -> int:
    """Return how many of them cost points."""
    return sum(points_of(mark) > 0 for mark in marks)


def day_score(marks: Sequence[DrivingMark]) -> int:
    """Return the score of these marks alone, as of the last of them."""
    return score_of(marks, max(mark.at_utc for mark in marks)) if marks else BEST


def told_driving(fact: DrivingEvent) -> str:
    """Say an event in words, with the limit it was beyond."""
    words = WORDS[fact.kind].format(
        worst=fact.worst, kmh=fact.worst * 3.6, limit=fact.limit * 3.6, lasts=fact.lasts_s
    )
    return words + ("" if fact.evidence is not None else " (evidence lost)")
