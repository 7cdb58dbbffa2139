"""A tour being worked on: what it costs now, and what a change would make of that."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.native.replan.problem import Problem

Int = np.int64
Ints = NDArray[np.int64]

EXACT_TRIES = 4  # places whose promised cost is checked by driving the whole order


class Terrain:
    """The problem in the shapes the search reads fast; never changes."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.end = problem.end
        self.first_free = len(problem.locked)
        """Index of the first stop in an order that may be moved."""
        service = np.array([0, *(stop.service_ms for stop in problem.stops), 0], dtype=Int)
        self.leg = problem.travel_ms.astype(Int) + service[:, None]
        """From the beginning of service at one node to the arrival at another."""
        self.leg_to = np.ascontiguousarray(self.leg.T)
        self.legs: list[list[int]] = self.leg.tolist()
        self.price = problem.travel_ms.astype(Int) + self._change_prices()
        """What a link adds to the cost whenever it is driven."""
        self.price_to = np.ascontiguousarray(self.price.T)
        self.windows = [(), *(stop.windows for stop in problem.stops)]
        self.late_weights = [0, *(stop.late_weight for stop in problem.stops)]
        self.drops = [0, *(stop.drop_ms for stop in problem.stops)]
        self.with_gaps = any(len(spans) > 1 for spans in self.windows)
        self.wait_pct = problem.prices.wait_pct
        self.overtime_weight = problem.prices.overtime_weight

    def _change_prices(self) -> Ints:
        """Return the price of each link for breaking the order before."""
        n = self.problem.end + 1
        prices = np.zeros((n, n), dtype=Int)
        chain = (0, *self.problem.order_before)
        prices[np.ix_(chain, chain)] = self.problem.prices.change_ms
        prices[chain[:-1], chain[1:]] = 0
        return prices

    def price_of(self, order: Sequence[int]) -> int:
        """Return what the links of an order cost."""
        nodes = [0, *order, self.end]
        return int(self.price[nodes[:-1], nodes[1:]].sum())

    def time_cost(self, order: Sequence[int]) -> int:
        """Return what waiting, lateness and overtime of an order cost."""
        legs, windows = self.legs, self.windows
        clock, here = self.problem.start_ms, 0
        wait = late = 0
        for node in order:
            clock += legs[here][node]
            here = node
            spans = windows[node]
            if spans:
                for opens, closes in spans:
                    if clock <= closes:
                        if clock < opens:
                            wait += opens - clock
                            clock = opens
                        break
                else:
                    late += self.late_weights[node] * (clock - spans[-1][1])
        over = clock + legs[here][self.end] - self.problem.shift_end_ms
        return wait * self.wait_pct // 100 + late + max(0, over) * self.overtime_weight

    def cost(self, order: Sequence[int]) -> int:
        """Return the whole cost of an order."""
        left_out = sum(self.drops) - sum(self.drops[node] for node in order)
        return self.price_of(order) + self.time_cost(order) + left_out


class Tour:
    """An order with its clock, ready to judge where one more stop fits.

    Arrays have one entry per place: between `nodes[k]` and `nodes[k + 1]`.
    """

    def __init__(self, terrain: Terrain, order: Sequence[int]) -> None:
        self.terrain = terrain
        self.order = list(order)
        self._time_cost: int | None = None
        self._drive()

    @property
    def time_cost(self) -> int:
        """What waiting, lateness and overtime cost now."""
        if self._time_cost is None:
            self._time_cost = self.terrain.time_cost(self.order)
        return self._time_cost

    def _drive(self) -> None:
        """Run the clock forwards, then see backwards how much delay each arrival bears."""
        terrain = self.terrain
        legs, windows = terrain.legs, terrain.windows
        nodes = [0, *self.order, terrain.end]
        clock, here = terrain.problem.start_ms, 0
        begins, arrivals, waits = [clock], [], []
        for node in nodes[1:]:
            clock += legs[here][node]
            here = node
            arrivals.append(clock)
            wait = 0
            for opens, closes in windows[node] if node < terrain.end else ():
                if clock <= closes:
                    wait = max(0, opens - clock)
                    clock += wait
                    break
            waits.append(wait)
            begins.append(clock)
        slack = max(0, terrain.problem.shift_end_ms - clock)
        rate, later = terrain.overtime_weight, 0
        slacks, rates, waiting = [slack], [rate], [later]
        for index in range(len(nodes) - 2, 0, -1):
            node = nodes[index]
            spans = windows[node]
            if spans:
                bears = max(0, spans[-1][1] - begins[index])
                if bears < slack:
                    slack, rate = bears, terrain.late_weights[node]
                slack += waits[index - 1]
                later += waits[index - 1]
            slacks.append(slack)
            rates.append(rate)
            waiting.append(later)
        self.nodes = np.array(nodes)
        self.begin = np.array(begins[:-1], dtype=Int)  # at nodes[k]
        self.arrival = np.array(arrivals, dtype=Int)  # at nodes[k + 1], as the next three
        self.slack = np.array(slacks[::-1], dtype=Int)
        self.rate = np.array(rates[::-1], dtype=Int)
        self.waiting = np.array(waiting[::-1], dtype=Int)
        self.end_ms = arrivals[-1]

    def best_place(self, node: int, *, second: bool = False) -> tuple[int, int]:
        """Return (index in the order, added cost) of the cheapest place for a stop.

        With `second` the place that looks best is passed over, if there is another.
        """
        terrain = self.terrain
        before, after = self.nodes[:-1], self.nodes[1:]
        links = (
            terrain.price_to[node][before]
            + terrain.price[node][after]
            - terrain.price[before, after]
        )
        bound, exact = self._bound(node, links, after)
        bound[: terrain.first_free] = np.iinfo(Int).max
        if second and len(bound) - terrain.first_free > 1:
            bound[int(bound.argmin())] = np.iinfo(Int).max
        best: tuple[int, int] | None = None
        for _ in range(EXACT_TRIES):
            place = int(bound.argmin())
            if best is not None and bound[place] >= best[1]:
                break
            if exact[place]:
                added = int(bound[place])
            else:
                order = [*self.order[:place], node, *self.order[place:]]
                added = int(links[place]) + terrain.time_cost(order) - self.time_cost
            if best is None or added < best[1]:
                best = (place, added)
            bound[place] = np.iinfo(Int).max
        assert best is not None, "an order always has a place after the locked stops"
        return best

    def _bound(self, node: int, links: Ints, after: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Return a lower bound of the added cost at each place, and where it is exact."""
        terrain = self.terrain
        arrives = self.begin + terrain.leg_to[node][self.nodes[:-1]]
        begins = arrives
        cost = links
        spans = terrain.windows[node]
        if spans:
            begins = arrives.copy()
            for opens, closes in reversed(spans):
                begins[arrives <= closes] = np.maximum(arrives, opens)[arrives <= closes]
            late = np.maximum(arrives - spans[-1][1], 0)
            cost = cost + late * terrain.late_weights[node]
            cost += (begins - arrives) * terrain.wait_pct // 100
        delay = begins + terrain.leg[node][after] - self.arrival
        cost = cost + np.maximum(delay - self.slack, 0) * self.rate
        saves = np.minimum(np.maximum(delay, 0), self.waiting) * terrain.wait_pct // 100
        exact = (delay <= self.slack) & (delay >= 0) & (saves == 0)
        if terrain.with_gaps:
            exact[:] = False
        return cost - saves, exact

    def insert(self, node: int, place: int) -> None:
        """Put a stop at an index of the order."""
        self.order.insert(place, node)
        self._time_cost = None
        self._drive()
