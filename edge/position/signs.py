"""Signs that a receiver is deceived, or deceives itself, though each fix looks sound alone."""

import math
from collections import deque

import msgspec

from edge.messages.readings import GnssFix

WINDOW_S = 5.0
WAY_M, WAY_FRAC = 20.0, 0.35  # told velocities and places may part by so much in a window
WHEEL_MPS, WHEEL_FRAC = 2.5, 0.25  # receiver and wheels in a hard stop, one of them late
WHEEL_FOR_S = 3.0
TURN_DEG = 75.0  # course against gyro in a window; a course lags half a second behind
COURSE_MPS = 4.0  # slower than this a course says little
FEWER_FRAC, FEWER = 0.5, 4  # satellites lost or won at once
WORSE_FACTOR, WORSE = 2.5, 1.5  # HDOP


class Told(msgspec.Struct, frozen=True):
    """What an accepted fix said, and how far the gyro had turned by then."""

    at_s: float
    position_enu_m: tuple[float, float]
    velocity_enu_mps: tuple[float, float]
    course_deg: float | None
    turned_deg: float | None

    @property
    def speed_mps(self) -> float:
        """Speed over ground."""
        return math.hypot(*self.velocity_enu_mps)


class Signs:
    """Compares what a receiver tells with itself, and with wheels and gyro."""

    def __init__(self) -> None:
        self._told: deque[Told] = deque()
        self._way_enu_m = (0.0, 0.0)
        self._way_m = 0.0
        self._wheels_against_s: float | None = None
        self._satellites: int | None = None
        self._hdop: float | None = None

    def clear_way(self) -> None:
        """Forget the way so far; a new one begins."""
        self._told.clear()
        self._way_enu_m, self._way_m = (0.0, 0.0), 0.0

    def sky_changed(self, fix: GnssFix) -> str:
        """Say what changed in the sky from one fix to the next; empty if little did."""
        before, worse = self._satellites, self._hdop
        self._satellites, self._hdop = fix.satellites, fix.hdop
        if before is not None and fix.satellites is not None:
            gap = abs(fix.satellites - before)
            if gap >= FEWER and gap >= FEWER_FRAC * max(before, fix.satellites):
                return f"from {before} to {fix.satellites} satellites at once"
        if worse is None or fix.hdop is None:
            return ""
        if fix.hdop >= max(worse + WORSE, WORSE_FACTOR * worse):
            return f"HDOP from {worse:.1f} to {fix.hdop:.1f} at once"
        return ""

    def wheels_against(self, fix: GnssFix, wheel_mps: float | None) -> str:
        """Say that receiver and wheels have differed for some seconds; empty if not."""
        if wheel_mps is None or fix.speed_mps is None:
            self._wheels_against_s = None
            return ""
        least = max(WHEEL_MPS, WHEEL_FRAC * abs(wheel_mps))
        if abs(fix.speed_mps - abs(wheel_mps)) <= least:
            self._wheels_against_s = None
            return ""
        if self._wheels_against_s is None:
            self._wheels_against_s = fix.received_s
        if fix.received_s - self._wheels_against_s < WHEEL_FOR_S:
            return ""
        return f"the receiver says {fix.speed_mps:.0f} m/s, the wheels {abs(wheel_mps):.0f}"

    def take(self, told: Told) -> str:
        """Take an accepted fix; say what does not fit in the last seconds, if anything."""
        if self._told:
            last = self._told[-1]
            if told.at_s <= last.at_s:
                return ""
            self._way(last, told, 1)
        self._told.append(told)
        while told.at_s - self._told[0].at_s > WINDOW_S:
            first = self._told.popleft()
            self._way(first, self._told[0], -1)
        return self._judge(self._told[0], told)

    def _way(self, first: Told, second: Told, sign: int) -> None:
        """Add the way between two fixes as their velocities tell it, or take it away."""
        half_s = sign * (second.at_s - first.at_s) / 2
        (east, north), (to_east, to_north) = first.velocity_enu_mps, second.velocity_enu_mps
        east_m, north_m = self._way_enu_m
        self._way_enu_m = (
            east_m + half_s * (east + to_east),
            north_m + half_s * (north + to_north),
        )
        self._way_m += half_s * (first.speed_mps + second.speed_mps)

    def _judge(self, first: Told, last: Told) -> str:
        if last.at_s - first.at_s < WINDOW_S / 2:
            return ""
        east_m = last.position_enu_m[0] - first.position_enu_m[0]
        north_m = last.position_enu_m[1] - first.position_enu_m[1]
        off_m = math.hypot(east_m - self._way_enu_m[0], north_m - self._way_enu_m[1])
        if off_m > WAY_M + WAY_FRAC * self._way_m:
            moved_m, told_m = math.hypot(east_m, north_m), math.hypot(*self._way_enu_m)
            if abs(moved_m - told_m) > off_m / 2:
                return f"it moved {moved_m:.0f} m, its speed says {told_m:.0f} m"
            return "its course is not the way it moved"
        if first.course_deg is None or last.course_deg is None:
            return ""
        if first.turned_deg is None or last.turned_deg is None:
            return ""
        turned_deg = last.turned_deg - first.turned_deg
        off_deg = math.remainder(last.course_deg - first.course_deg - turned_deg, 360.0)
        if abs(off_deg) > TURN_DEG and all(map(_is_driven, self._told)):
            return f"its course turned {abs(off_deg):.0f} degrees otherwise than the gyro"
        return ""


def _is_driven(told: Told) -> bool:
    return told.turned_deg is not None and told.speed_mps >= COURSE_MPS
