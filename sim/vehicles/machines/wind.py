"""Wind: a steady part and gusts that come and go, from a seed."""

import math
from random import Random

from sim.vehicles.machines.body import Vector

GUST_LASTS_S = 8.0
GUST_FRAC = 0.15  # spread of the gusts, of the steady wind


class Wind:
    """What blows at a height that matters little: nothing here knows about buildings."""

    def __init__(self, rng: Random, speed_mps: float = 0.0, from_deg: float = 0.0) -> None:
        """Let it blow from a direction, as weather reports say it."""
        self._rng = rng
        self.speed_mps = speed_mps
        self.from_deg = from_deg
        self._gust_mps = (0.0, 0.0)

    def step(self, spent_s: float) -> Vector:
        """Return the wind of the next step (east, north, up)."""
        if self.speed_mps == 0.0:
            return (0.0, 0.0, 0.0)
        keep = math.exp(-spent_s / GUST_LASTS_S)
        spread = GUST_FRAC * self.speed_mps * math.sqrt(1.0 - keep * keep)
        gauss = self._rng.gauss
        self._gust_mps = (
            keep * self._gust_mps[0] + gauss(0, spread),
            keep * self._gust_mps[1] + gauss(0, spread),
        )
        towards = math.radians(self.from_deg + 180.0)
        return (
            self.speed_mps * math.sin(towards) + self._gust_mps[0],
            self.speed_mps * math.cos(towards) + self._gust_mps[1],
            0.0,
        )
