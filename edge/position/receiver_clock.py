"""The receiver's clock beside ours: how late a fix is, and whether its clock was moved."""

STEP_S = 1.5  # more than bytes are ever late: the receiver's clock was set, or is played to
BELIEVE_S = 10.0  # a clock that keeps its new time for so long is simply right again
DRIFT = 2e-4  # of either clock, so that the quickest fix ever does not count for ever
LATEST_S = 1.0


class ReceiverClock:
    """Compares the time a receiver tells with the monotonic arrival of its fixes."""

    def __init__(self) -> None:
        self.lag_s = 0.0
        """How much later than the quickest ones the newest fix came."""
        self.step_s = 0.0
        """By how much its clock has been moved against ours; 0 when they agree."""
        self._offset_s: float | None = None
        self._heard_s = 0.0
        self._moved: tuple[float, float] | None = None

    @property
    def moved(self) -> str:
        """Say that its clock has just been moved; empty if not."""
        return f"the receiver's clock moved by {self.step_s:.0f} s" if self.step_s else ""

    def take(self, received_s: float, utc_s: float | None) -> None:
        """Take the times of a fix."""
        self.lag_s = self.step_s = 0.0
        if utc_s is None:
            return
        offset_s = received_s - utc_s
        if self._offset_s is None:
            self._begin(offset_s, received_s)
            return
        aged_s = self._offset_s + DRIFT * max(0.0, received_s - self._heard_s)
        if abs(offset_s - aged_s) <= STEP_S:
            self._begin(min(aged_s, offset_s), received_s)
            self.lag_s = min(offset_s - min(aged_s, offset_s), LATEST_S)
            return
        if self._moved is None or abs(self._moved[0] - offset_s) > STEP_S:
            self._moved = offset_s, received_s
        if received_s - self._moved[1] >= BELIEVE_S:
            self._begin(offset_s, received_s)
            return
        self.step_s = aged_s - offset_s

    def _begin(self, offset_s: float, received_s: float) -> None:
        self._offset_s, self._heard_s, self._moved = offset_s, received_s, None
