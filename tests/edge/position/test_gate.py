import math

import pytest

from edge.position.filter import MotionFilter
from edge.position.gate import Accepted, Entry, Rejected, measure, near, sound, velocity_enu_mps
from tests.edge.position.fixes import FRAME, eastward, fix_at


def offered(fixes):
    entry = Entry()
    return [entry.offer(measure(fix, FRAME, fix.received_s)) for fix in fixes]


def test_two_fixes_that_moved_as_they_said_are_enough():
    assert offered(eastward(2)) == [False, True]
    assert offered([fix_at(0), fix_at(1)]) == [False, True]


def test_a_jump_between_two_fixes_is_no_beginning():
    jumped = [fix_at(0), fix_at(1, 80.0), fix_at(2), fix_at(3)]
    assert offered(jumped) == [False, False, False, True]


def test_without_speeds_three_on_a_line_are_needed():
    unknown = {"speed_mps": None}
    steady = [fix_at(second, 10.0 * second, **unknown) for second in range(3)]
    assert offered(steady) == [False, False, True]
    bent = [fix_at(0, **unknown), fix_at(1, 10.0, **unknown), fix_at(2, 20.0, 60.0, **unknown)]
    assert offered(bent) == [False, False, False]


def test_fixes_of_one_instant_prove_nothing():
    assert offered([fix_at(0), fix_at(0), fix_at(0), fix_at(0)]) == [False] * 4


def test_the_velocity_needs_a_course_unless_it_stands():
    east, north = velocity_enu_mps(fix_at(0, speed_mps=10.0, course_deg=90.0))
    assert (east, north) == (10.0, pytest.approx(0, abs=1e-9))
    assert velocity_enu_mps(fix_at(0, speed_mps=10.0)) is None
    assert velocity_enu_mps(fix_at(0, speed_mps=0.4)) == (0.0, 0.0)
    assert velocity_enu_mps(fix_at(0, speed_mps=None, course_deg=90.0)) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lat_deg": math.nan}, "latitude"),
        ({"lon_deg": 181.0}, "longitude"),
        ({"accuracy_m": 51.0}, "accuracy only 51 m"),
        ({"accuracy_m": math.nan}, "accuracy"),
    ],
)
def test_a_fix_that_is_none_is_rejected_with_a_reason(changes, reason):
    verdict = sound(fix_at(0, **changes))
    assert isinstance(verdict, Rejected)
    assert reason in verdict.reason


def test_the_gate_stands_at_five_sigma():
    motion = MotionFilter((0.0, 0.0), 3.0, (0.0, 0.0), 1.0)
    inside = measure(fix_at(0, 24.9, accuracy_m=4.0 * 2.4477), FRAME, 0.0)
    outside = measure(fix_at(0, 25.1, accuracy_m=4.0 * 2.4477), FRAME, 0.0)
    assert near(motion, inside) == Accepted()
    assert near(motion, outside) == Rejected("25 m from where it can be")
