"""Ruin and recreate: take out neighbouring strings of stops and put them back better.

After Christiaens and Vanden Berghe, "Slack Induction by String Removals" (2020).
"""

import numpy as np

from edge.native.replan.reference.tour import Terrain, Tour

AVERAGE_REMOVED = 10
LONGEST_STRING = 10
NEIGHBOURS = 24
MASK = 2**64 - 1


class Lots:
    """A small generator of chance (xorshift64*), the same in every language."""

    def __init__(self, seed: int) -> None:
        self._state = (seed * 0x9E3779B97F4A7C15 + 1) & MASK or 1

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to `bound` - 1."""
        x = self._state
        x ^= x >> 12
        x ^= (x << 25) & MASK
        x ^= x >> 27
        self._state = x
        return (((x * 0x2545F4914F6CDD1D) & MASK) >> 33) * bound >> 31


def neighbour_lists(terrain: Terrain) -> list[list[int]]:
    """Return for each node the stops that are best driven right before or after it."""
    n = terrain.end
    apart = terrain.leg.astype(np.float64)
    opens = np.array([spans[0][0] if spans else -np.inf for spans in terrain.windows])
    closes = np.array([spans[-1][1] if spans else np.inf for spans in terrain.windows])
    apart = apart[:n, :n]
    earliest = np.maximum(opens, terrain.problem.start_ms)[:, None] + apart
    latest = np.minimum(closes, np.float64(2**40))[:, None] + apart
    forced_wait = np.maximum(opens[None, :] - latest, 0)
    forced_late = np.maximum(earliest - closes[None, :], 0)
    cost = terrain.price[:n, :n] + 0.2 * forced_wait + forced_late
    both = np.minimum(cost, cost.T)
    both[:, 0] = np.inf
    np.fill_diagonal(both, np.inf)
    order = np.argsort(both, axis=1, kind="stable")[:, : min(NEIGHBOURS, n - 2)]
    lists: list[list[int]] = order.tolist()
    return lists


def ruined(
    terrain: Terrain, order: list[int], seed: int, near: list[list[int]], lots: Lots
) -> tuple[list[int], list[int]]:
    """Take strings of stops around a stop out; return (what is left, what was taken)."""
    free = len(order) - terrain.first_free
    wanted = min(1 + lots.below(2 * AVERAGE_REMOVED - 1), free)
    place_of = {node: place for place, node in enumerate(order)}
    taken: set[int] = set()
    for node in (seed, *near[seed]):
        if len(taken) >= wanted:
            break
        place = place_of.get(node, -1)
        if place < terrain.first_free or node in taken:
            continue
        length = 1 + lots.below(min(LONGEST_STRING, wanted - len(taken)))
        spared = 1 + lots.below(3) if length > 1 and lots.below(10) < 3 else 0
        span = min(length + spared, free)
        lowest = max(terrain.first_free, place - span + 1)
        highest = min(place, len(order) - span)
        start = lowest + lots.below(max(1, highest - lowest + 1))
        string = order[start : start + span]
        if spared:
            keep = lots.below(max(1, length))
            string = string[:keep] + string[keep + spared :]
        taken.update(string)
    return [n for n in order if n not in taken], [n for n in order if n in taken]


def recreated(terrain: Terrain, order: list[int], pool: list[int], lots: Lots) -> list[int]:
    """Put stops in, each where it adds least; leave out what costs more than its price."""
    tour = Tour(terrain, order)
    for node in pool:
        place, added = tour.best_place(node, second=lots.below(100) == 0)
        if added < terrain.drops[node]:
            tour.insert(node, place)
    return tour.order


def shuffled(terrain: Terrain, pool: list[int], lots: Lots) -> list[int]:
    """Return stops in the order they are put back: by chance, distance, or window."""
    nodes = sorted(pool)
    for last in range(len(nodes) - 1, 0, -1):
        other = lots.below(last + 1)
        nodes[last], nodes[other] = nodes[other], nodes[last]
    way = lots.below(10)
    if way in (4, 5):
        nodes.sort(key=lambda node: -terrain.legs[0][node])
    elif way == 6:
        nodes.sort(key=lambda node: terrain.legs[0][node])
    elif way in (7, 8):
        nodes.sort(key=lambda node: window_width(terrain, node))
    elif way == 9:
        nodes.sort(key=lambda node: last_close(terrain, node))
    return nodes


def window_width(terrain: Terrain, node: int) -> float:
    """Return how much time a stop's windows hold [ms]; inf without any."""
    spans = terrain.windows[node]
    return sum(closes - opens for opens, closes in spans) if spans else float("inf")


def last_close(terrain: Terrain, node: int) -> float:
    """Return when a stop's last window closes [ms]; inf without any."""
    spans = terrain.windows[node]
    return spans[-1][1] if spans else float("inf")
