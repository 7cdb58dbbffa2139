"""The largest part of a network from which everything in it can be reached and comes back."""

import numpy as np
from numpy.typing import NDArray

from edge.roads.assemble import firsts

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def largest_part(start: Ints, end: Ints, count: int) -> Bools:
    """Return which of `count` vertices are in the largest strongly connected part.

    Edges go from start to end. A vertex without a way to another one and back is in no part.
    By forward and backward search from one vertex at a time (Fleischer et al. 2000).
    """
    best = np.zeros(count, np.bool_)
    if not start.size:
        return best
    out_first, out_end = _by(start, end, count)
    in_first, in_end = _by(end, start, count)
    ways = np.diff(out_first).astype(np.int64) * np.diff(in_first)
    alive = ways > 0
    most = 0
    while int(np.count_nonzero(alive)) > most:
        seed = int(np.argmax(np.where(alive, ways, -1)))
        onward = _reached(seed, out_first, out_end, alive)
        part = onward & _reached(seed, in_first, in_end, onward)
        size = int(np.count_nonzero(part))
        if size > most:
            best, most = part, size
        alive &= ~part
    return best if most > 1 else np.zeros(count, np.bool_)


def _by(of: Ints, to: Ints, count: int) -> tuple[NDArray[np.int32], Ints]:
    order = np.argsort(of, kind="stable")
    return firsts(of[order], count), to[order]


def _reached(seed: int, first: NDArray[np.int32], end: Ints, alive: Bools) -> Bools:
    """Return what a search from a vertex reaches without leaving what is alive."""
    reached = np.zeros(alive.size, np.bool_)
    reached[seed] = True
    front = np.array([seed])
    while front.size:
        counts = first[front + 1] - first[front]
        before = np.cumsum(counts) - counts
        places = np.arange(int(counts.sum())) + np.repeat(first[front] - before, counts)
        found = end[places]
        found = found[alive[found] & ~reached[found]]
        reached[found] = True
        front = np.unique(found)
    return reached
