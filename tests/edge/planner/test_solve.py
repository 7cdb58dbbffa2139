"""The search: never worse than what it was given, and near the best there is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.native.replan.reference import normal_order, simulate, solve
from edge.native.replan.reference.moves import _kinds
from edge.native.replan.reference.ruin import Lots
from edge.native.replan.reference.tour import Terrain, Tour
from edge.planner.problem import Budget, Prices, Problem, ProblemStop, never
from tests.edge.planner.known.exact import best_order
from tests.edge.planner.known.instances import HOUR_MS, chance_problem, laden_problems, problems

starts = st.lists(st.integers(1, 6), max_size=9)


def start_for(problem, nodes):
    return [node for node in nodes if node < problem.end]


@settings(deadline=None)
@given(problems(), starts, st.integers(0, 12))
def test_no_start_and_no_budget_gives_a_worse_order_than_the_start(problem, nodes, rounds):
    start = start_for(problem, nodes)
    found = solve(problem, start, Budget(rounds))
    given_cost = simulate(problem, normal_order(problem, start)).cost_ms
    assert found.cost_ms <= found.baseline.cost_ms <= given_cost
    assert found.cost_ms == simulate(problem, found.order).cost_ms
    assert found.order[: len(problem.locked)] == problem.locked
    assert set(found.order) | set(found.left_out) == set(range(1, problem.end))
    assert found.rounds <= rounds


@settings(deadline=None, max_examples=60)
@given(problems(most_stops=5), starts)
def test_no_order_is_cheaper_than_the_exact_best(problem, nodes):
    best_cost, order = best_order(problem)
    assert simulate(problem, order).cost_ms == best_cost
    found = solve(problem, start_for(problem, nodes), Budget(60))
    assert found.cost_ms >= best_cost


@settings(deadline=None, max_examples=30)
@given(laden_problems(most_stops=4), starts, st.integers(0, 8))
def test_with_more_to_keep_to_no_order_gets_worse_or_breaks_a_pair(problem, nodes, rounds):
    start = [node for node in nodes if node < problem.end]
    found = solve(problem, start, Budget(rounds))
    assert best_order(problem)[0] <= found.cost_ms <= found.baseline.cost_ms
    assert found.cost_ms <= simulate(problem, normal_order(problem, start)).cost_ms
    assert found.order[: len(problem.locked)] == problem.locked


@pytest.mark.parametrize("windowed", [0.0, 0.5, 1.0])
def test_the_best_order_of_eight_stops_is_found(windowed):
    rng = np.random.default_rng(8)
    for _ in range(4):
        problem = chance_problem(rng, 8, windowed=windowed)
        assert solve(problem, [], Budget(150)).cost_ms == best_order(problem)[0]


@given(problems(), starts, st.integers(0, 2**32))
@settings(deadline=None, max_examples=30)
def test_the_same_question_gives_the_same_answer(problem, nodes, seed):
    start = start_for(problem, nodes)
    first = solve(problem, start, Budget(20, seed=seed))
    assert solve(problem, start, Budget(20, seed=seed)) == first


def test_when_time_is_out_missing_stops_are_still_put_in():
    problem = chance_problem(np.random.default_rng(3), 30)
    found = solve(problem, list(range(1, 28)), Budget(out_of_time=lambda: True))
    assert found.rounds == 0
    assert set(found.order) == set(range(1, 31))
    assert simulate(problem, found.order) == found.baseline


def test_the_search_stops_between_rounds_when_told():
    asked = []

    def out_of_time():
        asked.append(True)
        return len(asked) > 7

    problem = chance_problem(np.random.default_rng(4), 20)
    assert solve(problem, [], Budget(out_of_time=out_of_time)).rounds == 7
    assert len(asked) == 8


def test_one_added_stop_goes_to_the_best_of_all_places():
    rng = np.random.default_rng(5)
    for _ in range(10):
        problem = chance_problem(rng, 25, windowed=0.3)
        order = solve(problem, [], Budget(50)).order
        new, rest = order[3], [node for node in order if node != order[3]]
        found = solve(problem, rest, Budget(0))
        costs = [
            simulate(problem, [*rest[:place], new, *rest[place:]]).cost_ms
            for place in range(len(rest) + 1)
        ]
        assert found.cost_ms == min(costs)


def full_day(priorities_ms, shift_end_ms):
    n = len(priorities_ms)
    travel = np.full((n + 2, n + 2), 600_000, dtype=np.int32)
    stops = tuple(ProblemStop(600_000, price) for price in priorities_ms)
    return Problem(travel, stops, shift_end_ms=shift_end_ms)


@pytest.mark.parametrize("rounds", [0, 40])
def test_a_shift_that_is_too_short_leaves_out_what_matters_least(rounds):
    prices = [HOUR_MS * hours for hours in (50, 10, 90, 20, 70, 30)]
    problem = full_day(prices, shift_end_ms=5 * 600_000 + 4 * 600_000)
    for start in ([1, 2, 3, 4, 5, 6], []):
        found = solve(problem, start, Budget(rounds))
        assert found.simulation.overtime_ms == 0
        assert found.left_out == (2, 4)


def test_the_locked_stop_is_served_even_after_the_shift():
    problem = full_day([HOUR_MS] * 3, shift_end_ms=0)
    locked = Problem(problem.travel_ms, problem.stops, shift_end_ms=0, locked=(2,))
    assert solve(locked, [1, 2, 3], Budget(10)).order == (2,)


def test_a_stop_goes_back_into_the_plan_when_there_is_time_again():
    found = solve(full_day([HOUR_MS] * 4, shift_end_ms=10 * HOUR_MS), [1, 3], Budget(0))
    assert set(found.order) == {1, 2, 3, 4}


def test_a_promise_moves_a_stop_forward_and_back_again():
    rng = np.random.default_rng(11)
    free = chance_problem(rng, 12, windowed=0)
    order = solve(free, [], Budget(60)).order
    last = order[-1]
    promised = list(free.stops)
    promised[last - 1] = ProblemStop(60_000, 20 * HOUR_MS, ((0, HOUR_MS // 3),))
    urgent = Problem(free.travel_ms, tuple(promised))
    assert simulate(urgent, order).late_ms[-1] > 0
    found = solve(urgent, order, Budget(60))
    assert sum(found.simulation.late_ms) == 0
    assert solve(free, found.order, Budget(60)).cost_ms <= simulate(free, order).cost_ms * 1.01


def test_change_is_made_only_for_a_gain_above_its_price():
    rng = np.random.default_rng(12)
    free = chance_problem(rng, 14, windowed=0)
    chance = [int(node) for node in rng.permutation(np.arange(1, 15))]
    moved_links = []
    for change_ms in (0, 400_000, 10 * HOUR_MS):
        priced = Problem(
            free.travel_ms,
            free.stops,
            order_before=tuple(chance),
            prices=Prices(change_ms=change_ms),
        )
        found = solve(priced, chance, Budget(80))
        moved_links.append(
            sum(
                chance.index(b) != chance.index(a) + 1
                for a, b in zip(found.order, found.order[1:], strict=False)
            )
        )
    assert moved_links[0] > moved_links[1] > moved_links[2] == 0


@given(problems(most_stops=6), st.data())
def test_the_fast_cost_is_the_simulated_one(problem, data):
    free = [n for n in range(1, problem.end) if n not in problem.locked]
    tail = data.draw(st.permutations(free))
    order = [*problem.locked, *tail[: data.draw(st.integers(0, len(tail)))]]
    assert Terrain(problem).cost(order) == simulate(problem, order).cost_ms


@given(problems(most_stops=6), st.data())
def test_every_move_costs_in_links_what_it_says(problem, data):
    terrain = Terrain(problem)
    free = [n for n in range(1, problem.end) if n not in problem.locked]
    order = [*problem.locked, *data.draw(st.permutations(free))]
    if len(order) - terrain.first_free < 2:
        return
    for links, move in _kinds(terrain, order):
        for row, column in np.argwhere(links < np.iinfo(np.int64).max // 8):
            changed = move(order, int(row), int(column))
            assert sorted(changed) == sorted(order)
            assert changed != order
            assert changed[: terrain.first_free] == list(problem.locked)
            added = terrain.price_of(changed) - terrain.price_of(order)
            assert added == links[row, column]


@given(problems(most_stops=6), st.data())
def test_what_a_place_adds_is_never_promised_too_dear(problem, data):
    terrain = Terrain(problem)
    free = [n for n in range(1, problem.end) if n not in problem.locked]
    tail = data.draw(st.permutations(free))
    if not tail:
        return
    node, order = tail[0], [*problem.locked, *tail[1:]]
    place, added = Tour(terrain, order).best_place(node)
    assert place >= terrain.first_free
    with_it = [*order[:place], node, *order[place:]]
    true = terrain.price_of(with_it) + terrain.time_cost(with_it)
    true -= terrain.price_of(order) + terrain.time_cost(order)
    assert abs(added - true) <= 1  # a hundredth of the wait is rounded


def test_lots_are_drawn_evenly_and_the_same_everywhere():
    lots = Lots(1)
    assert [lots.below(1000) for _ in range(5)] == FIRST_LOTS
    counts = np.bincount([lots.below(7) for _ in range(7000)], minlength=7)
    assert counts.min() > 850
    assert not never()


FIRST_LOTS = [501, 23, 749, 426, 544]  # by the same generator in C
