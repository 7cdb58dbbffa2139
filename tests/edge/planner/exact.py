"""The best order of a few stops by trying all of them: slow, and surely right.

Written from the definition of the cost and from nothing else, so that it may judge the
simulation too.
"""


def best_order(problem):
    """Return (cost, order) of the cheapest order, of all that may leave stops out."""
    n = len(problem.stops)
    everything = frozenset(range(1, n + 1))
    best = [float("inf"), ()]

    def extend(order, here, clock, wait, rest_cost):
        left = everything - set(order)
        if len(order) >= len(problem.locked):
            leg = int(problem.travel_ms[here, n + 1])
            total = (
                rest_cost
                + leg
                + int(wait * problem.prices.wait_pct) // 100
                + max(0, clock + leg - problem.shift_end_ms) * problem.prices.overtime_weight
                + sum(problem.stops[node - 1].drop_ms for node in left)
            )
            if total < best[0]:
                best[:] = [total, order]
        if rest_cost >= best[0]:
            return
        place = len(order)
        choice = [problem.locked[place]] if place < len(problem.locked) else sorted(left)
        for node in choice:
            stop = problem.stops[node - 1]
            leg = int(problem.travel_ms[here, node])
            begin, late = served_at(clock + leg, stop.windows)
            extend(
                (*order, node),
                node,
                begin + stop.service_ms,
                wait + begin - clock - leg,
                rest_cost + leg + late * stop.late_weight + change(problem, here, node),
            )

    extend((), 0, problem.start_ms, 0, 0)
    return best[0], best[1]


def cost_of(problem, order):
    """Return what one order costs, by the same definition."""
    n = len(problem.stops)
    clock, here, cost, wait = problem.start_ms, 0, 0, 0
    for node in order:
        stop = problem.stops[node - 1]
        clock += int(problem.travel_ms[here, node])
        cost += int(problem.travel_ms[here, node]) + change(problem, here, node)
        begin, late = served_at(clock, stop.windows)
        wait += begin - clock
        cost += late * stop.late_weight
        clock, here = begin + stop.service_ms, node
    clock += int(problem.travel_ms[here, n + 1])
    cost += int(problem.travel_ms[here, n + 1]) + wait * problem.prices.wait_pct // 100
    cost += max(0, clock - problem.shift_end_ms) * problem.prices.overtime_weight
    return cost + sum(s.drop_ms for i, s in enumerate(problem.stops, 1) if i not in order)


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
