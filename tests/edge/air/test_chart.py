"""The chart: how true it is, and which rings cannot be drawn."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.air.chart import SCALE_ERROR, Chart, distinct
from edge.messages.geo import Place, metres_per_degree
from edge.native.greatcircle import EARTH_RADIUS_M

places = st.builds(Place, lat_deg=st.floats(-89.5, 89.5), lon_deg=st.floats(-180, 180))
turns = st.floats(0, 2 * math.pi)
shares = st.floats(0.01, 1.0)
SPHERE = 0.0035  # what the earth's flattening makes of a length on the sphere


def ring(*corners):
    return tuple(Place(lat_deg=lat, lon_deg=lon) for lat, lon in corners)


def great_circle_m(a, b):
    lat_a, lat_b = math.radians(a.lat_deg), math.radians(b.lat_deg)
    lon = math.radians(b.lon_deg - a.lon_deg)
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(lon / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


@given(places, turns, turns, shares, shares)
def test_lengths_within_reach_are_true(origin, first_rad, second_rad, first, second):
    assume(abs(origin.lat_deg) < 89)
    chart = Chart(origin)
    a_m = chart.reach_m * first * np.array([math.cos(first_rad), math.sin(first_rad)])
    b_m = chart.reach_m * second * np.array([math.cos(second_rad), math.sin(second_rad)])
    apart_m = math.dist(a_m, b_m)
    assume(apart_m > 10)
    true_m = great_circle_m(chart.place(*a_m), chart.place(*b_m))
    assert apart_m == pytest.approx(true_m, rel=SCALE_ERROR + SPHERE)


@given(places, turns, shares)
def test_a_place_is_found_again(origin, angle_rad, share):
    assume(abs(origin.lat_deg) < 89)
    chart = Chart(origin)
    there = chart.reach_m * share * np.array([math.cos(angle_rad), math.sin(angle_rad)])
    assert chart.point_m(chart.place(*there)) == pytest.approx(there.tolist(), abs=1e-3)
    assert chart.reaches(np.array([there * 0.999])).all()
    assert not chart.reaches(np.array([there * 1.001 / share])).any()


def test_the_reach_shrinks_towards_the_poles():
    reaches = [Chart(Place(lat_deg=lat, lon_deg=7)).reach_m for lat in (0, 45, 60, 80, 89, 90)]
    assert reaches[:2] == [60_000, 60_000]
    assert reaches == sorted(reaches, reverse=True)
    assert reaches[-2] == pytest.approx(1_113, rel=0.01)
    assert reaches[-1] < 1


def test_a_ring_over_the_antimeridian_is_drawn_the_short_way_round():
    corners = ring((-17.0, 179.99), (-17.0, -179.99), (-16.9, -179.99), (-16.9, 179.99))
    for lon_deg in (179.9, -179.9):
        drawn = Chart(Place(lat_deg=-17, lon_deg=lon_deg)).ring_m(corners)
        assert np.ptp(drawn[:, 0]) == pytest.approx(0.02 * 106_500, rel=0.01)


@pytest.mark.parametrize(
    "corners",
    [
        ((-90, -180), (-90, 180), (90, 180), (90, -180)),  # the whole earth
        ((0, 0), (0, 100), (10, 50)),  # an edge over a quarter of it
        ((80, 0), (80, 80), (80, 160), (80, -120), (80, -40)),  # round a pole
    ],
)
def test_what_may_go_either_way_round_is_not_understood(corners):
    assert Chart(Place(lat_deg=41, lon_deg=-8)).ring_m(ring(*corners)) is None


def test_no_corners_are_no_ring():
    assert Chart(Place(lat_deg=41, lon_deg=-8)).ring_m(()) is None


hundredths = st.integers(-100, 100).map(lambda number: number / 100)


@given(places, st.lists(st.tuples(hundredths, hundredths), min_size=3, max_size=9, unique=True))
def test_a_small_ring_is_drawn_wherever_it_lies(middle, around):
    assume(abs(middle.lat_deg) < 85)
    corners = tuple(
        Place(
            lat_deg=middle.lat_deg + north,
            lon_deg=math.remainder(middle.lon_deg + east, 360),
        )
        for east, north in around
    )
    north_m, east_m = metres_per_degree(middle.lat_deg)
    drawn = Chart(middle).ring_m(corners)
    assert drawn == pytest.approx(np.array(around) * (east_m, north_m), abs=0.01)


def test_corners_that_repeat_count_once():
    twice = np.array([(0, 0), (0, 0), (1, 0), (1, 1), (1, 1), (0, 0)], dtype=float)
    assert distinct(twice).tolist() == [[1, 0], [1, 1], [0, 0]]
    assert distinct(np.zeros((3, 2))).tolist() == [[0, 0]]


@given(st.floats(-80, 80), st.floats(10, 20_000), st.floats(0, 50_000), turns, turns)
def test_a_circle_is_drawn_no_smaller_than_it_is(lat_deg, radius_m, away_m, angle, around):
    chart = Chart(Place(lat_deg=lat_deg, lon_deg=10))
    centre = chart.place(away_m * math.cos(angle), away_m * math.sin(angle))
    drawn_m = chart.radius_m(centre, radius_m)
    assume(drawn_m is not None)
    edge = on_the_sphere(centre, radius_m, around)
    assert math.dist(chart.point_m(centre), chart.point_m(edge)) <= drawn_m * (1 + 1e-9)


def on_the_sphere(centre, away_m, bearing_rad):
    lat, turn = math.radians(centre.lat_deg), away_m / EARTH_RADIUS_M
    there = math.asin(
        math.sin(lat) * math.cos(turn) + math.cos(lat) * math.sin(turn) * math.cos(bearing_rad)
    )
    east = math.atan2(
        math.sin(bearing_rad) * math.sin(turn) * math.cos(lat),
        math.cos(turn) - math.sin(lat) * math.sin(there),
    )
    return Place(
        lat_deg=math.degrees(there),
        lon_deg=math.remainder(centre.lon_deg + math.degrees(east), 360),
    )


def test_a_circle_over_a_pole_cannot_be_drawn():
    chart = Chart(Place(lat_deg=89, lon_deg=0))
    assert chart.radius_m(Place(lat_deg=89.5, lon_deg=0), 50_000) is None
