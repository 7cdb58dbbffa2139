"""It can always stop before it comes near to somebody."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.guard.guard import Guard
from edge.guard.rules.pavement import yielding
from edge.guard.truth import People, Person
from edge.messages.machines.cleared import Clipped, Passed
from tests.edge.guard.scene import (
    NOW_S,
    ask,
    here,
    move,
    robot_bounds,
    robot_truth,
)


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
        if not ahead and math.hypot(person[0] - east_m, person[1]) < 0.65:
            return  # who walks into its back was not run into
        person = [person[0] + walk[0] / 10, person[1] + walk[1] / 10]
        gap_m = math.hypot(person[0] - east_m, person[1])
        if ahead and speed_mps > 0.16:
            assert gap_m > 0.65, (tick, speed_mps)
