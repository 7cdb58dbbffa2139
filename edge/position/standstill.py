"""Hold the published position while the vehicle stands, where a receiver's position wanders."""

import math

from edge.messages.geo import Place, east_north_m

STANDING_MPS = 0.3
MOVING_MPS = 0.8  # phones that lie still report up to 0.57
STANDING_FOR_S = 3.0
FOLLOW_MPS = 0.015  # a receiver that settles is followed, 0.9 m in a minute
LEASH_FRAC = 0.35  # of the accuracy: farther off than that, the vehicle has moved after all


class Standstill:
    """Tells from measured speeds whether the vehicle stands, and where."""

    def __init__(self) -> None:
        self.place: Place | None = None
        """The held place, None while moving."""
        self._slow_since_s: float | None = None
        self._placed_s = 0.0

    def clear(self) -> None:
        """Forget that the vehicle stood."""
        self.place = None
        self._slow_since_s = None

    def take_speed(self, speed_mps: float, at_s: float) -> None:
        """Take the measured speed of any fix."""
        if speed_mps > MOVING_MPS or (self.place is None and speed_mps > STANDING_MPS):
            self.clear()
        elif self._slow_since_s is None:
            self._slow_since_s = at_s

    def take_place(self, place: Place, accuracy_m: float, at_s: float) -> None:
        """Take the place that an accepted fix led to."""
        dt_s, self._placed_s = at_s - self._placed_s, at_s
        if self._slow_since_s is None:
            return
        if self.place is not None:
            self.place = _followed(
                self.place, place, FOLLOW_MPS * dt_s, LEASH_FRAC * accuracy_m
            )
        elif at_s - self._slow_since_s >= STANDING_FOR_S:
            self.place = place


def _followed(held: Place, place: Place, step_m: float, leash_m: float) -> Place:
    """Return the held place a step nearer to the estimated one, or there past the leash."""
    off_m = math.hypot(*east_north_m(held, place))
    if off_m > leash_m or off_m <= step_m:
        return place
    part = step_m / off_m
    return Place(
        lat_deg=held.lat_deg + part * (place.lat_deg - held.lat_deg),
        lon_deg=held.lon_deg + part * math.remainder(place.lon_deg - held.lon_deg, 360.0),
    )
