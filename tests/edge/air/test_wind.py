"""The wind triangle and its laws."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.air.wind import CALM, LEAST_GROUND_MPS, Headwind, Wind, ground_speeds_mps

components = st.floats(-25, 25)
winds = st.builds(Wind, components, components)
angles = st.floats(0, 2 * math.pi)
AIRSPEED_MPS = 15.0


def track(angle_rad, length_m=1000.0):
    return length_m * np.array([math.cos(angle_rad), math.sin(angle_rad)])


def speed_mps(angle_rad, wind):
    return float(ground_speeds_mps(track(angle_rad), wind, AIRSPEED_MPS))


@given(angles)
def test_in_calm_every_track_is_flown_at_the_airspeed(angle_rad):
    assert speed_mps(angle_rad, CALM) == pytest.approx(AIRSPEED_MPS)


@given(angles, winds)
def test_nose_and_wind_add_up_to_the_track(angle_rad, wind):
    speed = speed_mps(angle_rad, wind)
    assume(speed > 0)
    ground = speed * track(angle_rad, 1.0)
    through_air = ground - (wind.east_mps, wind.north_mps)
    assert math.hypot(*through_air) == pytest.approx(AIRSPEED_MPS)


@given(angles, winds)
def test_a_track_is_closed_exactly_when_it_cannot_be_held_or_is_too_slow(angle_rad, wind):
    """By the other road: the fastest of all noses that keep to the track."""
    east, north = track(angle_rad, 1.0)
    across = east * wind.north_mps - north * wind.east_mps
    along = east * wind.east_mps + north * wind.north_mps
    assume(abs(abs(across) - AIRSPEED_MPS) > 1e-6)
    if abs(across) > AIRSPEED_MPS:
        assert speed_mps(angle_rad, wind) == 0
        return
    best = along + AIRSPEED_MPS * math.cos(math.asin(across / AIRSPEED_MPS))
    assume(abs(best - LEAST_GROUND_MPS) > 1e-6)
    assert (speed_mps(angle_rad, wind) == 0) == (best < LEAST_GROUND_MPS)


@given(angles, winds)
def test_there_and_back_is_never_quicker_than_in_calm(angle_rad, wind):
    there, back = speed_mps(angle_rad, wind), speed_mps(angle_rad + math.pi, wind)
    assume(there > 0 and back > 0)
    assert 1 / there + 1 / back >= 2 / AIRSPEED_MPS - 1e-12


@given(angles, angles, winds)
def test_a_corner_is_never_quicker_than_the_straight_track(first_rad, second_rad, wind):
    first, second = track(first_rad), track(second_rad, 700.0)
    assume(np.hypot(*(first + second)) > 1)
    speeds = ground_speeds_mps(np.array([first, second, first + second]), wind, AIRSPEED_MPS)
    assume((speeds > 0).all())
    lengths = np.hypot(*np.array([first, second, first + second]).T)
    times = lengths / speeds
    assert times[2] <= times[0] + times[1] + 1e-6


@pytest.mark.parametrize(
    ("from_deg", "east_mps", "north_mps"),
    [(0, 0, -8), (90, -8, 0), (180, 0, 8), (270, 8, 0)],
)
def test_a_west_wind_comes_from_the_west(from_deg, east_mps, north_mps):
    wind = Wind.from_direction(8.0, from_deg)
    assert (wind.east_mps, wind.north_mps) == pytest.approx((east_mps, north_mps))
    assert wind.speed_mps == pytest.approx(8.0)


def test_head_and_tail_are_what_one_thinks():
    west = Wind.from_direction(5.0, 270)
    assert speed_mps(0.0, west) == pytest.approx(20.0)
    assert speed_mps(math.pi, west) == pytest.approx(10.0)
    assert speed_mps(math.pi / 2, west) == pytest.approx(math.sqrt(200))


def test_a_wind_of_unknown_direction_blows_against_every_track():
    tracks = np.array([track(angle) for angle in np.linspace(0, 6, 9)])
    assert ground_speeds_mps(tracks, Headwind(6.0), AIRSPEED_MPS) == pytest.approx(9.0)
    assert (ground_speeds_mps(tracks, Headwind(14.6), AIRSPEED_MPS) == 0).all()


def test_the_wind_grows_with_height_but_not_below_where_it_is_reported():
    assert Wind(3, 4).aloft(5).speed_mps == pytest.approx(5)
    assert Wind(3, 4).aloft(10).speed_mps == pytest.approx(5)
    assert Wind(3, 4).aloft(80).speed_mps == pytest.approx(5 * 8 ** (1 / 7))
    assert Headwind(5).aloft(80).speed_mps == pytest.approx(5 * 8 ** (1 / 7))


def test_no_way_at_all_takes_no_time():
    speeds = ground_speeds_mps(np.zeros((1, 2)), Wind(20, 0), AIRSPEED_MPS)
    assert (np.zeros(1) / speeds).tolist() == [0.0]
