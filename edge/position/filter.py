"""Two independent pairs of position and velocity, in plain floats: 40 us a fix."""

import math

ACCELERATION_NOISE = 9.0  # [m2/s3]: 3 m/s2 of unknown acceleration, new each second


class MotionFilter:
    """A Kalman filter east and north of an origin [m], with velocities [m/s].

    Both axes are measured equally well at equal times, so they share one covariance; the
    matrix form in tests/edge/position/test_filter.py is its oracle.
    """

    __slots__ = ("_pp", "_pv", "_vv", "east_m", "east_mps", "north_m", "north_mps")

    def __init__(
        self,
        position_enu_m: tuple[float, float],
        sigma_m: float,
        velocity_enu_mps: tuple[float, float],
        sigma_mps: float,
    ) -> None:
        self.east_m, self.north_m = position_enu_m
        self.east_mps, self.north_mps = velocity_enu_mps
        self._pp = sigma_m * sigma_m
        self._pv = 0.0
        self._vv = sigma_mps * sigma_mps

    @property
    def sigma_m(self) -> float:
        """Standard deviation of the position along each axis."""
        return math.sqrt(self._pp)

    @property
    def sigma_mps(self) -> float:
        """Standard deviation of the velocity along each axis."""
        return math.sqrt(self._vv)

    @property
    def speed_mps(self) -> float:
        """Speed over ground."""
        return math.hypot(self.east_mps, self.north_mps)

    def predict(self, dt_s: float) -> None:
        """Move on by `dt_s`."""
        self.east_m += self.east_mps * dt_s
        self.north_m += self.north_mps * dt_s
        noise = ACCELERATION_NOISE * dt_s
        self._pp += dt_s * (2 * self._pv + dt_s * (self._vv + noise / 3))
        self._pv += dt_s * (self._vv + noise / 2)
        self._vv += noise

    def sigma_after_m(self, dt_s: float) -> float:
        """Return what `sigma_m` would be after a prediction by `dt_s`."""
        noise = ACCELERATION_NOISE * dt_s
        return math.sqrt(self._pp + dt_s * (2 * self._pv + dt_s * (self._vv + noise / 3)))

    def velocity_misfit(self, velocity_enu_mps: tuple[float, float], sigma_mps: float) -> float:
        """Return how unlikely a measured velocity is: chi-square of two axes."""
        east, north = velocity_enu_mps
        spread = self._vv + sigma_mps * sigma_mps
        return ((east - self.east_mps) ** 2 + (north - self.north_mps) ** 2) / spread

    def position_misfit(self, position_enu_m: tuple[float, float], sigma_m: float) -> float:
        """Return how unlikely a measured position is: chi-square of two axes."""
        east, north = position_enu_m
        spread = self._pp + sigma_m * sigma_m
        return ((east - self.east_m) ** 2 + (north - self.north_m) ** 2) / spread

    def update_velocity(self, velocity_enu_mps: tuple[float, float], sigma_mps: float) -> None:
        """Take a measured velocity in."""
        spread = self._vv + sigma_mps * sigma_mps
        self._correct(
            self._pv / spread,
            self._vv / spread,
            velocity_enu_mps[0] - self.east_mps,
            velocity_enu_mps[1] - self.north_mps,
        )
        self._pp -= self._pv * self._pv / spread
        self._pv -= self._pv * self._vv / spread
        self._vv -= self._vv * self._vv / spread

    def update_position(self, position_enu_m: tuple[float, float], sigma_m: float) -> None:
        """Take a measured position in."""
        spread = self._pp + sigma_m * sigma_m
        self._correct(
            self._pp / spread,
            self._pv / spread,
            position_enu_m[0] - self.east_m,
            position_enu_m[1] - self.north_m,
        )
        self._vv -= self._pv * self._pv / spread
        self._pv -= self._pp * self._pv / spread
        self._pp -= self._pp * self._pp / spread

    def _correct(
        self, to_position: float, to_velocity: float, east: float, north: float
    ) -> None:
        self.east_m += to_position * east
        self.north_m += to_position * north
        self.east_mps += to_velocity * east
        self.north_mps += to_velocity * north

    def moved(self, east_m: float, north_m: float) -> None:
        """Express the position in a frame whose origin lies elsewhere."""
        self.east_m, self.north_m = east_m, north_m
