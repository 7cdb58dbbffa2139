"""What really happens when an order is driven, and what it costs: the judge of every kernel."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.native.replan.problem import Problem


@dataclass(frozen=True, slots=True)
class Simulation:
    """An order driven on the problem's clock; one entry per stop in the order."""

    order: tuple[int, ...]
    arrival_ms: tuple[int, ...]
    begin_ms: tuple[int, ...]
    """When service begins: the arrival, or the opening that was waited for."""
    depart_ms: tuple[int, ...]
    late_ms: tuple[int, ...]
    end_ms: int
    overtime_ms: int
    travel_cost_ms: int
    wait_cost_ms: int
    late_cost_ms: int
    overtime_cost_ms: int
    drop_cost_ms: int
    change_cost_ms: int

    @property
    def cost_ms(self) -> int:
        """The whole cost."""
        return (
            self.travel_cost_ms
            + self.wait_cost_ms
            + self.late_cost_ms
            + self.overtime_cost_ms
            + self.drop_cost_ms
            + self.change_cost_ms
        )


def simulate(problem: Problem, order: Sequence[int]) -> Simulation:
    """Drive an order; stops that are not in it are left out at their price.

    Raises ValueError if the order names a node twice or one that is no stop, or does not
    begin with the locked ones.
    """
    order = tuple(int(node) for node in order)
    if len(set(order)) != len(order) or not all(1 <= v < problem.end for v in order):
        raise ValueError(f"not an order of stops: {order}")
    if order[: len(problem.locked)] != problem.locked:
        raise ValueError(f"{order} does not begin with the locked {problem.locked}")
    arrivals, begins, departs, lates = [], [], [], []
    travel = wait = late_cost = 0
    clock, here = problem.start_ms, 0
    for node in order:
        stop = problem.stops[node - 1]
        leg = int(problem.travel_ms[here, node])
        travel += leg
        clock += leg
        begin, late = service_begin(clock, stop.windows)
        arrivals.append(clock)
        begins.append(begin)
        lates.append(late)
        wait += begin - clock
        late_cost += late * stop.late_weight
        clock = begin + stop.service_ms
        departs.append(clock)
        here = node
    leg = int(problem.travel_ms[here, problem.end])
    overtime = max(0, clock + leg - problem.shift_end_ms)
    left_out = set(range(1, problem.end)) - set(order)
    return Simulation(
        order=order,
        arrival_ms=tuple(arrivals),
        begin_ms=tuple(begins),
        depart_ms=tuple(departs),
        late_ms=tuple(lates),
        end_ms=clock + leg,
        overtime_ms=overtime,
        travel_cost_ms=travel + leg,
        wait_cost_ms=wait * problem.prices.wait_pct // 100,
        late_cost_ms=late_cost,
        overtime_cost_ms=overtime * problem.prices.overtime_weight,
        drop_cost_ms=sum(problem.stops[node - 1].drop_ms for node in left_out),
        change_cost_ms=broken_links(problem.order_before, order) * problem.prices.change_ms,
    )


def service_begin(arrival_ms: int, windows: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return when service begins after an arrival, and how late that is."""
    for opens, closes in windows:
        if arrival_ms <= closes:
            return max(arrival_ms, opens), 0
    return arrival_ms, (arrival_ms - windows[-1][1] if windows else 0)


def broken_links(before: Sequence[int], order: Sequence[int]) -> int:
    """Count the links of an order, from the start on, that break the order before.

    A link between two stops of the order before is broken if they do not follow each other
    there; the start goes before its first. Putting a new stop in breaks nothing.
    """
    known = {0, *before}
    kept = set(zip((0, *before), before, strict=False))
    links = zip((0, *order), order, strict=False)
    return sum(
        here in known and there in known and (here, there) not in kept for here, there in links
    )
