"""The guard as a whole: the table, positions that cannot be trusted, safe stops."""

import typing
from dataclasses import replace

import pytest

from edge.guard.guard import Guard
from edge.guard.question import Memory
from edge.guard.rules.position import known, numbers, stood
from edge.guard.safe_stop import STAY, Resort, line_may_be_out, safe_stop
from edge.guard.table import IN_THE_AIR, ON_THE_GROUND
from edge.guard.truth import Charge, PartsState
from edge.messages.machines.actuators import AnyCommand, FlyPlan, Hold, Land, Launch, TakeIn
from edge.messages.machines.cleared import Passed, Refused, SafeStop
from edge.messages.machines.plans import Climb, GoHome, Via
from tests.edge.guard.scene import (
    NOW_S,
    ask,
    drone_bounds,
    drone_truth,
    go,
    here,
    hold,
    lease,
    move,
    place,
    robot_bounds,
    robot_truth,
)

NAN = float("nan")


def test_every_command_has_its_rules_on_the_ground_and_in_the_air():
    commands = set(typing.get_args(AnyCommand))
    assert set(ON_THE_GROUND) == set(IN_THE_AIR) == commands


@pytest.mark.parametrize(
    ("whereabouts", "why"),
    [
        (None, "the position is unknown"),
        (here(doubtful="jump of 80 m"), "the position is in doubt: jump of 80 m"),
        (here(at_s=NOW_S - 1.1), "the position is 1.1 s old"),
        (here(at_s=NOW_S + 1.1), "the position is -1.1 s old"),
        (here(accuracy_m=5.1), "the position may be 5 m off"),
        (here(accuracy_m=NAN), "the position may be nan m off"),
        (here(velocity=(NAN, 0.0, 0.0)), "the position may be 1 m off"),
        (here(height_m=NAN), "the position may be 1 m off"),
        (here(at_s=NOW_S - 1.0), None),
        (here(at_s=NOW_S + 1.0), None),
        (here(accuracy_m=5.0), None),
    ],
)
def test_nothing_moves_without_a_position_that_can_be_trusted(whereabouts, why):
    truth = robot_truth(whereabouts=whereabouts)
    ruling = known(ask(robot_bounds(), truth, move(1.0)))
    assert (ruling.why if ruling else None) == why
    verdict = Guard(robot_bounds()).judge(move(1.0), truth, NOW_S)
    watched = Guard(robot_bounds()).watch(truth, NOW_S)
    if why is None:
        assert isinstance(verdict, Passed)
        assert watched is None
        return
    for stop in (verdict, watched):
        assert isinstance(stop, SafeStop)
        assert stop.reason == "position"
        assert [type(one.command) for one in stop.cleared] == [Hold]


@pytest.mark.parametrize(
    "command",
    [move(NAN), move(0.0, NAN), move(0.0, 0.0, NAN), go(1.0, 1.0, NAN),
     go(1.0, 1.0, 1.0, height_m=NAN), go(NAN, 1.0), go(1.0, NAN), move(float("inf"))],
)  # fmt: skip
def test_what_is_no_number_is_no_command(command):
    ruling = numbers(ask(drone_bounds(), drone_truth(), command))
    assert (ruling.reason, ruling.stop) == ("not_a_number", True)
    assert isinstance(Guard(drone_bounds()).judge(command, drone_truth(), NOW_S), SafeStop)
    assert numbers(ask(drone_bounds(), drone_truth(), hold())) is None


def names(stop):
    return [type(one).__name__ for one in stop]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, ["Hold"]),
        ({"whereabouts": None}, ["Land"]),
        ({"landed": True}, ["Hold"]),
        ({"landed": True, "whereabouts": None}, ["Hold"]),
        ({"parts": None}, ["Hold", "TakeIn"]),
        ({"parts": PartsState(NOW_S, winch="out", landed=False)}, ["Hold", "TakeIn"]),
        ({"parts": PartsState(NOW_S, winch="out", landed=False),
          "whereabouts": None}, ["Land"]),
        ({"parts": PartsState(NOW_S, winch="out", landed=False),
          "charge": Charge(NOW_S, 199_999.0)}, ["Land"]),
        ({"parts": PartsState(NOW_S, winch="out", landed=False),
          "charge": Charge(NOW_S, 200_000.0)}, ["Hold", "TakeIn"]),
        ({"parts": PartsState(NOW_S, winch="out", landed=False), "charge": None}, ["Land"]),
    ],
)  # fmt: skip
def test_a_safe_stop_fits_the_state_of_the_parts(told, expected):
    question = ask(drone_bounds(), drone_truth(**told))
    commands = safe_stop(question, "position", STAY)
    assert names(commands) == expected
    for command in commands:
        assert (command.number, command.issued_s, command.expires_s) == (0, NOW_S, NOW_S + 0.5)
        if isinstance(command, TakeIn):
            assert command.length_m == 100.0
        if isinstance(command, Land):
            assert command.place is None


