"""A receiver in a van that speeds up and brakes as vans do."""

import asyncio
import math

from edge.messages.geo import Place, east_north_m, metres_per_degree
from sim.world import Truth
from tests.real.kills.driving.receiver import Receiver

TOP_SPEED_MPS = 18.0
CHANGE_MPS2 = 5.0  # a position that stops at once is refused by the daemon, and rightly so
CLOSE_M = 0.5
LONGEST_STEP_S = 0.5


class RollingReceiver(Receiver):
    """Tells the way to `target` as a van could drive it, in time that really passes."""

    _moved_at_s = 0.0
    _speed_mps = 0.0
    _heading_deg = 0.0

    def _move(self) -> Truth:
        # By the clock: on a busy machine an epoch takes longer, and then the told speed and
        # the way would differ.
        now_s = asyncio.get_running_loop().time()
        step_s = min(now_s - self._moved_at_s, LONGEST_STEP_S)
        self._moved_at_s = now_s
        east_m, north_m = east_north_m(self.place, self.target)
        away_m = math.hypot(east_m, north_m)
        brakes_from_mps = math.sqrt(2 * CHANGE_MPS2 * away_m)
        faster_mps = self._speed_mps + CHANGE_MPS2 * step_s
        self._speed_mps = min(TOP_SPEED_MPS, faster_mps, brakes_from_mps)
        step_m = self._speed_mps * step_s
        if away_m <= max(step_m, CLOSE_M):
            self.place, self._speed_mps = self.target, 0.0
        else:
            self._heading_deg = math.degrees(math.atan2(east_m, north_m)) % 360.0
            north_deg_m, east_deg_m = metres_per_degree(self.place.lat_deg)
            self.place = Place(
                lat_deg=self.place.lat_deg + north_m / away_m * step_m / north_deg_m,
                lon_deg=self.place.lon_deg + east_m / away_m * step_m / east_deg_m,
            )
        place = self.place
        return Truth(place.lat_deg, place.lon_deg, self._speed_mps, self._heading_deg)
