import math

import pytest

from edge.position.estimator import Estimator
from edge.position.signs import Signs, Told
from tests.edge.position.fixes import eastward, fix_at


def said(rows):
    """Feed (second, east, velocity east, course, gyro); return the last word."""
    signs, word = Signs(), ""
    for at_s, east_m, east_mps, course_deg, turned_deg in rows:
        word = signs.take(Told(at_s, (east_m, 0.0), (east_mps, 0.0), course_deg, turned_deg))
    return word


def test_a_drive_as_it_is_told_is_no_sign():
    assert said([(n, 10.0 * n, 10.0, 90.0, 0.0) for n in range(20)]) == ""


def test_places_that_run_away_from_the_speed_are_one():
    word = said([(n, 20.0 * n, 0.0, None, None) for n in range(10)])
    assert word == "it moved 100 m, its speed says 0 m"


def test_a_course_across_the_way_is_one():
    signs, word = Signs(), ""
    for n in range(10):
        word = signs.take(Told(float(n), (15.0 * n, 0.0), (0.0, 15.0), 0.0, None))
    assert word == "its course is not the way it moved"


def test_a_course_that_turns_where_the_gyro_does_not_is_one():
    signs, word, place_m = Signs(), "", (0.0, 0.0)
    for n in range(10):
        course_rad = math.radians(20.0 * n)
        velocity = 6 * math.sin(course_rad), 6 * math.cos(course_rad)
        word = signs.take(Told(float(n), place_m, velocity, 20.0 * n, 0.0))
        place_m = place_m[0] + velocity[0], place_m[1] + velocity[1]
    assert word == "its course turned 100 degrees otherwise than the gyro"


def test_a_window_forgets_what_is_old():
    rows = [(float(n), 20.0 * n, 0.0, None, None) for n in range(10)]
    calm = [(10.0 + n, 180.0, 0.0, None, None) for n in range(10)]
    assert said(rows) != ""
    assert said(rows + calm) == ""


def test_equal_times_prove_nothing():
    assert said([(1.0, 500.0 * n, 0.0, None, None) for n in range(5)]) == ""


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ({"satellites": 14}, {"satellites": 5}, "from 14 to 5 satellites at once"),
        ({"satellites": 5}, {"satellites": 14}, "from 5 to 14 satellites at once"),
        ({"satellites": 14}, {"satellites": 11}, ""),
        ({"satellites": 4}, {"satellites": 1}, ""),
        ({"hdop": 0.9}, {"hdop": 3.4}, "HDOP from 0.9 to 3.4 at once"),
        ({"hdop": 0.5}, {"hdop": 1.4}, ""),
        ({"satellites": 14}, {}, ""),
        ({}, {"hdop": 9.0}, ""),
    ],
)
def test_a_sky_that_changes_at_once_is_named(before, after, word):
    signs = Signs()
    assert signs.sky_changed(fix_at(0, **before)) == ""
    assert signs.sky_changed(fix_at(1, **after)) == word


def test_wheels_that_differ_for_three_seconds_are_named():
    signs = Signs()
    words = [signs.wheels_against(fix_at(n, speed_mps=20.0), 5.0) for n in range(5)]
    assert words == ["", "", "", *["the receiver says 20 m/s, the wheels 5"] * 2]
    assert signs.wheels_against(fix_at(5, speed_mps=5.5), 5.0) == ""
    assert signs.wheels_against(fix_at(6, speed_mps=20.0), None) == ""
    assert signs.wheels_against(fix_at(7, speed_mps=20.0), -19.0) == ""


def test_under_a_changed_sky_the_gate_is_narrower():
    def refused(satellites):
        fixes = eastward(20, satellites=14)
        aside = fix_at(20, 200.0, 8.5, speed_mps=10.0, course_deg=90.0, satellites=satellites)
        estimator = Estimator()
        return [estimator.take(fix) for fix in [*fixes, aside]][-1].doubtful

    assert refused(14) == ""
    assert "from 14 to 5 satellites at once" in refused(5)


def test_a_clock_that_is_moved_makes_the_position_doubtful():
    estimator = Estimator()
    for fix in eastward(20):
        estimator.take(fix)
    moved = fix_at(20, 200.0, speed_mps=10.0, course_deg=90.0, utc=fix_at(3600).utc)
    assert estimator.take(moved).doubtful == "the receiver's clock moved by 3580 s"


def test_a_place_that_is_dragged_off_is_doubted():
    """20 m/s told, 28 m/s moved: within the gate each second, but not for long."""
    estimator, states = Estimator(), []
    for n in range(40):
        told = fix_at(n, 10.0 * n + max(0, n - 20) * 9.0, speed_mps=10.0, course_deg=90.0)
        states.append(estimator.take(told))
    assert all(not state.doubtful for state in states[1:20])
    assert any(state.doubtful for state in states[21:28])
