"""What the question to a tour kernel is made of: stops, prices, breaks, energy, traffic."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

INT32_MAX = 2**31 - 1
NO_SHIFT_END_MS = INT32_MAX
LONGEST_LEG_MS = 400_000_000  # 111 h; sums of four legs still fit 32 bits
MOST_STOPS = 2_000
BREACH_MS = 2**41  # dearer than leaving out a thousand stops of the highest priority
MOST_DIMENSIONS = 3  # of a load: weight, volume, places
MOST_BREAKS = 8
MOST_SLICES = 96  # a day in quarters of an hour
PACES = (100, 100_000)  # permille: ten times faster to a hundred times slower
MOST_ANNOUNCED_WEIGHT = 10_000
MOST_WAIT_PCT = 1_000_000
PACE_ONE = 2**20  # units covered in a millisecond at 1000 permille


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
    deadline_ms: int | None = None
    """Begun later, it is never better than left out: a cold chain has ended."""
    load: tuple[int, ...] = ()
    """What is taken off the vehicle (+) or put on it (-) here, by dimension; none: nothing."""
    charge: int = 0
    """Energy gained here, up to the capacity. A charger is a stop with a drop price of 0."""
    announced: tuple[int, int] | None = None
    """First and last arrival that the customer was told."""
    doubtful: tuple[int, int] | None = None
    """Who means to arrive between these may be late: on a real day nothing goes as planned."""
    doubt_pct: int = 0
    """What each millisecond of that costs, in hundredths; behind it no more is added."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What an order costs besides travel, lateness and drops."""

    wait_pct: int = 0
    overtime_weight: int = 10_000
    """So dear that no order ends after the shift that need not; yet an order always exists."""
    change_ms: int = 0
    """For each link between two stops of `order_before` that do not follow each other there."""
    announced_weight: int = 1
    """What a millisecond of arrival outside the announced span costs."""


PLAIN_PRICES = Prices()


@dataclass(frozen=True, slots=True)
class Break:
    """A break of the driver.

    It is taken at a departure, from the start or a stop: the first one at or after `opens_ms`,
    or an earlier one if otherwise the next leg, wait and service would end after `closes_ms`.
    Who is at the end before that needs none.
    """

    opens_ms: int
    closes_ms: int
    lasts_ms: int


@dataclass(frozen=True, slots=True)
class Energy:
    """What is in the battery or tank, in any whole unit."""

    use: NDArray[np.int32]
    """(n + 2, n + 2): what the way from row to column takes."""
    at_start: int
    capacity: int
    reserve: int
    """Less than this at an arrival is a breach."""


@dataclass(frozen=True, slots=True)
class TravelSlices:
    """How long ways take at what time, as thousandths of `travel_ms`.

    A way under way when a slice ends goes on at the pace of the next (Ichoua, Gendreau and
    Potvin 2003), so that who leaves later never arrives sooner. In whole numbers: a millisecond
    in a slice covers PACE_ONE x 1000 // permille units, a way has travel_ms x PACE_ONE of them,
    and one is there at the end of the millisecond in which the last of them is covered.
    """

    starts_ms: tuple[int, ...]
    """Rising: where the second slice begins, and the third; the first has always been."""
    class_of: NDArray[np.uint8]
    """(n + 2, n + 2): traffic class of the way from row to column."""
    permille: NDArray[np.int32]
    """(classes, slices)."""
