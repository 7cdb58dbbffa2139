import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.messages.readings import DeviceBack, DeviceSilent, GnssNoFix
from edge.position.estimator import GAP_S, STALE_S, Estimator
from tests.edge.position.fixes import START_UTC, eastward, fix_at, off_m


def fed(readings):
    """Return the estimator and the state after each reading."""
    estimator = Estimator()
    return estimator, [estimator.take(reading) for reading in readings]


def test_it_knows_nothing_before_two_fixes_agree():
    estimator, (first, second) = fed(eastward(2))
    assert first.fix == "none"
    assert first.place is None
    assert first.doubtful == "waiting for fixes that agree"
    assert second.fix == "gnss"
    assert estimator.state(1.0) == second


def test_it_begins_on_no_single_bad_fix():
    _, states = fed([fix_at(0, 170.0), *eastward(5, start=1)])
    assert [state.fix for state in states[:3]] == ["none", "none", "gnss"]
    assert all(off_m(state.place, 10.0 * n) < 5 for n, state in enumerate(states[2:], 1))


def test_a_steady_drive_is_followed():
    _, states = fed(eastward(30))
    last = states[-1]
    assert off_m(last.place, 290.0) < 0.5
    assert last.speed_mps == pytest.approx(10.0, abs=0.1)
    assert last.heading_deg == pytest.approx(90.0, abs=1)
    assert last.accuracy_m == 4.0
    assert last.doubtful == ""


def test_between_fixes_it_moves_on_for_one_second_and_grows_unsure():
    estimator, _ = fed(eastward(30))
    half, one, two = (estimator.state(29.0 + ahead_s) for ahead_s in (0.5, 1.0, 2.0))
    assert off_m(half.place, 295.0) < 0.5
    assert off_m(one.place, 300.0) < 0.5
    assert two.place == one.place
    assert 4.0 <= half.accuracy_m < one.accuracy_m < two.accuracy_m
    assert off_m(two.place, 310.0) < two.accuracy_m


def test_a_state_older_than_three_seconds_is_none():
    estimator, _ = fed(eastward(30))
    assert estimator.state(29.0 + STALE_S).fix == "gnss"
    stale = estimator.state(29.1 + STALE_S)
    assert (stale.fix, stale.place, stale.accuracy_m) == ("none", None, None)
    assert stale.doubtful == "the last fix is 3 s old"


def test_a_single_jump_is_refused_flagged_and_forgotten():
    fixes = eastward(30)
    fixes[20] = fix_at(20, 200.0, 60.0, speed_mps=10.0, course_deg=90.0)
    _, states = fed(fixes)
    assert states[20].doubtful == "fixes refused: 1 (60 m from where it can be)"
    assert off_m(states[20].place, 200.0) < 2
    assert states[21].doubtful == ""


def test_a_vehicle_that_was_really_moved_is_found_again_after_ten_seconds():
    here, there = eastward(30), [fix_at(second, 5000.0) for second in range(30, 50)]
    _, states = fed(here + there)
    assert states[31].doubtful.startswith("fixes refused: 2 ")
    assert off_m(states[38].place, 5000.0) > 1000
    assert off_m(states[39].place, 5000.0) < 5
    assert states[39].doubtful == ""


def test_fixes_that_never_agree_again_end_in_not_knowing():
    wild = [
        fix_at(second, 3000.0 * (second % 3), 900.0 * (second % 5)) for second in range(30, 60)
    ]
    _, states = fed(eastward(30) + wild)
    assert states[-1].fix == "none"
    assert "refused" in states[-1].doubtful


def test_velocity_comes_before_position_so_that_a_turn_is_no_jump():
    """Ninety degrees within one second at 15 m/s, and on."""
    east = eastward(20, 15.0)
    north = [
        fix_at(20 + n, 285.0, 15.0 * n, speed_mps=15.0, course_deg=0.0) for n in range(1, 10)
    ]
    _, states = fed(east + north)
    assert all(state.doubtful == "" for state in states[1:])


def test_after_a_gap_it_begins_anew():
    fixes = eastward(10) + [fix_at(60 + n, 900.0) for n in range(3)]
    _, states = fed(fixes)
    assert states[10].fix == "none"
    assert off_m(states[11].place, 900.0) < 1


def test_a_gap_of_two_epochs_is_bridged():
    fixes = [fix for fix in eastward(20) if fix.received_s not in (10.0, 11.0)]
    _, states = fed(fixes)
    assert GAP_S > 3.0
    assert all(state.fix == "gnss" for state in states[1:])


def test_the_receivers_clock_times_fixes_better_than_their_arrival():
    late = {second: second + (0.4 if second % 2 else 0.0) for second in range(40)}
    fixes = eastward(40, 30.0)
    jittered = [
        fix_at(second, 30.0 * second, speed_mps=30.0, course_deg=90.0, received_s=late[second])
        for second in range(40)
    ]
    for straight, jittery in zip(fed(fixes)[1][1:], fed(jittered)[1][1:], strict=True):
        assert straight.place == jittery.place


