"""Traffic: only where it is, only while it lasts, and never after it has expired."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge.conditions.layers import NO_LAYERS
from edge.messages.conditions import Circle, TrafficFactor
from edge.messages.geo import Place
from edge.planner.conditions import frozen_ms, slowdowns
from edge.planner.problem import ProblemStop
from tests.edge.conditions.some import layers_of

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


def layers(*factors, expires=10):
    return layers_of(*factors, issued_utc=hours(-1), expires_utc=hours(expires))


CIRCLE = Circle(centre=CENTRE, radius_m=100)


BASE_MS = np.array([[0, 1000, 2000], [1000, 0, 3000], [2000, 3000, 0]], dtype=np.int32)
PLACES = [east(-200), east(200), east(0, 5000)]
STOP = (ProblemStop(service_ms=1800_000, drop_ms=0),)


def met(*traffic, expires=10):
    found = slowdowns(layers(*traffic, expires=expires), PLACES, NOW_UTC)
    return frozen_ms(BASE_MS, found, STOP, [1]).tolist()


def test_a_factor_everywhere_stretches_every_way_begun_while_it_lasts():
    assert met(factor(1.5, until=0.4)) == [[0, 1500, 3000], [1000, 0, 3000], [3000, 4500, 0]]


def test_a_factor_that_is_still_to_come_meets_later_ways_only():
    assert met(factor(2.0, since=0.4)) == [[0, 1000, 2000], [2000, 0, 6000], [2000, 3000, 0]]


def test_a_factor_in_a_circle_stretches_the_part_inside():  # half of the way, three times
    assert met(factor(3.0, area=CIRCLE))[0][:2] == [
        0,
        pytest.approx(2000, abs=5),
    ]


def test_factors_that_overlap_multiply():
    assert met(factor(2.0), factor(1.5))[0] == [0, 3000, 6000]


@pytest.mark.parametrize(
    "nothing",
    [
        NO_LAYERS,
        layers(),
        layers(factor(2.0), expires=-0.5),
        layers(factor(2.0, since=-2, until=-1)),
        layers(factor(1.0)),
        layers(factor(2.0, area=Circle(centre=east(0, -9000), radius_m=100))),
    ],
)
def test_what_has_passed_or_lies_elsewhere_does_nothing(nothing):
    found = slowdowns(nothing, PLACES, NOW_UTC)
    assert found == ()
    assert frozen_ms(BASE_MS, found, STOP, [1]) is BASE_MS


def test_no_factor_outlasts_its_layer():
    assert met(factor(2.0, until=5), expires=0.4)[1] == [1000, 0, 3000]
