"""What a tour kernel is given: one vehicle's remaining stops, in whole milliseconds.

Node 0 is where the vehicle is now, nodes 1 to n are the stops, node n + 1 is the end. For an
open end the last column of the travel times is zero. Every figure fits 32 bits, so that the
kernel in C and the one in Python read the same; sums of cost need 64.

The cost of an order, in milliseconds of driving:

    travel + wait x wait_pct / 100 + lateness x late_weight + overtime x overtime_weight
    + drop_ms of each stop left out + change_ms for each link that breaks the order before

A stop is served from the first instant at or after the arrival that lies in one of its windows;
after the last window it is served at once, and late by the time since that window closed. The
clock stays true: lateness is never cut off.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

INT32_MAX = 2**31 - 1
NO_SHIFT_END_MS = INT32_MAX
LONGEST_LEG_MS = 400_000_000  # 111 h; sums of four legs still fit 32 bits
MOST_STOPS = 2_000


@dataclass(frozen=True, slots=True)
class ProblemStop:
    """One stop as the kernel sees it."""

    service_ms: int
    drop_ms: int
    """Price of leaving it out."""
    windows: tuple[tuple[int, int], ...] = ()
    """(opens, closes) in rising order, not overlapping; none: any time."""
    late_weight: int = 10
    """What a millisecond of lateness costs."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What an order costs besides travel, lateness and drops."""

    wait_pct: int = 0
    overtime_weight: int = 10_000
    """So dear that no order ends after the shift that need not; yet an order always exists."""
    change_ms: int = 0
    """For each link between two stops of `order_before` that do not follow each other there."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The whole question put to a kernel. Raises ValueError if it is not one."""

    travel_ms: NDArray[np.int32]
    """(n + 2, n + 2): row from, column to."""
    stops: tuple[ProblemStop, ...]
    start_ms: int = 0
    """When the vehicle can leave node 0."""
    shift_end_ms: int = NO_SHIFT_END_MS
    """When it is to be at node n + 1."""
    locked: tuple[int, ...] = ()
    """Nodes that come first, in this order, and are not left out: what is being driven."""
    order_before: tuple[int, ...] = ()
    """The order people know: loaded, or planned before. Node 0 goes before its first."""
    prices: Prices = Prices()

    def __post_init__(self) -> None:
        n = len(self.stops)
        if n > MOST_STOPS:
            raise ValueError(f"{n} stops are more than {MOST_STOPS}")
        if self.travel_ms.shape != (n + 2, n + 2) or self.travel_ms.dtype != np.int32:
            raise ValueError(
                f"{n} stops need int32 travel times of {(n + 2, n + 2)},"
                f" not {self.travel_ms.dtype} of {self.travel_ms.shape}"
            )
        if not self.travel_ms.flags.c_contiguous:
            raise ValueError("the travel times do not lie row by row")
        if self.travel_ms.min() < 0 or self.travel_ms.max() > LONGEST_LEG_MS:
            raise ValueError(f"a travel time lies outside 0 to {LONGEST_LEG_MS} ms")
        for name, nodes in (("locked", self.locked), ("order_before", self.order_before)):
            if len(set(nodes)) != len(nodes) or not all(1 <= node <= n for node in nodes):
                raise ValueError(f"{name} names a node twice or one that is no stop: {nodes}")
        for node, stop in enumerate(self.stops, 1):
            _check_stop(node, stop)
        figures = (self.start_ms, self.shift_end_ms, self.prices.change_ms)
        if not all(-INT32_MAX <= figure <= INT32_MAX for figure in figures):
            raise ValueError(f"start, shift end or price of change exceed 32 bits: {figures}")
        weights = (self.prices.wait_pct, self.prices.overtime_weight, self.prices.change_ms)
        if min(weights) < 0 or self.prices.change_ms > LONGEST_LEG_MS:
            raise ValueError(f"a price is out of bounds: {self.prices}")

    @property
    def end(self) -> int:
        """The node where the tour ends."""
        return len(self.stops) + 1


def _check_stop(node: int, stop: ProblemStop) -> None:
    figures = (stop.service_ms, stop.drop_ms, stop.late_weight)
    if not all(0 <= figure <= INT32_MAX for figure in figures):
        raise ValueError(f"stop {node}: service, drop or lateness out of bounds: {figures}")
    edges = [edge for window in stop.windows for edge in window]
    if edges != sorted(edges) or any(abs(edge) > INT32_MAX for edge in edges):
        raise ValueError(f"stop {node}: windows not in rising order: {stop.windows}")


def never() -> bool:
    """Stand for a clock where only iterations are counted."""
    return False


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search: whichever bound comes first.

    With `iterations` alone the answer depends on nothing but the problem and the seed. The
    shell that has a clock hands in `out_of_time`; it is asked between any two rounds and may
    as well say that something new has happened.
    """

    iterations: int | None = None
    """Rounds of the search; 0 only puts missing stops in."""
    out_of_time: Callable[[], bool] = never
    seed: int = 1
    wall_ms: float | None = None
    """Time by the clock of the kernel in C, which paces its search by it."""

    def __post_init__(self) -> None:
        unbounded = self.iterations is None and self.wall_ms is None
        if unbounded and self.out_of_time is never:
            raise ValueError("a budget without any bound")