def test_a_fix_without_utc_or_speed_will_do():
    fixes = [fix_at(n, 10.0 * n, speed_mps=None, utc=None) for n in range(30)]
    _, states = fed(fixes)
    assert [state.fix for state in states[:3]] == ["none", "none", "gnss"]
    assert off_m(states[-1].place, 290.0) < 2
    assert states[-1].speed_mps == pytest.approx(10.0, abs=1)


def test_an_accuracy_that_is_unknown_is_not_called_good():
    _, states = fed(eastward(5, accuracy_m=None, accuracy_from="unknown"))
    assert states[-1].accuracy_m == 10.0


def test_fixes_of_bad_accuracy_leave_the_place_unknown():
    _, states = fed(eastward(10) + eastward(10, start=10, accuracy_m=80.0))
    assert states[10].fix == "gnss"
    assert states[14].fix == "none"
    assert "accuracy only 80 m" in states[14].doubtful


def test_standing_it_holds_its_place_and_heading():
    drive = eastward(20)
    wobble = [(0.9, 0.3), (-0.5, 0.8), (0.2, -0.9), (-0.8, -0.4)]
    stand = [
        fix_at(20 + n, 190.0 + wobble[n % 4][0], wobble[n % 4][1], speed_mps=0.1)
        for n in range(60)
    ]
    _, states = fed(drive + stand)
    held = states[30:]
    assert all(state.speed_mps == 0.0 for state in held)
    assert {round(state.heading_deg, 6) for state in held} == {round(states[30].heading_deg, 6)}
    assert max(off_m(state.place, 190.0) for state in held) < 1.0


def test_driving_off_it_lets_go_at_once():
    stand = [fix_at(n, speed_mps=0.0) for n in range(20)]
    leave = [
        fix_at(20 + n, 2.0 * n * n / 2, speed_mps=2.0 * n, course_deg=90.0) for n in range(1, 8)
    ]
    _, states = fed(stand + leave)
    for n, state in enumerate(states[21:], 2):
        assert off_m(state.place, 2.0 * n * n / 2) < 3


def test_driving_off_while_fixes_are_refused_lets_go_too():
    stand = [fix_at(n) for n in range(20)]
    jumped = [
        fix_at(20 + n, 10.0 * n, 40.0, speed_mps=10.0, course_deg=90.0) for n in range(1, 8)
    ]
    _, states = fed(stand + jumped)
    assert off_m(states[-1].place, 70.0) < 10


def test_no_fix_and_silence_are_named_and_nothing_is_invented():
    estimator, _ = fed(eastward(10))
    state = estimator.take(GnssNoFix(received_s=10.0))
    assert state.doubtful == "the receiver has no fix"
    assert state.fix == "gnss"
    state = estimator.take(
        DeviceSilent(received_s=12.5, device="gnss", silent_s=2.5, why="no data")
    )
    assert state.doubtful == "the receiver is silent: no data"
    assert estimator.state(13.0).fix == "none"
    assert estimator.take(DeviceBack(received_s=14.0, device="gnss")) is None


def test_far_from_where_it_began_metres_are_still_metres():
    """300 km to the north: the frame moves along."""
    fixes = [
        fix_at(n, 0.0, 0.0, speed_mps=100.0, course_deg=0.0, lat_deg=47.4 + 0.0008996 * n)
        for n in range(3000)
    ]
    _, states = fed(fixes)
    assert all(state.doubtful == "" for state in states[1:])
    assert states[-1].place.lat_deg == pytest.approx(fixes[-1].lat_deg, abs=2e-6)


def test_over_the_date_line_nothing_jumps():
    fixes = [
        fix_at(
            n,
            speed_mps=10.0,
            course_deg=90.0,
            lat_deg=0.0,
            lon_deg=(179.999 + 10.0 * n / 111_319.49 + 180) % 360 - 180,
        )
        for n in range(30)
    ]
    _, states = fed(fixes)
    assert all(state.doubtful == "" for state in states[1:])
    assert states[-1].place.lon_deg < -179


READINGS = st.lists(
    st.builds(
        lambda step, east, north, speed, course, accuracy, utc: (
            step,
            fix_at(
                0,
                east,
                north,
                speed_mps=speed,
                course_deg=course,
                accuracy_m=accuracy,
                utc=START_UTC if utc else None,
            ),
        ),
        st.floats(0, 5),
        st.floats(-300, 300),
        st.floats(-300, 300),
        st.none() | st.floats(0, 120),
        st.none() | st.floats(0, 360),
        st.none() | st.floats(0.001, 100),
        st.booleans(),
    ),
    max_size=40,
)


@given(READINGS)
def test_whatever_comes_a_state_is_whole_and_in_range(steps):
    estimator, now_s = Estimator(), 0.0
    for step_s, fix in steps:
        now_s += step_s
        state = estimator.take(msgspec.structs.replace(fix, received_s=now_s))
        for told in (state, estimator.state(now_s + 1.7)):
            assert (told.fix == "none") == (told.place is None)
            if told.place is not None:
                assert 0 < told.accuracy_m <= 50
                assert told.speed_mps >= 0
                assert told.heading_deg is None or 0 <= told.heading_deg < 360
                assert abs(told.place.lat_deg) <= 90
                assert abs(told.place.lon_deg) <= 180
