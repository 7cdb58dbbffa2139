"""Where the vehicle is: from fixes that may jump, repeat or stop, to one honest state."""

import math
from dataclasses import dataclass

from edge.messages.geo import Place
from edge.messages.readings import DeviceBack, DeviceSilent, GnssFix, GnssNoFix, Reading
from edge.messages.state import VehicleState
from edge.position.filter import MotionFilter
from edge.position.frames import LocalFrame
from edge.position.gate import (
    GATE,
    SIGMA_TO_95,
    SPEED_SIGMA_MPS,
    WORST_ACCURACY_M,
    Entry,
    Measured,
    Rejected,
    measure,
    near,
    sound,
)
from edge.position.standstill import Standstill

GAP_S = 3.5  # three epochs of a 1 Hz receiver and their jitter; then begin anew
STALE_S = 3.0  # older than this is not where the vehicle is
EXTRAPOLATE_S = 1.0
RESET_S = 10.0  # refusing for longer than this, the estimate is what is wrong
CLOCKS_AGREE_S = 1.5  # within it the receiver's clock times two fixes better than their arrival
UNKNOWN_ACCURACY_M = 10.0
COURSE_MPS = 1.0  # slower than this a course is noise: keep the last heading
FRAME_REACH_M = 20_000.0
UNKNOWN_VELOCITY_SIGMA_MPS = 5.0


@dataclass(frozen=True, slots=True)
class Clocked:
    """When a fix was, by arrival and by the receiver."""

    received_s: float
    utc_s: float | None


