"""The estimator with wheels and gyro: outages, lies, and readings that are none."""

import copy
import itertools
import math
from datetime import timedelta
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.messages.geo import Place
from edge.messages.readings import (
    DeviceSilent,
    GnssFix,
    GnssNoFix,
    InertialSample,
    WheelSpeed,
)
from edge.position.driving import SCALE_REACH
from edge.position.estimator import Estimator
from tests.edge.position.fixes import FRAME, HOME, START_UTC, fix_at, off_m

LATENCY_S = 0.1
GYRO_BIAS_DPS = 2.0


def way(seconds, speed_mps=15.0, turn_dps=0.0, turns_at=(1e9, 1e9)):
    """Yield tenths of seconds of a drive to the east: instant, east, north, heading."""
    east_m, north_m, heading_deg = 0.0, 0.0, 90.0
    for tenth in range(int(seconds * 10)):
        at_s = tenth / 10
        yield at_s, east_m, north_m, heading_deg
        heading_deg += turn_dps * 0.1 if turns_at[0] <= at_s < turns_at[1] else 0.0
        east_m += 0.1 * speed_mps * math.sin(math.radians(heading_deg))
        north_m += 0.1 * speed_mps * math.cos(math.radians(heading_deg))


def drive(
    seconds, speed_mps=15.0, *, scale=1.0, turn_dps=0.0, turns_at=(1e9, 1e9), gyro=True, **fixes
):
    """Readings of a drive: fixes at 1 Hz that are 0.1 s old, wheels and gyro at 10 Hz."""
    before = (0.0, 0.0)
    for at_s, east_m, north_m, heading_deg in way(seconds, speed_mps, turn_dps, turns_at):
        turning = turns_at[0] <= at_s < turns_at[1]
        if gyro:
            rate_dps = (turn_dps if turning else 0.0) + GYRO_BIAS_DPS
            yield InertialSample(received_s=at_s, turn_dps=rate_dps)
        yield WheelSpeed(received_s=at_s, speed_mps=speed_mps / scale)
        if round(at_s * 10) % 10 == 0:
            yield fix_at(
                at_s, *before, speed_mps=speed_mps, course_deg=heading_deg % 360, **fixes
            )
        before = (east_m, north_m)


def true_at(seconds, *args):
    return list(way(seconds + 0.05, *args))[-1]


def fed(readings, latency_s=LATENCY_S):
    estimator = Estimator(latency_s)
    return estimator, [
        (reading, state) for reading in readings if (state := estimator.take(reading))
    ]


def without_fixes(readings, from_s, until_s=1e9):
    return [
        reading
        for reading in readings
        if not (isinstance(reading, GnssFix) and from_s <= reading.received_s < until_s)
    ]


def test_a_fix_is_moved_on_by_its_age():
    estimator, _ = fed(drive(40))
    assert off_m(estimator.state(39.9).place, 39.9 * 15.0) < 0.3
    late, _ = fed(drive(40), latency_s=0.0)
    assert off_m(late.state(39.9).place, 39.9 * 15.0) > 1.0


def test_wheels_that_count_wrong_are_learnt():
    estimator, _ = fed(drive(60, scale=1.05))
    assert estimator._driving.scale == pytest.approx(1.05, abs=0.02)
    assert estimator.state(59.9).speed_mps == pytest.approx(15.0, abs=0.3)


def test_a_scale_that_no_wheel_has_is_not_learnt():
    estimator, _ = fed(drive(30, scale=1.0 + 1.5 * SCALE_REACH))
    assert estimator._driving.scale == 1.0


def test_an_outage_with_a_corner_is_driven_through():
    bend = {"turn_dps": 15.0, "turns_at": (70.0, 76.0)}
    estimator, states = fed(without_fixes(drive(90, **bend), 60.0))
    _, east_m, north_m, heading_deg = true_at(89.9, 15.0, 15.0, (70.0, 76.0))
    last = estimator.state(89.9)
    assert last.fix == "dead_reckoning"
    assert last.doubtful == ""
    assert off_m(last.place, east_m, north_m) < min(10.0, last.accuracy_m)
    assert last.heading_deg == pytest.approx(heading_deg, abs=3)
    blind = [state for reading, state in states if reading.received_s > 64]
    assert 20 <= len(blind) <= 30  # a state every second, not for every sample
    grown = [state.accuracy_m for state in blind]
    assert grown == sorted(grown)


