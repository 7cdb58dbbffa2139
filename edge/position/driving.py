"""The vehicle's way by its wheels and gyro, from the first good fix on."""

import math

from edge.messages.readings import GnssFix, InertialSample, Odometry, WheelSpeed
from edge.position.coasting import Estimate
from edge.position.driven import DrivenFilter
from edge.position.filter import MotionFilter
from edge.position.gate import SIGMA_TO_95, WORST_ACCURACY_M, Measured

WHEEL_STALE_S = 1.5  # OBD answers two to five times a second, and stumbles
GYRO_STALE_S = 0.5
LONGEST_STEP_S = 0.25
HEADING_MPS = 3.0  # begin, and take courses, only when a course means something
BEGIN_HEADING_RAD, BEGIN_SPEED_MPS, BEGIN_BIAS_RADPS = 0.1, 0.5, 0.05
KNOWN_BIAS_RADPS = 0.003
COURSE_SIGMA_RAD, COURSE_SIGMA_RADMPS = 0.05, 0.3  # at least; and divided by the speed
COURSE_LATE_S = 3.0  # receivers smooth their course by a second and more: no use in turns
TURN_RADPS, TURN_UNSURE = 0.04, 0.04  # slower is no turn; a gyro aslant sees less of one
SMOOTH_TURN_S, TURNING_KEPT_S = 0.3, 3.0  # a gyro's noise is no turn
COURSE_GATE = 9.0
LOST_HEADING_RAD = 0.35  # less sure than this, any course is welcome
SURE_SIGMA_M = 0.7  # RTK; other receivers say 1 m and are 3 m off for half a minute
FIX_SIGMA_M = 3.5
FIX_WANDERS_S = 10.0  # after which the last fix's own accuracy says nothing any more
FIX_CORRELATED_S, LEAST_STEP_S = 0.15, 0.02  # fixes of one moment err alike
SCALE_MPS = 5.0
SCALE_SOFTNESS, SCALE_MOST = 20, 600  # how much a first ratio, and the last one, weigh
SCALE_REACH = 0.1  # a ratio farther from 1 is no wheel's
SCALE_UNSURE, SCALE_SURE = 0.03, 0.006  # one sigma of the scale, before and after learning
REST_MPS, REST_FOR_S = 0.05, 0.5
REST_BIAS_SHARE = 0.02  # of each sample at rest
FASTEST_MPS, WORST_SIGMA_MPS, MOST_TURN_DPS = 120.0, 10.0, 2000.0
AGAIN_S = 5.0  # a reading so much older than the last means that the clock began again


