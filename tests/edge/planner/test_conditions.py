"""Traffic and weather: only where they are, while they last, and for whom they concern."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge.conditions.layers import NO_LAYERS, Layers
from edge.messages.conditions import Circle, TrafficFactor, Weather
from edge.messages.geo import Place
from edge.planner.conditions import MOST_CHANGES, slowdowns
from edge.planner.travel.traffic import slowed
from tests.edge.conditions.some import layer, layers_of

NOW_UTC = datetime(2026, 11, 3, 8, tzinfo=UTC)
CENTRE = Place(lat_deg=48.0, lon_deg=11.0)
M_PER_DEG = 111_195.0


def east(metres, north=0.0):
    scale = M_PER_DEG * np.cos(np.radians(48.0))
    return Place(lat_deg=48.0 + north / M_PER_DEG, lon_deg=11.0 + metres / scale)


def hours(h):
    return NOW_UTC + timedelta(hours=h)


def factor(value, *, since=0, until=1, **limits):
    return TrafficFactor(from_utc=hours(since), until_utc=hours(until), factor=value, **limits)


def layers(*factors, expires=10):
    return layers_of(*factors, issued_utc=hours(-1), expires_utc=hours(expires))


CIRCLE = Circle(centre=CENTRE, radius_m=100)


BASE_MS = np.array([[0, 1000, 2000], [1000, 0, 3000], [2000, 3000, 0]], dtype=np.int32)
PLACES = [east(-200), east(200), east(0, 5000)]
DOUBLED = [[0, 2000, 4000], [2000, 0, 6000], [4000, 6000, 0]]


def met(*traffic, expires=10, at=0.0, kind="van"):
    return met_in(layers(*traffic, expires=expires), at=at, kind=kind)


def met_in(known, *, at=0.0, kind="van"):
    """Return the travel times of ways begun so many hours from now."""
    found = slowdowns(known, PLACES, kind, NOW_UTC, hours(10))
    base_ms, slices = slowed(BASE_MS, found, 36_000_000)
    if slices is None:
        return base_ms.tolist()
    number = int(np.searchsorted(slices.starts_ms, at * 3_600_000, side="right"))
    permille = slices.permille[slices.class_of, number]
    return np.rint(base_ms * permille / 1000).astype(int).tolist()


def test_a_factor_everywhere_stretches_every_way_while_it_lasts():
    jam = factor(2.0, since=1, until=2)
    assert met(jam) == BASE_MS.tolist()
    assert met(jam, at=1.5) == DOUBLED
    assert met(jam, at=2.5) == BASE_MS.tolist()


def test_a_factor_in_a_circle_stretches_the_part_inside():  # half of the way, three times
    assert met(factor(3.0, until=20, area=CIRCLE))[0][:2] == [
        0,
        pytest.approx(2000, abs=5),
    ]


def test_factors_that_overlap_multiply():
    assert met(factor(2.0), factor(1.5))[0] == [0, 3000, 6000]


def test_a_factor_for_some_kinds_slows_only_those():
    bikes = factor(2.0, vehicle_kinds=("bicycle", "robot"))
    assert met(bikes, kind="robot") == DOUBLED
    assert met(bikes, kind="van") == BASE_MS.tolist()


def test_a_factor_for_some_road_classes_does_nothing_where_no_roads_are_known():
    assert met(factor(2.0, road_classes=("secondary",))) == BASE_MS.tolist()


def weather(*, since=0, until=10, area=None, **measures):
    return Weather(from_utc=hours(since), until_utc=hours(until), area=area, **measures)


def weathers(*each, expires=10):
    return Layers().take(layer("weather", expires=expires, weather=each), NOW_UTC)


def test_rain_slows_ways_as_it_does_roads_and_ends():
    rain = weathers(weather(rain_mm_h=2.0, until=3))
    expected = [[round(ms / (1 - 0.17)) for ms in row] for row in BASE_MS.tolist()]
    assert np.abs(np.array(met_in(rain)) - expected).max() <= 2
    assert met_in(rain, at=4) == BASE_MS.tolist()
    assert met_in(rain, kind="robot") == BASE_MS.tolist()


def test_weather_at_one_end_counts_half():
    here = weathers(weather(snow_cm_h=2.0, area=Circle(centre=PLACES[2], radius_m=2000)))
    times = met_in(here)
    assert times[0][1] == 1000
    assert times[0][2] == pytest.approx(2000 * (1 + 1 / (1 - 0.4)) / 2, rel=0.001)


def test_the_nearer_source_counts_and_not_both():
    wide, near = (
        weather(rain_mm_h=2.0),
        weather(rain_mm_h=0.0, area=Circle(centre=CENTRE, radius_m=9000)),
    )
    assert met_in(weathers(wide, near)) == BASE_MS.tolist()


def test_no_weather_outlasts_its_layer():
    assert met_in(weathers(weather(rain_mm_h=2.0), expires=2), at=3) == BASE_MS.tolist()


def test_more_changes_than_are_looked_at_leave_the_last_standing():
    showers = [
        weather(since=n / 10, until=(n + 1) / 10, rain_mm_h=2.0 if n % 2 else 0.0)
        for n in range(2 * MOST_CHANGES)
    ]
    found = slowdowns(weathers(*showers), PLACES, "van", NOW_UTC, hours(10))
    assert len(found) == MOST_CHANGES // 2
    assert found[-1].until_ms > 36_000_000


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
    assert slowdowns(nothing, PLACES, "van", NOW_UTC, hours(10)) == ()
    assert met_in(nothing) == BASE_MS.tolist()


def test_no_factor_outlasts_its_layer():
    jam = factor(2.0, until=5)
    assert met(jam, expires=2, at=1) == DOUBLED
    assert met(jam, expires=2, at=3) == BASE_MS.tolist()
