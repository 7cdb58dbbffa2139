"""A road is crossed at mapped places, with a permission that lasts."""

import pytest

from edge.guard.bounds import Crossing
from edge.guard.guard import Guard
from edge.guard.question import Memory
from edge.guard.rules.pavement import crossing as crossings
from edge.guard.truth import Permission
from edge.messages.machines.cleared import Passed, Refused, SafeStop
from tests.edge.guard.scene import (
    NOW_S,
    ask,
    box,
    crossing,
    go,
    here,
    move,
    robot_bounds,
    robot_truth,
)

ROAD, SLOW = crossing()
BOUNDS = robot_bounds(crossings=(ROAD,), slow=(SLOW,))


def allowed_for(seconds, source="signal", crossing_id="X"):
    return (Permission(crossing_id, source, NOW_S + seconds),)


@pytest.mark.parametrize(
    ("permissions", "why"),
    [
        ((), "no permission for X"),
        (allowed_for(0.0), "no permission for X"),
        (allowed_for(99.0, crossing_id="Y"), "no permission for X"),
        # 6 m at 1.8 m/s and two seconds more.
        (allowed_for(5.3), "5 s are left of the permission for X, 5 needed"),
        (allowed_for(5.4), None),
        (allowed_for(5.4, "gap"), None),
        (allowed_for(1.0) + allowed_for(9.0, "human"), None),
    ],
)
@pytest.mark.parametrize("command", [move(1.0), go(30.0, 0.0)])
def test_s3_it_crosses_only_with_a_permission_that_lasts(permissions, why, command):
    truth = robot_truth(whereabouts=here(18.0), permissions=permissions)
    verdict = Guard(BOUNDS).judge(command, truth, NOW_S)
    assert isinstance(verdict, Refused if why else Passed)
    if why:
        assert (verdict.reason, verdict.why) == ("crossing", why)


def test_s3_a_crossing_is_met_as_soon_as_it_could_roll_onto_it():
    # 1.35 m of margin; 1.0 m/s for 0.7 s and a third of a metre of braking.
    for east_m, fine in ((17.6, True), (17.63, False)):
        question = ask(BOUNDS, robot_truth(whereabouts=here(east_m)), move(1.0))
        assert (crossings.permitted(question) is None) == fine
        assert (crossings.entered(question) == frozenset()) == fine


def test_s3_half_way_it_goes_on_without_a_permission():
    guard = Guard(BOUNDS)
    truth = robot_truth(whereabouts=here(18.0), permissions=allowed_for(6.0))
    assert isinstance(guard.judge(move(1.0), truth, NOW_S), Passed)
    assert guard.memory.crossings == {"X"}
    on_it = robot_truth(whereabouts=here(22.0, velocity=(1.0, 0.0, 0.0)))
    assert guard.watch(on_it, NOW_S) is None
    assert isinstance(guard.judge(move(1.0, number=2), on_it, NOW_S), Passed)
    beyond = robot_truth(whereabouts=here(27.4))
    guard.watch(beyond, NOW_S)
    assert guard.memory.crossings == frozenset()
    assert guard.judge(move(-1.0, number=3), beyond, NOW_S).reason == "crossing"
    assert isinstance(guard.judge(move(1.0, number=4), beyond, NOW_S), Passed)


def test_s3_a_permission_that_ended_before_the_kerb_is_gone():
    guard = Guard(BOUNDS, Memory(crossings=frozenset({"X"})))
    waiting = robot_truth(whereabouts=here(17.0))
    kept = ask(BOUNDS, robot_truth(permissions=allowed_for(3.0)), None, guard.memory)
    assert crossings.still_on(kept) == {"X"}
    lost = ask(BOUNDS, robot_truth(whereabouts=None), None, guard.memory)
    assert crossings.still_on(lost) == {"X"}
    guard.watch(waiting, NOW_S)
    assert guard.memory.crossings == frozenset()


def test_s3_rolling_onto_a_crossing_it_was_not_let_onto_stops_it():
    # 1.0 m/s: 0.2 m and a third of a metre, and 1.35 m of margin.
    for east_m, stopped in ((18.1, False), (18.13, True)):
        rolling = robot_truth(whereabouts=here(east_m, velocity=(1.0, 0.0, 0.0)))
        stop = Guard(BOUNDS).watch(rolling, NOW_S)
        assert isinstance(stop, SafeStop) == stopped
    assert (stop.reason, stop.why) == ("crossing", "it was not let onto X")
    let = Guard(BOUNDS, Memory(crossings=frozenset({"X"})))
    fine = robot_truth(
        whereabouts=here(18.5, velocity=(1.0, 0.0, 0.0)), permissions=allowed_for(2.0)
    )
    assert let.watch(fine, NOW_S) is None


def test_s3_it_may_always_leave_the_kerb_backwards():
    near = robot_truth(whereabouts=here(19.0))
    assert isinstance(Guard(BOUNDS).judge(move(-1.0), near, NOW_S), Passed)
    assert isinstance(Guard(BOUNDS).judge(go(0.0, 0.0), near, NOW_S), Passed)
    assert Guard(BOUNDS).judge(move(0.2), near, NOW_S).reason == "crossing"
    assert isinstance(Guard(BOUNDS).judge(move(0.0), near, NOW_S), Passed)
    assert Guard(BOUNDS).judge(go(30.0, 0.0), near, NOW_S).reason == "crossing"
    rolling = robot_truth(whereabouts=here(19.0, velocity=(0.5, 0.0, 0.0)))
    assert Guard(BOUNDS).judge(move(-1.0), rolling, NOW_S).reason == "crossing"
    on_it = robot_truth(whereabouts=here(22.0))
    assert Guard(BOUNDS).judge(move(-1.0), on_it, NOW_S).reason == "crossing"


def test_s3_two_roads_with_an_island_are_two_crossings():
    second = Crossing("Y", box(26.5, -5.0, 32.0, 5.0), 5.5)
    bounds = robot_bounds(crossings=(ROAD, second))
    truth = robot_truth(whereabouts=here(25.0), permissions=allowed_for(9.0, crossing_id="Y"))
    guard = Guard(bounds, Memory(crossings=frozenset({"X"})))
    assert isinstance(guard.judge(move(1.0), truth, NOW_S), Passed)
    assert guard.memory.crossings == {"X", "Y"}
    fresh = Guard(bounds, Memory(crossings=frozenset({"X"})))
    alone = robot_truth(whereabouts=here(25.0))
    assert fresh.judge(move(1.0), alone, NOW_S).why == "no permission for Y"


@pytest.mark.parametrize(
    ("waited_s", "tries", "expected"),
    [(0.0, 0, "wait"), (89.9, 9, "wait"), (90.0, 0, "back_off"), (90.0, 2, "back_off"),
     (90.0, 3, "round")],
)  # fmt: skip
def test_s3_waiting_is_bounded(waited_s, tries, expected):
    assert crossings.what_now(NOW_S, NOW_S + waited_s, tries) == expected
