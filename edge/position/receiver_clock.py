"""The receiver's clock beside ours: time between fixes, lateness, and a clock that was set."""

from edge.messages.readings import GnssFix

AGREE_S = 1.5  # within it the receiver's clock times two fixes better than their arrival
STEP_S = 1.5  # more than bytes are ever late: the receiver's clock was set, or is played to
BELIEVE_S = 10.0  # a clock that keeps its new time for so long is simply right again
DRIFT = 2e-4  # of either clock, so that the quickest fix ever does not count for ever
LATEST_S = 1.0


class ReceiverClock:
    """Compares the time a receiver tells with the monotonic arrival of its fixes."""

    def __init__(self) -> None:
        self.received_s: float | None = None
        """When the newest fix came."""
        self.lag_s = 0.0
        """How much later than the quickest ones it came."""
        self.moved = ""
        """That the receiver's clock has just been moved against ours; empty if not."""
        self._utc_s: float | None = None
        self._offset_s: float | None = None
        self._heard_s = 0.0
        self._new_offset: tuple[float, float] | None = None

    def take(self, fix: GnssFix) -> float:
        """Take the times of a fix; return the time since the last one, 0 at the first."""
        utc_s = None if fix.utc is None else fix.utc.timestamp()
        step_s = self._step_s(fix.received_s, utc_s)
        self.received_s, self._utc_s = fix.received_s, utc_s
        self.lag_s, self.moved = 0.0, ""
        if utc_s is not None:
            self._compare(fix.received_s, fix.received_s - utc_s)
        return step_s

    def _step_s(self, received_s: float, utc_s: float | None) -> float:
        if self.received_s is None:
            return 0.0
        arrived_s = max(0.0, received_s - self.received_s)
        if utc_s is None or self._utc_s is None:
            return arrived_s
        told_s = utc_s - self._utc_s
        agree = told_s >= 0 and abs(told_s - arrived_s) <= AGREE_S
        return told_s if agree else arrived_s

    def _compare(self, received_s: float, offset_s: float) -> None:
        if self._offset_s is None:
            self._agree(offset_s, received_s)
            return
        aged_s = self._offset_s + DRIFT * max(0.0, received_s - self._heard_s)
        if abs(offset_s - aged_s) <= STEP_S:
            self._agree(min(aged_s, offset_s), received_s)
            self.lag_s = min(max(0.0, offset_s - aged_s), LATEST_S)
            return
        new = self._new_offset
        if new is None or abs(new[0] - offset_s) > STEP_S:
            self._new_offset = new = offset_s, received_s
        if received_s - new[1] >= BELIEVE_S:
            self._agree(offset_s, received_s)
            return
        self.moved = f"the receiver's clock moved by {aged_s - offset_s:.0f} s"

    def _agree(self, offset_s: float, received_s: float) -> None:
        self._offset_s, self._heard_s, self._new_offset = offset_s, received_s, None
