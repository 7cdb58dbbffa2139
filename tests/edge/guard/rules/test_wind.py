"""What a way takes in a wind that is not quite as it was told, and where strong gusts lead."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.airframe import Airframe
from edge.guard.guard import Guard
from edge.guard.rules.energy import cost_j, power_w
from edge.guard.truth import WeatherNow
from edge.messages.machines.actuators import Land
from edge.vehicles import MACHINES
from tests.edge.guard.scene import (
    FINE,
    NOW_S,
    ask,
    drone_bounds,
    drone_truth,
    robot_bounds,
    robot_truth,
    site,
)

FIGURES = MACHINES["drone"].machine.energy
CALM = WeatherNow(NOW_S, wind_mps=0.0, wind_from_deg=0.0, gust_mps=0.0)
HIGH_W = 600.0 * (4.8 / 3.8) ** 1.5  # with one kilogram


def test_what_it_takes_is_more_than_momentum_theory_says():
    frame = Airframe(
        mass_kg=3.8, rotor_area_m2=0.456, drag_area_m2=0.06, battery_j=2e6, reserve_j=2e5,
        efficiency=0.55, avionics_w=25.0,
    )  # fmt: skip
    for payload_kg in (0.0, 0.5, 1.0, 2.0):
        question = ask(drone_bounds(), drone_truth(payload_kg=payload_kg))
        hardest_w = max(frame.level_w(v / 2, payload_kg) for v in range(25))
        assert hardest_w < power_w(question) < 2 * hardest_w


@pytest.mark.parametrize(
    ("payload_kg", "watts"),
    [(0.0, 600.0), (1.0, HIGH_W), (-1.0, 600.0), (None, 600.0 * (5.8 / 3.8) ** 1.5)],
)
def test_an_unknown_payload_is_the_heaviest(payload_kg, watts):
    question = ask(drone_bounds(), drone_truth(payload_kg=payload_kg))
    assert power_w(question) == pytest.approx(watts)


def sure_mps(along_mps, across_mps, unsure_mps):
    """Return the speed over ground: what of 12 m/s the unsure part leaves, in the mean wind."""
    return math.sqrt((12.0 - unsure_mps) ** 2 - across_mps**2) + along_mps


@pytest.mark.parametrize(
    ("weather", "ground_mps"),
    [
        (CALM, 10.0),
        (replace(CALM, wind_mps=4.0, wind_from_deg=90.0), sure_mps(-5.8, 0.0, 2.0)),
        (replace(CALM, wind_mps=4.0, wind_from_deg=270.0), sure_mps(5.8, 0.0, 2.0)),
        (replace(CALM, wind_mps=4.0, wind_from_deg=0.0), sure_mps(0.0, 5.8, 2.0)),
        (replace(CALM, wind_mps=4.0, wind_from_deg=180.0), sure_mps(0.0, 5.8, 2.0)),
        (replace(CALM, wind_mps=4.0, gust_mps=14.0), sure_mps(0.0, 5.8, 5.0)),
        (replace(CALM, wind_mps=4.0, wind_from_deg=None), 12 - 4 * 1.45 - 2),
        (replace(CALM, wind_mps=None, wind_from_deg=None, gust_mps=9.0), 0.0),
        (replace(CALM, wind_mps=7.0, wind_from_deg=0.0), 0.0),
        (
            replace(CALM, wind_mps=4.0, gust_mps=None, wind_from_deg=270.0),
            sure_mps(5.8, 0.0, 2 + 0.3 * 8),
        ),
    ],
)
def test_a5_the_way_to_a_site_is_reckoned_in_the_wind_as_it_may_be(weather, ground_mps):
    question = ask(drone_bounds(), drone_truth(weather=weather))
    cost = cost_j(question, (0.0, 0.0), 30.0, (site("east", 300.0).point,))
    if ground_mps < 1.0:
        assert cost == math.inf
    else:
        expected = HIGH_W * (300.0 / ground_mps + 30.0 / 1.5 + 20.0)
        assert cost == pytest.approx(expected)


@given(
    st.floats(0.0, 8.0), st.floats(0.0, 359.0), st.floats(0.0, 20.0), st.floats(0.0, 359.0),
    st.floats(0.0, math.tau), st.floats(0.0, 1.0),
)  # fmt: skip
def test_a5_no_wind_that_may_blow_makes_the_way_longer_than_was_reckoned(
    wind_mps, from_deg, gust_mps, track_deg, towards_rad, share
):
    weather = replace(CALM, wind_mps=wind_mps, wind_from_deg=from_deg, gust_mps=gust_mps)
    question = ask(drone_bounds(), drone_truth(weather=weather, payload_kg=0.0))
    track_rad, from_rad = math.radians(track_deg), math.radians(from_deg)
    end = (900.0 * math.sin(track_rad), 900.0 * math.cos(track_rad))
    cost = cost_j(question, (0.0, 0.0), 0.0, (end,))
    if cost == math.inf:
        return
    ground_mps = 900.0 / (cost / 600.0 - 20.0)
    unsure_mps = share * (2.0 + 0.3 * max(gust_mps - wind_mps, 0.0))
    wind = (
        -wind_mps * 1.45 * math.sin(from_rad) + unsure_mps * math.sin(towards_rad),
        -wind_mps * 1.45 * math.cos(from_rad) + unsure_mps * math.cos(towards_rad),
    )
    air_mps = math.hypot(
        ground_mps * math.sin(track_rad) - wind[0], ground_mps * math.cos(track_rad) - wind[1]
    )
    assert air_mps <= 12.0 + 1e-6


@pytest.mark.parametrize("from_deg", range(0, 360, 15))
def test_a6_strong_gusts_end_at_a_known_site_and_not_where_it_is(from_deg):
    weather = replace(FINE, at_s=NOW_S, wind_mps=3.0, gust_mps=13.5, wind_from_deg=from_deg)
    bounds = drone_bounds(sites=(site("pad", 300.0, 0.0), site("field", 0.0, -200.0, risk=5)))
    guard = Guard(bounds)
    stop = guard.watch(drone_truth(weather=weather), NOW_S)
    assert stop.reason == "weather"
    (land,) = [one.command for one in stop.cleared]
    assert isinstance(land, Land)
    assert land.place == bounds.sites[0].place
    assert guard.memory.diverting.site_id == "pad"


def test_a6_where_no_site_is_surely_reached_it_lands_where_it_is_at_last():
    weather = replace(FINE, at_s=NOW_S, wind_mps=6.0, gust_mps=22.0, wind_from_deg=90.0)
    stop = Guard(drone_bounds(sites=(site("pad", 300.0),))).watch(
        drone_truth(weather=weather), NOW_S
    )
    assert [(type(one.command), one.command.place) for one in stop.cleared] == [(Land, None)]


def test_a5_at_its_own_place_only_the_descent_counts():
    question = ask(drone_bounds(), drone_truth(weather=CALM))
    assert cost_j(question, (0.0, 0.0), 30.0, ((0.0, 0.0),)) == pytest.approx(HIGH_W * 40.0)
    assert cost_j(question, (0.0, 0.0), -5.0, ((0.0, 0.0),)) == pytest.approx(HIGH_W * 20.0)
    stormy = ask(drone_bounds(), drone_truth(weather=replace(CALM, wind_mps=9.0)))
    assert cost_j(stormy, (0.0, 0.0), 30.0, ((0.0, 0.0),)) == math.inf


def test_a5_without_weather_the_worst_it_may_fly_in_is_assumed():
    # 9 m/s at the ground are 13 m/s aloft: nowhere to go.
    assert (
        cost_j(ask(drone_bounds(), drone_truth(weather=None)), (0, 0), 9, ((0, 0),)) == math.inf
    )


def test_a_robot_feels_no_wind_and_goes_round_corners():
    question = ask(robot_bounds(), robot_truth(weather=None, payload_kg=0.0))
    cost = cost_j(question, (0.0, 0.0), 0.0, (site("depot", 200.0).point,))
    assert cost == pytest.approx(220.0 * (200.0 * 1.5 / 1.0 + 60.0))
