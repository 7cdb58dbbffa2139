"""What the controller's clock shows, by the round trip that took least time."""

from collections import deque

WRAP_MS = 1 << 32
KEEP_S = 30.0  # two crystals of 50 ppm drift 3 ms apart in that time
MOST_BEATS = 64


class ControllerClock:
    """Offset between our loop time and the controller's milliseconds since boot."""

    def __init__(self) -> None:
        self._sent: deque[tuple[int, float]] = deque(maxlen=MOST_BEATS)
        self._trips: deque[tuple[float, float, float]] = deque(maxlen=int(KEEP_S * 10))
        """(took [s], offset [ms], when)."""

    @property
    def is_known(self) -> bool:
        """A beat has come back."""
        return bool(self._trips)

    def forget(self) -> None:
        """Begin anew: the controller has."""
        self._sent.clear()
        self._trips.clear()

    def stamp(self, now_s: float) -> int:
        """Return what goes out with a beat."""
        stamp_ms = int(now_s * 1000) % WRAP_MS
        self._sent.append((stamp_ms, now_s))
        return stamp_ms

    def came_back(self, stamp_ms: int, mcu_ms: int, now_s: float) -> None:
        """Take a beat that came back; one that was never sent says nothing."""
        sent_s = next((at_s for stamp, at_s in self._sent if stamp == stamp_ms), None)
        if sent_s is None:
            return
        while self._trips and self._trips[0][2] < now_s - KEEP_S:
            self._trips.popleft()
        self._trips.append((now_s - sent_s, mcu_ms - 500.0 * (sent_s + now_s), now_s))

    def mcu_ms(self, now_s: float) -> int:
        """Return what the controller's clock shows now."""
        assert self._trips, "asked before a beat came back"
        offset_ms = min(self._trips)[1]
        return round(now_s * 1000 + offset_ms) % WRAP_MS

    def loop_s(self, mcu_ms: int, now_s: float) -> float:
        """Return when the controller's clock showed this, within 24 days of now."""
        age_ms = (self.mcu_ms(now_s) - mcu_ms + WRAP_MS // 2) % WRAP_MS - WRAP_MS // 2
        return now_s - age_ms / 1000
