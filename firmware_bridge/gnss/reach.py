"""Doubt a position that only one sentence tells, where the receiver usually tells it twice."""

import math

from edge.messages.geo import Place, east_north_m
from edge.messages.readings import GnssFix

SLACK_M = 50.0
MOST_MPS = 70.0  # faster than any vehicle here


class Reach:
    """Remembers the last position that two sentences agreed on.

    Eight bits of checksum let one damaged sentence in 256 through. A second sentence that
    agrees settles it; without one, the position must be within reach of the last settled one.
    """

    def __init__(self) -> None:
        self._place: Place | None = None
        self._received_s = 0.0

    def holds(self, fix: GnssFix, *, twice: bool) -> bool:
        """Judge a fix; `twice`: two sentences agree on it. Its own time may be damaged too."""
        place = Place(lat_deg=fix.lat_deg, lon_deg=fix.lon_deg)
        if twice:
            self._place, self._received_s = place, fix.received_s
            return True
        if self._place is None:
            return True
        reach_m = SLACK_M + MOST_MPS * (fix.received_s - self._received_s)
        return math.hypot(*east_north_m(self._place, place)) <= reach_m