def test_in_a_long_outage_it_says_in_the_end_that_it_does_not_know():
    estimator, states = fed(without_fixes(drive(400, gyro=False), 60.0))
    assert states[-1][1].fix == "none"
    assert states[-1][1].doubtful.startswith("known to ")
    assert estimator.state(400.0).place is None


def test_an_outage_at_rest_costs_nothing():
    stand = [WheelSpeed(received_s=60 + n / 10, speed_mps=0.0) for n in range(3000)]
    estimator, _ = fed([*drive(60), *stand])
    state = estimator.state(359.9)
    assert state.fix == "dead_reckoning"
    assert state.speed_mps == 0.0
    assert off_m(state.place, 59.9 * 15.0) < 2.5
    assert state.accuracy_m < 20


def test_at_a_bad_fix_after_an_outage_it_begins_on_nothing():
    readings = without_fixes(drive(80), 40.0, 70.0)
    bad = next(
        n for n, r in enumerate(readings) if isinstance(r, GnssFix) and r.received_s >= 70
    )
    fix = readings[bad]
    readings[bad] = msgspec.structs.replace(fix, lat_deg=fix.lat_deg + 0.0004)  # 44 m
    for reading, state in fed(readings)[1]:
        if reading.received_s >= 69:
            assert off_m(state.place, 15.0 * reading.received_s) < 12


def test_a_single_sound_fix_after_an_outage_waits_for_a_second():
    readings = without_fixes(drive(80), 40.0, 70.0)
    states = {
        reading.received_s: state
        for reading, state in fed(readings)[1]
        if isinstance(reading, GnssFix)
    }
    assert [states[at_s].fix for at_s in (70.0, 71.0)] == ["dead_reckoning", "gnss"]


def test_no_fix_and_silence_are_no_reason_to_doubt_while_wheels_are_heard():
    estimator, _ = fed(drive(60))
    state = estimator.take(GnssNoFix(received_s=60.0))
    assert (state.fix, state.doubtful) == ("gnss", "")
    state = estimator.take(
        DeviceSilent(received_s=60.1, device="gnss", silent_s=2.5, why="no data")
    )
    assert state.doubtful == ""
    assert estimator.take(DeviceSilent(received_s=60.1, device="obd", silent_s=3.0)) is None


def test_wheels_that_fall_silent_hand_over_to_the_fixes():
    readings = [
        reading
        for reading in drive(60)
        if isinstance(reading, GnssFix) or reading.received_s < 40
    ]
    _, states = fed(readings)
    for reading, state in states:
        if reading.received_s >= 2:
            assert state.fix == "gnss"
            assert off_m(state.place, 15.0 * reading.received_s) < 4


def test_wheels_that_fall_silent_in_an_outage_leave_nothing_known():
    readings = [r for r in without_fixes(drive(60), 40.0) if r.received_s < 50]
    estimator, _ = fed(readings)
    assert estimator.state(50.0).fix == "dead_reckoning"
    assert estimator.state(53.0).fix == "none"
    estimator.take(InertialSample(received_s=55.0, turn_dps=0.0))
    assert "wheels are silent" in estimator.state(55.0).doubtful


def test_a_receiver_that_stands_while_the_wheels_roll_is_doubted_and_not_followed():
    frozen = [
        fix_at(r.received_s, 59.9 * 15.0, speed_mps=0.0)
        if isinstance(r, GnssFix) and r.received_s >= 60
        else r
        for r in drive(76)
    ]
    _, states = fed(frozen)
    assert any("the wheels 15" in state.doubtful for _, state in states)
    late = [(r, s) for r, s in states if r.received_s > 64]
    assert all(s.doubtful and off_m(s.place, 15.0 * r.received_s) < 20 for r, s in late)


def test_towed_with_wheels_at_rest_it_follows_the_fixes_in_the_end():
    stand = [WheelSpeed(received_s=60 + n / 10, speed_mps=0.0) for n in range(600)]
    towed = [
        fix_at(60 + n, 59.9 * 15 + 5.0 * n, speed_mps=5.0, course_deg=90.0) for n in range(60)
    ]
    readings = [*drive(60), *sorted([*stand, *towed], key=lambda r: r.received_s)]
    estimator, _ = fed(readings)
    assert off_m(estimator.state(119.0).place, 59.9 * 15 + 5.0 * 59) < 5


