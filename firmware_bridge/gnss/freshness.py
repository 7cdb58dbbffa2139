"""Tell a fix of now from one that is repeated, or that waited in somebody's buffer."""

import math

LATE_S = 1.0  # later than the quickest fixes by more than this: it waited somewhere
SETTLE_S = 5.0  # late for so long at a steady pace: the receiver's clock was set back
LEAK_FRAC = 1e-3  # 20 times the worst drift of the host's clock against GNSS time


class Freshness:
    """Compares arrival with the receiver's own time; outlives links and sessions.

    A gpsd that hung for a minute hands over a minute of old fixes in one burst when it wakes
    (seen with gpsd 3.22): each is well-formed, in order, and a false position by now.
    """

    def __init__(self) -> None:
        self._told_s = math.nan
        self._judged_s = 0.0
        self._least_delay_s = math.inf
        self._late_since_s: float | None = None
        self.why = ""
        """What was wrong with the last fix that was not fresh."""

    def is_fresh(self, told_s: float, now_s: float) -> bool:
        """Judge a fix that the receiver dates `told_s` and that arrived at `now_s`.

        `told_s` may count from any instant, as long as it is the same one each time.
        """
        if told_s == self._told_s:
            self.why = "the receiver repeats its last fix"
            return False
        self._told_s = told_s
        delay_s = now_s - told_s
        least_s = self._least_delay_s + LEAK_FRAC * (now_s - self._judged_s)
        self._judged_s = now_s
        if delay_s <= least_s + LATE_S:
            self._least_delay_s = min(least_s, delay_s)
            self._late_since_s = None
            return True
        self._least_delay_s = least_s
        self.why = f"fixes come {delay_s - least_s:.0f} s late"
        if self._late_since_s is None:
            self._late_since_s = now_s
        if now_s - self._late_since_s < SETTLE_S:
            return False
        self._least_delay_s = delay_s
        self._late_since_s = None
        return True
