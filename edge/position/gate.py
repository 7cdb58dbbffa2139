"""What a fix must be like before it may move the estimate, and when to begin on one."""

import math
from collections import deque
from itertools import pairwise

import msgspec

from edge.messages.readings import GnssFix
from edge.position.driven import DrivenFilter
from edge.position.filter import MotionFilter
from edge.position.frames import LocalFrame

SIGMA_TO_95 = 2.4477  # 95 % radius of a circular normal distribution
GATE = 25.0  # chi-square: 5 sigma. Tighter gates lose a turn and then refuse good fixes
GATE_UNDER_CHANGED_SKY = 9.0  # 3 sigma, for a fix with other satellites than the one before
WORST_ACCURACY_M = 50.0  # a position worse than this is no position
LEAST_SIGMA_M, DEFAULT_SIGMA_M = 0.7, 3.0
SPEED_SIGMA_MPS = 1.5  # GNSS speeds are better, but lag a turn by half a second
STANDING_MPS = 1.0  # below this no course is needed to know the velocity
LEAST_FIXES = 3
LEAST_FIXES_WITH_VELOCITY = 2
UNKNOWN_ACCELERATION_MPS2 = 4.0
MOST_MPS = 70.0  # faster than any vehicle here
FASTEST_FIX_MPS = 120.0  # bound of GnssFix


class Accepted(msgspec.Struct, frozen=True):
    """The fix may be used."""


class Rejected(msgspec.Struct, frozen=True):
    """The fix may not be used."""

    reason: str


class Measured(msgspec.Struct, frozen=True):
    """A fix in metres, and what its parts are worth."""

    at_s: float
    position_enu_m: tuple[float, float]
    sigma_m: float
    velocity_enu_mps: tuple[float, float] | None


def sound(fix: GnssFix) -> Accepted | Rejected:
    """Judge a fix by itself."""
    if not (math.isfinite(fix.lat_deg) and abs(fix.lat_deg) <= 90):
        return Rejected("latitude out of range")
    if not (math.isfinite(fix.lon_deg) and abs(fix.lon_deg) <= 180):
        return Rejected("longitude out of range")
    if fix.accuracy_m is not None and not 0 <= fix.accuracy_m <= WORST_ACCURACY_M:
        return Rejected(f"accuracy only {fix.accuracy_m:.0f} m")
    if fix.speed_mps is not None and not 0 <= fix.speed_mps <= FASTEST_FIX_MPS:
        return Rejected("speed out of range")
    if fix.course_deg is not None and not 0 <= fix.course_deg <= 360:
        return Rejected("course out of range")
    return Accepted()


def near(
    motion: MotionFilter | DrivenFilter, measured: Measured, changed_sky: str = ""
) -> Accepted | Rejected:
    """Judge a position by where the vehicle can be, and by what changed with it in the sky."""
    misfit = motion.position_misfit(measured.position_enu_m, measured.sigma_m)
    if misfit <= (GATE_UNDER_CHANGED_SKY if changed_sky else GATE):
        return Accepted()
    east_m, north_m = measured.position_enu_m
    off_m = math.hypot(east_m - motion.east_m, north_m - motion.north_m)
    where = f"{off_m:.0f} m from where it can be"
    return Rejected(f"{where}, {changed_sky}" if changed_sky else where)


def measure(fix: GnssFix, frame: LocalFrame, at_s: float) -> Measured:
    """Return a fix in the metres of a frame."""
    accuracy_m = fix.accuracy_m
    sigma_m = DEFAULT_SIGMA_M if accuracy_m is None else accuracy_m / SIGMA_TO_95
    return Measured(
        at_s=at_s,
        position_enu_m=frame.to_enu_m(fix.lat_deg, fix.lon_deg),
        sigma_m=max(sigma_m, LEAST_SIGMA_M),
        velocity_enu_mps=velocity_enu_mps(fix),
    )


def velocity_enu_mps(fix: GnssFix) -> tuple[float, float] | None:
    """Return the measured velocity, None if its speed or a needed course is unknown."""
    if fix.speed_mps is None:
        return None
    if fix.course_deg is None:
        return (0.0, 0.0) if fix.speed_mps < STANDING_MPS else None
    course_rad = math.radians(fix.course_deg)
    return fix.speed_mps * math.sin(course_rad), fix.speed_mps * math.cos(course_rad)


class Entry:
    """Fixes to begin on: two or three in a row that agree with each other.

    Beginning on one bad fix costs ten seconds of lies before the gate gives it up.
    """

    def __init__(self) -> None:
        self._fixes: deque[Measured] = deque(maxlen=LEAST_FIXES)

    def clear(self) -> None:
        """Forget what was offered so far."""
        self._fixes.clear()

    def mean_velocity_enu_mps(self) -> tuple[float, float]:
        """Return the velocity from the first to the last fix that is kept."""
        first, last = self._fixes[0], self._fixes[-1]
        dt_s = last.at_s - first.at_s
        if dt_s <= 0:
            return 0.0, 0.0
        (east_m, north_m), (to_east_m, to_north_m) = first.position_enu_m, last.position_enu_m
        return (to_east_m - east_m) / dt_s, (to_north_m - north_m) / dt_s

    def offer(self, measured: Measured) -> bool:
        """Take the next fix; tell whether the newest ones agree."""
        self._fixes.append(measured)
        pairs = list(pairwise(self._fixes))
        if len(pairs) >= LEAST_FIXES_WITH_VELOCITY - 1 and _moved_as_told(*pairs[-1]):
            return True
        return len(self._fixes) == LEAST_FIXES and _moved_evenly(*self._fixes)


def _moved_as_told(first: Measured, second: Measured) -> bool:
    """Tell whether the way between two fixes is what their velocities say."""
    dt_s = second.at_s - first.at_s
    if first.velocity_enu_mps is None or second.velocity_enu_mps is None or dt_s <= 0:
        return False
    off_m = math.hypot(
        *(
            end - start - dt_s * (v_start + v_end) / 2
            for start, end, v_start, v_end in zip(
                first.position_enu_m,
                second.position_enu_m,
                first.velocity_enu_mps,
                second.velocity_enu_mps,
                strict=True,
            )
        )
    )
    return off_m <= _tolerance_m(dt_s, first.sigma_m, second.sigma_m)


def _moved_evenly(first: Measured, second: Measured, third: Measured) -> bool:
    """Tell whether three fixes lie on one steady motion that a vehicle can make."""
    before_s, after_s = second.at_s - first.at_s, third.at_s - second.at_s
    if before_s <= 0 or after_s <= 0:
        return False
    way_m = math.dist(first.position_enu_m, third.position_enu_m)
    if way_m > MOST_MPS * (before_s + after_s):
        return False
    off_m = math.hypot(
        *(
            third.position_enu_m[axis]
            - second.position_enu_m[axis]
            - (second.position_enu_m[axis] - first.position_enu_m[axis]) * after_s / before_s
            for axis in (0, 1)
        )
    )
    return off_m <= _tolerance_m(before_s + after_s, first.sigma_m, 2 * second.sigma_m)


def _tolerance_m(dt_s: float, *sigmas_m: float) -> float:
    return UNKNOWN_ACCELERATION_MPS2 * dt_s * dt_s / 2 + 2 * math.hypot(*sigmas_m)
