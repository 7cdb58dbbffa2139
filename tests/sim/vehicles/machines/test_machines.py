import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.vehicles.machines.body import STEP_S, Demand
from sim.vehicles.machines.quadcopter import Quadcopter
from sim.vehicles.machines.rover import Rover
from sim.vehicles.machines.wind import Wind

CALM = (0.0, 0.0, 0.0)


def go(machine, velocity, for_s, wind=CALM, heading=None):
    demand = None if velocity is None else Demand(velocity, heading)
    for _ in range(round(for_s / STEP_S)):
        machine.step(demand, wind, STEP_S)
    return machine.body


def test_it_reaches_the_speed_it_is_told_in_any_wind():
    for wind in (CALM, (8.0, 0.0, 0.0), (-5.0, 6.0, 0.0)):
        quad = Quadcopter()
        go(quad, (0.0, 0.0, 2.0), 5.0, wind)
        body = go(quad, (6.0, -3.0, 0.0), 8.0, wind)
        assert body.velocity_enu_mps == pytest.approx((6.0, -3.0, 0.0), abs=0.2)


def test_it_leans_into_the_wind_it_holds_against():
    quad = Quadcopter(heading_deg=0.0)
    go(quad, (0.0, 0.0, 2.0), 5.0)
    body = go(quad, CALM, 10.0, wind=(0.0, -10.0, 0.0))
    assert body.pitch_rad < math.radians(-3)
    assert abs(body.velocity_enu_mps[1]) < 0.2


def test_climb_and_descent_have_limits():
    quad = Quadcopter()
    assert go(quad, (0.0, 0.0, 50.0), 5.0).velocity_enu_mps[2] == pytest.approx(3.0, abs=0.01)
    go(quad, (0.0, 0.0, 50.0), 10.0)
    assert go(quad, (0.0, 0.0, -50.0), 4.0).velocity_enu_mps[2] == pytest.approx(-2.0, abs=0.01)


def test_it_lands_softly_and_falls_hard():
    soft, hard = Quadcopter(), Quadcopter()
    for quad in (soft, hard):
        go(quad, (0.0, 0.0, 2.0), 5.0)
    assert not go(soft, (0.0, 0.0, -0.5), 30.0).crashed
    assert soft.is_at_rest
    assert go(hard, None, 5.0).crashed
    assert hard.is_on_ground


def test_payload_costs_power_and_a_crosswind_does():
    light, heavy = Quadcopter(), Quadcopter(payload_kg=2.0)
    assert heavy.power_w(0.0, 0.0) > 1.3 * light.power_w(0.0, 0.0)
    assert light.power_w(2.0, 0.0) > light.power_w(0.0, 0.0) > light.power_w(-2.0, 0.0)
    assert light.power_w(0.0, 18.0) > light.power_w(0.0, 5.0)
    minutes = light.battery.capacity_ah * 22.2 / light.power_w(0.0, 0.0) * 60
    assert 25 < minutes < 60


def test_a_rover_turns_before_it_drives():
    rover = Rover(heading_deg=180.0)
    body = go(rover, (0.0, 2.0, 0.0), 0.5)
    assert math.hypot(body.east_m, body.north_m) < 0.05
    body = go(rover, (0.0, 2.0, 0.0), 12.0)
    assert body.velocity_enu_mps == pytest.approx((0.0, 2.0, 0.0), abs=0.05)
    body = go(rover, CALM, 4.0)
    assert rover.is_at_rest
    assert body.up_m == 0.0


@given(
    st.lists(
        st.tuples(st.floats(-20, 20), st.floats(-20, 20), st.floats(-5, 5), st.floats(0, 360)),
        max_size=20,
    ),
    st.tuples(st.floats(-12, 12), st.floats(-12, 12), st.just(0.0)),
)
def test_no_demand_makes_the_impossible(demands, wind):
    quad, rover = Quadcopter(), Rover()
    for east, north, up, heading in demands:
        for machine, most_mps in ((quad, 22.0), (rover, 2.01)):
            body = go(machine, (east, north, up), 1.0, wind, heading)
            assert body.ground_speed_mps <= most_mps + 6.0 * (machine is quad)
            assert body.up_m >= 0.0
            assert 0.0 <= body.heading_deg < 360.0
            assert abs(body.roll_rad) <= math.radians(36)
            assert abs(body.pitch_rad) <= math.radians(36)


def test_wind_blows_from_where_it_is_said_to_and_gusts():
    wind = Wind(Random(1), 8.0, 270.0)
    winds = [wind.step(STEP_S) for _ in range(20_000)]
    east = sum(w[0] for w in winds) / len(winds)
    north = sum(w[1] for w in winds) / len(winds)
    assert (east, north) == pytest.approx((8.0, 0.0), abs=0.6)
    assert max(w[0] for w in winds) > 9.5
    assert Wind(Random(1)).step(STEP_S) == CALM