def test_backwards_it_points_forwards():
    readings = []
    for reading in drive(40, 4.0, gyro=False):
        if isinstance(reading, WheelSpeed):
            readings.append(msgspec.structs.replace(reading, speed_mps=-reading.speed_mps))
        else:
            readings.append(reading)
    estimator, _ = fed(readings)
    state = estimator.state(39.9)
    assert state.heading_deg == pytest.approx(270.0, abs=1)
    assert state.speed_mps == pytest.approx(4.0, abs=0.2)
    assert off_m(state.place, 4.0 * 39.9) < 1


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_readings_of_one_instant_matters_little(rng):
    shuffled = []
    for _, group in itertools.groupby(drive(30), key=lambda reading: reading.received_s):
        held = list(group)
        rng.shuffle(held)
        shuffled += held
    one, other = fed(drive(30))[0].state(29.9), fed(shuffled)[0].state(29.9)
    assert off_m(one.place, 29.9 * 15.0) < 0.5
    assert off_m(other.place, 29.9 * 15.0) < 0.5
    assert other.accuracy_m == pytest.approx(one.accuracy_m, rel=0.05)


NASTY = st.sampled_from([0.0, -1.0, 1e300, -1e300, math.nan, math.inf, 1e12, 3.0])
NUMBERS = st.one_of(st.floats(-200, 200), NASTY)
STEPS = st.one_of(st.floats(-3, 8), st.sampled_from([0.0, 0.1, 1e9, -1e9, math.nan, math.inf]))
READINGS = st.lists(
    st.one_of(
        st.builds(lambda step, a, b: (step, "wheel", a, b), STEPS, NUMBERS, NUMBERS),
        st.builds(lambda step, a: (step, "turn", a), STEPS, NUMBERS),
        st.builds(
            lambda step, *told: (step, "fix", *told),
            STEPS,
            *[NUMBERS] * 5,
            st.none() | st.integers(-(10**9), 10**9),
        ),
    ),
    max_size=40,
)


def reading_of(row, at_s):
    match row:
        case (_, "wheel", speed, sigma):
            return WheelSpeed(received_s=at_s, speed_mps=speed, sigma_mps=sigma)
        case (_, "turn", turn):
            return InertialSample(received_s=at_s, turn_dps=turn)
        case (_, "fix", north, east, speed, course, accuracy, utc):
            return GnssFix(
                received_s=at_s,
                lat_deg=HOME.lat_deg + north / 1e5,
                lon_deg=HOME.lon_deg + east / 1e5,
                speed_mps=speed,
                course_deg=course,
                accuracy_m=accuracy,
                utc=None if utc is None else START_UTC + timedelta(seconds=utc / 10),
            )
    raise AssertionError(row)


def assert_whole(state):
    """Known and in range, or unknown: nothing is worse than unknown."""
    assert (state.fix == "none") == (state.place is None)
    if state.place is None:
        assert state.accuracy_m is None
        assert state.doubtful
        return
    assert 0 <= state.accuracy_m <= 50
    assert 0 <= state.speed_mps <= 120
    assert 0 <= state.speed_accuracy_mps <= 120
    assert state.heading_deg is None or 0 <= state.heading_deg <= 360
    msgspec.convert(msgspec.to_builtins(state.place), Place)


@cache
def begun():
    return fed(drive(12))[0]


def throw(rows):
    estimator, now_s = copy.deepcopy(begun()), 12.0
    for row in rows:
        at_s = now_s + row[0]
        now_s = at_s if math.isfinite(at_s) and abs(at_s) < 1e10 else now_s
        state = estimator.take(reading_of(row, at_s))
        if state is not None:
            assert_whole(state)
        assert_whole(estimator.state(now_s))
    return estimator, now_s


@given(READINGS)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_a_state_is_whole_or_unknown(rows):
    throw(rows)


@pytest.mark.fuzz
@given(READINGS)
@settings(max_examples=10_000, deadline=None)
def test_whatever_comes_for_long_a_state_is_whole_or_unknown(rows):
    throw(rows)


@given(READINGS)
@settings(max_examples=30, deadline=None)
def test_after_whatever_came_sound_fixes_are_believed_again(rows):
    estimator, now_s = throw(rows)
    begins_s = max(now_s, 0.0) + 60
    for n in range(40):
        utc = START_UTC + timedelta(days=400, seconds=n)
        estimator.take(fix_at(begins_s + n, 10.0 * n, speed_mps=10.0, course_deg=90.0, utc=utc))
    state = estimator.state(begins_s + 39)
    assert state.fix == "gnss"
    assert off_m(state.place, 390.0) < 3


def test_the_drive_of_these_tests_stays_near_home():
    assert FRAME.to_enu_m(HOME.lat_deg, HOME.lon_deg) == (0.0, 0.0)
    assert true_at(10)[1] == pytest.approx(150.0, abs=1.6)
