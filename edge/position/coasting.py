"""The vehicle's way by fixes alone: from one to the next as it last moved."""

import math

import msgspec

from edge.position.filter import MotionFilter
from edge.position.gate import GATE, SIGMA_TO_95, SPEED_SIGMA_MPS, Measured

EXTRAPOLATE_S = 1.0
COURSE_MPS = 1.0  # slower than this a course is noise: keep the last heading
UNKNOWN_VELOCITY_SIGMA_MPS = 5.0
BELIEVED_FRAC = 0.7  # of a told accuracy: recorded receivers are better than they say


class Estimate(msgspec.Struct, frozen=True):
    """What a filter believes at one instant."""

    position_enu_m: tuple[float, float]
    accuracy_m: float
    """95 % radius."""
    speed_mps: float
    speed_sigma_mps: float
    heading_deg: float | None


class Coasting:
    """The filter of a vehicle that has nothing but its receiver."""

    def __init__(self) -> None:
        self.filter: MotionFilter | None = None
        self._heading_deg: float | None = None

    def stop(self) -> None:
        """Give the filter up, not the heading."""
        self.filter = None

    def begin(self, measured: Measured, velocity_enu_mps: tuple[float, float]) -> None:
        """Begin at a fix; the velocity between fixes is for one that tells none."""
        velocity = measured.velocity_enu_mps
        self.filter = MotionFilter(
            measured.position_enu_m,
            measured.sigma_m,
            velocity or velocity_enu_mps,
            UNKNOWN_VELOCITY_SIGMA_MPS if velocity is None else SPEED_SIGMA_MPS,
        )

    def take_over(self, estimate: Estimate, velocity_enu_mps: tuple[float, float]) -> None:
        """Go on where wheels have fallen silent."""
        sigma_m = estimate.accuracy_m / SIGMA_TO_95
        self.filter = MotionFilter(
            estimate.position_enu_m, sigma_m, velocity_enu_mps, SPEED_SIGMA_MPS
        )
        self._heading_deg = estimate.heading_deg

    def take_velocity(self, motion: MotionFilter, measured: Measured) -> None:
        """Take the velocity before the position, so that a turn is not mistaken for a jump."""
        if measured.velocity_enu_mps is None:
            return
        misfit = motion.velocity_misfit(measured.velocity_enu_mps, SPEED_SIGMA_MPS)
        # Inflate instead of refusing: an estimate that lost a turn would refuse for ever.
        sigma_mps = SPEED_SIGMA_MPS * math.sqrt(max(1.0, misfit / GATE))
        motion.update_velocity(measured.velocity_enu_mps, sigma_mps)

    def take_position(self, motion: MotionFilter, measured: Measured) -> None:
        """Take a position that the gate let through."""
        motion.update_position(measured.position_enu_m, BELIEVED_FRAC * measured.sigma_m)

    def keep_heading(self, motion: MotionFilter) -> None:
        """Remember where the vehicle points while it moves."""
        if motion.speed_mps >= COURSE_MPS:
            heading_rad = math.atan2(motion.east_mps, motion.north_mps)
            self._heading_deg = math.degrees(heading_rad) % 360.0

    def estimate(self, motion: MotionFilter, age_s: float, told_m: float) -> Estimate:
        """Return the estimate `age_s` after the last fix, whose accuracy was told."""
        ahead_s = min(age_s, EXTRAPOLATE_S)
        unmoved_m = motion.speed_mps * (age_s - ahead_s)
        spread_m = SIGMA_TO_95 * motion.sigma_after_m(age_s) + unmoved_m
        return Estimate(
            (
                motion.east_m + ahead_s * motion.east_mps,
                motion.north_m + ahead_s * motion.north_mps,
            ),
            max(spread_m, told_m),
            motion.speed_mps,
            motion.sigma_mps,
            self._heading_deg,
        )
