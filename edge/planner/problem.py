"""From a route's stops to the question put to a tour kernel: promises, prices, milliseconds."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge.messages.parcels import StopId
from edge.messages.routes import Stop, TimeWindow
from edge.native.replan.problem import (
    INT32_MAX,
    LONGEST_LEG_MS,
    MOST_STOPS,
    Break,
    Budget,
    Prices,
    Problem,
    ProblemStop,
    TravelSlices,
    never,
)
from edge.planner.foresight.doubt import doubt_pct, doubtful_ms
from edge.planner.foresight.eta import PLAIN_PACE, Learnt

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

NO_DEADLINES: Mapping[StopId, datetime] = {}
NOTHING_ANNOUNCED: Mapping[StopId, tuple[datetime, datetime]] = {}
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
    slices: TravelSlices | None = None,
    locked: Sequence[int] = (),
    order_before: Sequence[int] = (),
    prices: Prices = PRICES,
    learnt: Learnt = PLAIN_PACE,
    announced: Mapping[StopId, tuple[datetime, datetime]] = NOTHING_ANNOUNCED,
    on_board: Sequence[int] = (),
    capacity: Sequence[int] = (),
    loads: Sequence[tuple[int, ...]] = (),
    pairs: Sequence[tuple[int, int]] = (),
    deadlines: Mapping[StopId, datetime] = NO_DEADLINES,
    breaks: Sequence[Break] = (),
) -> Problem:
    """Return the problem of serving stops, of which the first is node 1.

    Its clock starts at `zero_utc`, when the vehicle can leave node 0; `loads` are those of the
    stops, `announced` the arrivals people were told, `deadlines` by when a stop is to be begun,
    `breaks` the driver's on the problem's clock. Raises ValueError if the parts do not fit
    together.
    """
    return Problem(
        travel_ms=learnt.stretched(travel_ms),
        slices=slices,
        on_board=tuple(on_board),
        capacity=tuple(capacity),
        pairs=tuple(pairs),
        breaks=tuple(breaks),
        stops=tuple(
            ProblemStop(
                service_ms=round(stop.service_s * learnt.service * 1000),
                drop_ms=drop_price_ms(stop.priority),
                windows=(spans := spans_ms(stop.windows, zero_utc)),
                late_weight=LATE_WEIGHT,
                doubtful=(doubtful := doubtful_ms(spans)),
                doubt_pct=doubt_pct(doubtful),
                announced=_span_ms(announced.get(stop.stop_id), zero_utc),
                load=loads[node] if loads else (),
                deadline_ms=(
                    clock_ms(deadlines[stop.stop_id], zero_utc)
                    if stop.stop_id in deadlines
                    else None
                ),
            )
            for node, stop in enumerate(stops)
        ),
        shift_end_ms=clock_ms(shift_end_utc, zero_utc),
        locked=tuple(locked),
        order_before=tuple(order_before),
        prices=prices,
    )


def _span_ms(
    span: tuple[datetime, datetime] | None, zero_utc: datetime
) -> tuple[int, int] | None:
    return None if span is None else (clock_ms(span[0], zero_utc), clock_ms(span[1], zero_utc))


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
