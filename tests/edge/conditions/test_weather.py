"""Weather as factors: within what is published, and never faster than in the dry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.conditions.weather import road_factor
from edge.messages.conditions import Weather
from tests.edge.conditions.some import hours


def weather(**measures):
    return Weather(from_utc=hours(0), until_utc=hours(1), **measures)


@pytest.mark.parametrize(
    ("measures", "road_class", "low_pct", "high_pct"),
    [  # which part of the speed FHWA says is lost
        ({"rain_mm_h": 1.0}, "motorway", 3, 13),
        ({"rain_mm_h": 10.0}, "motorway", 3, 16),
        ({"snow_cm_h": 0.5}, "trunk", 3, 13),
        ({"snow_cm_h": 3.0}, "motorway", 5, 40),
        ({"visibility_m": 200.0}, "motorway", 10, 12),
        ({"rain_mm_h": 1.0}, "residential", 10, 25),
        ({"rain_mm_h": 10.0}, "primary", 10, 25),
        ({"snow_cm_h": 0.5}, "primary", 30, 40),
        ({"snow_cm_h": 3.0}, "secondary", 30, 40),
        ({"ice": True}, "primary", 30, 40),
        ({"rain_mm_h": 1.0, "temp_c": -2.0}, "primary", 30, 40),  # it freezes
    ],
)
def test_a_van_loses_what_is_published(measures, road_class, low_pct, high_pct):
    lost_pct = 100 * (1 - 1 / road_factor(weather(**measures), road_class, "van"))
    assert low_pct <= lost_pct <= high_pct + 1e-9


@pytest.mark.parametrize(
    ("measures", "kind"),
    [
        ({}, "van"),
        ({"wind_mps": 20.0, "gust_mps": 30.0}, "van"),
        ({"rain_mm_h": 0.1, "snow_cm_h": 0.0, "visibility_m": 9000.0, "temp_c": -5.0}, "van"),
        ({"rain_mm_h": 1.0, "temp_c": -2.0, "ice": False, "snow_cm_h": 5.0}, "drone"),
        ({"rain_mm_h": 9.0, "visibility_m": 50.0}, "robot"),
    ],
)
def test_what_is_not_known_or_does_not_matter_slows_nothing(measures, kind):
    assert road_factor(weather(**measures), "primary", kind) == 1.0
    assert road_factor(None, "primary", kind) == 1.0


measure = st.none() | st.floats(0, 50)


@given(measure, measure, measure, st.sampled_from(["motorway", "service", "path"]),
       st.sampled_from(["van", "contractor", "robot", "bicycle", "drone"]))  # fmt: skip
def test_more_rain_or_snow_is_never_faster(rain, snow, more, road_class, kind):
    before = road_factor(weather(rain_mm_h=rain, snow_cm_h=snow), road_class, kind)
    assert 1.0 <= before <= 2.0
    worse = weather(
        rain_mm_h=(rain or 0) + (more or 0), snow_cm_h=(snow or 0) + (more or 0), ice=True
    )
    assert road_factor(worse, road_class, kind) >= before
