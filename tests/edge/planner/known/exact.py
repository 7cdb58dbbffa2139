"""The best order of a few stops by trying all of them: slow, and surely right.

Written from the definition of the cost and from nothing else, so that it may judge the
simulation too.
"""

from typing import NamedTuple

from edge.native.replan.problem import BREACH_MS, PACE_ONE


class Walk(NamedTuple):
    """How far one has come: `hundredths` is the waiting, in hundredths of milliseconds."""

    order: tuple
    clock: int
    cost: int
    hundredths: int
    breaks: int
    battery: int
    load: tuple


def set_out(problem):
    battery = problem.energy.at_start if problem.energy else 0
    return Walk((), problem.start_ms, 0, 0, 0, battery, problem.on_board)


def best_order(problem):
    """Return (cost, order) of the cheapest order, of all that may leave stops out."""
    best = [float("inf"), ()]

    def extend(walk):
        order = walk.order
        if len(order) >= len(problem.locked):
            total = ended(problem, walk)
            if total < best[0]:
                best[:] = [total, order]
        if walk.cost >= best[0]:
            return
        free = sorted(set(range(1, problem.end)) - set(order))
        place = len(order)
        for node in [problem.locked[place]] if place < len(problem.locked) else free:
            extend(driven(problem, walk, node))

    extend(set_out(problem))
    return best[0], best[1]


def cost_of(problem, order):
    """Return what one order costs, by the same definition."""
    walk = set_out(problem)
    for node in order:
        walk = driven(problem, walk, node)
    return ended(problem, walk)


def driven(problem, walk, node):
    """Go on to one more stop."""
    here, stop = walk.order[-1] if walk.order else 0, problem.stops[node - 1]
    arrival, left_at, breaks = leg(problem, walk, here, node)
    begin, late = served_at(arrival, stop.windows)
    cost = walk.cost + arrival - left_at + change(problem, here, node) + late * stop.late_weight
    if stop.announced:
        away = sorted((arrival, *stop.announced))[1] - arrival  # to the nearest of the span
        cost += abs(away) * problem.prices.announced_weight
    if stop.deadline_ms is not None:
        cost += breach(begin - stop.deadline_ms)
    first, last = stop.doubtful or (0, 0)
    doubt = max(0, min(arrival, last) - first) * stop.doubt_pct
    over, battery = carried(problem, walk, here, node)
    if problem.energy:
        battery = min(problem.energy.capacity, battery + stop.charge)
    return Walk(
        order=(*walk.order, node),
        clock=begin + stop.service_ms,
        cost=cost + over,
        hundredths=walk.hundredths + (begin - arrival) * problem.prices.wait_pct + doubt,
        breaks=breaks,
        battery=battery,
        load=tuple(a - b for a, b in zip(walk.load, stop.load, strict=False)) or walk.load,
    )


def ended(problem, walk):
    """Return the whole cost if one goes to the end now."""
    here = walk.order[-1] if walk.order else 0
    arrival, left_at, _ = leg(problem, walk, here, problem.end)
    cost = walk.cost + arrival - left_at + int(walk.hundredths // 100)
    cost += max(0, arrival - problem.shift_end_ms) * problem.prices.overtime_weight
    cost += carried(problem, walk, here, problem.end)[0]
    for pickup, delivery in problem.pairs:
        pair = [node for node in walk.order if node in (pickup, delivery)]
        cost += 0 if pair in ([], [pickup, delivery]) else BREACH_MS
    stops = enumerate(problem.stops, 1)
    return cost + sum(s.drop_ms for node, s in stops if node not in walk.order)


def breach(amount):
    return BREACH_MS + amount if amount > 0 else 0


def carried(problem, walk, here, there):
    """Return what load and battery of a leg cost, and what is left in the battery."""
    cost, battery = 0, walk.battery
    cost += breach(
        sum(a - b for a, b in zip(walk.load, problem.capacity, strict=True) if a > b)
    )
    if problem.energy:
        battery -= int(problem.energy.use[here, there])
        cost += breach(problem.energy.reserve - battery)
    return cost, battery


def leg(problem, walk, here, there):
    """Return (arrival, departure, breaks taken) of the way to a node."""
    clock, taken = walk.clock, walk.breaks
    while taken < len(problem.breaks):
        pause = problem.breaks[taken]
        done = there_at(problem, here, there, clock)
        if there != problem.end:
            stop = problem.stops[there - 1]
            done = served_at(done, stop.windows)[0] + stop.service_ms
        if clock < pause.opens_ms and done <= pause.closes_ms:
            break
        clock, taken = clock + pause.lasts_ms, taken + 1
    return there_at(problem, here, there, clock), clock, taken


def there_at(problem, here, there, leaves):
    """Return the first instant by which enough units of the way are covered."""
    travel = int(problem.travel_ms[here, there])
    if problem.slices is None:
        return leaves + travel

    starts = problem.slices.starts_ms
    paces = problem.slices.permille[problem.slices.class_of[here, there]]

    def covered(until):
        units, begin = 0, leaves
        for end, pace in zip((*starts, until), paces, strict=True):
            stretch = min(end, until) - begin
            if stretch > 0:
                units += stretch * (PACE_ONE * 1000 // int(pace))
                begin += stretch
        return units

    low, high = leaves, leaves + travel * 101 + 1
    while low < high:
        middle = (low + high) // 2
        if covered(middle) >= travel * PACE_ONE:
            high = middle
        else:
            low = middle + 1
    return low


def served_at(arrival, windows):
    """Return when service begins and how late: the first moment allowed, else at once."""
    moments = [
        max(arrival, opens) for opens, closes in windows if max(arrival, opens) <= closes
    ]
    if moments or not windows:
        return min(moments, default=arrival), 0
    return arrival, arrival - max(closes for _, closes in windows)


def change(problem, here, node):
    """Return the price of driving from one node to the next against the order before."""
    before = list(problem.order_before)
    if node not in before or (here != 0 and here not in before):
        return 0
    rank = before.index(node)
    follows = here == 0 if rank == 0 else here == before[rank - 1]
    return 0 if follows else problem.prices.change_ms
