"""How fast and how high, by kind, law, place and person."""

import math

import pytest

from edge.guard.bounds import SlowArea
from edge.guard.guard import Guard
from edge.guard.question import Memory
from edge.guard.rules.limits import (
    allowed,
    climb,
    descent,
    height,
    not_too_fast,
    speed,
    too_fast,
)
from edge.guard.truth import Assistance
from edge.messages.machines.actuators import FlyPlan, Launch
from edge.messages.machines.cleared import Clipped, Passed, SafeStop
from edge.messages.machines.plans import Climb, Cruise, GoHome, TouchDown, Via
from edge.vehicles.jurisdictions import JURISDICTIONS, MPS_PER_MPH
from tests.edge.guard.scene import (
    HOME,
    NOW_S,
    ask,
    box,
    drone_bounds,
    drone_truth,
    go,
    here,
    lease,
    move,
    place,
    robot_bounds,
    robot_truth,
)


@pytest.mark.parametrize(
    ("law", "footway_mps", "crossing_mps", "shared_mps"),
    [
        ("walking_pace", 1.8, 1.8, 1.0),
        ("6_mph", 2.682, 2.682, 1.4),
        ("10_mph", 4.470, 2.682, 1.8),
        ("12_mph", 5.364, 2.682, 1.8),
    ],
)
def test_s1_the_law_of_the_place_caps_the_speed(law, footway_mps, crossing_mps, shared_mps):
    areas = (
        SlowArea(box(50.0, -5.0, 60.0, 5.0), "crossing"),
        SlowArea(box(-60.0, -5.0, -50.0, 5.0), "shared"),
    )
    bounds = robot_bounds(jurisdiction=JURISDICTIONS[law], slow=areas)
    for east_m, most_mps in ((0.0, footway_mps), (55.0, crossing_mps), (-55.0, shared_mps)):
        truth = robot_truth(whereabouts=here(east_m))
        cap = speed(ask(bounds, truth, move(9.0)))
        assert cap.most == pytest.approx(most_mps, abs=1e-3)
        assert cap.what == "speed_mps"
        verdict = Guard(bounds).judge(move(9.0, north_mps=0.0), truth, NOW_S)
        assert isinstance(verdict, Clipped)
        assert verdict.cleared.command.east_mps <= most_mps + 1e-3


def test_s1_it_slows_down_before_a_slow_area_begins():
    law = JURISDICTIONS["12_mph"]
    bounds = robot_bounds(
        jurisdiction=law, slow=(SlowArea(box(0.0, -50.0, 90.0, 50.0), "shared"),)
    )
    for left_m in (0.01, 0.5, 2.0, 5.0, 9.0):
        question = ask(bounds, robot_truth(whereabouts=here(-left_m - 1.35)), move(9.0))
        most_mps, why = allowed(question)
        # As fast as it may be, it is at the area's speed where the area begins.
        goes_m = most_mps * 0.7 + (most_mps**2 - law.shared_mps**2) / (2 * 1.5)
        if most_mps > law.shared_mps:
            assert goes_m == pytest.approx(left_m, abs=1e-6)
            assert why == "before a shared area"
        else:
            assert goes_m >= left_m
    at_the_edge = ask(bounds, robot_truth(whereabouts=here(-1.35)), move(9.0))
    assert allowed(at_the_edge)[0] == law.shared_mps
    far = ask(bounds, robot_truth(whereabouts=here(-60.0)), move(9.0))
    assert allowed(far) == (pytest.approx(12 * MPS_PER_MPH), "by the law of 12_mph")


def test_a_drone_knows_no_law_of_the_footway():
    bounds = drone_bounds(slow=(SlowArea(box(-9.0, -9.0, 9.0, 9.0), "shared"),))
    assert allowed(ask(bounds, drone_truth(), move(9.0))) == (15.0, "of this kind")


