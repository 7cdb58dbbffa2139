"""Commands expire, are heard once, and a person who helps from afar needs a living lease."""

from dataclasses import replace

import pytest

from edge.guard.guard import Guard
from edge.guard.question import Memory
from edge.guard.rules.leases import in_time, lost_assistance, sender, still_led
from edge.guard.truth import Assistance
from edge.messages.machines.actuators import FlyPlan, Launch
from edge.messages.machines.cleared import Clipped, Passed, Refused, SafeStop
from edge.messages.machines.plans import GoHome
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
    robot_bounds,
    robot_truth,
)

HELP = Assistance("ann", NOW_S + 60.0, NOW_S)


@pytest.mark.parametrize(
    ("now_s", "told", "reason"),
    [
        (NOW_S, {}, None),
        (NOW_S + 0.49, {}, None),
        (NOW_S + 0.5, {}, "lease"),
        (NOW_S + 0.5, {"expires_s": NOW_S + 9.0}, "lease"),
        (NOW_S + 0.2, {"expires_s": NOW_S + 0.2}, "lease"),
        (NOW_S + 0.19, {"expires_s": NOW_S + 0.2}, None),
        (NOW_S - 0.05, {}, None),
        (NOW_S - 0.06, {}, "lease"),
        (NOW_S, {"number": 7}, "replay"),
        (NOW_S, {"number": 6}, "replay"),
        (NOW_S, {"number": 8}, None),
        (NOW_S, {"issued_s": float("nan")}, "not_a_number"),
        (NOW_S, {"expires_s": float("inf")}, "not_a_number"),
    ],
)
def test_a_command_is_heard_once_and_in_time(now_s, told, reason):
    command = move(1.0, **({"number": 8} | told))
    ruling = in_time(
        ask(robot_bounds(), robot_truth(), command, Memory(last_number=7), now_s=now_s)
    )
    assert (ruling.reason if ruling else None) == reason
    if ruling:
        assert ruling.why
        assert not ruling.stop


def test_why_it_is_too_late_or_too_early_is_said():
    bounds, truth = robot_bounds(), robot_truth()
    late = in_time(ask(bounds, truth, move(1.0), now_s=NOW_S + 0.75))
    assert late.why == "expired, issued 0.75 s ago"
    early = in_time(ask(bounds, truth, move(1.0), now_s=NOW_S - 0.5))
    assert early.why == "issued 0.50 s from now"


def test_a_longer_lease_is_clipped_to_half_a_second():
    guard = Guard(robot_bounds())
    verdict = guard.judge(move(1.0, expires_s=NOW_S + 10.0), robot_truth(), NOW_S)
    assert isinstance(verdict, Clipped)
    (clip,) = verdict.clips
    assert (clip.what, clip.asked, clip.given) == ("lease_s", 10.0, 0.5)
    assert verdict.cleared.command.expires_s == NOW_S + 0.5
    assert guard.memory.moving_until_s == NOW_S + 0.5
    exact = Guard(robot_bounds()).judge(move(1.0), robot_truth(), NOW_S)
    assert isinstance(exact, Passed)


def test_a_short_lease_is_not_made_longer():
    guard = Guard(robot_bounds())
    verdict = guard.judge(move(1.0, expires_s=NOW_S + 0.2), robot_truth(), NOW_S)
    assert verdict.cleared.command.expires_s == NOW_S + 0.2
    assert guard.memory.moving_until_s == NOW_S + 0.2


def test_a_motion_that_nobody_renews_is_stopped():
    guard = Guard(robot_bounds())
    guard.judge(move(1.0), robot_truth(), NOW_S)
    for later_s, stopped in ((0.4, False), (0.5, True)):
        at_s = NOW_S + later_s
        moving = robot_truth(at_s, whereabouts=here(velocity=(1.0, 0.0, 0.0), at_s=at_s))
        assert isinstance(guard.watch(moving, at_s), SafeStop) == stopped
    assert guard.memory.moving_until_s is None
    assert guard.memory.must_stand


@pytest.mark.parametrize(
    ("lease_told", "why"),
    [
        (None, "nobody was let in to help"),
        (HELP, ""),
        (replace(HELP, heard_s=NOW_S - 2.0), ""),
        (replace(HELP, heard_s=NOW_S - 2.1), "not heard for 2.1 s"),
        (replace(HELP, until_s=NOW_S), "the time to help is over"),
        (replace(HELP, until_s=NOW_S + 0.1), ""),
    ],
)
def test_s6_assistance_lives_by_its_beats(lease_told, why):
    assert lost_assistance(ask(robot_bounds(), robot_truth(assistance=lease_told))) == why


def test_s6_nobody_helps_without_a_lease_and_nobody_else_steers_with_one():
    bounds = robot_bounds()
    helping, alone = robot_truth(assistance=HELP), robot_truth()
    assert sender(ask(bounds, helping, move(0.5, by="assistance"))) is None
    refused = sender(ask(bounds, alone, move(0.5, by="assistance")))
    assert refused.reason == "assistance"
    assert not refused.stop
    assert sender(ask(bounds, helping, move(0.5))).why == "a person has taken over"
    assert not sender(ask(bounds, helping, move(0.5))).stop
    dead = robot_truth(assistance=replace(HELP, heard_s=NOW_S - 5.0))
    assert sender(ask(bounds, dead, move(0.5))) is None
    assert sender(ask(bounds, alone, move(0.5))) is None


