"""What may be done in which state: nothing moves open, nothing drops unseen."""

from dataclasses import replace

import pytest

from edge.guard.bounds import Approval
from edge.guard.guard import Guard
from edge.guard.link_loss import on_link_loss, secured
from edge.guard.rules import substates
from edge.guard.truth import ClearCheck, PartsState, ProvenCode
from edge.messages.machines.actuators import (
    CloseLid,
    Drop,
    FlyPlan,
    Grasp,
    Land,
    Launch,
    Lock,
    OpenLid,
    PayOut,
    Return,
    SoundAlarm,
    TakeIn,
    Unlock,
)
from edge.messages.machines.cleared import Passed, Refused, SafeStop
from edge.messages.machines.plans import GoHome, Lower, Release, SetDown, TouchDown
from edge.vehicles import MACHINES
from tests.edge.guard.scene import (
    NOW_S,
    ask,
    drone_bounds,
    drone_truth,
    go,
    here,
    lease,
    move,
    place,
    robot_bounds,
    robot_truth,
    site,
)

CLOSED = PartsState(NOW_S, lid="closed", locks=(("A", "locked"), ("B", "locked")))
HOVERS = PartsState(NOW_S, winch="in", grip="holding", landed=False)
LANDED = replace(HOVERS, landed=True)


@pytest.mark.parametrize("lid", ["opening", "open", "closing", "unknown"])
def test_s5_nothing_moves_unless_the_lid_is_closed(lid):
    guard = Guard(robot_bounds())
    truth = robot_truth(parts=replace(CLOSED, lid=lid))
    for command in (move(1.0), go(5.0, 0.0, number=2)):
        verdict = guard.judge(command, truth, NOW_S)
        assert isinstance(verdict, SafeStop)
        assert (verdict.reason, verdict.why) == ("sub_state", f"the lid is {lid}")
    moving = replace(truth, whereabouts=here(velocity=(1.0, 0.0, 0.0)))
    assert guard.watch(moving, NOW_S).reason == "sub_state"


@pytest.mark.parametrize("lock", ["unlocked", "unknown"])
def test_s5_nothing_moves_with_an_open_compartment(lock):
    parts = replace(CLOSED, locks=(("A", "locked"), ("B", lock)))
    ruling = substates.closed_up(ask(robot_bounds(), robot_truth(parts=parts)))
    assert (ruling.why, ruling.stop) == (f"compartment B is {lock}", True)


def test_what_is_not_known_now_is_not_closed():
    for parts in (None, replace(CLOSED, at_s=NOW_S - 1.1)):
        ruling = substates.closed_up(ask(robot_bounds(), robot_truth(parts=parts)))
        assert (ruling.reason, ruling.stop) == ("sub_state", True)
    truth = robot_truth(parts=replace(CLOSED, at_s=NOW_S - 1.0))
    assert substates.closed_up(ask(robot_bounds(), truth)) is None


@pytest.mark.parametrize("winch", ["moving", "out", "unknown"])
def test_a7_never_along_nor_home_nor_down_with_the_winch_out(winch):
    bounds, truth = drone_bounds(), drone_truth(parts=replace(HOVERS, winch=winch))
    for command in (
        move(1.0),
        go(50.0, 0.0, 5.0),
        Return(**lease()),
        Land(**lease()),
        FlyPlan(**lease(), parts=(GoHome(),)),
    ):
        verdict = Guard(bounds).judge(command, truth, NOW_S)
        assert isinstance(verdict, SafeStop)
        assert verdict.why == f"the winch is {winch}"
        names = [type(one.command).__name__ for one in verdict.cleared]
        assert names == ["Hold", "TakeIn"]
    hovering = Guard(bounds).watch(truth, NOW_S)
    assert hovering is None
    along = replace(truth, whereabouts=here(height_m=60.0, velocity=(1.1, 0.0, 0.0)))
    assert Guard(bounds).watch(along, NOW_S).reason == "sub_state"
    assert isinstance(Guard(bounds).judge(Return(**lease()), drone_truth(), NOW_S), Passed)