def test_with_a_site_it_lands_there_and_without_one_where_it_is():
    question = ask(drone_bounds(), drone_truth())
    (pad,) = question.bounds.sites
    (land,) = safe_stop(question, "energy", Resort(pad))
    assert land.place == pad.place
    for reason in ("energy", "site"):
        (land,) = safe_stop(question, reason, STAY)
        assert land == Land(number=0, issued_s=NOW_S, expires_s=NOW_S + 0.5)
    assert names(safe_stop(question, "weather", STAY)) == ["Hold"]
    robot = ask(robot_bounds(), robot_truth())
    assert names(safe_stop(robot, "energy", Resort(pad))) == ["Hold"]
    assert not line_may_be_out(ask(robot_bounds(), robot_truth(parts=None)))
    assert line_may_be_out(ask(drone_bounds(), drone_truth(parts=None)))
    assert not line_may_be_out(question)


def test_after_a_safe_stop_it_stands_before_it_moves_again():
    guard = Guard(robot_bounds())
    assert isinstance(guard.judge(move(NAN), robot_truth(), NOW_S), SafeStop)
    assert guard.memory.must_stand
    rolling = robot_truth(whereabouts=here(velocity=(0.5, 0.0, 0.0)))
    verdict = guard.judge(move(0.5, number=2), rolling, NOW_S)
    assert isinstance(verdict, Refused)
    assert (verdict.reason, verdict.why) == (
        "lease", "it has not stood since it was stopped",
    )  # fmt: skip
    assert isinstance(guard.judge(move(0.5, number=3), robot_truth(), NOW_S), Passed)
    assert not guard.memory.must_stand
    assert stood(ask(robot_bounds(), rolling, move(1), Memory())) is None


@pytest.mark.parametrize(
    ("kind", "velocity", "stands"),
    [
        ("robot", (0.1, 0.0, 0.0), True),
        ("robot", (0.08, 0.08, 0.0), False),
        ("drone", (1.0, 0.0, 0.0), True),
        ("drone", (0.8, 0.8, 0.0), False),
        ("drone", (0.0, 0.0, 3.0), True),
    ],
)
def test_standing_is_slower_than_a_drift(kind, velocity, stands):
    bounds, truth = {
        "robot": (robot_bounds(), robot_truth(whereabouts=here(velocity=velocity))),
        "drone": (drone_bounds(), drone_truth(whereabouts=here(velocity=velocity))),
    }[kind]
    assert ask(bounds, truth).stands == stands
    lost = replace(truth, whereabouts=None)
    assert not ask(bounds, lost).stands
    assert ask(drone_bounds(), drone_truth(landed=True, whereabouts=None)).stands


def test_a_drone_on_the_ground_is_not_watched_and_a_standing_robot_only_for_hands():
    assert Guard(drone_bounds()).watch(drone_truth(landed=True, charge=None), NOW_S) is None
    assert Guard(drone_bounds()).watch(drone_truth(charge=None), NOW_S) is not None
    open_lid = robot_truth(parts=PartsState(NOW_S, lid="open"))
    assert Guard(robot_bounds()).watch(open_lid, NOW_S) is None


def test_a_plan_passes_whole_with_its_climb_and_its_way_home():
    plan = FlyPlan(
        **lease(),
        parts=(Climb(height_m=60.0), Via(place=place(200.0, 0.0), height_m=60.0), GoHome()),
    )
    guard = Guard(drone_bounds())
    verdict = guard.judge(plan, drone_truth(landed=True), NOW_S)
    assert isinstance(verdict, Passed)
    assert verdict.cleared.command == plan
    assert verdict.cleared.cleared_s == NOW_S
    assert guard.memory.moving_until_s is None
    assert guard.memory.last_number == 1


def test_a_take_off_passes_on_the_ground_only():
    launch = Launch(**lease(), height_m=30.0)
    assert isinstance(
        Guard(drone_bounds()).judge(launch, drone_truth(landed=True), NOW_S), Passed
    )
    refused = Guard(drone_bounds()).judge(launch, drone_truth(), NOW_S)
    assert refused.reason == "sub_state"
    standing = drone_truth(landed=True)
    assert Guard(drone_bounds()).judge(move(1.0), standing, NOW_S).reason == "sub_state"


def test_a_target_where_it_already_is_passes():
    assert isinstance(Guard(drone_bounds()).judge(go(0.0, 0.0), drone_truth(), NOW_S), Passed)
    assert isinstance(Guard(robot_bounds()).judge(go(0.0, 0.0), robot_truth(), NOW_S), Passed)


def test_braking_is_reckoned_from_the_last_instant():
    question = ask(robot_bounds(), robot_truth(whereabouts=here(velocity=(0.0, 1.2, 0.0))))
    assert question.braking_m(3.0) == pytest.approx(3.0)
    assert question.lasting_s((0.6, 0.0, 0.0), 0.5) == pytest.approx(0.7 + 0.4)
    assert question.lasting_s((1.8, 0.0, 0.0), 0.0) == pytest.approx(0.2 + 0.6)
    origin, slides, wishes = question.reach((0.6, -0.6, 0.0), 0.5)
    assert origin == pytest.approx((0.0, 0.0), abs=1e-6)
    assert slides == pytest.approx((0.0, 1.2 * 1.1), abs=1e-6)
    assert wishes == pytest.approx((0.66, -0.66), abs=1e-6)
    assert question.margin_m == pytest.approx(1.35)
