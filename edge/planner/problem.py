"""From a route's stops to the question put to a tour kernel: promises, prices, milliseconds."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge.messages.routes import Stop, TimeWindow
from edge.native.replan.problem import (
    INT32_MAX,
    LONGEST_LEG_MS,
    MOST_STOPS,
    Budget,
    Prices,
    Problem,
    ProblemStop,
    never,
)

__all__ = [
    "INT32_MAX",
    "LONGEST_LEG_MS",
    "MOST_STOPS",
    "Budget",
    "Prices",
    "Problem",
    "ProblemStop",
    "clock_ms",
    "drop_price_ms",
    "never",
    "problem_of",
    "spans_ms",
]

LATE_WEIGHT = 10  # one minute late costs as much as ten minutes of driving
PRICES = Prices(
    wait_pct=50,  # a driver who waits is paid, but burns nothing
    overtime_weight=10_000,
    change_ms=20_000,  # looking for a parcel that does not lie on top
)
LOWEST_DROP_MS = 8 * 3_600_000
DROP_STEP = 1.5  # from one priority to the next: 8 h for 0, 61 h for 5, 307 h for 9


def problem_of(
    stops: Sequence[Stop],
    travel_ms: NDArray[np.int32],
    *,
    zero_utc: datetime,
    shift_end_utc: datetime,
    locked: Sequence[int] = (),
    order_before: Sequence[int] = (),
    prices: Prices = PRICES,
) -> Problem:
    """Return the problem of serving stops, of which the first is node 1.

    Its clock starts at `zero_utc`, when the vehicle can leave node 0. Raises ValueError if
    the parts do not fit together.
    """
    return Problem(
        travel_ms=travel_ms,
        stops=tuple(
            ProblemStop(
                service_ms=round(stop.service_s * 1000),
                drop_ms=drop_price_ms(stop.priority),
                windows=spans_ms(stop.windows, zero_utc),
                late_weight=LATE_WEIGHT,
            )
            for stop in stops
        ),
        shift_end_ms=clock_ms(shift_end_utc, zero_utc),
        locked=tuple(locked),
        order_before=tuple(order_before),
        prices=prices,
    )


def drop_price_ms(priority: int) -> int:
    """Return the price of leaving a stop out, in milliseconds of driving.

    Far above what a long way or a late arrival costs: only the end of the shift, or hours of
    lateness at others, make a plan leave a stop out.
    """
    return round(LOWEST_DROP_MS * DROP_STEP**priority)


def spans_ms(windows: Sequence[TimeWindow], zero_utc: datetime) -> tuple[tuple[int, int], ...]:
    """Return windows as (opens, closes) on the problem's clock, in order, overlaps joined.

    A window that closes before it opens promises nothing and is left out.
    """
    spans: list[tuple[int, int]] = []
    for window in sorted(windows, key=lambda window: window.opens_utc):
        opens = clock_ms(window.opens_utc, zero_utc)
        closes = clock_ms(window.closes_utc, zero_utc)
        if closes < opens:
            continue
        if spans and opens <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], closes))
        else:
            spans.append((opens, closes))
    return tuple(spans)


def clock_ms(utc: datetime, zero_utc: datetime) -> int:
    """Return an instant on the problem's clock; what lies 24 days away is cut off there."""
    since_ms = round((utc - zero_utc).total_seconds() * 1000)
    return max(-INT32_MAX, min(INT32_MAX, since_ms))
