"""One step downhill: the best move of a short segment, or the best reversal of a long one.

What the links of every move cost is worked out for all moves at once; only those that promise
something are driven through with the clock.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from edge.native.replan.reference.tour import Terrain

LONGEST_SEGMENT = 3
MOST_DRIVEN = 24  # candidates of one kind of move driven through in one step
FORBIDDEN = np.iinfo(np.int64).max // 4

Ints = NDArray[np.int64]
Move = Callable[[list[int], int, int], list[int]]


def step(terrain: Terrain, order: list[int], cost: int) -> tuple[list[int], int] | None:
    """Return the best improved order found in one step with its cost, or None."""
    if len(order) - terrain.first_free < 2:
        return None
    time_cost = terrain.time_cost(order)
    fixed = cost - time_cost
    best: tuple[list[int], int] | None = None
    best_cost = cost
    for links, move in _kinds(terrain, order):
        for row, column in _promising(links, best_cost - fixed):
            added = int(links[row, column])
            if fixed + added >= best_cost:
                break
            changed = move(order, row, column)
            changed_cost = fixed + added + terrain.time_cost(changed)
            if changed_cost < best_cost:
                best, best_cost = (changed, changed_cost), changed_cost
    return best


def _promising(links: Ints, below: int) -> Iterator[tuple[int, int]]:
    """Yield the moves whose links add least, cheapest first, as long as they can pay."""
    flat = links.ravel()
    if flat.size > MOST_DRIVEN:
        cheapest = np.argpartition(flat, MOST_DRIVEN)[:MOST_DRIVEN]
    else:
        cheapest = np.arange(flat.size)
    cheapest = cheapest[np.lexsort((cheapest, flat[cheapest]))]  # ties always the same way
    for index in cheapest.tolist():
        if flat[index] >= below:
            return
        row, column = divmod(index, links.shape[1])
        yield row, column


def _kinds(terrain: Terrain, order: list[int]) -> Iterator[tuple[Ints, Move]]:
    """Yield each kind of move: what its links add, by row and column, and how it is made."""
    nodes = np.array([0, *order, terrain.end])
    price = terrain.price[np.ix_(nodes, nodes)]  # by position: 0 the start, m + 1 the end
    steps = np.diagonal(price, 1)
    back = np.concatenate(([0], np.cumsum(np.diagonal(price, -1) - steps)))
    first = terrain.first_free + 1
    for length in range(1, LONGEST_SEGMENT + 1):
        if len(order) - terrain.first_free > length:
            yield _segment_moves(price, steps, first, length, None), _moved(length, turn=False)
            if length > 1:
                turned = _segment_moves(price, steps, first, length, back)
                yield turned, _moved(length, turn=True)
    yield _reversals(price, steps, back, first), _reversed


def _segment_moves(
    price: Ints, steps: Ints, first: int, length: int, back: Ints | None
) -> Ints:
    """Return what moving `length` stops from position i to between k and k + 1 adds.

    Row i - 1, column k. With `back` the segment is turned round on the way.
    """
    m = len(steps) - 1
    starts = np.arange(1, m - length + 2)
    ends = starts + length - 1
    taken = price[starts - 1, ends + 1] - steps[starts - 1] - steps[ends]
    head, tail = (starts, ends) if back is None else (ends, starts)
    links = price[:-1, head].T + price[tail, 1:] - steps[None, :] + taken[:, None]
    if back is not None:
        links += (back[ends] - back[starts])[:, None]
    for offset in range(-1, length):
        places = starts + offset
        links[starts - 1, places] = FORBIDDEN  # the segment's own links
    links[: first - 1] = FORBIDDEN
    links[:, : first - 1] = FORBIDDEN
    return links


def _reversals(price: Ints, steps: Ints, back: Ints, first: int) -> Ints:
    """Return what reversing positions i to j adds: row i - 1, column j - 1."""
    m = len(steps) - 1
    links = price[:m, 1 : m + 1] + price[1 : m + 1, 2:] - steps[:m, None] - steps[None, 1:]
    links = links + back[None, 1 : m + 1] - back[1 : m + 1, None]
    links[np.tril_indices(m)] = FORBIDDEN
    links[: first - 1] = FORBIDDEN
    return links


def _moved(length: int, *, turn: bool) -> Move:
    """Return how a segment move is made on an order."""

    def move(order: list[int], row: int, column: int) -> list[int]:
        segment = order[row : row + length]
        if turn:
            segment = segment[::-1]
        rest = order[:row] + order[row + length :]
        place = column if column <= row else column - length
        return rest[:place] + segment + rest[place:]

    return move


def _reversed(order: list[int], row: int, column: int) -> list[int]:
    return order[:row] + order[row : column + 1][::-1] + order[column + 1 :]