def test_it_takes_off_from_the_ground_only_and_flies_along_in_the_air_only():
    for landed, on_the_ground, in_the_air in (
        (True, True, False), (False, False, True), (None, False, False),
    ):  # fmt: skip
        question = ask(drone_bounds(), drone_truth(parts=replace(HOVERS, landed=landed)))
        assert (substates.on_the_ground(question) is None) == on_the_ground
        assert (substates.in_the_air(question) is None) == in_the_air
    old = ask(drone_bounds(), drone_truth(parts=replace(LANDED, at_s=NOW_S - 1.1)))
    assert old.landed is None
    assert old.airborne
    none = ask(drone_bounds(), drone_truth(parts=None))
    assert none.airborne
    assert substates.on_the_ground(none).reason == "sub_state"
    assert substates.in_the_air(none).reason == "sub_state"
    assert not ask(robot_bounds(), robot_truth()).airborne


def test_a9_without_identification_it_does_not_take_off():
    launch = Launch(**lease(), height_m=30.0)
    for said_s, fine in (
        (NOW_S, True),
        (NOW_S - 1.0, True),
        (NOW_S - 1.1, False),
        (None, False),
    ):
        truth = drone_truth(landed=True, remote_id_s=said_s)
        verdict = Guard(drone_bounds()).judge(launch, truth, NOW_S)
        assert isinstance(verdict, Passed if fine else Refused)
        if not fine:
            assert verdict.reason == "remote_id"


@pytest.mark.parametrize(
    ("payload_kg", "fine"),
    [(0.0, True), (2.0, True), (2.1, False), (-0.1, False), (None, False)],
)
def test_it_takes_off_with_a_payload_it_can_carry(payload_kg, fine):
    ruling = substates.not_too_heavy(ask(drone_bounds(), drone_truth(payload_kg=payload_kg)))
    assert (ruling is None) == fine
    if not fine:
        assert ruling.reason == "payload"


def test_only_a_machine_with_the_part_is_asked_to_use_it():
    flier = {OpenLid: {"stop_id": "S1"}, Unlock: {"stop_id": "S1", "compartment": "A"},
             CloseLid: {}, Lock: {}}  # fmt: skip
    driver = {PayOut: {"stop_id": "S1", "length_m": 3.0}, TakeIn: {"length_m": 3.0},
              Drop: {"stop_id": "S1"}, Grasp: {}}  # fmt: skip
    for kinds, good, good_truth, bad, bad_truth in (
        (flier, robot_bounds(), robot_truth(), drone_bounds(), drone_truth(landed=True)),
        (driver, drone_bounds(), drone_truth(height_m=20.0), robot_bounds(), robot_truth()),
    ):
        for kind, told in kinds.items():
            command = kind(**lease(), **told)
            assert isinstance(Guard(good).judge(command, good_truth, NOW_S), Passed), command
            refused = Guard(bad).judge(command, bad_truth, NOW_S)
            assert (refused.reason, bad.kind in refused.why) == ("kind", True)


def test_a_robot_does_not_fly():
    for command in (
        FlyPlan(**lease(), parts=(GoHome(),)),
        Launch(**lease(), height_m=9.0),
        Land(**lease()),
        Return(**lease()),
    ):
        verdict = Guard(robot_bounds()).judge(command, robot_truth(), NOW_S)
        assert (verdict.reason, verdict.why) == ("kind", "a robot does not fly")
    assert substates.of_the_air(ask(drone_bounds(), drone_truth())) is None


@pytest.mark.parametrize(
    "part",
    [
        Release(),
        Lower(length_m=3.0),
        SetDown(place=place(0.0, 0.0), height_m=9.0, deepest_m=3.0),
    ],
)
def test_a8_a_plan_never_drops(part):
    command = FlyPlan(**lease(), parts=(GoHome(), part))
    ruling = substates.plan_without_drops(ask(drone_bounds(), drone_truth(), command))
    assert ruling.reason == "approval"
    verdict = Guard(drone_bounds()).judge(command, drone_truth(), NOW_S)
    assert verdict.reason == "approval"


