import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.vehicles.machines.battery import Battery, Pack

SIX = Pack(cells=6, capacity_ah=16.0)


def drained(power_w, hours, **options):
    battery = Battery(SIX, **options)
    battery.draw(power_w, hours * 3600.0)
    return battery


def test_it_gives_what_it_holds_and_then_nothing():
    battery = drained(300.0, 0.5)
    assert battery.used_wh == pytest.approx(150.0, rel=0.01)
    assert battery.left_frac == pytest.approx(1 - battery.used_ah / 16.0, abs=0.03)
    empty = drained(300.0, 4.0)
    assert empty.left_frac == 0.0
    assert empty.current_a == 0.0


def test_load_lowers_the_voltage_and_warms():
    light, heavy = drained(50.0, 0.05), drained(900.0, 0.05)
    assert heavy.voltage_v < light.voltage_v - 0.8
    assert heavy.temperature_c > light.temperature_c + 1.0


def test_cold_takes_capacity_and_voltage():
    warm, cold = drained(500.0, 0.3, air_c=25.0), drained(500.0, 0.3, air_c=-10.0)
    assert cold.left_frac < warm.left_frac - 0.03
    assert cold.voltage_v < warm.voltage_v


@given(
    st.floats(0, 3000),
    st.floats(0, 7200),
    st.floats(0, 1),
    st.floats(-20, 45),
    st.integers(1, 9),
)
def test_nothing_comes_from_nothing(power_w, spent_s, left, air_c, pieces):
    battery = Battery(SIX, left_frac=left, air_c=air_c)
    for _ in range(pieces):
        before = battery.left_frac
        battery.draw(power_w, spent_s / pieces)
        assert 0.0 <= battery.left_frac <= before
        assert 0.0 < battery.voltage_v <= 6 * 4.2 + 1e-9
        assert battery.current_a >= 0.0


def test_waiting_at_once_or_in_steps_is_the_same():
    once, steps = Battery(SIX), Battery(SIX)
    once.draw(40.0, 600.0)
    for _ in range(6000):
        steps.draw(40.0, 0.1)
    assert once.left_frac == pytest.approx(steps.left_frac, abs=1e-4)
    assert once.temperature_c == pytest.approx(steps.temperature_c, abs=0.05)
