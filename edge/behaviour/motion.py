"""Speed and course as wheels, receiver and gyro tell them: what confirms, or refutes."""

import math

from edge.behaviour.history import Past
from edge.behaviour.limits import SPEED_STALE_S
from edge.messages.geo import Place, distance_m
from edge.messages.readings import GnssFix, InertialSample, WheelSpeed

COURSE_FROM_MPS = 3.0  # slower, a receiver's course is noise
GAP_S = 2.5  # a longer hole between two speeds confirms nothing
LONGEST_STEP_S = 0.5  # between two samples of a gyro


class Motion:
    """The last seconds of motion, each source by itself."""

    def __init__(self, latency_s: float) -> None:
        """`latency_s`: how old a fix is when it comes [s]."""
        self._latency_s = latency_s
        self.wheel = Past()
        self.gnss = Past()
        self.course = Past()
        """Unwrapped, clockwise [rad]; only where it means something."""
        self.turned = Past()
        """What the gyro has turned so far, clockwise [rad]."""
        self.path = Past()
        """Distance over the fixes [m]."""
        self.place: Place | None = None
        """Of the newest fix."""

    def clear(self) -> None:
        """Forget everything, as at the end of duty."""
        for past in (self.wheel, self.gnss, self.course, self.turned, self.path):
            past.clear()
        self.place = None

    def take(self, reading: object) -> bool:
        """Take a reading; tell whether it brought a new speed of the source that counts."""
        if isinstance(reading, WheelSpeed):
            return self.wheel.add(reading.received_s, reading.speed_mps)
        if isinstance(reading, InertialSample):
            self._turn(reading)
        if not isinstance(reading, GnssFix):
            return False
        at_s = reading.received_s - self._latency_s
        self._walk(at_s, Place(lat_deg=reading.lat_deg, lon_deg=reading.lon_deg))
        if reading.speed_mps is None or not self.gnss.add(at_s, reading.speed_mps):
            return False
        if reading.course_deg is not None and reading.speed_mps >= COURSE_FROM_MPS:
            self._steer(at_s, math.radians(reading.course_deg))
        return self.speeds is self.gnss

    @property
    def speeds(self) -> Past:
        """The source that counts: wheels while they speak, else the receiver."""
        fresh = self.wheel.last_s > self.gnss.last_s - SPEED_STALE_S
        return self.wheel if len(self.wheel) and fresh else self.gnss

    def speed_mps(self, now_s: float) -> float | None:
        """Return how fast it goes, without a sign; None: unknown."""
        speeds = self.speeds
        return abs(speeds.last) if now_s - speeds.last_s <= SPEED_STALE_S else None

    def change_mps(self, speeds: Past, from_s: float, until_s: float) -> float | None:
        """Return how much a source's speed changed; None: it does not say."""
        before, after = speeds.at(from_s, GAP_S), speeds.at(until_s, GAP_S)
        return None if before is None or after is None else after - before

    def turn_rad(self, from_s: float, until_s: float) -> float | None:
        """Return how far it turned, by the gyro, else by the course; None: unknown."""
        for past, gap_s in ((self.turned, LONGEST_STEP_S), (self.course, GAP_S)):
            before, after = past.at(from_s, gap_s), past.at(until_s, gap_s)
            if before is not None and after is not None:
                return after - before
        return None

    def turn_span(self, from_s: float, until_s: float) -> tuple[float, float] | None:
        """Return the span around this one whose turn is known."""
        if self.turned.at(from_s) is not None and self.turned.at(until_s) is not None:
            return from_s, until_s
        return self.course.around(from_s, until_s)

    def _turn(self, sample: InertialSample) -> None:
        step_s = sample.received_s - self.turned.last_s
        if step_s > LONGEST_STEP_S:
            self.turned.clear()
            self.turned.add(sample.received_s, 0.0)
        elif step_s > 0:
            turned = self.turned.last + math.radians(sample.turn_dps) * step_s
            self.turned.add(sample.received_s, turned)

    def _steer(self, at_s: float, course_rad: float) -> None:
        if at_s - self.course.last_s > GAP_S:
            self.course.clear()
        if len(self.course):
            last = self.course.last
            course_rad = last + math.remainder(course_rad - last, math.tau)
        self.course.add(at_s, course_rad)

    def _walk(self, at_s: float, place: Place) -> None:
        if self.place is None or at_s - self.path.last_s > GAP_S:
            self.path.clear()
            self.path.add(at_s, 0.0)
        elif at_s > self.path.last_s:
            self.path.add(at_s, self.path.last + distance_m(self.place, place))
        self.place = place
