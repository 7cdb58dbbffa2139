"""How near to the end of its window a plan may arrive: what a promise in doubt costs.

A plan that arrives just as a window closes breaks the promise more often than not: services
take longer now and then, traffic lasts longer than anybody believes, lights are red. So the
price of a broken promise is not asked at the window's end alone but grows towards it, and the
further ahead that is, the sooner it begins. Behind the end lateness has its price by the minute
besides.
"""

from collections.abc import Sequence

from edge.native.replan.problem import INT32_MAX

BROKEN_MS = 3_600_000
"""What breaking a promise is worth, however late: an hour of driving."""
LEAST_MS = 120_000
"""An arrival that is near may still be so much later than planned, ..."""
AHEAD_PCT = 12
"""... one that is further ahead by so much of the time until then, ..."""
MOST_MS = 1_200_000
"""... and none by more than can be made good by planning again on the way."""


def doubtful_ms(windows: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return from which arrival to which a promise is ever more likely broken.

    The plan is made at 0 of the windows' clock. None: nothing is promised.
    """
    if not windows:
        return None
    closes = windows[-1][1]
    span = min(MOST_MS, LEAST_MS + max(0, closes) * AHEAD_PCT // 100)
    return max(-INT32_MAX, closes - span), closes


def doubt_pct(doubtful: tuple[int, int] | None) -> int:
    """Return what a millisecond of such a span costs, in hundredths."""
    return (
        0 if doubtful is None else BROKEN_MS * 100 // max(LEAST_MS, doubtful[1] - doubtful[0])
    )
