"""Before it sets out: every reason, and weather that does not flutter."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as with_fields

from edge.flight.gate import CALM_FOR_S, Readiness, Told, WeatherHold, look, tell
from edge.messages.conditions import Weather
from edge.vehicles.drone import DRONE

FIGURES = DRONE.machine.weather
FINE = Weather(
    from_utc=datetime(2026, 11, 2, tzinfo=UTC),
    until_utc=datetime(2026, 11, 3, tzinfo=UTC),
    wind_mps=4.0,
    gust_mps=6.0,
    rain_mm_h=0.0,
    visibility_m=9000.0,
    temp_c=12.0,
)
READY = Readiness(
    now_s=100.0,
    weather=FINE,
    needed_j=400_000.0,
    left_j=900_000.0,
    remote_id_s=99.5,
    station=True,
    autopilot=True,
    can_arm=True,
    parameters_read=True,
    satellites=14,
    hdop=0.8,
    accuracy_m=2.0,
    landed=True,
)


def reasons(**changes):
    return look(replace(READY, **changes), FIGURES, WeatherHold())[0]


def weather(**changes):
    return with_fields(FINE, **changes)


def test_with_everything_well_it_may_set_out():
    assert reasons() == ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"weather": weather(wind_mps=9.5)}, "wind 9.5 m/s, at most 9 allowed"),
        ({"weather": weather(gust_mps=13.0)}, "gust 13 m/s, at most 12 allowed"),
        ({"weather": weather(rain_mm_h=2.0)}, "rain 2 mm/h, at most 1 allowed"),
        ({"weather": weather(visibility_m=900.0)}, "visibility 900 m, at least 2000 allowed"),
        ({"weather": weather(temp_c=-9.0)}, "temperature -9 °C, at least -5 allowed"),
        ({"weather": weather(ice=True)}, "there is ice in the air"),
        ({"weather": weather(wind_mps=None)}, "the wind is not known"),
        ({"refusal": "not flown: zone hospital"}, "not flown: zone hospital"),
        ({"needed_j": 1e6}, "the battery lacks 100 kJ for the flight and its reserve"),
        ({"needed_j": None}, "what the flight needs is not known"),
        ({"left_j": None}, "what is left in the battery is not known"),
        ({"left_j": float("nan")}, "the battery lacks nan kJ for the flight and its reserve"),
        ({"remote_id_s": None}, "Remote ID is not broadcast"),
        ({"remote_id_s": 98.5}, "Remote ID is 1.5 s old"),
        ({"station": False}, "there is no link to the station"),
        ({"autopilot": False}, "there is no autopilot"),
        ({"missing": ("ATTITUDE",)}, "the autopilot does not send ATTITUDE"),
        ({"parameters_wrong": ("set FENCE_ENABLE to 1",)}, "set FENCE_ENABLE to 1"),
        ({"parameters_read": False}, "the autopilot's parameters have not been read"),
        ({"can_arm": False}, "the autopilot does not let itself be armed"),
        ({"ill": ("GPS", "battery")}, "not well: GPS, battery"),
        ({"landed": None}, "it is not known to stand on the ground"),
        ({"satellites": 5}, "5 satellites, at least 8 needed"),
        ({"satellites": None}, "an unknown number of satellites, at least 8 needed"),
        ({"hdop": 2.5}, "HDOP 2.5, at most 1.6 allowed"),
        ({"accuracy_m": None}, "how accurate the position is, is not known"),
        ({"accuracy_m": 7.0}, "position known to 7.0 m, at most 5 allowed"),
        ({"doubtful": "jumps"}, "the position is doubtful: jumps"),
    ],
)
def test_each_thing_that_is_not_well_is_one_reason(changes, says):
    assert reasons(**changes) == (says,)


def test_every_reason_is_named_at_once():
    told = reasons(
        weather=None, needed_j=None, remote_id_s=None, station=False, landed=False, satellites=0
    )
    assert len(told) == 5 + 5
    assert any("temperature" in reason for reason in told)


class TestHysteresis:
    def test_a4_weather_that_was_too_much_must_be_clearly_less_for_a_while(self):
        hold = WeatherHold()
        held_until = []
        for second in range(600):
            # 9.2 for a minute, then 8.5: allowed, but not clearly; from 300 on it is.
            wind_mps = 9.2 if second < 60 else 8.5 if second < 300 else 7.5
            ready = replace(READY, now_s=float(second), remote_id_s=float(second))
            ready = replace(ready, weather=weather(wind_mps=wind_mps))
            told, hold = look(ready, FIGURES, hold)
            if told:
                held_until.append(second)
        assert held_until == list(range(int(300 + CALM_FOR_S)))

    def test_a4_a_gust_begins_the_wait_anew(self):
        hold = WeatherHold(held=True, calm_since_s=0.0)
        ready = replace(READY, weather=weather(gust_mps=20.0))
        _, hold = look(ready, FIGURES, hold)
        assert hold == WeatherHold(held=True)

    def test_a_clock_that_began_anew_waits_again(self):
        hold = WeatherHold(held=True, calm_since_s=5000.0)
        told, after = look(READY, FIGURES, hold)
        assert told == ("the weather must stay good for another 120 s",)
        assert after.calm_since_s == READY.now_s

    @given(st.lists(st.floats(0, 20), min_size=1, max_size=60))
    def test_it_never_sets_out_above_a_limit(self, winds):
        hold = WeatherHold()
        for second, wind_mps in enumerate(winds):
            now_s = second * 30.0
            ready = replace(READY, now_s=now_s, remote_id_s=now_s)
            told, hold = look(replace(ready, weather=weather(wind_mps=wind_mps)), FIGURES, hold)
            assert told or wind_mps <= FIGURES.most_wind_mps


def test_a_leg_that_is_held_back_says_so_at_once_and_then_once_a_minute():
    told, said = Told(), []
    for tick in range(1200):  # ten minutes of looks, and figures that never stay the same
        now_s = 100.0 + tick / 2
        reasons = (f"Remote ID is {tick % 7}.{tick % 3} s old",)
        if tick >= 100:
            reasons += ("there is no autopilot",)
        if (after := tell(told, reasons, now_s)) is not None:
            told = after
            said.append(now_s)
    assert said == [100.0, *(150.0 + 60.0 * number for number in range(10))]
    assert tell(told, ("Remote ID is 9.9 s old",), 3.0) is not None  # another start's clock
    many = Told(tuple(f"reason {'x' * n}" for n in range(50)), 10.0)
    assert tell(many, ("something else",), 12.0) is None
