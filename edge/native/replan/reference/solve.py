"""The search: put missing stops in, walk downhill, then ruin and recreate till told to stop."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.native.replan.problem import Budget, Problem
from edge.native.replan.reference.laden import LadenSearch, groups_of, is_plain, put_in
from edge.native.replan.reference.moves import step
from edge.native.replan.reference.ruin import (
    Lots,
    last_close,
    neighbour_lists,
    recreated,
    ruined,
    shuffled,
)
from edge.native.replan.reference.simulate import Simulation, broken_pairs, simulate
from edge.native.replan.reference.tour import Terrain, Tour

ROUNDS_BETWEEN_STEPS = 16  # of ruin and recreate, before it is worth walking downhill again


@dataclass(frozen=True, slots=True)
class Solution:
    """The best order found, as the judge sees it."""

    simulation: Simulation
    left_out: tuple[int, ...]
    """Stops that cost more than their price, or more time than the shift has."""
    baseline: Simulation
    """The start order with missing stops put in, before any search: what keeping it means."""
    rounds: int

    @property
    def order(self) -> tuple[int, ...]:
        """The nodes to serve, in order."""
        return self.simulation.order

    @property
    def cost_ms(self) -> int:
        """The whole cost."""
        return self.simulation.cost_ms


def solve(problem: Problem, start_order: Sequence[int], budget: Budget) -> Solution:
    """Return an order that costs no more than the one given, however short the budget.

    The start may lack stops, name some twice or miss the locked ones; the locked prefix is put
    first. Stops that lie in no order so far are put in where they add least, even when the
    budget is nothing. Raises ValueError if the start names a node that is no stop.
    """
    given = normal_order(problem, start_order)
    search: _Search | LadenSearch
    if is_plain(problem):
        search = _Search(Terrain(problem), given, budget)
    else:
        search = LadenSearch(problem, given, budget)
    search.put_in_missing()
    baseline = simulate(problem, search.order)
    search.shed()
    search.run()
    left_out = set(range(1, problem.end)) - set(search.order)
    return Solution(
        simulation=simulate(problem, search.order),
        left_out=tuple(sorted(left_out)),
        baseline=baseline,
        rounds=search.rounds,
    )


def normal_order(problem: Problem, order: Sequence[int]) -> list[int]:
    """Return an order with the locked stops first and each stop once.

    A pair that is not whole or the wrong way round is taken out, as far as it is not locked.
    Raises ValueError if it names a node that is no stop.
    """
    if not all(1 <= node < problem.end for node in order):
        raise ValueError(f"the start order names a node that is no stop: {list(order)}")
    whole = list(dict.fromkeys((*problem.locked, *(int(node) for node in order))))
    broken = {node for pair in broken_pairs(problem, whole) for node in pair}
    return [node for node in whole if node not in broken - set(problem.locked)]


def with_stop(problem: Problem, order: Sequence[int], node: int) -> Simulation:
    """Return what an order becomes with one more stop where it adds least.

    The other stop of its pair comes with it, unless the order has it already.
    """
    if not is_plain(problem):
        group = next(group for group in groups_of(problem) if node in group)
        missing = tuple(stop for stop in group if stop not in order)
        return simulate(problem, put_in(problem, list(order), missing)[1])
    place, _ = Tour(Terrain(problem), order).best_place(node)
    return simulate(problem, [*order[:place], node, *order[place:]])


class _Search:
    """One run of the search; `order` is the best so far at any time."""

    def __init__(self, terrain: Terrain, order: list[int], budget: Budget) -> None:
        self.terrain = terrain
        self.order = order
        self.cost = terrain.cost(order)
        self.rounds = 0
        self._budget = budget
        self._lots = Lots(budget.seed)
        self._seeds: list[int] = []

    def put_in_missing(self) -> None:
        """Put every stop that is in no order where it adds least, early windows first."""
        missing = [n for n in range(1, self.terrain.end) if n not in set(self.order)]
        missing.sort(
            key=lambda node: (
                last_close(self.terrain, node),
                -self.terrain.drops[node],
                -self.terrain.legs[0][node],
                node,
            )
        )
        self._seeds = missing[::-1]
        tour = Tour(self.terrain, self.order)
        for node in missing:
            place, added = tour.best_place(node)
            if added < self.terrain.drops[node]:
                tour.insert(node, place)
        self._take(tour.order, self.terrain.cost(tour.order))

    def shed(self) -> None:
        """Leave out what is cheapest for the time it takes, until the shift suffices."""
        terrain, order = self.terrain, list(self.order)
        while Tour(terrain, order).end_ms > terrain.problem.shift_end_ms:
            if len(order) == terrain.first_free:
                break
            del order[self._cheapest_to_leave(order)]
        left_out = sorted(
            set(self.order) - set(order), key=lambda node: (-terrain.drops[node], node)
        )
        if left_out:
            order = recreated(terrain, order, left_out, self._lots)
            self._take(order, terrain.cost(order))

    def _cheapest_to_leave(self, order: list[int]) -> int:
        """Return the index of the stop with the lowest price for the time it takes."""
        legs, drops = self.terrain.legs, self.terrain.drops
        nodes = [0, *order, self.terrain.end]

        def price_of_time(place: int) -> float:
            before, node, after = nodes[place : place + 3]
            saved = legs[before][node] + legs[node][after] - legs[before][after]
            return drops[node] / max(1, saved)

        return min(range(self.terrain.first_free, len(order)), key=price_of_time)

    def run(self) -> None:
        """Search until the budget is spent or there is nothing to choose."""
        if self.terrain.end - 1 - self.terrain.first_free < 2:
            return
        near: list[list[int]] | None = None
        improved, since_step = True, ROUNDS_BETWEEN_STEPS
        while self._more():
            if improved and since_step >= ROUNDS_BETWEEN_STEPS:
                improved = self._downhill()
                if not improved:
                    since_step = 0
            else:
                near = near or neighbour_lists(self.terrain)
                improved = self._ruin_and_recreate(near) or improved
                since_step += 1

    def _more(self) -> bool:
        limit = self._budget.iterations
        return (limit is None or self.rounds < limit) and not self._budget.out_of_time()

    def _missing(self) -> list[int]:
        planned = set(self.order)
        return [node for node in range(1, self.terrain.end) if node not in planned]

    def _downhill(self) -> bool:
        self.rounds += 1
        found = step(self.terrain, self.order, self.cost)
        return found is not None and self._take(*found)

    def _ruin_and_recreate(self, near: list[list[int]]) -> bool:
        self.rounds += 1
        lots = self._lots
        seed = self._seeds.pop() if self._seeds else 1 + lots.below(self.terrain.end - 1)
        left, taken = ruined(self.terrain, self.order, seed, near, lots)
        pool = shuffled(self.terrain, taken + self._missing(), lots)
        order = recreated(self.terrain, left, pool, lots)
        return self._take(order, self.terrain.cost(order))

    def _take(self, order: list[int], cost: int) -> bool:
        """Take an order over if it costs no more; tell whether it costs less."""
        if cost > self.cost:
            return False
        better = cost < self.cost
        self.order, self.cost = order, cost
        return better
