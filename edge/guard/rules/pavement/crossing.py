"""A road is crossed at mapped places, with a permission that lasts to the other side."""

from itertools import pairwise
from typing import Literal

from edge.guard.bounds import Crossing
from edge.guard.question import LEASE_S, Denied, Question, Ruling, Wish, wish_of
from edge.guard.shapes import Reach, away_m, meets

SPARE_S = 2.0  # to set off, and for whoever is slow
NEARER_M = 0.01
WAIT_S, MOST_TRIES = 90.0, 3


def permitted(question: Question) -> Ruling:
    """Refuse to come onto a crossing without a permission that lasts."""
    for crossing in _ahead(question, wish_of(question), LEASE_S):
        if crossing.crossing_id in question.memory.crossings:
            continue  # half-way is the worst place to stop
        left_s = _left_s(question, crossing.crossing_id)
        if left_s <= 0:
            return Denied("crossing", f"no permission for {crossing.crossing_id}")
        needed_s = crossing.length_m / question.bounds.jurisdiction.crossing_mps + SPARE_S
        if left_s < needed_s:
            return Denied(
                "crossing",
                f"{left_s:.0f} s are left of the permission for {crossing.crossing_id},"
                f" {needed_s:.0f} needed",
            )
    return None


def now(question: Question) -> Ruling:
    """Stop before a crossing that it was not let onto."""
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    for crossing in _ahead(question, Wish(here.velocity_enu_mps), 0.0):
        if crossing.crossing_id not in question.memory.crossings:
            return Denied("crossing", f"it was not let onto {crossing.crossing_id}", stop=True)
    return None


def entered(question: Question) -> frozenset[str]:
    """Return the crossings that it is on, and those that the command leads onto."""
    ahead = _ahead(question, wish_of(question), LEASE_S)
    return question.memory.crossings | {crossing.crossing_id for crossing in ahead}


def still_on(question: Question) -> frozenset[str]:
    """Return the crossings it was let onto and has not left, or still may come onto."""
    on = question.memory.crossings
    if question.whereabouts is None:
        return on
    here = (question.point, question.point, question.point)
    return frozenset(
        crossing.crossing_id
        for crossing in question.bounds.crossings
        if crossing.crossing_id in on
        and (
            meets(crossing.shape, here, question.margin_m)
            or _left_s(question, crossing.crossing_id) > 0
        )
    )


def half_way(question: Question) -> bool:
    """Tell whether its body is on a road that it was let onto: that is no place to stand.

    A leave that lasts says so, too: of what it let it onto, a guard that began anew knows
    nothing.
    """
    if question.whereabouts is None:
        return False
    here = (question.point, question.point, question.point)
    return any(
        meets(crossing.shape, here, question.bounds.figures.motion.size_m / 2)
        and (
            crossing.crossing_id in question.memory.crossings
            or _left_s(question, crossing.crossing_id) > 0
        )
        for crossing in question.bounds.crossings
    )


def what_now(asked_s: float, now_s: float, tries: int) -> Literal["wait", "back_off", "round"]:
    """Return how to wait at a crossing: bounded, then back off, then another way."""
    if now_s - asked_s < WAIT_S:
        return "wait"
    return "back_off" if tries < MOST_TRIES else "round"


def _left_s(question: Question, crossing_id: str) -> float:
    """Return how long the longest permission for a crossing still lasts."""
    return max(
        (
            permission.until_s - question.now_s
            for permission in question.truth.permissions
            if permission.crossing_id == crossing_id
        ),
        default=0.0,
    )


def _ahead(question: Question, wish: Wish, delay_s: float) -> list[Crossing]:
    """Return the crossings that a wish may come onto, but those that it leads away from."""
    reaches: list[Reach] = [question.reach(wish.velocity_enu_mps, delay_s)]
    reaches += [(start, end, end) for start, end in pairwise(wish.way)]
    return [
        crossing
        for crossing in question.bounds.crossings
        if any(meets(crossing.shape, one, question.margin_m) for one in reaches)
        and any(meets(crossing.shape, one, _nearer_m(question, crossing)) for one in reaches)
    ]


def _nearer_m(question: Question, crossing: Crossing) -> float:
    """Return what is nearer to a crossing than it is now."""
    return max(0.0, away_m(crossing.shape, question.point) - NEARER_M)
