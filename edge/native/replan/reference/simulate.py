"""What really happens when an order is driven, and what it costs: the judge of every kernel."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.native.replan.problem import BREACH_MS, Problem
from edge.native.replan.reference.driving import arrival_ms, departure, service_begin


@dataclass(frozen=True, slots=True)
class Pause:
    """A break as it is taken."""

    place: int
    """Index in the order of the stop before which it is taken; the length is the end."""
    begins_ms: int
    lasts_ms: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """An order driven on the problem's clock; one entry per stop in the order."""

    order: tuple[int, ...]
    arrival_ms: tuple[int, ...]
    begin_ms: tuple[int, ...]
    """When service begins: the arrival, or the opening that was waited for."""
    depart_ms: tuple[int, ...]
    """When service has ended; a break comes after that."""
    late_ms: tuple[int, ...]
    pauses: tuple[Pause, ...]
    energy: tuple[int, ...]
    """At each arrival, and last that at the end, which may be below zero; none if there is no
    battery to look after."""
    excess: tuple[int, ...]
    """By what each leg to a stop exceeds the capacity, and last the leg to the end, summed over
    dimensions; none without a capacity."""
    missed: tuple[int, ...]
    """Nodes begun after their deadline."""
    broken_pairs: tuple[tuple[int, int], ...]
    end_ms: int
    overtime_ms: int
    travel_cost_ms: int
    wait_cost_ms: int
    late_cost_ms: int
    overtime_cost_ms: int
    drop_cost_ms: int
    change_cost_ms: int
    announced_cost_ms: int
    doubt_cost_ms: int
    """Hundredths left over of waiting count here."""
    breach_cost_ms: int

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
            + self.announced_cost_ms
            + self.doubt_cost_ms
            + self.breach_cost_ms
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
    arrivals, begins, departs, lates, missed = [], [], [], [], []
    pauses: list[Pause] = []
    travel = wait = late_cost = announced = doubt = breach = 0
    clock, here = problem.start_ms, 0
    for place, node in enumerate((*order, problem.end)):
        left_ms, taken = departure(problem, here, node, clock, len(pauses))
        for pause in problem.breaks[len(pauses) : taken]:
            pauses.append(Pause(place, clock, pause.lasts_ms))
            clock += pause.lasts_ms
        clock = arrival_ms(problem, here, node, left_ms)
        travel += clock - left_ms
        if node == problem.end:
            break
        stop = problem.stops[node - 1]
        begin, late = service_begin(clock, stop.windows)
        arrivals.append(clock)
        begins.append(begin)
        lates.append(late)
        wait += begin - clock
        late_cost += late * stop.late_weight
        if stop.announced is not None:
            first, last = stop.announced
            announced += max(0, first - clock, clock - last)
        if stop.doubtful is not None:
            first, last = stop.doubtful
            doubt += max(0, min(clock, last) - first) * stop.doubt_pct
        if stop.deadline_ms is not None and begin > stop.deadline_ms:
            missed.append(node)
            breach += BREACH_MS + begin - stop.deadline_ms
        clock = begin + stop.service_ms
        departs.append(clock)
        here = node
    energy = energy_at_arrivals(problem, order)
    excess = load_excess(problem, order)
    broken = broken_pairs(problem, order)
    for amount in (*excess, *(problem.energy.reserve - e for e in energy if problem.energy)):
        breach += BREACH_MS + amount if amount > 0 else 0
    overtime = max(0, clock - problem.shift_end_ms)
    left_out = set(range(1, problem.end)) - set(order)
    prices = problem.prices
    wait_cost = wait * prices.wait_pct // 100
    return Simulation(
        order=order,
        arrival_ms=tuple(arrivals),
        begin_ms=tuple(begins),
        depart_ms=tuple(departs),
        late_ms=tuple(lates),
        pauses=tuple(pauses),
        energy=energy,
        excess=excess,
        missed=tuple(missed),
        broken_pairs=broken,
        end_ms=clock,
        overtime_ms=overtime,
        travel_cost_ms=travel,
        wait_cost_ms=wait_cost,
        late_cost_ms=late_cost,
        overtime_cost_ms=overtime * prices.overtime_weight,
        drop_cost_ms=sum(problem.stops[node - 1].drop_ms for node in left_out),
        change_cost_ms=broken_links(problem.order_before, order) * prices.change_ms,
        announced_cost_ms=announced * prices.announced_weight,
        doubt_cost_ms=(wait * prices.wait_pct + doubt) // 100 - wait_cost,
        breach_cost_ms=breach + len(broken) * BREACH_MS,
    )


def energy_at_arrivals(problem: Problem, order: Sequence[int]) -> tuple[int, ...]:
    """Return what is left at each arrival, the end's last; nothing without a battery."""
    battery = problem.energy
    if battery is None:
        return ()
    left, here, at_arrivals = battery.at_start, 0, []
    for node in (*order, problem.end):
        left -= int(battery.use[here, node])
        at_arrivals.append(left)
        if node != problem.end:
            left = min(battery.capacity, left + problem.stops[node - 1].charge)
        here = node
    return tuple(at_arrivals)


def load_excess(problem: Problem, order: Sequence[int]) -> tuple[int, ...]:
    """Return by what each leg's load exceeds the capacity, the end's leg last."""
    if not problem.capacity:
        return ()
    load, excess = list(problem.on_board), []
    for node in (*order, problem.end):
        over = [has - most for has, most in zip(load, problem.capacity, strict=True)]
        excess.append(sum(max(0, amount) for amount in over))
        if node != problem.end:
            taken = problem.stops[node - 1].load
            load = [a - b for a, b in zip(load, taken, strict=True)] if taken else load
    return tuple(excess)


def broken_pairs(problem: Problem, order: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of which one stop is missing, or that come the wrong way round."""
    place = {node: index for index, node in enumerate(order)}
    return tuple(
        (pickup, delivery)
        for pickup, delivery in problem.pairs
        if (pickup in place) != (delivery in place)
        or (pickup in place and place[pickup] > place[delivery])
    )


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
