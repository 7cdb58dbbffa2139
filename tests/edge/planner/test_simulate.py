"""The judge of every kernel, against hand-worked days and a second implementation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.native.replan.reference import simulate
from edge.planner.problem import Budget, Prices, Problem, ProblemStop
from tests.edge.planner.known.exact import cost_of
from tests.edge.planner.known.instances import laden_problems, problems

# Start, three stops and the station on a line, 100 s from one to the next.
LINE = np.array(
    [
        [0, 100, 200, 300, 0],
        [100, 0, 100, 200, 100],
        [200, 100, 0, 100, 200],
        [300, 200, 100, 0, 300],
        [0, 100, 200, 300, 0],
    ],
    dtype=np.int32,
)


def line(windows=((), (), ()), *, start_ms=0, **extra):
    stops = tuple(ProblemStop(service_ms=10, drop_ms=5000, windows=w) for w in windows)
    return Problem(LINE, stops, start_ms=start_ms, **extra)


def test_a_day_without_promises_costs_its_travel():
    driven = simulate(line(), (1, 2, 3))
    assert driven.arrival_ms == driven.begin_ms == (100, 210, 320)
    assert driven.depart_ms == (110, 220, 330)
    assert driven.end_ms == 630
    assert driven.cost_ms == driven.travel_cost_ms == 600


def test_before_a_window_one_waits_and_after_it_one_is_truly_late():
    driven = simulate(line((((150, 160),), ((0, 50),), ())), (1, 2))
    assert driven.arrival_ms == (100, 260)
    assert driven.begin_ms == (150, 260)
    assert driven.late_ms == (0, 210)
    assert driven.late_cost_ms == 2100


@pytest.mark.parametrize(
    ("start_ms", "begins_ms", "late_ms"),
    [(0, 120, 0), (25, 125, 0), (31, 400, 0), (300, 400, 0), (320, 420, 0), (400, 500, 50)],
)
def test_of_several_windows_the_next_open_one_counts(start_ms, begins_ms, late_ms):
    problem = line((((120, 130), (400, 450)), (), ()), start_ms=start_ms)
    driven = simulate(problem, (1,))
    assert (driven.begin_ms[0], driven.late_ms[0]) == (begins_ms, late_ms)


def test_each_part_of_the_cost_has_its_price():
    prices = Prices(wait_pct=50, overtime_weight=7, change_ms=1000)
    problem = line(
        (((150, 160),), (), ()), shift_end_ms=300, order_before=(2, 1), prices=prices
    )
    driven = simulate(problem, (1, 2))
    assert driven.travel_cost_ms == 400
    assert driven.wait_cost_ms == 25
    assert driven.overtime_cost_ms == 7 * (470 - 300)
    assert driven.drop_cost_ms == 5000
    assert driven.change_cost_ms == 2000  # neither start-1 nor 1-2 is a link of 2, 1


@pytest.mark.parametrize(
    ("before", "order", "broken"),
    [
        ((1, 2, 3), (1, 2, 3), 0),
        ((), (3, 1, 2), 0),
        ((1, 3), (1, 2, 3), 0),  # a new stop put in
        ((1, 2, 3), (2, 3), 1),  # the first left out: the start goes elsewhere
        ((1, 2, 3), (1, 2), 0),  # the last left out
        ((1, 2, 3), (2, 3, 1), 2),
        ((1, 2, 3), (3, 2, 1), 3),
    ],
)
def test_a_broken_link_is_one_between_known_stops(before, order, broken):
    problem = line(order_before=before, prices=Prices(change_ms=1))
    assert simulate(problem, order).change_cost_ms == broken


@settings(deadline=None, max_examples=300)
@given(problems() | laden_problems(), st.data())
def test_the_cost_is_that_of_a_second_implementation(problem, data):
    free = [n for n in range(1, problem.end) if n not in problem.locked]
    tail = data.draw(st.permutations(free))
    order = (*problem.locked, *tail[: data.draw(st.integers(0, len(tail)))])
    assert simulate(problem, order).cost_ms == cost_of(problem, order)


@pytest.mark.parametrize("order", [(1, 1), (0,), (4,), (2, 1)])
def test_what_is_no_order_is_refused(order):
    with pytest.raises(ValueError, match=r"order|begin"):
        simulate(line(locked=(1,)), order)


@pytest.mark.parametrize(
    "change",
    [
        {"travel_ms": LINE[:4, :4]},
        {"travel_ms": LINE.astype(np.int64)},
        {"travel_ms": np.asfortranarray(np.triu(LINE))},
        {"travel_ms": LINE - 1},
        {"travel_ms": LINE + 400_000_001},
        {"locked": (1, 1)},
        {"order_before": (4,)},
        {"stops": (ProblemStop(0, 0, ((10, 5),)),) * 3},
        {"stops": (ProblemStop(0, 0, ((0, 5), (4, 9))),) * 3},
        {"stops": (ProblemStop(-1, 0),) * 3},
        {"stops": (ProblemStop(0, 2**31),) * 3},
        {"shift_end_ms": 2**31},
        {"prices": Prices(wait_pct=-1)},
    ],
)
def test_what_is_no_problem_is_refused(change):
    whole = {"travel_ms": LINE, "stops": (ProblemStop(0, 0),) * 3}
    Problem(**whole)
    with pytest.raises(ValueError, match=r".+"):
        Problem(**whole | change)


def test_a_budget_has_a_bound():
    with pytest.raises(ValueError, match="without any bound"):
        Budget()
