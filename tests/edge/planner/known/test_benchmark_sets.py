"""The first planner on real routes and on tours with tight windows.

The figures are what a few hundred rounds reach, not what the kernel in C will have to.
"""

import json

import pytest

from edge.native.replan.reference import simulate, solve
from edge.planner.problem import Budget
from tests.edge.planner.known.instances import amazon_problem, tsptw_problem

ROUNDS = 100

AMAZON = [
    "00092558", "0016bc70", "001b4ee3", "00337a3a", "0036cf37",
    "00573a3d", "00575ca4", "008bf177", "00ae3f5e", "00da9f9b",
]  # fmt: skip
DUMAS = ["n80w80.002", "n80w80.004", "n100w60.001", "n100w60.003", "n100w60.005"]


@pytest.mark.parametrize("name", AMAZON)
def test_a_real_route_is_planned_better_than_it_was_driven(shared, name):
    problem, driven = amazon_problem(shared / f"data/planning/amazon/RouteID_{name}.json.gz")
    by_driver = simulate(problem, driven)
    for start in (driven, []):
        found = solve(problem, start, Budget(ROUNDS))
        assert sum(found.simulation.late_ms) == 0
        assert found.simulation.travel_cost_ms <= by_driver.travel_cost_ms * 0.98
        assert found.left_out == ()


@pytest.mark.parametrize("name", AMAZON)
def test_one_more_stop_costs_at_most_its_best_place(shared, name):
    problem, _ = amazon_problem(shared / f"data/planning/amazon/RouteID_{name}.json.gz")
    order = solve(problem, [], Budget(30)).order
    new = order[len(order) // 2]
    rest = [node for node in order if node != new]
    found = solve(problem, rest, Budget(20))
    best = min(
        simulate(problem, [*rest[:place], new, *rest[place:]]).cost_ms
        for place in range(len(rest) + 1)
    )
    assert found.baseline.cost_ms <= best
    assert found.cost_ms <= best


@pytest.mark.parametrize("name", DUMAS)
def test_tight_windows_are_all_met(shared, name):
    folder = shared / "data/planning/tsptw"
    problem = tsptw_problem(folder / f"Dumas/{name}.txt.gz")
    known = json.loads((folder / "best_known.json").read_bytes())[f"Dumas/{name}.txt"]
    best = simulate(problem, known["tour"])
    assert best.cost_ms == known["travel_cost_recomputed"] * 1000
    found = solve(problem, [], Budget(300))
    assert sum(found.simulation.late_ms) == 0
    assert found.simulation.overtime_ms == 0
    assert best.cost_ms <= found.cost_ms <= best.cost_ms * 1.02
