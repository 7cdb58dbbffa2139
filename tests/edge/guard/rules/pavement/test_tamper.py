"""What is done when somebody tilts, lifts or forces it."""

import pytest

from edge.guard.guard import Guard
from edge.guard.question import Memory
from edge.guard.rules.pavement import tamper
from edge.guard.truth import Assistance, Posture
from edge.messages.machines.actuators import Lock, Unlock
from edge.messages.machines.cleared import Passed, SafeStop
from tests.edge.guard.scene import (
    NOW_S,
    ask,
    drone_bounds,
    drone_truth,
    lease,
    move,
    robot_bounds,
    robot_truth,
)


@pytest.mark.parametrize(
    ("posture", "why"),
    [
        (Posture(NOW_S, 30.0), ""),
        (Posture(NOW_S, 31.0), "it is tilted by 31 degrees"),
        (Posture(NOW_S, 2.0, lifted=True), "it was lifted"),
        (Posture(NOW_S, 2.0, forced=True), "a lid or lock was forced"),
        (None, ""),
    ],
)
def test_s7_tampering_stops_locks_sounds_the_alarm_and_reports(posture, why):
    guard = Guard(robot_bounds())
    assert tamper.noticed(ask(robot_bounds(), robot_truth(posture=posture))) == why
    stop = guard.watch(robot_truth(posture=posture), NOW_S)
    assert (stop.why if stop else "") == why
    if stop:
        assert (stop.reason, stop.burst) == ("tamper", True)
        names = [type(one.command).__name__ for one in stop.cleared]
        assert names == ["Hold", "Lock", "SoundAlarm"]
        assert stop.cleared[2].command.on
        assert stop.cleared[1].command.compartment is None


def test_s7_after_tampering_nothing_goes_on_until_a_person_has_looked():
    guard = Guard(robot_bounds())
    guard.watch(robot_truth(posture=Posture(NOW_S, 2.0, lifted=True)), NOW_S)
    fine = robot_truth()
    unlock = Unlock(**lease(2), stop_id="S1", compartment="A")
    for command in (move(1.0), unlock):
        verdict = guard.judge(command, fine, NOW_S)
        assert isinstance(verdict, SafeStop)
        assert (verdict.reason, verdict.why) == ("tamper", "it was lifted")
    assert isinstance(guard.judge(Lock(**lease(3)), fine, NOW_S), Passed)
    assert not guard.looked_after(robot_truth(posture=Posture(NOW_S, 80.0)), NOW_S)
    assert guard.memory.harmed
    assert guard.looked_after(fine, NOW_S)
    assert isinstance(guard.judge(move(1.0, number=4), fine, NOW_S), Passed)


def test_s7_a_person_from_afar_does_not_undo_it():
    guard = Guard(robot_bounds(), Memory(harmed="it was lifted"))
    truth = robot_truth(assistance=Assistance("ann", NOW_S + 9, NOW_S))
    assert guard.judge(move(0.5, by="assistance"), truth, NOW_S).reason == "tamper"


def test_s7_what_does_not_feel_does_not_move():
    for posture, fine in (
        (None, False),
        (Posture(NOW_S - 1.1, 2.0), False),
        (Posture(NOW_S - 1.0, 2.0), True),
    ):
        ruling = tamper.felt(ask(robot_bounds(), robot_truth(posture=posture)))
        assert (ruling is None) == fine
    verdict = Guard(robot_bounds()).judge(move(1.0), robot_truth(posture=None), NOW_S)
    assert (verdict.reason, isinstance(verdict, SafeStop)) == ("tamper", True)


def test_s7_in_the_air_a_tilt_is_the_autopilot_s():
    tilted = Posture(NOW_S, 80.0)
    assert tamper.noticed(ask(drone_bounds(), drone_truth(posture=tilted))) == ""
    landed = ask(drone_bounds(), drone_truth(landed=True, posture=tilted))
    assert tamper.noticed(landed) == "it is tilted by 80 degrees"
    known = ask(drone_bounds(), drone_truth(), None, Memory(harmed="it was lifted"))
    assert tamper.noticed(known) == "it was lifted"
    stop = Guard(drone_bounds()).judge(
        move(1.0), drone_truth(landed=True, posture=tilted), NOW_S
    )
    assert [type(one.command).__name__ for one in stop.cleared] == ["Hold", "SoundAlarm"]
