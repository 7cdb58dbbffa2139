"""Re-planning: what moved, what was gained, and the old order where nothing pays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.planner.problem import Budget, Prices, Problem
from edge.planner.replan import moved_stops, replan
from tests.edge.planner.known.instances import HOUR_MS, chance_problem, problems


@settings(deadline=None)
@given(problems(), st.lists(st.integers(1, 6), max_size=6), st.integers(0, 10))
def test_a_replan_gains_or_keeps(problem, nodes, rounds):
    before = list(dict.fromkeys(node for node in nodes if node < problem.end))
    found = replan(problem, before, Budget(rounds))
    assert found.gained_ms >= 0
    assert set(found.order) | set(found.dropped) == set(range(1, problem.end))
    if found.kept:
        assert [node for node in found.order if node in before] == before
    if found.gained_ms == 0:
        assert found.simulation == found.baseline


@given(st.permutations(range(1, 9)))
def test_putting_the_moved_stops_aside_leaves_the_old_order(after):
    before = list(range(1, 9))
    moved = moved_stops(before, after)
    assert [node for node in after if node not in moved] == [
        node for node in before if node not in moved
    ]
    assert len(set(moved)) == len(moved)


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ((1, 2, 3, 4), (1, 2, 3, 4), ()),
        ((1, 2, 3, 4), (2, 3, 4, 1), (1,)),
        ((1, 2, 3, 4), (4, 1, 2, 3), (4,)),
        ((1, 2, 3, 4), (1, 9, 2, 4), ()),
        ((), (1, 2), ()),
        ((1, 2, 3), (), ()),
    ],
)
def test_the_fewest_stops_explain_a_change(before, after, moved):
    assert moved_stops(before, after) == moved


def test_an_order_that_is_good_enough_is_kept():
    free = chance_problem(np.random.default_rng(2), 20, windowed=0)
    good = replan(free, [], Budget(100)).order
    wanted = Problem(
        free.travel_ms, free.stops, order_before=good, prices=Prices(change_ms=120_000)
    )
    found = replan(wanted, good, Budget(100))
    assert found.kept
    assert found.order == good
    assert found.gained_ms == 0


def test_a_blocked_road_is_worth_a_change():
    free = chance_problem(np.random.default_rng(2), 20, windowed=0)
    good = replan(free, [], Budget(100)).order
    travel = free.travel_ms.copy()
    travel[good[4], good[5]] = travel[good[9], good[10]] = HOUR_MS
    blocked = Problem(travel, free.stops, order_before=good, prices=Prices(change_ms=20_000))
    found = replan(blocked, good, Budget(100))
    assert not found.kept
    assert found.moved
    assert found.gained_ms > HOUR_MS
    assert found.simulation.change_cost_ms >= 40_000


def test_leaving_an_old_stop_out_is_not_keeping():
    free = chance_problem(np.random.default_rng(2), 6, windowed=0)
    found = replan(
        Problem(free.travel_ms, free.stops, shift_end_ms=900_000), [1, 2, 3], Budget(20)
    )
    assert found.dropped
    assert found.kept == {1, 2, 3}.issubset(found.order)
