"""Crossings, people and those who tamper."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.guard.bounds import Crossing
from edge.guard.guard import Guard
from edge.guard.question import Memory
from edge.guard.rules import crossing as crossings
from edge.guard.rules import tamper, yielding
from edge.guard.truth import Assistance, People, Permission, Person, Posture
from edge.messages.machines.actuators import Lock, Unlock
from edge.messages.machines.cleared import Clipped, Passed, Refused, SafeStop
from tests.edge.guard.scene import (
    NOW_S,
    ask,
    box,
    crossing,
    drone_bounds,
    drone_truth,
    go,
    here,
    lease,
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


def with_people(*seen, velocity=(0.0, 0.0, 0.0), at_s=NOW_S):
    return robot_truth(whereabouts=here(velocity=velocity), people=People(at_s, seen))


def test_s4_it_slows_down_for_somebody_ahead_and_stops_for_somebody_near():
    # At v: 0.7 v + v² / 3 to stop, 1.15 m to keep, half a metre a second until it stands.
    given_mps = []
    for ahead_m in (4.9, 4.85, 3.0, 1.8, 1.5):
        verdict = Guard(robot_bounds()).judge(
            move(1.6), with_people(Person(ahead_m, 0.0)), NOW_S
        )
        if isinstance(verdict, Passed | Clipped):
            given_mps.append(verdict.cleared.command.east_mps)
        else:
            given_mps.append(verdict.why)
    assert given_mps == [
        pytest.approx(1.6),
        pytest.approx(1.6),
        pytest.approx(1.0),
        pytest.approx(0.2),
        "somebody is in the way",
    ]


def fits(speed_mps, ahead_m):
    stands_s = 0.7 + speed_mps / 1.5
    return ahead_m - (0.7 * speed_mps + speed_mps**2 / 3) >= 1.15 + 0.5 * stands_s


@pytest.mark.parametrize("ahead_m", [1.6, 1.9, 2.4, 2.9, 3.4, 3.8, 4.2, 4.6, 5.0])
def test_s4_it_is_as_fast_as_it_can_stop(ahead_m):
    question = ask(robot_bounds(), with_people(Person(ahead_m, 0.0)), move(1.6))
    ruling = yielding.slow_for_people(question)
    fitting = [part for part in range(1, 9) if fits(1.6 * part / 8, ahead_m)]
    if not fitting:
        assert (ruling.reason, ruling.stop) == ("people", True)
    elif max(fitting) == 8:
        assert ruling is None
    else:
        assert ruling.most == pytest.approx(0.2 * max(fitting))
        assert (ruling.what, ruling.why) == ("speed_mps", "for people")


def test_s4_somebody_who_walks_into_the_way_counts_before_being_there():
    crossing_over = Person(3.0, 3.0, 0.0, -2.0)
    assert yielding.slow_for_people(
        ask(robot_bounds(), with_people(crossing_over), move(1.6))
    ).most < 1.6  # fmt: skip
    walking_away = Person(3.0, 3.0, 0.0, 2.0)
    assert yielding.slow_for_people(
        ask(robot_bounds(), with_people(walking_away), move(1.6))
    ) is None  # fmt: skip
    coming = ask(robot_bounds(), with_people(Person(5.5, 0.0, -1.5, 0.0)), move(1.6))
    assert yielding.slow_for_people(coming).most < 1.6
    gone = ask(robot_bounds(), with_people(Person(5.5, 0.0, 1.5, 0.0)), move(1.6))
    assert yielding.slow_for_people(gone) is None


def test_s4_somebody_behind_is_left_behind():
    for person, free in ((Person(-0.7, 0.0), True), (Person(0.7, 0.0), False)):
        ruling = yielding.slow_for_people(ask(robot_bounds(), with_people(person), move(1.0)))
        assert (ruling is None) == free
    north = ask(robot_bounds(), with_people(Person(0.0, -0.7)), move(0.0, 1.0))
    assert yielding.slow_for_people(north) is None
    beside = ask(robot_bounds(), with_people(Person(0.0, 0.7)), move(1.0))
    assert yielding.slow_for_people(beside) is None
    ahead = ask(robot_bounds(), with_people(Person(0.0, 0.7)), move(0.0, 1.0))
    assert yielding.slow_for_people(ahead).stop
    # Everybody is looked at, not only the first.
    both = with_people(Person(-0.7, 0.0), Person(1.0, 0.0))
    assert yielding.slow_for_people(ask(robot_bounds(), both, move(1.0))).stop


def test_s4_what_does_not_see_does_not_move():
    for told, why in (
        (None, "it cannot see whether people are near"),
        (People(NOW_S - 0.6), "it has not looked for people for 0.6 s"),
    ):
        truth = robot_truth(people=told, whereabouts=here(velocity=(1.0, 0.0, 0.0)))
        for ruling in (
            yielding.slow_for_people(ask(robot_bounds(), truth, move(1.0))),
            yielding.now(ask(robot_bounds(), truth)),
        ):
            assert (ruling.reason, ruling.why, ruling.stop) == ("people", why, True)
    seeing = robot_truth(people=People(NOW_S - 0.5))
    assert yielding.slow_for_people(ask(robot_bounds(), seeing, move(1.0))) is None
    assert (
        yielding.slow_for_people(ask(robot_bounds(), with_people(Person(1, 0)), move())) is None
    )


def test_s4_somebody_who_comes_into_the_way_stops_it():
    # 1.5 m/s: 0.3 m and 0.75 m of braking, 1.15 m and 0.6 m more.
    for ahead_m, stopped in ((2.81, False), (2.79, True)):
        truth = with_people(Person(ahead_m, 0.0), velocity=(1.5, 0.0, 0.0))
        stop = yielding.now(ask(robot_bounds(), truth))
        assert (stop is not None) == stopped
    assert (stop.why, stop.stop) == ("somebody comes into the way", True)
    assert Guard(robot_bounds()).watch(truth, NOW_S).reason == "people"
    slowly = with_people(Person(0.5, 0.0), velocity=(0.1, 0.0, 0.0))
    assert yielding.now(ask(robot_bounds(), slowly)) is None
    crawling = with_people(Person(0.5, 0.0), velocity=(0.11, 0.0, 0.0))
    assert yielding.now(ask(robot_bounds(), crawling)).stop


def test_s4_the_speed_it_has_counts_as_much_as_the_one_it_wishes():
    truth = with_people(Person(3.0, 0.0), velocity=(1.8, 0.0, 0.0))
    assert yielding.slow_for_people(ask(robot_bounds(), truth, move(0.2))).stop


@settings(max_examples=100, deadline=None)
@given(
    st.floats(0.5, 8.0), st.floats(-math.pi, math.pi), st.floats(0.0, 2.0),
    st.floats(-math.pi, math.pi), st.floats(0.2, 5.0),
)  # fmt: skip
def test_s4_in_every_encounter_it_stands_before_anybody(
    away_m, at_rad, pace_mps, to_rad, wished_mps
):
    """The robot drives east as fast as it is let, a tenth of a second at a time."""
    guard = Guard(robot_bounds())
    person = [away_m * math.cos(at_rad), away_m * math.sin(at_rad)]
    walk = (pace_mps * math.cos(to_rad), pace_mps * math.sin(to_rad))
    east_m, speed_mps = 0.0, 0.0
    for tick in range(60):
        now_s = NOW_S + tick / 10
        seen = Person(person[0] - east_m, person[1], *walk)
        truth = robot_truth(
            now_s, whereabouts=here(east_m, velocity=(speed_mps, 0.0, 0.0), at_s=now_s),
            people=People(now_s, (seen,)),
        )  # fmt: skip
        wanted_mps = 0.0
        stop = guard.watch(truth, now_s)
        verdict = guard.judge(move(wished_mps, number=tick + 1, at_s=now_s), truth, now_s)
        if stop is None and isinstance(verdict, Passed | Clipped):
            wanted_mps = verdict.cleared.command.east_mps
        speed_mps += min(0.08, max(-0.15, wanted_mps - speed_mps))
        east_m += speed_mps / 10
        ahead = person[0] - east_m > 0
        person = [person[0] + walk[0] / 10, person[1] + walk[1] / 10]
        gap_m = math.hypot(person[0] - east_m, person[1])
        if ahead and speed_mps > 0.16:
            assert gap_m > 0.65, (tick, speed_mps)


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
