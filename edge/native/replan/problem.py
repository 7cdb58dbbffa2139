"""What a tour kernel is given: one vehicle's remaining stops, in whole milliseconds.

Node 0 is where the vehicle is now, nodes 1 to n are the stops, node n + 1 is the end. For an
open end the last column of the travel times is zero. Every figure fits 32 bits, so that the
kernel in C and the one in Python read the same; sums of cost need 64.

The cost of an order, in milliseconds of driving:

    travel + wait x wait_pct / 100 + lateness x late_weight + overtime x overtime_weight
    + drop_ms of each stop left out + change_ms for each link that breaks the order before
    + arrival outside the announced span x announced_weight
    + arrival within the doubtful span or behind it x doubt_pct / 100
    + for each breach BREACH_MS, and one more for each millisecond or unit it goes too far

A stop is served from the first instant at or after the arrival that lies in one of its windows;
after the last window it is served at once, and late by the time since that window closed. The
clock stays true: lateness is never cut off.

Breaches are: a stop begun after its deadline; a leg driven with more than the capacity; an
arrival with less than the reserve; a pair of which one stop is left out, or that is served the
wrong way round. Any order without one is cheaper, unless it ends days late.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.native.replan.checks import (
    check_breaks,
    check_energy,
    check_loads,
    check_pairs,
    check_slices,
    check_stop,
)
from edge.native.replan.parts import (
    BREACH_MS,
    INT32_MAX,
    LONGEST_LEG_MS,
    MOST_ANNOUNCED_WEIGHT,
    MOST_STOPS,
    MOST_WAIT_PCT,
    NO_SHIFT_END_MS,
    PACE_ONE,
    PLAIN_PRICES,
    Break,
    Energy,
    Prices,
    ProblemStop,
    TravelSlices,
)

__all__ = [
    "BREACH_MS",
    "INT32_MAX",
    "LONGEST_LEG_MS",
    "MOST_ANNOUNCED_WEIGHT",
    "MOST_STOPS",
    "NO_SHIFT_END_MS",
    "PACE_ONE",
    "Break",
    "Budget",
    "Energy",
    "Prices",
    "Problem",
    "ProblemStop",
    "TravelSlices",
    "never",
]


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
    prices: Prices = PLAIN_PRICES
    on_board: tuple[int, ...] = ()
    """The load at the start, by dimension."""
    capacity: tuple[int, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    """(pickup, delivery): both or neither, in this order."""
    breaks: tuple[Break, ...] = ()
    """In the order they are taken."""
    energy: Energy | None = None
    slices: TravelSlices | None = None
    """How traffic changes `travel_ms`; none: it does not."""

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
            check_stop(node, stop)
        figures = (self.start_ms, self.shift_end_ms, self.prices.change_ms)
        if not all(-INT32_MAX <= figure <= INT32_MAX for figure in figures):
            raise ValueError(f"start, shift end or price of change exceed 32 bits: {figures}")
        weights = (self.prices.wait_pct, self.prices.overtime_weight, self.prices.change_ms)
        if min(weights) < 0 or self.prices.change_ms > LONGEST_LEG_MS:
            raise ValueError(f"a price is out of bounds: {self.prices}")
        if not 0 <= self.prices.announced_weight <= MOST_ANNOUNCED_WEIGHT:
            raise ValueError(f"announced_weight exceeds {MOST_ANNOUNCED_WEIGHT}: {self.prices}")
        if self.prices.wait_pct > MOST_WAIT_PCT:
            raise ValueError(f"wait_pct exceeds {MOST_WAIT_PCT}: {self.prices}")
        check_loads(self.stops, self.on_board, self.capacity)
        check_pairs(self.pairs, self.locked, self.end)
        check_breaks(self.breaks)
        check_energy(self.energy, self.stops)
        if self.slices is not None:
            check_slices(self.slices, (n + 2, n + 2))

    @property
    def end(self) -> int:
        """The node where the tour ends."""
        return len(self.stops) + 1

    @property
    def is_laden(self) -> bool:
        """Whether more than the clock decides, or the clock does not always run the same."""
        return bool(
            self.capacity or self.pairs or self.breaks or self.energy or self.slices is not None
        )


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
