"""Place, heading and speed by wheels and gyro, put right by fixes: an EKF in plain floats."""

import math

SPEED_NOISE = 2.25  # [m2/s3]: 1.5 m/s2 of unknown acceleration
HEADING_NOISE = 0.004**2  # [rad2/s]: with a gyro
TURN_NOISE = 1e-4  # [s]: times the turn rate squared; half a degree a corner, for tilt
BLIND_HEADING_NOISE = 0.2**2  # [rad2/s]: without
BIAS_NOISE = 1e-4**2  # [rad2/s3]
POSITION_NOISE = 0.02**2  # [m2/s]: slipping, and the plane that is none
REST_TURN_SIGMA_RADPS = 0.01  # one sample of a gyro at rest, engine running

_E, _N, _H, _V, _B = range(5)
ROWS = (
    (0, 1, 2, 3, 4),
    (1, 5, 6, 7, 8),
    (2, 6, 9, 10, 11),
    (3, 7, 10, 12, 13),
    (4, 8, 11, 13, 14),
)
"""Where row i of the covariance lies in the fifteen numbers of its upper triangle."""


class DrivenFilter:
    """An extended Kalman filter of a vehicle that goes where it points.

    States: east, north [m], heading clockwise from north [rad], speed [m/s, backwards
    negative], gyro bias [rad/s, turning right positive]. The matrix form in
    tests/edge/position/test_driven.py is its oracle.
    """

    __slots__ = ("_p", "bias_radps", "east_m", "heading_rad", "north_m", "speed_mps")

    def __init__(
        self,
        position_enu_m: tuple[float, float],
        heading_rad: float,
        speed_mps: float,
        bias_radps: float,
        sigmas: tuple[float, float, float, float],
    ) -> None:
        """Begin; sigmas are those of position, heading, speed and bias."""
        self.east_m, self.north_m = position_enu_m
        self.heading_rad = heading_rad
        self.speed_mps = speed_mps
        self.bias_radps = bias_radps
        position, heading, speed, bias = (sigma * sigma for sigma in sigmas)
        self._p = [position, 0.0, 0.0, 0.0, 0.0, position, 0.0, 0.0, 0.0]
        self._p += [heading, 0.0, 0.0, speed, 0.0, bias]

    @property
    def covariance(self) -> tuple[float, ...]:
        """The upper triangle, row by row: 15 numbers."""
        return tuple(self._p)

    @property
    def sigma_m(self) -> float:
        """Standard deviation of the position along its worst axis."""
        ee, en, nn = self._p[0], self._p[1], self._p[5]
        return math.sqrt((ee + nn) / 2 + math.hypot((ee - nn) / 2, en))

    @property
    def heading_sigma_rad(self) -> float:
        """Standard deviation of the heading."""
        return math.sqrt(self._p[9])

    @property
    def sigma_mps(self) -> float:
        """Standard deviation of the speed."""
        return math.sqrt(self._p[12])

    @property
    def velocity_enu_mps(self) -> tuple[float, float]:
        """Velocity over ground."""
        return (
            self.speed_mps * math.sin(self.heading_rad),
            self.speed_mps * math.cos(self.heading_rad),
        )

    def predict(self, dt_s: float, turn_radps: float | None) -> None:
        """Drive on for `dt_s`, turning as the gyro says; None: there is no gyro."""
        turned_rad = 0.0 if turn_radps is None else (turn_radps - self.bias_radps) * dt_s
        middle_rad = self.heading_rad + turned_rad / 2
        sine, cosine = math.sin(middle_rad) * dt_s, math.cos(middle_rad) * dt_s
        a, s = self.speed_mps * cosine, sine
        b, c = -self.speed_mps * sine, cosine
        d = 0.0 if turn_radps is None else -dt_s
        self.east_m += self.speed_mps * sine
        self.north_m += self.speed_mps * cosine
        self.heading_rad += turned_rad
        ee, en, eh, ev, eb, nn, nh, nv, nb, hh, hv, hb, vv, vb, bb = self._p
        # F P F' + Q; F is 1 plus a, s in the row of east, b, c of north, d of heading.
        gain_eh, gain_ev, gain_eb = a * hh + s * hv, a * hv + s * vv, a * hb + s * vb
        gain_nh, gain_nv, gain_nb = b * hh + c * hv, b * hv + c * vv, b * hb + c * vb
        drift = POSITION_NOISE * dt_s
        heading = BLIND_HEADING_NOISE
        if turn_radps is not None:
            rate_radps = turn_radps - self.bias_radps
            heading = HEADING_NOISE + TURN_NOISE * rate_radps * rate_radps
        self._p = [
            ee + 2 * (a * eh + s * ev) + a * gain_eh + s * gain_ev + drift,
            en + b * eh + c * ev + a * nh + s * nv + b * gain_eh + c * gain_ev,
            eh + gain_eh + d * (eb + gain_eb),
            ev + gain_ev,
            eb + gain_eb,
            nn + 2 * (b * nh + c * nv) + b * gain_nh + c * gain_nv + drift,
            nh + gain_nh + d * (nb + gain_nb),
            nv + gain_nv,
            nb + gain_nb,
            hh + 2 * d * hb + d * d * bb + heading * dt_s,
            hv + d * vb,
            hb + d * bb,
            vv + SPEED_NOISE * dt_s,
            vb,
            bb + BIAS_NOISE * dt_s,
        ]

    def rest(self, dt_s: float, turn_radps: float | None) -> None:
        """Stand for `dt_s`: place and heading keep, and what the gyro says is its bias."""
        self.speed_mps = 0.0
        p = self._p
        p[3] = p[7] = p[10] = p[13] = 0.0
        p[12] = 1e-4
        p[14] += BIAS_NOISE * dt_s
        if turn_radps is not None:
            self._update(_B, turn_radps - self.bias_radps, REST_TURN_SIGMA_RADPS**2)

    def update_speed(self, speed_mps: float, sigma_mps: float) -> None:
        """Take a measured speed in."""
        self._update(_V, speed_mps - self.speed_mps, sigma_mps * sigma_mps)

    def heading_misfit(self, heading_rad: float, sigma_rad: float) -> float:
        """Return how unlikely a measured heading is: chi-square of one number."""
        off_rad = math.remainder(heading_rad - self.heading_rad, math.tau)
        return off_rad * off_rad / (self._p[9] + sigma_rad * sigma_rad)

    def update_heading(self, heading_rad: float, sigma_rad: float) -> None:
        """Take a measured heading in, the shorter way round."""
        off_rad = math.remainder(heading_rad - self.heading_rad, math.tau)
        self._update(_H, off_rad, sigma_rad * sigma_rad)

    def position_misfit(self, position_enu_m: tuple[float, float], sigma_m: float) -> float:
        """Return how unlikely a measured position is: chi-square of two numbers."""
        east = position_enu_m[0] - self.east_m
        north = position_enu_m[1] - self.north_m
        r = sigma_m * sigma_m
        ee, en, nn = self._p[0] + r, self._p[1], self._p[5] + r
        return (nn * east * east - 2 * en * east * north + ee * north * north) / (
            ee * nn - en * en
        )

    def widen(self, sigma_m: float) -> None:
        """Count an error in that no noise stands for, as that of the wheels' scale."""
        self._p[0] += sigma_m * sigma_m
        self._p[5] += sigma_m * sigma_m

    def update_position(self, position_enu_m: tuple[float, float], sigma_m: float) -> None:
        """Take a measured position in, one axis after the other."""
        r = sigma_m * sigma_m
        self._update(_E, position_enu_m[0] - self.east_m, r)
        self._update(_N, position_enu_m[1] - self.north_m, r)

    def moved(self, east_m: float, north_m: float) -> None:
        """Express the position in a frame whose origin lies elsewhere."""
        self.east_m, self.north_m = east_m, north_m

    def _update(self, row: int, off: float, r: float) -> None:
        """Take one number in that measures one state directly."""
        p = self._p
        i0, i1, i2, i3, i4 = ROWS[row]
        e, n, h, v, b = p[i0], p[i1], p[i2], p[i3], p[i4]
        weight = 1.0 / ((e, n, h, v, b)[row] + r)
        to_e, to_n, to_h, to_v, to_b = (
            e * weight,
            n * weight,
            h * weight,
            v * weight,
            b * weight,
        )
        self.east_m += to_e * off
        self.north_m += to_n * off
        self.heading_rad += to_h * off
        self.speed_mps += to_v * off
        self.bias_radps += to_b * off
        p[0] -= to_e * e
        p[1] -= to_e * n
        p[2] -= to_e * h
        p[3] -= to_e * v
        p[4] -= to_e * b
        p[5] -= to_n * n
        p[6] -= to_n * h
        p[7] -= to_n * v
        p[8] -= to_n * b
        p[9] -= to_h * h
        p[10] -= to_h * v
        p[11] -= to_h * b
        p[12] -= to_v * v
        p[13] -= to_v * b
        p[14] -= to_b * b
