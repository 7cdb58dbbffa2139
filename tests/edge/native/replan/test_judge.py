"""What the judge makes of breaks, loads, pairs, energy, traffic, deadlines: days by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.native.replan.kernel import solve
from edge.native.replan.problem import (
    BREACH_MS,
    Break,
    Budget,
    Energy,
    Prices,
    Problem,
    ProblemStop,
    TravelSlices,
)
from edge.native.replan.reference import normal_order, simulate, with_stop
from edge.native.replan.reference.driving import arrival_ms
from edge.native.replan.reference.simulate import Pause

# Start, three stops and the station on a line, 100 ms from one to the next.
PLACES = np.array([0, 100, 200, 300, 0])
LINE = np.abs(PLACES[:, None] - PLACES[None, :]).astype(np.int32)
ORDER = (1, 2, 3)


def line(*changes, **extra):
    """Three stops of 10 ms each, some of them changed."""
    plain = ProblemStop(service_ms=10, drop_ms=5000)
    stops = [replace(plain, **change) for change in changes]
    return Problem(LINE, (*stops, plain, plain, plain)[:3], **extra)


def one_class(starts_ms, *permille):
    return TravelSlices(
        starts_ms, np.zeros((5, 5), dtype=np.uint8), np.array([permille], dtype=np.int32)
    )


def test_a_deadline_missed_is_a_breach_by_so_much():
    driven = simulate(line({}, {"deadline_ms": 205}, {"deadline_ms": 320}), ORDER)
    assert driven.missed == (2,)
    assert driven.breach_cost_ms == BREACH_MS + 5


def test_a_deadline_counts_when_service_begins():
    driven = simulate(line({"deadline_ms": 120, "windows": ((150, 200),)}), ORDER)
    assert driven.missed == (1,)


def test_an_arrival_outside_the_span_that_was_told_has_its_price():
    told = [{"announced": (130, 150)}, {"announced": (200, 210)}, {"announced": (0, 300)}]
    problem = line(*told, prices=Prices(announced_weight=3))
    assert simulate(problem, ORDER).announced_cost_ms == 3 * (30 + 0 + 20)


def test_a_doubtful_arrival_costs_the_more_the_later_it_is_but_never_more_than_being_late():
    arrivals = (100, 210, 320)
    doubts = [{"doubtful": (at - 30, at + 20), "doubt_pct": 250} for at in arrivals]
    problem = line(*doubts)
    assert simulate(problem, ORDER).doubt_cost_ms == 3 * 75
    assert simulate(replace(problem, start_ms=-30), ORDER).doubt_cost_ms == 0
    assert simulate(replace(problem, start_ms=900), ORDER).doubt_cost_ms == 3 * 125
    assert simulate(problem, (1,)).doubt_cost_ms == 75


@pytest.mark.parametrize(
    ("opens", "closes", "place", "begins"),
    [
        (-5, 900, 0, 0),  # at the start
        (110, 900, 1, 110),  # open at the very departure
        (111, 900, 2, 220),  # at the first departure after it has opened
        (200, 219, 1, 110),  # serving the next would end a millisecond too late
        (200, 220, 2, 220),
        (900, 900, None, None),  # the day is over before
        (500, 629, 3, 330),  # for the way home, too
    ],
)
def test_a_break_is_taken_at_a_departure(opens, closes, place, begins):
    driven = simulate(line(breaks=(Break(opens, closes, 50),)), ORDER)
    assert driven.pauses == (() if place is None else (Pause(place, begins, 50),))
    assert driven.end_ms == 630 + (0 if place is None else 50)
    assert driven.travel_cost_ms == 600  # a break is not driving


def test_what_is_waited_for_counts_before_a_break():
    windows = {"windows": ((300, 400),)}
    early = simulate(line({}, windows, breaks=(Break(200, 300, 50),)), ORDER)
    assert early.pauses == (Pause(1, 110, 50),)
    assert early.end_ms == simulate(line({}, windows), ORDER).end_ms  # it fits into the wait


def test_two_breaks_may_be_due_at_once():
    driven = simulate(line(breaks=(Break(0, 50, 20), Break(60, 65, 7))), ORDER)
    assert driven.pauses == (Pause(0, 0, 20), Pause(0, 20, 7))


def test_each_overloaded_leg_is_a_breach():
    problem = line({"load": (3, 0)}, {"load": (-4, 1)}, {}, on_board=(6, 1), capacity=(5, 1))
    driven = simulate(problem, ORDER)
    assert driven.excess == (1, 0, 2, 2)
    assert driven.breach_cost_ms == 3 * BREACH_MS + 5


def test_a_pair_is_whole_and_in_order_or_a_breach():
    problem = line(pairs=((2, 3),))
    assert simulate(problem, (2, 1, 3)).broken_pairs == ()
    assert simulate(problem, (1,)).broken_pairs == ()
    for order in ((3, 1, 2), (2,), (1, 3)):
        assert simulate(problem, order).broken_pairs == ((2, 3),)
        assert simulate(problem, order).breach_cost_ms == BREACH_MS
        assert normal_order(problem, order) == [node for node in order if node == 1]


def test_the_battery_is_told_at_each_arrival():
    energy = Energy(LINE // 100, at_start=3, capacity=4, reserve=1)
    driven = simulate(line({}, {"charge": 9}, energy=energy), ORDER)
    assert driven.energy == (2, 1, 3, 0)
    assert driven.breach_cost_ms == BREACH_MS + 1


@pytest.mark.parametrize(
    ("departs", "arrives"),
    [
        (0, 100),  # done at the very change
        (1, 102),  # the last millisecond takes two
        (50, 200),  # 50 at one pace, 50 at half of it
        (100, 300),
        (999, 1199),
    ],
)
def test_a_way_goes_on_at_the_pace_of_the_next_slice(departs, arrives):
    problem = line(slices=one_class((100,), 1000, 2000))
    assert arrival_ms(problem, 0, 1, departs) == arrives


@given(
    st.sets(st.integers(0, 400), max_size=5),
    st.lists(st.sampled_from([100, 999, 1000, 1001, 1700, 100_000]), min_size=6, max_size=6),
)
def test_who_leaves_later_never_arrives_sooner(starts, permille):
    starts = tuple(sorted(starts))
    problem = line(slices=one_class(starts, *permille[: len(starts) + 1]))
    arrivals = [arrival_ms(problem, 0, 3, departs) for departs in range(-50, 450)]
    assert arrivals == sorted(arrivals)


def test_an_even_pace_of_a_thousand_changes_nothing():
    plain, sliced = line(), line(slices=one_class((50, 333), 1000, 1000, 1000))
    assert simulate(plain, ORDER) == simulate(sliced, ORDER)


def test_who_is_asked_to_put_in_a_pickup_puts_in_its_delivery_too():
    problem = line(pairs=((3, 2),))
    assert with_stop(problem, [1], 2).order == with_stop(problem, [1], 3).order
    assert with_stop(problem, [1], 3).broken_pairs == ()


@pytest.mark.parametrize(("at_start", "visited"), [(6, {1, 3}), (5, {1, 2, 3})])
def test_a_charger_is_visited_only_where_it_is_needed(at_start, visited):
    aside = LINE.copy()
    aside[2, :] += 5
    aside[:, 2] += 5
    energy = Energy(LINE // 100, at_start, capacity=6, reserve=0)
    stops = line({}, {"charge": 9, "drop_ms": 0}, energy=energy).stops
    found = solve(Problem(aside, stops, energy=energy), [], Budget(50))
    assert set(found.order) == visited
    assert found.simulation.breach_cost_ms == 0


def test_the_cold_chain_leaves_out_what_comes_too_late():
    found = solve(line({"deadline_ms": 99}), ORDER, Budget(50))
    assert found.left_out == (1,)
    assert found.baseline.cost_ms < simulate(line({"deadline_ms": 99}), ORDER).cost_ms


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"capacity": (1,)}, "same dimensions"),
        ({"capacity": (1,) * 4, "on_board": (1,) * 4}, "same dimensions"),
        ({"capacity": (2**31,), "on_board": (0,)}, "exceeds 32 bits"),
        ({"pairs": ((1, 2), (2, 3))}, "pairs name a node twice"),
        ({"pairs": ((1, 4),)}, "no stop"),
        ({"pairs": ((1, 2),), "locked": (2,)}, "locked before its pickup"),
        ({"pairs": ((1, 2),), "locked": (2, 1)}, "locked before its pickup"),
        ({"breaks": (Break(5, 4, 0),)}, "not in rising order"),
        ({"breaks": (Break(0, 9, 1), Break(5, 12, 1))}, "not in rising order"),
        ({"breaks": (Break(0, 1, -1),)}, "a break lasts"),
        ({"breaks": tuple(Break(i, i, 1) for i in range(9))}, "more than 8"),
        ({"energy": Energy(LINE[:4, :4], 1, 1, 0)}, "not int32 of"),
        ({"energy": Energy(LINE - 1, 1, 1, 0)}, "negative"),
        ({"energy": Energy(LINE, 2, 1, 0)}, "at the start 2 of 1"),
        ({"energy": Energy(LINE, 1, 1, -1)}, "reserve"),
        ({"slices": one_class((5, 5), 1, 1, 1)}, "starts rising"),
        ({"slices": one_class((5,), 1000)}, "a column for each"),
        ({"slices": one_class((5,), 1000, 99)}, "a pace lies outside"),
        ({"slices": replace(one_class((), 1000), class_of=LINE)}, "not uint8"),
        (
            {"slices": replace(one_class((), 1000), class_of=np.ones((5, 5), np.uint8))},
            "class 1 has no pace",
        ),
        ({"prices": Prices(announced_weight=10_001)}, "announced_weight"),
        ({"prices": Prices(wait_pct=1_000_001)}, "wait_pct"),
    ],
)
def test_what_fits_no_problem_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        line(**change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"load": (1,)}, "but the capacity is"),
        ({"charge": 1}, "no energy"),
        ({"charge": -1}, "charge is out of bounds"),
        ({"deadline_ms": 2**31}, "the deadline exceeds"),
        ({"announced": (5, 4)}, "no span of arrivals"),
        ({"doubtful": (5, 4)}, "no doubtful span"),
        ({"doubtful": (0, 2**31 - 1), "doubt_pct": 101}, "doubt out of bounds"),
        ({"doubtful": (0, 1), "doubt_pct": -1}, "doubt out of bounds"),
    ],
)
def test_what_fits_no_stop_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        line({}, change)