def test_s6_a_person_from_afar_drives_slowly():
    helped = Assistance("ann", NOW_S + 9, NOW_S)
    asked = move(1.8, by="assistance")
    assert allowed(ask(robot_bounds(), robot_truth(assistance=helped), asked))[0] == 1.0
    assert allowed(ask(drone_bounds(), drone_truth(assistance=helped), asked))[0] == 3.0
    assert allowed(ask(robot_bounds(), robot_truth(), None, Memory(assisted=True)))[0] == 1.0
    assert allowed(ask(robot_bounds(), robot_truth(), None))[0] == 1.8
    assert allowed(ask(robot_bounds(), robot_truth(), move(1), Memory(assisted=True)))[0] == 1.8
    verdict = Guard(robot_bounds()).judge(asked, robot_truth(assistance=helped), NOW_S)
    assert verdict.cleared.command.east_mps == pytest.approx(1.0)
    assert verdict.operator == "ann"


def test_a_motion_too_fast_keeps_its_direction():
    verdict = Guard(drone_bounds()).judge(move(30.0, -40.0, 2.0), drone_truth(), NOW_S)
    command = verdict.cleared.command
    assert math.hypot(command.east_mps, command.north_mps) == pytest.approx(15.0)
    assert command.east_mps / command.north_mps == pytest.approx(-0.75)
    assert command.up_mps == 2.0
    (clip,) = verdict.clips
    assert (clip.what, clip.asked, clip.given, clip.why) == (
        "speed_mps", 50.0, 15.0, "of this kind",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("up_mps", "given_mps", "what"),
    [
        (3.0, 3.0, None),
        (3.1, 3.0, "climb_mps"),
        (-2.0, -2.0, None),
        (-2.1, -2.0, "descent_mps"),
        (0.0, 0.0, None),
    ],
)
def test_climb_and_descent_are_capped(up_mps, given_mps, what):
    verdict = Guard(drone_bounds()).judge(move(0.0, 0.0, up_mps), drone_truth(), NOW_S)
    assert verdict.cleared.command.up_mps == given_mps
    assert isinstance(verdict, Clipped if what else Passed)
    if what:
        (clip,) = verdict.clips
        assert (clip.what, clip.asked) == (what, abs(up_mps))
    question = ask(drone_bounds(), drone_truth(), move(0, 0, up_mps))
    assert (climb(question).most, descent(question).most) == (3.0, 2.0)
    assert climb(question).why == descent(question).why == "of this kind"


def test_a_target_too_fast_is_approached_slower():
    verdict = Guard(drone_bounds()).judge(go(200.0, 0.0, 20.0), drone_truth(), NOW_S)
    assert verdict.cleared.command.speed_mps == 15.0
    exact = Guard(drone_bounds()).judge(go(200.0, 0.0, 15.0), drone_truth(), NOW_S)
    assert isinstance(exact, Passed)


@pytest.mark.parametrize(
    ("height_m", "start_m", "fine"),
    [(120.0, 60.0, True), (121.0, 60.0, False), (125.0, 130.0, True), (131.0, 130.0, False),
     (0.0, 60.0, True), (-1.0, 60.0, False)],
)  # fmt: skip
def test_no_target_is_too_high_or_below_home(height_m, start_m, fine):
    truth = drone_truth(height_m=start_m)
    ruling = height(ask(drone_bounds(), truth, go(50.0, 0.0, height_m=height_m)))
    assert (ruling is None) == fine
    if not fine:
        assert ruling.reason == "height"


def test_a_climb_ends_below_the_highest():
    # 3 m/s for the lease and the reaction are three metres.
    rising = ask(drone_bounds(), drone_truth(height_m=117.0), move(0.0, 0.0, 3.0))
    assert height(rising) is None
    too_high = ask(drone_bounds(), drone_truth(height_m=117.1), move(0.0, 0.0, 3.0))
    assert height(too_high).why == "120 m, 120 m are allowed"
    falling = ask(drone_bounds(), drone_truth(height_m=1.9), move(0.0, 0.0, -2.0))
    assert height(falling).why == "-0 m is below home"


