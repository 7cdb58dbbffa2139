"""Which messages come by themselves, and when the next one is due."""

import heapq
import math

from sim.devices.autopilot.manners.manner import Manner

DEFAULT = 0.0
NEVER = -1.0


class Streams:
    """Intervals by message number; of what was missed only the newest is said."""

    def __init__(self, manner: Manner, known: frozenset[int], now_s: float) -> None:
        self._manner = manner
        self._known = known
        self._interval_s: dict[int, float] = {}
        self._due: list[tuple[float, int]] = []
        for number, hz in manner.streams.items():
            self._start(number, 1.0 / hz, now_s)

    @property
    def wake_at_s(self) -> float:
        """When the next message is due."""
        return self._due[0][0] if self._due else math.inf

    def due(self, now_s: float) -> list[int]:
        """Return the numbers that are due, each once."""
        numbers: list[int] = []
        while self._due and self._due[0][0] <= now_s:
            at_s, number = heapq.heappop(self._due)
            numbers.append(number)
            every_s = self._interval_s[number]
            next_s = at_s + every_s
            if next_s <= now_s:  # time made a leap: no burst of what is old
                next_s = now_s + every_s
            heapq.heappush(self._due, (next_s, number))
        return numbers

    def interval_us(self, number: int) -> int:
        """Return what MESSAGE_INTERVAL says of a message: -1 not sent, 0 not known."""
        if number not in self._known:
            return 0
        every_s = self._interval_s.get(number)
        return -1 if every_s is None else round(every_s * 1e6)

    def set(self, number: int, interval_us: float, now_s: float) -> bool:
        """Say a message so often; 0 is its default, negative is never. False: no such one."""
        if number not in self._known:
            return False
        if interval_us == DEFAULT:
            hz = self._manner.streams.get(number, 0.0)
            every_s = 1.0 / hz if hz else math.inf
        else:
            every_s = interval_us * 1e-6 if interval_us > 0 else math.inf
        self._stop(number)
        if math.isfinite(every_s):
            self._start(number, every_s, now_s)
        return True

    def set_group(self, group: int, hz: float, now_s: float) -> None:
        """Say a group of messages so often: REQUEST_DATA_STREAM."""
        for number in self._manner.groups.get(group, ()):
            self.set(number, 1e6 / hz if hz > 0 else NEVER, now_s)

    def _stop(self, number: int) -> None:
        if self._interval_s.pop(number, None) is not None:
            self._due = [entry for entry in self._due if entry[1] != number]
            heapq.heapify(self._due)

    def _start(self, number: int, every_s: float, now_s: float) -> None:
        every_s = max(every_s, 1.0 / self._manner.fastest_hz)
        self._interval_s[number] = every_s
        heapq.heappush(self._due, (now_s + min(every_s, 0.5), number))
