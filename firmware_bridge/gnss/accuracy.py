"""What a position is worth when the receiver does not say: geometry times a range error."""

RANGE_ERROR_M = {1: 6.0, 2: 4.5, 3: 4.5, 4: 2.0, 5: 2.5, 6: 20.0, 7: 6.0}
"""95 % error at HDOP 1 by NMEA fix quality: 1 plain, 2 differential, 3 PPS, 4 RTK, 5 RTK float,
6 dead reckoning, 7 as phones mark their fused fixes. Chosen so that at least 95 % of the
recorded drives' fixes lie inside (tests/replay/test_accuracy.py)."""
LEAST_HDOP = 1.0  # below it the errors are no longer those of geometry


def accuracy_from_dop_m(quality: int, hdop: float | None) -> float | None:
    """Return the 95 % horizontal accuracy [m], None where nothing is known."""
    if hdop is None or quality not in RANGE_ERROR_M:
        return None
    return RANGE_ERROR_M[quality] * max(hdop, LEAST_HDOP)