def test_who_stands_a_little_below_home_may_start():
    plan = FlyPlan(**lease(), parts=(Climb(height_m=60.0), TouchDown(place=HOME)))
    standing = drone_truth(landed=True, whereabouts=here(height_m=-0.6))
    assert height(ask(drone_bounds(), standing, plan)) is None
    below = FlyPlan(**lease(), parts=(Via(place=HOME, height_m=-0.7),))
    assert height(ask(drone_bounds(), standing, below)).why == "-1 m is below home"


def test_it_may_start_from_below_home():
    truth = drone_truth(landed=True, whereabouts=here(height_m=-3.0))
    assert height(ask(drone_bounds(), truth, Launch(**lease(), height_m=30.0))) is None
    too_high = Launch(**lease(), height_m=121.0)
    assert height(ask(drone_bounds(), truth, too_high)).reason == "height"


def test_a_plan_is_refused_and_not_clipped():
    fast = FlyPlan(**lease(), parts=(Cruise(speed_mps=16.0), Cruise(speed_mps=3.0), GoHome()))
    ruling = speed(ask(drone_bounds(), drone_truth(), fast))
    assert ruling.reason == "speed"
    assert ruling.why == "16.0 m/s planned, 15.0 of this kind"
    slow = FlyPlan(**lease(), parts=(Cruise(speed_mps=15.0), GoHome()))
    assert speed(ask(drone_bounds(), drone_truth(), slow)) is None
    high = FlyPlan(
        **lease(),
        parts=(Climb(height_m=20.0), Via(place=place(9, 9), height_m=130.0), GoHome()),
    )
    assert height(ask(drone_bounds(), drone_truth(), high)).reason == "height"
    climbs = FlyPlan(**lease(), parts=(Climb(height_m=130.0), GoHome()))
    assert height(ask(drone_bounds(), drone_truth(), climbs)).reason == "height"


def test_s1_too_fast_for_a_quarter_of_a_second_is_stopped():
    guard = Guard(robot_bounds())
    guard.judge(move(1.8), robot_truth(), NOW_S)

    def watched(later_s, speed_mps):
        at_s = NOW_S + later_s
        return guard.watch(
            robot_truth(at_s, whereabouts=here(velocity=(speed_mps, 0.0, 0.0), at_s=at_s)), at_s
        )

    assert watched(0.05, 1.92) is None
    assert watched(0.25, 1.92) is None
    assert watched(0.27, 1.89) is None  # and the time begins anew
    assert guard.memory.over_since_s is None
    assert watched(0.30, 1.92) is None
    guard.judge(move(1.8, number=2, at_s=NOW_S + 0.3), robot_truth(NOW_S + 0.3), NOW_S + 0.3)
    assert watched(0.40, 1.92) is None
    stop = watched(0.66, 1.92)
    assert isinstance(stop, SafeStop)
    assert (stop.reason, stop.why) == ("speed", "1.9 m/s, 1.8 by the law of walking_pace")


def test_too_fast_needs_a_position_and_a_tenth_of_a_metre_a_second():
    bounds = robot_bounds()
    for speed_mps, over in ((1.89, False), (1.91, True)):
        truth = robot_truth(whereabouts=here(velocity=(0.0, speed_mps, 0.0)))
        assert too_fast(ask(bounds, truth)) == over
    assert not too_fast(ask(bounds, robot_truth(whereabouts=None)))
    fast = robot_truth(whereabouts=here(velocity=(5.0, 0.0, 0.0)))
    assert not_too_fast(ask(bounds, fast, None, Memory(over_since_s=NOW_S - 0.24))) is None
    assert not_too_fast(ask(bounds, fast, None, Memory(over_since_s=NOW_S - 0.25))).stop