class Estimator:
    """Feed it every reading; ask it at any time."""

    def __init__(self) -> None:
        self._entry = Entry()
        self._standstill = Standstill()
        self._frame: LocalFrame | None = None
        self._motion: MotionFilter | None = None
        self._last: Clocked | None = None
        self._time_s = 0.0
        self._accepted_s = 0.0
        self._accuracy_m = UNKNOWN_ACCURACY_M
        self._heading_deg: float | None = None
        self._refused = 0
        self._doubt = "no fix yet"

    def take(self, reading: Reading) -> VehicleState | None:
        """Take a reading; return the state it leads to, None if it says nothing new."""
        match reading:
            case GnssFix():
                self._take_fix(reading)
            case GnssNoFix():
                self._doubt = "the receiver has no fix"
            case DeviceSilent():
                self._doubt = f"the receiver is silent: {reading.why}"
            case DeviceBack():
                return None
        return self.state(reading.received_s)

    def state(self, now_s: float) -> VehicleState:
        """Return the best knowledge for `now_s`, not before the newest fix."""
        motion, last, frame = self._motion, self._last, self._frame
        if motion is None or last is None or frame is None:
            return VehicleState(at_s=now_s, fix="none", doubtful=self._doubt)
        age_s = max(0.0, now_s - last.received_s)
        ahead_s = min(age_s, EXTRAPOLATE_S)
        coasting_m = motion.speed_mps * (age_s - ahead_s)
        spread_m = SIGMA_TO_95 * motion.sigma_after_m(age_s) + coasting_m
        accuracy_m = max(spread_m, self._accuracy_m)
        if age_s > STALE_S:
            why = self._doubt or f"the last fix is {age_s:.0f} s old"
            return VehicleState(at_s=now_s, fix="none", doubtful=why)
        if accuracy_m > WORST_ACCURACY_M:
            why = self._doubt or f"known to {accuracy_m:.0f} m only"
            return VehicleState(at_s=now_s, fix="none", doubtful=why)
        held = self._standstill.place
        place = held or frame.to_place(
            motion.east_m + ahead_s * motion.east_mps,
            motion.north_m + ahead_s * motion.north_mps,
        )
        return VehicleState(
            at_s=now_s,
            fix="gnss",
            place=place,
            accuracy_m=accuracy_m,
            speed_mps=0.0 if held else motion.speed_mps,
            heading_deg=self._heading_deg,
            doubtful=self._doubt,
        )

    def _take_fix(self, fix: GnssFix) -> None:
        verdict = sound(fix)
        if isinstance(verdict, Rejected):
            self._refuse(verdict)
            return
        dt_s = self._step_s(fix)
        if self._frame is None or dt_s > GAP_S:
            self._forget(fix)
        self._time_s += dt_s
        assert self._frame is not None, "a fix without a frame"
        measured = measure(fix, self._frame, self._time_s)
        if self._motion is None:
            if self._entry.offer(measured):
                self._begin(fix)
            return
        self._motion.predict(dt_s)
        self._take_velocity(self._motion, measured)
        self._standstill.take_speed(self._speed_mps(fix, self._motion), self._time_s)
        verdict = near(self._motion, measured)
        if isinstance(verdict, Rejected):
            agree = self._entry.offer(measured)
            self._refuse(verdict)
            if self._time_s - self._accepted_s >= RESET_S:
                self._motion = None
                if agree:
                    self._begin(fix)
            return
        self._motion.update_position(measured.position_enu_m, measured.sigma_m)
        self._accept(fix, self._motion)

    def _step_s(self, fix: GnssFix) -> float:
        """Return the time since the last fix, 0 at the first."""
        last, utc_s = self._last, None if fix.utc is None else fix.utc.timestamp()
        self._last = Clocked(fix.received_s, utc_s)
        if last is None:
            return 0.0
        arrived_s = max(0.0, fix.received_s - last.received_s)
        if utc_s is None or last.utc_s is None:
            return arrived_s
        told_s = utc_s - last.utc_s
        agree = told_s >= 0 and abs(told_s - arrived_s) <= CLOCKS_AGREE_S
        return told_s if agree else arrived_s

    def _forget(self, fix: GnssFix) -> None:
        """Start over where nothing is known."""
        self._motion = None
        self._frame = LocalFrame(Place(lat_deg=fix.lat_deg, lon_deg=fix.lon_deg))
        self._entry.clear()
        self._standstill.clear()
        self._doubt = "waiting for fixes that agree"

    def _begin(self, fix: GnssFix) -> None:
        """Begin at a fix that agrees with those before it."""
        self._frame = LocalFrame(Place(lat_deg=fix.lat_deg, lon_deg=fix.lon_deg))
        measured = measure(fix, self._frame, self._time_s)
        velocity = measured.velocity_enu_mps
        self._motion = MotionFilter(
            measured.position_enu_m,
            measured.sigma_m,
            velocity or self._entry.mean_velocity_enu_mps(),
            UNKNOWN_VELOCITY_SIGMA_MPS if velocity is None else SPEED_SIGMA_MPS,
        )
        self._standstill.clear()
        self._accept(fix, self._motion)

    def _take_velocity(self, motion: MotionFilter, measured: Measured) -> None:
        """Take the velocity before the position, so that a turn is not mistaken for a jump."""
        if measured.velocity_enu_mps is None:
            return
        misfit = motion.velocity_misfit(measured.velocity_enu_mps, SPEED_SIGMA_MPS)
        # Inflate instead of refusing: an estimate that lost a turn would refuse for ever.
        sigma_mps = SPEED_SIGMA_MPS * math.sqrt(max(1.0, misfit / GATE))
        motion.update_velocity(measured.velocity_enu_mps, sigma_mps)

    @staticmethod
    def _speed_mps(fix: GnssFix, motion: MotionFilter) -> float:
        """Return the measured speed, or the estimated one where none is measured."""
        return motion.speed_mps if fix.speed_mps is None else fix.speed_mps

    def _accept(self, fix: GnssFix, motion: MotionFilter) -> None:
        assert self._frame is not None, "an estimate without a frame"
        self._accepted_s = self._time_s
        self._refused = 0
        self._doubt = ""
        self._entry.clear()
        self._accuracy_m = UNKNOWN_ACCURACY_M if fix.accuracy_m is None else fix.accuracy_m
        if motion.speed_mps >= COURSE_MPS:
            heading_rad = math.atan2(motion.east_mps, motion.north_mps)
            self._heading_deg = math.degrees(heading_rad) % 360.0
        place = self._frame.to_place(motion.east_m, motion.north_m)
        self._standstill.take_place(place, self._accuracy_m, self._time_s)
        if math.hypot(motion.east_m, motion.north_m) > FRAME_REACH_M:
            self._frame = LocalFrame(place)
            motion.moved(0.0, 0.0)

    def _refuse(self, verdict: Rejected) -> None:
        self._refused += 1
        self._doubt = f"fixes refused: {self._refused} ({verdict.reason})"
