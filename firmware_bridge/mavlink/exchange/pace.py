"""How long to wait for an answer: learnt from the link, as TCP does (RFC 6298)."""

FIRST_S = 1.5  # before anything is known (mavlink.io, mission protocol)
LONGEST_S = 8.0
BACK_OFF = 1.5
MOST_BACKED_OFF_S = 10.0


class Pace:
    """Round trips of one link. An answer to what was asked twice teaches nothing (Karn)."""

    def __init__(self, shortest_s: float) -> None:
        self._shortest_s = shortest_s
        self._smooth_s: float | None = None
        self._spread_s = 0.0

    def heard(self, trip_s: float) -> None:
        """Take a round trip that was asked for once."""
        if self._smooth_s is None:
            self._smooth_s, self._spread_s = trip_s, trip_s / 2
        else:
            self._spread_s += (abs(trip_s - self._smooth_s) - self._spread_s) / 4
            self._smooth_s += (trip_s - self._smooth_s) / 8

    def wait_s(self, asked: int = 1) -> float:
        """Return how long to wait for an answer to what was asked for the n-th time."""
        if self._smooth_s is None:
            base_s = max(FIRST_S, self._shortest_s)
        else:
            base_s = max(self._shortest_s, self._smooth_s + 4 * self._spread_s)
        return min(MOST_BACKED_OFF_S, min(base_s, LONGEST_S) * BACK_OFF ** min(asked - 1, 6))
