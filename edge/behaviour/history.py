"""A bounded past of one number: interpolated, differenced, fitted."""

import math
from bisect import bisect_left
from collections import deque

KEEP_S = 20.0
MOST = 1200  # 50 Hz for longer than KEEP_S


class Past:
    """Values in order of time [s], the last KEEP_S of them."""

    __slots__ = ("_t", "_v", "last_s")

    def __init__(self) -> None:
        self.last_s = -math.inf
        """When the newest value was true; minus infinity if there is none."""
        self._t: deque[float] = deque(maxlen=MOST)
        self._v: deque[float] = deque(maxlen=MOST)

    def __len__(self) -> int:
        return len(self._t)

    @property
    def last(self) -> float:
        """The newest value; there must be one."""
        return self._v[-1]

    def add(self, at_s: float, value: float) -> bool:
        """Take a value; one that is not newer than the last is left out."""
        if at_s <= self.last_s:
            return False
        self.last_s = at_s
        self._t.append(at_s)
        self._v.append(value)
        while self._t[0] < at_s - KEEP_S:
            self._t.popleft()
            self._v.popleft()
        return True

    def clear(self) -> None:
        """Forget everything."""
        self.last_s = -math.inf
        self._t.clear()
        self._v.clear()

    def at(self, at_s: float, gap_s: float = math.inf) -> float | None:
        """Return the value between its neighbours; None outside, or in a wider gap."""
        if not self._t or not self._t[0] <= at_s <= self._t[-1]:
            return None
        after = bisect_left(self._t, at_s)
        if self._t[after] == at_s:
            return self._v[after]
        t0, t1 = self._t[after - 1], self._t[after]
        if t1 - t0 > gap_s:
            return None
        share = (at_s - t0) / (t1 - t0)
        return self._v[after - 1] + share * (self._v[after] - self._v[after - 1])

    def around(self, from_s: float, until_s: float) -> tuple[float, float] | None:
        """Return the instants of the last value before and the first one after a span."""
        if not self._t or from_s < self._t[0] or until_s > self._t[-1]:
            return None
        first = bisect_left(self._t, from_s)
        first -= self._t[first] > from_s
        return self._t[first], self._t[bisect_left(self._t, until_s)]

    def since(self, from_s: float) -> tuple[list[float], list[float]]:
        """Return times and values from an instant on."""
        first = bisect_left(self._t, from_s)
        return list(self._t)[first:], list(self._v)[first:]


def slope(times: list[float], values: list[float]) -> float:
    """Return the slope of the straight line nearest to at least two values."""
    n = len(times)
    mean_t, mean_v = sum(times) / n, sum(values) / n
    spread = sum((t - mean_t) ** 2 for t in times)
    return sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values, strict=True)) / spread
