"""Where the vehicle is: from fixes that may jump, repeat or stop, to one honest state."""

import math

from edge.messages.geo import Place
from edge.messages.readings import (
    DeviceBack,
    DeviceSilent,
    GnssFix,
    GnssNoFix,
    InertialSample,
    Odometry,
    Reading,
    WheelSpeed,
)
from edge.messages.state import VehicleState
from edge.position.coasting import Coasting
from edge.position.driven import DrivenFilter
from edge.position.driving import Driving
from edge.position.filter import MotionFilter
from edge.position.frames import LocalFrame
from edge.position.gate import (
    WORST_ACCURACY_M,
    Entry,
    Measured,
    Rejected,
    measure,
    near,
    sound,
)
from edge.position.receiver_clock import ReceiverClock
from edge.position.signs import Signs, Told
from edge.position.standstill import Standstill

GAP_S = 3.5  # three epochs of a 1 Hz receiver and their jitter; then begin anew
STALE_S = 3.0  # older than this is not where the vehicle is, unless wheels say so
RESET_S = 10.0  # refusing for longer than this, the estimate is what is wrong
DRIVEN_RESET_S = 20.0  # wheels and gyro are believed for longer
UNKNOWN_ACCURACY_M = 10.0
FRAME_REACH_M = 20_000.0
LATENCY_S = 0.11  # from the instant of a fix to its last byte at the quickest; so PX4
QUIET_S, TELL_EVERY_S = 1.2, 1.0  # without fixes, wheels lead to a state so often
SPEED_TO_95 = 1.96
FASTEST_MPS = 120.0  # bound of VehicleState
RECEIVER = "gnss"
"""Name of the receiver in DeviceSilent."""