class Driving:
    """Wheels, gyro, and the filter that they drive."""

    def __init__(self) -> None:
        self.filter: DrivenFilter | None = None
        self.at_s = 0.0
        """What instant the filter stands at."""
        self.fixed_s = 0.0
        """When a fix was last taken in."""
        self.turned_deg = 0.0
        """All that the gyro has turned, less its bias."""
        self._wheel: WheelSpeed | None = None
        self._turn: InertialSample | None = None
        self._rest_since_s: float | None = None
        self._scale, self._ratios = 1.0, 0
        self._bias_radps, self._is_bias_known = 0.0, False
        self._smooth_radps = self._turning_radps = 0.0
        self._fixed_var_m2 = 0.0
        self._since_fix_m = 0.0
        self._turned_rad = 0.0

    @property
    def scale(self) -> float:
        """What the wheels' speed is multiplied with."""
        return self._scale

    @property
    def is_at_rest(self) -> bool:
        """The wheels stand, and have done so for a moment."""
        since_s, wheel = self._rest_since_s, self._wheel
        if since_s is None or wheel is None:
            return False
        return wheel.received_s - since_s >= REST_FOR_S

    def wheel_mps(self, now_s: float) -> float | None:
        """Return the wheels' speed now, None if they are not heard."""
        wheel = self._wheel
        if wheel is None or now_s - wheel.received_s > WHEEL_STALE_S:
            return None
        return wheel.speed_mps * self._scale

    def turn_radps(self, now_s: float) -> float | None:
        """Return the turn rate now, None if no gyro is heard."""
        turn = self._turn
        if turn is None or now_s - turn.received_s > GYRO_STALE_S:
            return None
        return math.radians(turn.turn_dps)

    def take(self, reading: Odometry) -> None:
        """Take a reading, for whose instant the filter stands."""
        if isinstance(reading, WheelSpeed):
            self._take_wheel(reading)
        else:
            self._take_turn(reading)

    def _take_wheel(self, wheel: WheelSpeed) -> None:
        if not (abs(wheel.speed_mps) <= FASTEST_MPS and 0 < wheel.sigma_mps <= WORST_SIGMA_MPS):
            return
        if self._wheel is not None and 0 < self._wheel.received_s - wheel.received_s < AGAIN_S:
            return
        if abs(wheel.speed_mps) > REST_MPS:
            self._rest_since_s = None
        elif self._rest_since_s is None or wheel.received_s < self._rest_since_s:
            self._rest_since_s = wheel.received_s
        self._wheel = wheel
        if self.filter is not None and not self.is_at_rest:
            self.filter.update_speed(wheel.speed_mps * self._scale, wheel.sigma_mps)

    def _take_turn(self, turn: InertialSample) -> None:
        if not abs(turn.turn_dps) <= MOST_TURN_DPS:
            return
        if self._turn is not None and 0 < self._turn.received_s - turn.received_s < AGAIN_S:
            return
        self._turn = turn
        if self.is_at_rest and self.wheel_mps(turn.received_s) is not None:
            turn_radps = math.radians(turn.turn_dps)
            share = REST_BIAS_SHARE if self._is_bias_known else 1.0
            self._bias_radps += share * (turn_radps - self._bias_radps)
            self._is_bias_known = True

    def drive_on(self, now_s: float) -> bool:
        """Bring the filter to `now_s`; give it up, and say False, if no wheels are heard."""
        driven, dt_s = self.filter, now_s - self.at_s
        if driven is None:
            return False
        if self.wheel_mps(now_s) is None or dt_s < -AGAIN_S:
            self.filter = None
            return False
        turn_radps = self.turn_radps(now_s)
        while self.at_s < now_s:
            step_s = min(LONGEST_STEP_S, now_s - self.at_s)
            self._step(driven, step_s, turn_radps)
            self.at_s = now_s if step_s < LONGEST_STEP_S else self.at_s + step_s
        return True

    def _step(self, driven: DrivenFilter, step_s: float, turn_radps: float | None) -> None:
        if self.is_at_rest:
            driven.rest(step_s, turn_radps)
            return
        driven.predict(step_s, turn_radps)
        self._since_fix_m += abs(driven.speed_mps) * step_s
        if turn_radps is not None:
            turning_radps = turn_radps - driven.bias_radps
            self.turned_deg += math.degrees(turning_radps) * step_s
            smooth = min(1.0, step_s / SMOOTH_TURN_S)
            self._smooth_radps += smooth * (turning_radps - self._smooth_radps)
            kept = self._turning_radps * (1.0 - step_s / TURNING_KEPT_S)
            self._turning_radps = max(abs(self._smooth_radps), kept)
            if abs(self._smooth_radps) > TURN_RADPS:
                self._turned_rad += abs(self._smooth_radps) * step_s

    def stop(self) -> None:
        """Give the filter up."""
        self.filter = None

    def begin(self, motion: MotionFilter, fix: GnssFix, late_s: float) -> bool:
        """Begin at a good fix, if it says where the vehicle points; tell whether it did."""
        wheel_mps = self.wheel_mps(fix.received_s)
        if wheel_mps is None or abs(wheel_mps) < HEADING_MPS:
            return False
        if fix.course_deg is None or fix.speed_mps is None or fix.speed_mps < HEADING_MPS:
            return False
        heading_rad = math.radians(fix.course_deg) + (math.pi if wheel_mps < 0 else 0.0)
        self.filter = DrivenFilter(
            (
                motion.east_m + late_s * motion.east_mps,
                motion.north_m + late_s * motion.north_mps,
            ),
            heading_rad,
            wheel_mps,
            self._bias_radps,
            (
                motion.sigma_m,
                BEGIN_HEADING_RAD,
                BEGIN_SPEED_MPS,
                KNOWN_BIAS_RADPS if self._is_bias_known else BEGIN_BIAS_RADPS,
            ),
        )
        self.at_s = fix.received_s
        self._fixed(self.filter)
        return True

    def moved_on(self, driven: DrivenFilter, measured: Measured, late_s: float) -> Measured:
        """Return a fix of `late_s` ago as if it were of now, as unsure as the way since."""
        east_mps, north_mps = driven.velocity_enu_mps
        east_m, north_m = measured.position_enu_m
        sigma_m = measured.sigma_m
        if sigma_m > SURE_SIGMA_M:
            sigma_m = max(sigma_m, FIX_SIGMA_M)
        return Measured(
            measured.at_s,
            (east_m + late_s * east_mps, north_m + late_s * north_mps),
            math.hypot(sigma_m, self._way_sigma_m(self._since_fix_m)),
            measured.velocity_enu_mps,
        )

    def take_course(self, driven: DrivenFilter, fix: GnssFix, late_s: float) -> None:
        """Let the course of a fix correct the heading."""
        if fix.course_deg is None or fix.speed_mps is None:
            return
        if min(fix.speed_mps, abs(driven.speed_mps)) < HEADING_MPS:
            return
        turn_radps = self.turn_radps(fix.received_s)
        turned_rad = 0.0 if turn_radps is None else (turn_radps - driven.bias_radps) * late_s
        course_rad = math.radians(fix.course_deg) + turned_rad
        if driven.speed_mps < 0:
            course_rad += math.pi
        sigma_rad = max(COURSE_SIGMA_RAD, COURSE_SIGMA_RADMPS / fix.speed_mps)
        sigma_rad += COURSE_LATE_S * self._turning_radps
        is_lost = driven.heading_sigma_rad > LOST_HEADING_RAD
        if is_lost or driven.heading_misfit(course_rad, sigma_rad) <= COURSE_GATE:
            driven.update_heading(course_rad, sigma_rad)

    def correct(self, driven: DrivenFilter, fix: GnssFix, now: Measured) -> None:
        """Take a good fix in, moved on to now, and learn from it how fast the wheels are."""
        driven.widen(self._way_sigma_m(self._since_fix_m))
        since_s = self.at_s - self.fixed_s
        often = math.sqrt(FIX_CORRELATED_S / max(since_s, LEAST_STEP_S))
        driven.update_position(now.position_enu_m, now.sigma_m * max(1.0, often))
        self._fixed(driven)
        wheel = self._wheel
        if wheel is None or fix.speed_mps is None or fix.speed_mps < SCALE_MPS:
            return
        ratio = fix.speed_mps / max(abs(wheel.speed_mps), SCALE_MPS)
        if abs(ratio - 1.0) <= SCALE_REACH:
            self._scale += (ratio - self._scale) / (self._ratios + SCALE_SOFTNESS)
            self._ratios = min(self._ratios + 1, SCALE_MOST)

    def is_known(self, told_m: float) -> bool:
        """Tell whether the place is known well enough to say it."""
        driven = self.filter
        return driven is not None and self._accuracy_m(driven, told_m, 0.0) <= WORST_ACCURACY_M

    def estimate(self, driven: DrivenFilter, told_m: float, now_s: float) -> Estimate:
        """Return the estimate for an instant, after a last fix whose accuracy was told."""
        away_s = now_s - self.at_s
        ahead_s = min(away_s, WHEEL_STALE_S)
        unmoved_m = abs(driven.speed_mps) * (away_s - ahead_s)
        east_mps, north_mps = driven.velocity_enu_mps
        return Estimate(
            (driven.east_m + ahead_s * east_mps, driven.north_m + ahead_s * north_mps),
            self._accuracy_m(driven, told_m, abs(ahead_s)) + unmoved_m,
            abs(driven.speed_mps),
            driven.sigma_mps,
            math.degrees(driven.heading_rad) % 360.0,
        )

    def _way_sigma_m(self, way_m: float) -> float:
        """Return what errors of scale, which no noise stands for, do to the way since a fix."""
        known = self._ratios / (self._ratios + SCALE_SOFTNESS)
        along = SCALE_UNSURE + known * (SCALE_SURE - SCALE_UNSURE)
        return way_m * math.hypot(along, TURN_UNSURE * self._turned_rad / 2)

    def _fixed(self, driven: DrivenFilter) -> None:
        self.fixed_s = self.at_s
        self._fixed_var_m2 = driven.sigma_m**2
        self._since_fix_m = 0.0
        self._turned_rad = 0.0

    def _accuracy_m(self, driven: DrivenFilter, told_m: float, ahead_s: float) -> float:
        """Return the 95 % radius: that of the last fix, and what was lost since."""
        worst_m = SIGMA_TO_95 * FIX_SIGMA_M if told_m > SIGMA_TO_95 * SURE_SIGMA_M else told_m
        since = min(1.0, (self.at_s + ahead_s - self.fixed_s) / FIX_WANDERS_S)
        fixed_m = max(told_m, SIGMA_TO_95 * math.sqrt(self._fixed_var_m2), worst_m * since)
        way_m = self._since_fix_m + abs(driven.speed_mps) * ahead_s
        grown_m2 = max(0.0, driven.sigma_m**2 - self._fixed_var_m2)
        ahead_m = (driven.sigma_mps + ahead_s) * ahead_s
        lost_m = math.sqrt(grown_m2 + self._way_sigma_m(way_m) ** 2 + ahead_m**2)
        return math.hypot(fixed_m, SIGMA_TO_95 * lost_m)
