"""The plain search for problems with more to keep to than windows: everything is simulated.

Loads, pairs, breaks, energy, traffic, deadlines and announced arrivals all count by simulating
the whole order for every place that is tried. Very slow, and therefore hard to get wrong.
"""

from collections.abc import Iterator

from edge.native.replan.problem import Budget, Problem
from edge.native.replan.reference.ruin import Lots
from edge.native.replan.reference.simulate import simulate

MOST_REMOVED = 6  # groups taken out in one round

Group = tuple[int, ...]


def is_plain(problem: Problem) -> bool:
    """Tell whether nothing counts but travel, windows, drops and the order before."""
    return not problem.is_laden and all(
        stop.deadline_ms is None and stop.announced is None and stop.doubtful is None
        for stop in problem.stops
    )


def groups_of(problem: Problem) -> list[Group]:
    """Return what is put in and taken out together: pairs, and every other stop alone."""
    paired = {node for pair in problem.pairs for node in pair}
    singles = [(node,) for node in range(1, problem.end) if node not in paired]
    return [*singles, *problem.pairs]


def put_in(problem: Problem, order: list[int], group: Group) -> tuple[int, list[int]]:
    """Return (cost, order) with a group put in where it costs least."""
    orders = _with_group(order, group, len(problem.locked))
    return min((simulate(problem, changed).cost_ms, changed) for changed in orders)


def _with_group(order: list[int], group: Group, first: int) -> Iterator[list[int]]:
    """Yield the order with a group put in at every place, its stops in their order."""
    if not group:
        yield order
        return
    node, rest = group[0], group[1:]
    for place in range(first, len(order) + 1):
        yield from _with_group([*order[:place], node, *order[place:]], rest, place + 1)


class LadenSearch:
    """One run of the search; `order` is the best so far at any time."""

    def __init__(self, problem: Problem, order: list[int], budget: Budget) -> None:
        self.problem = problem
        self.order = order
        self.cost = simulate(problem, order).cost_ms
        self.rounds = 0
        self._budget = budget
        self._lots = Lots(budget.seed)
        locked = set(problem.locked)
        # Of a pair whose pickup is locked, the delivery goes alone.
        free = [tuple(v for v in group if v not in locked) for group in groups_of(problem)]
        self._groups = [group for group in free if group]

    def put_in_missing(self) -> None:
        """Put every stop that is in no order where it costs least, if that pays."""
        self._recreate(self.order, self._missing(self.order), generous=False)

    def shed(self) -> None:
        """Take out what does not pay."""
        self._take(*self._thinned(self.cost, self.order))

    def run(self) -> None:
        """Search until the budget is spent."""
        while self._groups and self._more():
            self.rounds += 1
            taken = self._some(self._groups, 1 + self._lots.below(MOST_REMOVED))
            gone = {node for group in taken for node in group}
            left = [node for node in self.order if node not in gone]
            pool = self._some(self._missing(left), len(self._groups))
            self._recreate(left, pool, generous=self._lots.below(2) == 0)

    def _more(self) -> bool:
        limit = self._budget.iterations
        return (limit is None or self.rounds < limit) and not self._budget.out_of_time()

    def _missing(self, order: list[int]) -> list[Group]:
        return [group for group in self._groups if group[-1] not in order]

    def _some(self, groups: list[Group], count: int) -> list[Group]:
        """Return so many groups drawn by chance, in the order they were drawn."""
        pool = list(groups)
        return [pool.pop(self._lots.below(len(pool))) for _ in range(min(count, len(pool)))]

    def _recreate(self, order: list[int], pool: list[Group], *, generous: bool) -> None:
        """Put groups in, what does not pay too if it is generous; then take that out again."""
        cost = simulate(self.problem, order).cost_ms
        for group in pool:
            with_it = put_in(self.problem, order, group)
            if with_it[0] < cost or (generous and self._lots.below(2) == 0):
                cost, order = with_it
        self._take(*(self._thinned(cost, order) if generous else (cost, order)))

    def _thinned(self, cost: int, order: list[int]) -> tuple[int, list[int]]:
        """Return (cost, order) without the groups that cost more than their price."""
        while True:
            orders = [
                [node for node in order if node not in group]
                for group in self._groups
                if group[-1] in order
            ]
            thinner = min(
                ((simulate(self.problem, less).cost_ms, less) for less in orders),
                default=(cost, order),
            )
            if thinner[0] >= cost:
                return cost, order
            cost, order = thinner

    def _take(self, cost: int, order: list[int]) -> None:
        """Take an order over if it costs no more."""
        if cost <= self.cost:
            self.order, self.cost = order, cost