class Estimator:
    """Feed it every reading; ask it at any time.

    By fixes alone it coasts from one to the next (`Coasting`). While wheels are heard, and
    from the first moment that the heading is known, it drives (`Driving`), also where no fix
    comes. Only then `latency_s` counts: the wheels say how far a fix lags behind.
    """

    def __init__(self, latency_s: float = LATENCY_S) -> None:
        self._latency_s = latency_s
        self._entry = Entry()
        self._standstill = Standstill()
        self._coasting = Coasting()
        self._driving = Driving()
        self._clock = ReceiverClock()
        self._signs = Signs()
        self._frame: LocalFrame | None = None
        self._time_s = 0.0
        self._accepted_s = 0.0
        self._told_s = 0.0
        self._accuracy_m = UNKNOWN_ACCURACY_M
        self._refused = 0
        self._doubt = "no fix yet"
        self._absent = ""

    def take(self, reading: Reading) -> VehicleState | None:
        """Take a reading; return the state it leads to, None if it says nothing new."""
        if not math.isfinite(reading.received_s):
            return None
        match reading:
            case GnssFix():
                self._absent = ""
                self._take_fix(reading)
            case GnssNoFix():
                self._absent = "the receiver has no fix"
            case DeviceSilent(device=device) if device == RECEIVER:
                self._absent = f"the receiver is silent: {reading.why}"
            case DeviceSilent() | DeviceBack():
                return None
            case WheelSpeed() | InertialSample():
                return self._take_odometry(reading)
        return self.state(reading.received_s)

    def state(self, now_s: float) -> VehicleState:
        """Return the best knowledge for `now_s`, not before the newest reading."""
        motion, driven = self._coasting.filter, self._driving.filter
        heard_s = self._clock.received_s
        doubt = self._doubt if driven is not None else self._absent or self._doubt
        if heard_s is None or self._frame is None or (motion is None and driven is None):
            return VehicleState(at_s=now_s, fix="none", doubtful=doubt or self._absent)
        age_s = max(0.0, now_s - heard_s)
        if driven is not None:
            estimate = self._driving.estimate(driven, self._accuracy_m, now_s)
            held = self._standstill.place if self._driving.is_at_rest else None
            is_fixed = now_s - self._driving.fixed_s <= STALE_S
        else:
            assert motion is not None, "neither coasting nor driving"
            estimate = self._coasting.estimate(motion, age_s, self._accuracy_m)
            held, is_fixed = self._standstill.place, age_s <= STALE_S
        if not is_fixed and (driven is None or self._driving.wheel_mps(now_s) is None):
            why = doubt or f"the last fix is {age_s:.0f} s old"
            return VehicleState(at_s=now_s, fix="none", doubtful=why)
        if not estimate.accuracy_m <= WORST_ACCURACY_M:
            why = doubt or f"known to {estimate.accuracy_m:.0f} m only"
            return VehicleState(at_s=now_s, fix="none", doubtful=why)
        return VehicleState(
            at_s=now_s,
            fix="gnss" if is_fixed else "dead_reckoning",
            place=held or self._frame.to_place(*estimate.position_enu_m),
            accuracy_m=estimate.accuracy_m,
            speed_mps=0.0 if held else min(estimate.speed_mps, FASTEST_MPS),
            speed_accuracy_mps=min(SPEED_TO_95 * estimate.speed_sigma_mps, FASTEST_MPS),
            heading_deg=estimate.heading_deg,
            doubtful=doubt,
        )

    def _take_odometry(self, reading: Odometry) -> VehicleState | None:
        """Drive on; return a state now and then while no fix leads to one."""
        now_s = reading.received_s
        self._drive_on(now_s)
        self._driving.take(reading)
        heard_s = self._clock.received_s
        is_quiet = heard_s is not None and now_s - heard_s >= QUIET_S
        if self._driving.filter is None or not is_quiet:
            return None
        if 0 <= now_s - self._told_s < TELL_EVERY_S:
            return None
        self._told_s = now_s
        return self.state(now_s)

    def _drive_on(self, now_s: float) -> None:
        """Follow wheels and gyro; where they fall silent, go on by fixes alone."""
        driven = self._driving.filter
        if self._driving.drive_on(now_s) or driven is None:
            return
        heard_s = self._clock.received_s
        if heard_s is None or self._driving.at_s - self._driving.fixed_s > GAP_S:
            self._doubt = self._doubt or "the wheels are silent, and no fix came for long"
            return
        estimate = self._driving.estimate(driven, self._accuracy_m, heard_s)
        self._coasting.take_over(estimate, driven.velocity_enu_mps)

    def _take_fix(self, fix: GnssFix) -> None:
        verdict = sound(fix)
        if isinstance(verdict, Rejected):
            self._refuse(verdict)
            return
        self._drive_on(fix.received_s)
        dt_s = self._clock.take(fix)
        driven = self._driving.filter
        if driven is not None and not self._driving.is_known(self._accuracy_m):
            self._driving.stop()
            driven = None
            self._forget(fix)
        elif self._frame is None or (dt_s > GAP_S and driven is None):
            self._forget(fix)
        self._time_s += dt_s
        assert self._frame is not None, "a fix without a frame"
        measured = measure(fix, self._frame, self._time_s)
        if driven is not None:
            self._correct_driven(driven, fix, measured)
        elif self._coasting.filter is not None:
            self._correct(self._coasting.filter, fix, measured, dt_s)
        elif self._entry.offer(measured):
            self._begin(fix)

    def _correct(
        self, motion: MotionFilter, fix: GnssFix, measured: Measured, dt_s: float
    ) -> None:
        """Correct the filter that has nothing but fixes."""
        motion.predict(dt_s)
        self._coasting.take_velocity(motion, measured)
        speed_mps = motion.speed_mps if fix.speed_mps is None else fix.speed_mps
        self._standstill.take_speed(speed_mps, self._time_s)
        verdict = near(motion, measured, self._signs.sky_changed(fix))
        if isinstance(verdict, Rejected):
            self._reject(fix, measured, verdict, RESET_S)
            return
        self._coasting.take_position(motion, measured)
        self._accept(fix, measured, motion)

    def _correct_driven(self, driven: DrivenFilter, fix: GnssFix, measured: Measured) -> None:
        """Correct the filter that wheels and gyro drive."""
        driving, late_s = self._driving, self._latency_s + self._clock.lag_s
        against = self._signs.wheels_against(fix, driving.wheel_mps(fix.received_s))
        sky = self._signs.sky_changed(fix)
        speed_mps = abs(driven.speed_mps)
        self._standstill.take_speed(0.0 if driving.is_at_rest else speed_mps, self._time_s)
        if against:
            self._reject(fix, measured, Rejected(against), DRIVEN_RESET_S)
            return
        if fix.received_s - driving.fixed_s > GAP_S and not self._entry.offer(measured):
            return  # a first fix after a gap proves nothing, wherever it lies
        driving.take_course(driven, fix, late_s)
        now = driving.moved_on(driven, measured, late_s)
        verdict = near(driven, now, sky)
        if isinstance(verdict, Rejected):
            self._reject(fix, measured, verdict, DRIVEN_RESET_S)
            return
        driving.correct(driven, fix, now)
        self._accept(fix, measured, driven)

    def _reject(
        self, fix: GnssFix, measured: Measured, verdict: Rejected, reset_s: float
    ) -> None:
        """Keep the estimate, unless fixes that agree with each other have contradicted long."""
        agree = self._entry.offer(measured)
        self._refuse(verdict)
        if self._time_s - self._accepted_s < reset_s:
            return
        if self._driving.filter is None or agree:
            self._driving.stop()
            self._coasting.stop()
        if agree:
            self._begin(fix)

    def _forget(self, fix: GnssFix) -> None:
        """Start over where nothing is known."""
        self._coasting.stop()
        self._frame = LocalFrame(Place(lat_deg=fix.lat_deg, lon_deg=fix.lon_deg))
        self._entry.clear()
        self._signs.clear_way()
        self._standstill.clear()
        self._doubt = "waiting for fixes that agree"

    def _begin(self, fix: GnssFix) -> None:
        """Begin at a fix that agrees with those before it."""
        self._frame = LocalFrame(Place(lat_deg=fix.lat_deg, lon_deg=fix.lon_deg))
        measured = measure(fix, self._frame, self._time_s)
        self._coasting.begin(measured, self._entry.mean_velocity_enu_mps())
        self._signs.clear_way()
        self._standstill.clear()
        assert self._coasting.filter is not None, "begun without a filter"
        self._accept(fix, measured, self._coasting.filter)

    def _accept(
        self, fix: GnssFix, measured: Measured, corrected: MotionFilter | DrivenFilter
    ) -> None:
        assert self._frame is not None, "an estimate without a frame"
        self._accepted_s = self._time_s
        self._refused = 0
        self._entry.clear()
        self._doubt = self._sign(fix, measured, corrected) or self._clock.moved
        self._accuracy_m = UNKNOWN_ACCURACY_M if fix.accuracy_m is None else fix.accuracy_m
        place = self._frame.to_place(corrected.east_m, corrected.north_m)
        self._standstill.take_place(place, self._accuracy_m, self._time_s)
        if math.hypot(corrected.east_m, corrected.north_m) > FRAME_REACH_M:
            self._frame = LocalFrame(place)
            corrected.moved(0.0, 0.0)
            self._signs.clear_way()
        if isinstance(corrected, MotionFilter):
            self._coasting.keep_heading(corrected)
            if not self._doubt and self._driving.begin(corrected, fix, self._latency_s):
                self._coasting.stop()

    def _sign(
        self, fix: GnssFix, measured: Measured, corrected: MotionFilter | DrivenFilter
    ) -> str:
        """Return what speaks against a fix that could be; empty if nothing does."""
        turned_deg, against = None, ""
        if isinstance(corrected, MotionFilter):
            wheel_mps = self._driving.wheel_mps(fix.received_s)
            against = self._signs.wheels_against(fix, wheel_mps)
        elif self._driving.turn_radps(fix.received_s) is not None:
            turned_deg = self._driving.turned_deg
        if measured.velocity_enu_mps is None:
            self._signs.clear_way()
            return against
        told = Told(
            self._time_s,
            measured.position_enu_m,
            measured.velocity_enu_mps,
            fix.course_deg,
            turned_deg,
        )
        return self._signs.take(told) or against

    def _refuse(self, verdict: Rejected) -> None:
        self._refused += 1
        self._doubt = f"fixes refused: {self._refused} ({verdict.reason})"