def test_s6_a_person_from_afar_never_starts_a_flight():
    truth = drone_truth(assistance=HELP)
    for command in (
        FlyPlan(**lease(by="assistance"), parts=(GoHome(),)),
        Launch(**lease(by="assistance"), height_m=30.0),
    ):
        ruling = sender(ask(drone_bounds(), truth, command))
        assert ruling.reason == "assistance"
    assert sender(ask(drone_bounds(), truth, go(5.0, 0.0, by="assistance"))) is None


def test_s6_when_the_beats_end_it_stops_and_the_mission_waits_until_it_stands():
    guard = Guard(robot_bounds())
    verdict = guard.judge(move(0.5, by="assistance"), robot_truth(assistance=HELP), NOW_S)
    assert (verdict.by, verdict.operator) == ("assistance", "ann")
    assert guard.memory.assisted
    lost = replace(HELP, heard_s=NOW_S - 2.2)
    at_s = NOW_S + 0.3
    moving = robot_truth(
        at_s, whereabouts=here(velocity=(0.5, 0.0, 0.0), at_s=at_s), assistance=lost
    )
    stop = guard.watch(moving, at_s)
    assert (stop.reason, stop.operator, stop.number) == ("assistance", "ann", 0)
    assert [type(one.command).__name__ for one in stop.cleared] == ["Hold"]
    after = guard.judge(move(1.0, number=2, at_s=at_s), moving, at_s)
    assert (after.reason, after.number) == ("assistance", 2)
    assert isinstance(after, SafeStop)
    standing = robot_truth(at_s)
    assert isinstance(guard.judge(move(1.0, number=3, at_s=at_s), standing, at_s), Passed)


def test_s6_a_command_after_the_end_stops_what_it_had_begun():
    bounds, lost = robot_bounds(), robot_truth()
    begun = Memory(assisted=True, moving_until_s=NOW_S + 0.4)
    assert sender(ask(bounds, lost, move(0.5, by="assistance"), begun)).stop
    left = still_led(ask(bounds, lost, None, begun))
    assert (left.reason, left.stop) == ("assistance", True)
    helped = robot_truth(assistance=HELP)
    assert still_led(ask(bounds, helped, None, begun)) is None
    assert still_led(ask(bounds, helped, None, Memory())) is None
    ended = still_led(ask(bounds, helped, None, Memory(moving_until_s=NOW_S)))
    assert ended.reason == "lease"
    assert ended.stop


def test_a_refused_number_is_not_used_up_by_being_late():
    guard = Guard(robot_bounds())
    late = guard.judge(move(1.0, number=5), robot_truth(NOW_S + 1), NOW_S + 1)
    assert isinstance(late, Refused)
    assert guard.memory.last_number == 0
    at_s = NOW_S + 1
    closed = robot_truth(at_s, whereabouts=None)
    guard.judge(move(1.0, number=5, at_s=at_s), closed, at_s)
    assert guard.memory.last_number == 5
    again = guard.judge(move(1.0, number=5, at_s=at_s), robot_truth(at_s), at_s)
    assert again.reason == "replay"


def test_stopping_is_accepted_from_anybody_at_any_time():
    for told in ({}, {"expires_s": NOW_S - 5.0}, {"number": 1}):
        guard = Guard(robot_bounds(), Memory(last_number=9, harmed="it was lifted"))
        verdict = guard.judge(hold(**told), robot_truth(whereabouts=None), NOW_S)
        assert verdict.cleared.command.number == 1
        assert guard.memory.last_number == 9


def test_s6_a_hold_by_the_mission_does_not_end_the_helping_but_its_own_motion_does():
    moving = here(velocity=(0.5, 0.0, 0.0))
    guard = Guard(robot_bounds(), Memory(assisted=True, moving_until_s=NOW_S + 0.4))
    guard.judge(hold(), robot_truth(whereabouts=moving, assistance=HELP), NOW_S)
    assert guard.memory.assisted
    guard = Guard(robot_bounds(), Memory(assisted=True, moving_until_s=NOW_S + 0.4))
    guard.watch(robot_truth(assistance=HELP), NOW_S)
    assert guard.memory.assisted
    assert isinstance(guard.judge(move(0.5), robot_truth(), NOW_S), Passed)
    assert not guard.memory.assisted
    ended = Guard(robot_bounds(), Memory(assisted=True))
    ended.watch(robot_truth(assistance=HELP), NOW_S)
    assert not ended.memory.assisted


def test_s6_a_safe_stop_names_who_asked():
    guard = Guard(robot_bounds())
    truth = robot_truth(assistance=HELP, whereabouts=None)
    stop = guard.judge(move(0.5, by="assistance"), truth, NOW_S)
    assert isinstance(stop, SafeStop)
    assert (stop.by, stop.operator, stop.number) == ("assistance", "ann", 1)
    mine = Guard(robot_bounds()).judge(move(0.5), robot_truth(whereabouts=None), NOW_S)
    assert (mine.by, mine.operator) == ("executor", "")
