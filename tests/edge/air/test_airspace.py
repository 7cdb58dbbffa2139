"""Which zones close at which height, and how far is kept from them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.airspace import Ground, Keeping, closed_zone
from edge.air.chart import Chart
from edge.air.outline import UNCLEAR
from edge.messages.conditions import Circle, Polygon, Zone
from edge.messages.geo import Place

PORTO = Place(lat_deg=41.15, lon_deg=-8.61)
CHART = Chart(PORTO)
HILLS = Ground(station_m=100, lowest_m=60, highest_m=180)
AREA = Circle(centre=PORTO, radius_m=500)


def zone(**change):
    return Zone(**{"zone_id": "z", "kind": "hard", "area": AREA, **change})


@pytest.mark.parametrize(
    ("limits", "bottom_m", "top_m"),
    [
        ({}, -math.inf, math.inf),
        ({"lower_m": 50.0}, -math.inf, math.inf),  # from the ground, whatever lower_m says
        ({"upper_m": 60.0}, -math.inf, 140),  # over the highest ground
        ({"upper_m": 300.0, "upper_reference": "AMSL"}, -math.inf, 200),
        ({"lower_m": 50.0, "lower_reference": "AGL"}, 10, math.inf),  # over the lowest
        ({"lower_m": 250.0, "lower_reference": "AMSL"}, 150, math.inf),
        (
            {"lower_m": 80.0, "lower_reference": "AGL", "upper_m": 30.0},
            40,
            110,
        ),  # upside down, but the ground is too uncertain to say so
        (
            {"lower_m": 500.0, "lower_reference": "AMSL", "upper_m": 30.0},
            -math.inf,
            math.inf,
        ),  # upside down on any ground: closed at every height
    ],
)
def test_limits_are_read_so_that_they_close_most(limits, bottom_m, top_m):
    closed = closed_zone(CHART, zone(**limits), HILLS)
    assert (closed.bottom_m, closed.top_m) == (bottom_m, top_m)


@given(
    st.floats(-1000, 5000),
    st.floats(-1000, 5000),
    st.sampled_from(["ground", "AGL", "AMSL"]),
    st.sampled_from(["AGL", "AMSL"]),
)
def test_on_unknown_ground_every_limit_closes_every_height(lower, upper, low_ref, up_ref):
    limits = {"lower_m": lower, "upper_m": upper}
    limits |= {"lower_reference": low_ref, "upper_reference": up_ref}
    closed = closed_zone(CHART, zone(**limits), None)
    assert closed.between(-1e6, -1e6)
    assert closed.between(1e6, 1e6)


@given(
    st.floats(0, 300), st.floats(0, 300), st.floats(60, 180), st.floats(0, 400), st.booleans()
)
def test_wherever_the_ground_is_a_flight_in_the_zone_is_seen(
    lower, thick, ground_m, height_m, amsl
):
    """A height is in the zone on some ground: then it may not be flown on any."""
    reference = "AMSL" if amsl else "AGL"
    limits = {"lower_m": lower, "upper_m": lower + thick}
    limits |= {"lower_reference": reference, "upper_reference": reference}
    closed = closed_zone(CHART, zone(**limits), HILLS)
    level_m = height_m + HILLS.station_m - (0 if amsl else ground_m)
    if lower <= level_m <= lower + thick:
        assert closed.between(height_m - 1e-9, height_m + 1e-9)


def test_zones_for_others_and_with_a_permit_do_not_close():
    assert closed_zone(CHART, zone(applies_to=("van",)), HILLS) is None
    assert closed_zone(CHART, zone(applies_to=("van", "drone")), HILLS) is not None
    asks = zone(kind="permit")
    assert closed_zone(CHART, asks, HILLS) is not None
    assert closed_zone(CHART, asks, HILLS, frozenset({"z"})) is None
    assert closed_zone(CHART, zone(), HILLS, frozenset({"z"})) is not None


def test_a_zone_to_avoid_that_cannot_be_drawn_is_not_entered_at_all():
    wide = tuple(Place(lat_deg=1, lon_deg=lon) for lon in (0, 100, -100))
    closed = closed_zone(CHART, zone(kind="avoid", area=Polygon(outer=wide)), HILLS)
    assert closed.shape is UNCLEAR
    assert not closed.avoid
    assert closed_zone(CHART, zone(kind="avoid"), HILLS).avoid


def test_bands_keep_over_the_highest_ground_and_under_the_limit_over_the_lowest():
    assert Keeping().bands_m(None) == (40, 50, 60, 70, 80, 90, 100, 110, 120)
    gentle = Ground(station_m=100, lowest_m=95, highest_m=125)
    assert Keeping().bands_m(gentle) == (65, 75, 85, 95, 105, 115)
    assert Keeping().bands_m(HILLS) == ()


def test_the_margin_grows_with_the_wind_in_whole_metres():
    keeping = Keeping(accuracy_m=5, extra_m=15)
    assert keeping.margin_m(1.0, 0.0) == 21
    assert keeping.margin_m(1.0, 10.0) == 26
    assert keeping.margin_m(3.0, 10.0) == 27


def test_what_cannot_be_meant_is_refused():
    with pytest.raises(ValueError, match="not between"):
        Ground(station_m=50, lowest_m=60, highest_m=70)
    with pytest.raises(ValueError, match="no heights"):
        Keeping(lowest_m=130)
    with pytest.raises(ValueError, match="more than 64 bands"):
        Keeping(band_m=1.0)
