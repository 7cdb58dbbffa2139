"""Re-planning proper: a better order if it is worth the change, else the one people know."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from edge.native.replan.kernel import solve
from edge.native.replan.reference import Simulation
from edge.planner.problem import Budget, Problem


@dataclass(frozen=True, slots=True)
class Replan:
    """The order to drive now, and what became of the old one."""

    simulation: Simulation
    """Of the order to drive."""
    baseline: Simulation
    """Of keeping the old order, with new stops put in where they add least."""
    dropped: tuple[int, ...]
    moved: tuple[int, ...]
    """The fewest stops of the old order that explain the new one, in their new order."""
    kept: bool
    """The old order stands: no stop of it moved, none left out."""
    rounds: int

    @property
    def order(self) -> tuple[int, ...]:
        """The nodes to serve, in order."""
        return self.simulation.order

    @property
    def cost_ms(self) -> int:
        """The whole cost of the order to drive."""
        return self.simulation.cost_ms

    @property
    def gained_ms(self) -> int:
        """What keeping the old order would cost more; 0 if it is kept."""
        return self.baseline.cost_ms - self.simulation.cost_ms


def replan(problem: Problem, plan_order: Sequence[int], budget: Budget) -> Replan:
    """Return the best order found within the budget, never one that costs more than the old.

    The old order may lack stops (new ones), which are put in even when there is no time, and
    may be infeasible. It is left only for a gain beyond the price of change. Raises ValueError
    if it names a node that is no stop.
    """
    solution = solve(problem, plan_order, budget)
    better = solution.cost_ms < solution.baseline.cost_ms
    driven = solution.simulation if better else solution.baseline
    moved = moved_stops(plan_order, driven.order)
    served = set(driven.order)
    return Replan(
        simulation=driven,
        baseline=solution.baseline,
        dropped=tuple(node for node in range(1, problem.end) if node not in served),
        moved=moved,
        kept=not moved and served.issuperset(plan_order),
        rounds=solution.rounds,
    )


def moved_stops(before: Sequence[int], after: Sequence[int]) -> tuple[int, ...]:
    """Return the fewest stops whose moving turns one order into the other.

    These are the stops of both orders that are not on a longest run which kept its order.
    """
    rank = {node: place for place, node in enumerate(before)}
    common = [node for node in after if node in rank]
    tails: list[int] = []  # smallest last rank of a rising run, by length
    run_of: list[int] = []
    for node in common:
        length = bisect_left(tails, rank[node])
        tails[length : length + 1] = [rank[node]]
        run_of.append(length)
    stayed: set[int] = set()
    wanted = len(tails) - 1
    for node, length in zip(reversed(common), reversed(run_of), strict=True):
        if length == wanted:
            stayed.add(node)
            wanted -= 1
    return tuple(node for node in common if node not in stayed)