@pytest.mark.parametrize(
    ("east_m", "blocked", "fine"),
    [
        (0.0, (), True),
        (1.0, (), True),
        (50.0, (), False),
        (300.0, (), True),
        (301.0, (), True),
        (301.2, (), False),
        (300.0, ("far",), False),
        (509.9, (), True),
        (510.1, (), False),
    ],
)
def test_it_lands_at_home_at_free_sites_and_at_stops(east_m, blocked, fine):
    bounds = drone_bounds(
        sites=(site("far", 300.0),), approvals=(Approval("S1", (500.0, 0.0), 10.0),)
    )
    truth = drone_truth(blocked_sites=frozenset(blocked))
    plan = FlyPlan(**lease(), parts=(TouchDown(place=place(east_m, 0.0)),))
    planned = substates.plan_without_drops(ask(bounds, truth, plan))
    verdict = Guard(bounds).judge(Land(**lease(), place=place(east_m, 0.0)), truth, NOW_S)
    assert (planned is None) == fine
    assert isinstance(verdict, Passed if fine else Refused)
    if not fine:
        assert planned.reason == verdict.reason == "site"
    assert isinstance(Guard(bounds).judge(Land(**lease()), truth, NOW_S), Passed)


@pytest.mark.parametrize("at", [(-1.05, 0.0), (1.05, 0.0), (0.0, -1.05), (0.0, 1.05)])
def test_home_is_a_pad_all_around(at):
    bounds = drone_bounds(sites=(site("far", 300.0),), approvals=())
    verdict = Guard(bounds).judge(Land(**lease(), place=place(*at)), drone_truth(), NOW_S)
    assert isinstance(verdict, Passed)


def dropped(bounds=None, number=1, **told):
    command = Drop(**lease(number=number), stop_id=told.pop("stop_id", "S1"))
    truth = drone_truth(**({"height_m": 20.0} | told))
    return Guard(bounds or drone_bounds()).judge(command, truth, NOW_S)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, None),
        ({"whereabouts": here(8.9, 0.0, 20.0)}, None),
        ({"whereabouts": here(9.1, 0.0, 20.0)},
         "9 m from the stop, 1 m in doubt, 10 m approved"),
        ({"whereabouts": here(0.0, 4.0, 20.0, accuracy_m=5.9)}, None),
        ({"whereabouts": here(0.0, 4.0, 20.0, accuracy_m=6.1)},
         "4 m from the stop, 6 m in doubt, 10 m approved"),
        ({"height_m": 5.0}, None),
        ({"height_m": 4.0}, "4 m high, 5 to 30 m approved"),
        ({"height_m": 30.0}, None),
        ({"height_m": 31.0}, "31 m high, 5 to 30 m approved"),
        ({"whereabouts": here(height_m=20.0, velocity=(1.1, 0.0, 0.0))}, "it moves at 1.1 m/s"),
        ({"whereabouts": here(height_m=20.0, velocity=(0.6, 0.8, 0.0))}, None),
        ({"clear_check": None}, "nobody has looked whether the place is clear"),
        ({"clear_check": ClearCheck(NOW_S, "S2", True)},
         "nobody has looked whether the place is clear"),
        ({"clear_check": ClearCheck(NOW_S - 2.0, "S1", True)}, None),
        ({"clear_check": ClearCheck(NOW_S - 2.1, "S1", True)}, "the look is 2.1 s old"),
        ({"clear_check": ClearCheck(NOW_S, "S1", False)}, "the place is not clear"),
        ({"stop_id": "S2"}, "the station approved nothing at that stop"),
    ],
)  # fmt: skip
def test_a8_it_drops_only_in_the_circle_at_the_height_after_a_look(told, why):
    verdict = dropped(**told)
    if why is None:
        assert isinstance(verdict, Passed)
    else:
        assert isinstance(verdict, Refused)
        assert (verdict.reason in ("approval", "sub_state"), verdict.why) == (True, why)
        lowered = Guard(drone_bounds()).judge(
            PayOut(**lease(), stop_id=told.get("stop_id", "S1"), length_m=10.0),
            drone_truth(
                **({"height_m": 20.0} | {k: v for k, v in told.items() if k != "stop_id"})
            ),
            NOW_S,
        )
        assert lowered.why == why


