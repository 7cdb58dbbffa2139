"""The score has laws: less is worse, never out of bounds, acceleration costs nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.behaviour.score import BEST, WORST, holds_for, score_of, still_counting
from edge.messages.driving.view import DrivingMark

NOW = datetime(2026, 6, 8, 12, tzinfo=UTC)
marks = st.builds(
    DrivingMark,
    at_utc=st.integers(0, 9 * 86_400).map(lambda ago: NOW - timedelta(seconds=ago)),
    kind=st.sampled_from(
        ["braking", "cornering", "acceleration", "belt_off", "reversing", "speeding"]
    ),
    worst=st.floats(0, 40),
    limit=st.floats(0.1, 40),
    lasts_s=st.floats(0, 60),
)


def mark(kind, worst, limit, days=0.0):
    at_utc = NOW - timedelta(days=days)
    return DrivingMark(at_utc=at_utc, kind=kind, worst=worst, limit=limit, lasts_s=1.0)


@given(st.lists(marks, max_size=40), marks)
def test_d4_one_event_more_never_raises_the_score(before, one):
    assert WORST <= score_of([*before, one], NOW) <= score_of(before, NOW) <= BEST


@pytest.mark.parametrize(
    ("found", "score"),
    [
        ([], 850),
        ([mark("braking", 4.1, 4.1)] * 10, 475),
        ([mark("acceleration", 6.0, 3.5)] * 10, 850),
        ([mark("belt_off", 5.4, 2.7)], 100 + 750 * 2 ** (-12 / 20)),
        ([mark("speeding", 20.0, 10.0, days=7.1)], 850),
    ],
)
def test_d4_the_score_is_the_published_formula(found, score):
    assert score_of(found, NOW) == round(score)


@given(st.lists(marks, max_size=10), st.integers(0, 16 * 86_400), st.floats(0, 0.999))
def test_nothing_changes_while_it_is_said_to_hold(before, ago_s, part):
    then = NOW + timedelta(days=7) - timedelta(seconds=ago_s)
    since, until = holds_for(before, then)
    assert since <= then < until
    since, until = max(since, then - timedelta(days=9)), min(until, then + timedelta(days=9))
    for when in (since, since + part * (until - since)):
        assert still_counting(before, when) == still_counting(before, then)
        assert score_of(before, when) == score_of(before, then)


def test_what_holds_ends_with_the_next_mark_that_counts_or_is_forgotten():
    marks = [mark("braking", 4.1, 4.1, days=1), mark("braking", 4.1, 4.1, days=-1)]
    assert holds_for(marks, NOW) == (NOW - timedelta(days=1), NOW + timedelta(days=1))
    assert holds_for(marks, NOW + timedelta(days=6))[0] == NOW + timedelta(days=6)
