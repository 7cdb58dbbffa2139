"""Traffic: only where it is, only while it lasts, and never after it has expired."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.messages.conditions import Circle, Conditions, TrafficFactor
from edge.messages.geo import Place
from edge.planner.conditions import frozen_ms, share_inside, slowdowns
from edge.planner.problem import ProblemStop

NOW_UTC = datetime(2026, 11, 3, 8, tzinfo=UTC)
CENTRE = Place(lat_deg=48.0, lon_deg=11.0)
M_PER_DEG = 111_195.0


def east(metres, north=0.0):
    scale = M_PER_DEG * np.cos(np.radians(48.0))
    return Place(lat_deg=48.0 + north / M_PER_DEG, lon_deg=11.0 + metres / scale)


def hours(h):
    return NOW_UTC + timedelta(hours=h)


def factor(value, *, since=0, until=1, area=None):
    return TrafficFactor(from_utc=hours(since), until_utc=hours(until), factor=value, area=area)


def conditions(*traffic, expires=10):
    return Conditions(
        version=1, issued_utc=hours(-1), expires_utc=hours(expires), traffic=traffic
    )


CIRCLE = Circle(centre=CENTRE, radius_m=100)


@pytest.mark.parametrize(
    ("start", "end", "share"),
    [
        (east(-200), east(200), 0.5),  # through the middle
        (east(-200), east(0), 0.5),  # ends in it
        (east(-50), east(50), 1.0),  # wholly in it
        (east(-200), east(-150), 0.0),  # on a line with it, but short of it
        (east(-200, 150), east(200, 150), 0.0),  # past it
        (east(-200, 60), east(200, 60), 0.4),  # off the middle
        (east(20), east(20), 1.0),  # stands in it
        (east(300), east(300), 0.0),  # stands elsewhere
    ],
)
def test_the_part_of_a_way_inside_a_circle(start, end, share):
    found = share_inside(CIRCLE, [start, end])
    assert found[0, 1] == pytest.approx(share, abs=0.005)
    assert found[1, 0] == pytest.approx(share, abs=0.005)


def points():
    metres = st.floats(-5000, 5000)
    return st.lists(st.builds(east, metres, metres), min_size=1, max_size=5)


@given(points(), points())
def test_a_share_is_between_nothing_and_all(some, others):
    share = share_inside(CIRCLE, [*some, *others])
    assert ((share >= 0) & (share <= 1)).all()
    assert share == pytest.approx(share.T, abs=1e-6)


BASE_MS = np.array([[0, 1000, 2000], [1000, 0, 3000], [2000, 3000, 0]], dtype=np.int32)
PLACES = [east(-200), east(200), east(0, 5000)]
STOP = (ProblemStop(service_ms=1800_000, drop_ms=0),)


def met(*traffic, expires=10):
    found = slowdowns(conditions(*traffic, expires=expires), PLACES, NOW_UTC)
    return frozen_ms(BASE_MS, found, STOP, [1]).tolist()


def test_a_factor_everywhere_stretches_every_way_begun_while_it_lasts():
    assert met(factor(1.5, until=0.4)) == [[0, 1500, 3000], [1000, 0, 3000], [3000, 4500, 0]]


def test_a_factor_that_is_still_to_come_meets_later_ways_only():
    assert met(factor(2.0, since=0.4)) == [[0, 1000, 2000], [2000, 0, 6000], [2000, 3000, 0]]


def test_a_factor_in_a_circle_stretches_the_part_inside():
    assert met(factor(3.0, area=CIRCLE))[0][:2] == [0, 2000]  # half of the way, three times


def test_factors_that_overlap_multiply():
    assert met(factor(2.0), factor(1.5))[0] == [0, 3000, 6000]


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        conditions(),
        conditions(factor(2.0), expires=-0.5),
        conditions(factor(2.0, since=-2, until=-1)),
        conditions(factor(2.0, since=3, until=2)),
        conditions(factor(1.0)),
        conditions(factor(2.0, area=Circle(centre=east(0, -9000), radius_m=100))),
    ],
)
def test_what_has_passed_or_lies_elsewhere_does_nothing(nothing):
    found = slowdowns(nothing, PLACES, NOW_UTC)
    assert found == ()
    assert frozen_ms(BASE_MS, found, STOP, [1]) is BASE_MS


def test_no_factor_outlasts_its_conditions():
    assert met(factor(2.0, until=5), expires=0.4)[1] == [1000, 0, 3000]