def test_a8_without_a_position_it_drops_nothing():
    verdict = dropped(whereabouts=here(height_m=20.0, doubtful="jump"))
    assert isinstance(verdict, SafeStop)
    assert verdict.reason == "position"


def opened(kind=Unlock, **told):
    named = {"compartment": told.pop("compartment", "A")} if kind is Unlock else {}
    command = kind(**lease(), stop_id=told.pop("stop_id", "S1"), **named)
    return Guard(robot_bounds()).judge(command, robot_truth(**told), NOW_S)


@pytest.mark.parametrize("kind", [Unlock, OpenLid])
@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, None),
        ({"whereabouts": here(13.9)}, None),
        ({"whereabouts": here(14.1)}, "14 m from the stop, 1 m in doubt, 15 m approved"),
        ({"whereabouts": here(velocity=(0.1, 0.0, 0.0))}, None),
        ({"whereabouts": here(velocity=(0.2, 0.0, 0.0))}, "it moves at 0.2 m/s"),
        ({"proven": ()}, "no code of that stop was shown"),
        ({"proven": (ProvenCode("S2", NOW_S + 9),)}, "no code of that stop was shown"),
        ({"proven": (ProvenCode("S1", NOW_S),)}, "no code of that stop was shown"),
        ({"proven": (ProvenCode("S2", NOW_S + 9), ProvenCode("S1", NOW_S + 0.1))}, None),
        ({"stop_id": "S2"}, "the station approved nothing at that stop"),
    ],
)
def test_s5_it_opens_only_at_the_stop_after_the_code(kind, told, why):
    verdict = opened(kind, **told)
    assert isinstance(verdict, Refused if why else Passed)
    if why:
        assert verdict.why == why


def test_s5_only_the_right_compartment_opens():
    assert isinstance(opened(compartment="A"), Passed)
    verdict = opened(compartment="B")
    assert (verdict.reason, verdict.why) == ("approval", "compartment B is not for that stop")


def test_closing_locking_and_the_alarm_need_no_place():
    lost = robot_truth(whereabouts=None, parts=replace(CLOSED, lid="open"))
    for number, command in enumerate(
        (CloseLid(**lease(1)), Lock(**lease(2)), SoundAlarm(**lease(3), on=True)), start=1
    ):
        assert isinstance(Guard(robot_bounds()).judge(command, lost, NOW_S), Passed), number
    late = NOW_S + 0.6
    for command in (CloseLid(**lease(1)), Lock(**lease(2)), SoundAlarm(**lease(3), on=True)):
        assert Guard(robot_bounds()).judge(command, lost, late).reason == "lease"


@pytest.mark.parametrize(
    ("lost_for_s", "expected"),
    [
        (0.0, "go_on"),
        (44.9, "go_on"),
        (45.0, "finish"),
        (74.9, "finish"),
        (75.0, "secure"),
        (104.9, "secure"),
        (105.0, "return"),
    ],
)
def test_a7_without_a_link_it_goes_on_finishes_secures_and_returns(lost_for_s, expected):
    assert on_link_loss(lost_for_s, HOVERS, MACHINES["drone"].machine) == expected
    assert on_link_loss(lost_for_s, CLOSED, MACHINES["robot"].machine) == expected


def test_a7_it_never_returns_with_the_winch_out_or_the_lid_open():
    drone, robot = MACHINES["drone"].machine, MACHINES["robot"].machine
    for winch in ("out", "moving", "unknown"):
        assert on_link_loss(200.0, replace(HOVERS, winch=winch), drone) == "land_here"
    assert on_link_loss(200.0, None, drone) == "land_here"
    for parts in (
        None,
        replace(CLOSED, lid="open"),
        replace(CLOSED, lid="unknown"),
        replace(CLOSED, locks=(("A", "unlocked"), ("B", "locked"))),
    ):
        assert on_link_loss(200.0, parts, robot) == "stay"
        assert not secured(parts, robot)
    # The parts that a kind does not have do not keep it.
    assert secured(replace(CLOSED, winch="out"), robot)
    assert secured(replace(HOVERS, lid="open", locks=(("A", "unlocked"),)), drone)
