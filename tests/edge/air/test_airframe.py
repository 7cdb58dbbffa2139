"""What flying costs: against the textbook, and the laws it must obey."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.air.airframe import AIR_KG_M3, GRAVITY_MPS2, Airframe

FRAME = Airframe(
    mass_kg=6.0, rotor_area_m2=0.8, drag_area_m2=0.06, battery_j=2.4e6, reserve_j=4e5
)
speeds = st.floats(0, 40)
payloads = st.floats(0, 10)


def test_hovering_needs_what_actuator_discs_need():
    weight_n = 8 * GRAVITY_MPS2
    ideal_w = weight_n**1.5 / math.sqrt(2 * AIR_KG_M3 * FRAME.rotor_area_m2)
    assert FRAME.level_w(0.0, 2.0) == pytest.approx(ideal_w / 0.7 + 15)


@given(speeds, payloads)
def test_the_induced_speed_solves_the_momentum_equation(speed_mps, payload_kg):
    """From the power back to the induced speed, which must carry the thrust."""
    weight_n = (6 + payload_kg) * GRAVITY_MPS2
    drag_n = 0.5 * AIR_KG_M3 * 0.06 * speed_mps**2
    thrust_n = math.hypot(weight_n, drag_n)
    ideal_w = (FRAME.level_w(speed_mps, payload_kg) - 15) * 0.7
    induced_mps = (ideal_w - drag_n * speed_mps) / thrust_n
    lean_rad = math.atan2(drag_n, weight_n)
    through_mps = speed_mps * math.sin(lean_rad) + induced_mps
    flow_mps = math.hypot(speed_mps * math.cos(lean_rad), through_mps)
    carried_n = 2 * AIR_KG_M3 * 0.8 * flow_mps * induced_mps
    assert carried_n == pytest.approx(thrust_n, rel=1e-6)


@given(speeds, payloads, st.floats(0.1, 5))
def test_more_payload_never_costs_less(speed_mps, payload_kg, more_kg):
    assert FRAME.level_w(speed_mps, payload_kg + more_kg) > FRAME.level_w(speed_mps, payload_kg)


def test_slow_flight_is_cheaper_than_hovering_and_fast_flight_dearer():
    assert FRAME.level_w(10) < FRAME.level_w(0) < FRAME.level_w(40)


def test_a_climb_costs_the_height_and_a_descent_gives_nothing_back():
    up_m = np.array([60.0, -60.0, 0.0])
    assert FRAME.climb_s(up_m).tolist() == [20.0, 30.0, 0.0]
    hover_w = FRAME.level_w(0)
    expected = [20 * hover_w + 6 * GRAVITY_MPS2 * 60 / 0.7, 30 * hover_w, 0.0]
    assert FRAME.climb_j(up_m).tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    "change",
    [
        {"mass_kg": 0.0},
        {"rotor_area_m2": math.nan},
        {"airspeed_mps": -1.0},
        {"battery_j": math.inf},
        {"reserve_j": 2.4e6},
        {"efficiency": 1.1},
    ],
)
def test_what_cannot_fly_is_refused(change):
    with pytest.raises(ValueError, match=r"figure of something|reserve eats"):
        replace(FRAME, **change)


def test_the_reserve_is_not_for_planning():
    assert FRAME.usable_j == 2e6
