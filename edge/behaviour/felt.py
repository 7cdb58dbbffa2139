"""Harsh moments by an accelerometer: slope removed, confirmed by speed and turning."""

import math

from edge.behaviour.drafts import Beyond, Draft
from edge.behaviour.history import Past
from edge.behaviour.limits import G_MPS2, LOW_PASS_HZ, Limits
from edge.behaviour.motion import COURSE_FROM_MPS, Motion
from edge.behaviour.mounting import Learner, Mounting, Vector
from edge.messages.driving.signals import Acceleration

LONGEST_STEP_S = 0.2  # between two samples; a longer hole begins anew
SLOPE_S = 6.0  # in which slope and bias are followed
MOST_SLOPE_MPS2 = 2.0  # a street of 20 %
WAIT_S = 3.0  # for the speed that confirms
LEAST_SPAN_S = 0.9  # over which a change of speed says more than its noise
LEAST_CHANGE_MPS = 0.6
LEAST_TURN_RAD = 0.03
TILTED_MPS2 = 1.5  # vertical force off gravity for half a second: the box was in a hand
VERTICAL_S = 0.5
ALIKE = (0.55, 1.7)  # share of what was felt that speed or turning must show


class Felt:
    """Turns samples of an accelerometer, and the motion beside them, into drafts."""

    def __init__(self, motion: Motion, limits: Limits, known: Mounting | None = None) -> None:
        self.learner = Learner(known)
        self._motion = motion
        self._braking = Beyond("braking", limits["braking"], "accelerometer")
        self._speeding_up = Beyond("acceleration", limits["acceleration"], "accelerometer")
        self._cornering = Beyond("cornering", limits["cornering"], "accelerometer")
        self.open: list[Draft] = []
        self._begin()

    def _begin(self) -> None:
        self.last_s = -math.inf
        self._low: list[float] = []
        self._velocity = (Past(), Past(), Past())
        self._sums = [0.0, 0.0, 0.0]
        self._slope = [0.0, 0.0]
        self._epoch_s: float | None = None
        self._off_vertical = 0.0
        self._tilted_s = -math.inf

    def clear(self) -> None:
        """Forget what was felt; the mounting stays."""
        self._end(self.last_s)
        self.open.clear()
        self._begin()

    def _end(self, at_s: float) -> None:
        for beyond in (self._braking, self._speeding_up, self._cornering):
            beyond.end(at_s)

    @property
    def usable(self) -> bool:
        """Whether the mounting is known."""
        return self.learner.mounting is not None

    def take(self, sample: Acceleration) -> list[Draft]:
        """Take a sample; return moments that begin with it."""
        at_s, force = sample.received_s, (sample.x_mps2, sample.y_mps2, sample.z_mps2)
        step_s = at_s - self.last_s
        if step_s <= 0:
            return []
        if step_s > LONGEST_STEP_S:
            self._end(self.last_s)
            self._begin()
            self._low = [*force, *force]
            step_s = 0.0
        self.last_s = at_s
        self._filter(force, step_s)
        self.learner.sample(force, step_s)
        for axis in range(3):
            self._sums[axis] += force[axis] * step_s
            self._velocity[axis].add(at_s, self._sums[axis])
        mounting = self.learner.mounting
        if mounting is None:
            self._end(at_s)
            return []
        forward, right = mounting.horizontal((self._low[3], self._low[4], self._low[5]))
        off = sum(force[axis] * mounting.up[axis] for axis in range(3)) - G_MPS2
        self._off_vertical += (off - self._off_vertical) * min(1.0, step_s / VERTICAL_S)
        if abs(self._off_vertical) > TILTED_MPS2:
            self._tilted_s = at_s
        forward, right = forward - self._slope[0], right - self._slope[1]
        speed_mps = self._motion.speed_mps(at_s)
        begun = [
            draft
            for draft in (
                self._braking.take(at_s, -forward, speed_mps),
                self._speeding_up.take(at_s, forward, speed_mps),
                self._cornering.take(at_s, abs(right), speed_mps),
            )
            if draft is not None
        ]
        self.open += begun
        return begun

    def _filter(self, force: Vector, step_s: float) -> None:
        """Two poles of one kind, together 3 dB down at LOW_PASS_HZ."""
        pole_hz = LOW_PASS_HZ / math.sqrt(math.sqrt(2) - 1)
        weight = 1 - math.exp(-2 * math.pi * pole_hz * step_s)
        low = self._low
        for axis in range(3):
            low[axis] += weight * (force[axis] - low[axis])
            low[axis + 3] += weight * (low[axis] - low[axis + 3])

    def moved(self, at_s: float) -> None:
        """Learn from a new speed, and decide what it confirms or refutes."""
        turned_s = max(self._motion.turned.last_s, self._motion.course.last_s)
        until_s = min(at_s, turned_s) if at_s - turned_s <= WAIT_S else at_s
        since_s = self._epoch_s
        if since_s is None or until_s - since_s >= LEAST_SPAN_S:
            self._epoch_s = until_s
            if since_s is not None and until_s - since_s <= WAIT_S:
                self._learn(since_s, until_s)
        for draft in self.open:
            if draft.ended_s is not None and draft.confirmed is None:
                draft.confirmed = self._confirmed(draft, at_s)
        self.open = [draft for draft in self.open if draft.confirmed is None]

    def _learn(self, from_s: float, until_s: float) -> None:
        mean = self._mean(from_s, until_s)
        change = self._motion.change_mps(self._motion.speeds, from_s, until_s)
        if mean is None or change is None:
            return
        lasted_s = until_s - from_s
        forward = change / lasted_s
        right = self._turning(from_s, until_s)
        mounting = self.learner.mounting
        if mounting is None:
            if right is not None:
                self.learner.driven(mean, forward, right, lasted_s)
            return
        felt_forward, felt_right = mounting.horizontal(mean)
        share = 1 - math.exp(-lasted_s / SLOPE_S)
        self._slope[0] += share * (_within(felt_forward - forward) - self._slope[0])
        if right is not None:
            self._slope[1] += share * (_within(felt_right - right) - self._slope[1])

    def _turning(self, from_s: float, until_s: float) -> float | None:
        """Return speed times turn [m/s2]; None where nobody knows how it turned."""
        speed = self._motion.speeds.at((from_s + until_s) / 2)
        if speed is None:
            return None
        turn_rad = self._motion.turn_rad(from_s, until_s)
        if turn_rad is None:
            return 0.0 if speed < COURSE_FROM_MPS / 3 else None
        return speed * turn_rad / (until_s - from_s)

    def _mean(self, from_s: float, until_s: float) -> Vector | None:
        """Return the mean force between two instants."""
        means = []
        for past in self._velocity:
            before, after = past.at(from_s), past.at(until_s)
            if before is None or after is None:
                return None
            means.append((after - before) / (until_s - from_s))
        return means[0], means[1], means[2]

    def _confirmed(self, draft: Draft, now_s: float) -> bool | None:
        """Tell whether speed or turning changed as was felt; None: not known yet."""
        assert draft.ended_s is not None, "only what is over is judged"
        motion, mounting = self._motion, self.learner.mounting
        late = now_s - draft.ended_s > WAIT_S
        if mounting is None or self._tilted_s >= draft.began_s - 2 * VERTICAL_S:
            return False
        if draft.kind == "cornering":
            span = motion.turn_span(draft.began_s, draft.ended_s)
        else:
            span = motion.speeds.around(draft.began_s, draft.ended_s)
        if span is None or span[1] <= span[0]:
            return False if late else None
        mean = self._mean(*span)
        if mean is None:
            return False if late else None
        lasted_s = span[1] - span[0]
        forward, right = mounting.horizontal(mean)
        if draft.kind == "cornering":
            told = self._turning(*span)
            turned = motion.turn_rad(*span)
            if told is None or turned is None or abs(turned) < LEAST_TURN_RAD:
                return False
            return _alike(told, right - self._slope[1])
        change = motion.change_mps(motion.speeds, *span)
        if change is None or abs(change) < LEAST_CHANGE_MPS:
            return False
        return _alike(change / lasted_s, forward - self._slope[0])


def _within(slope_mps2: float) -> float:
    return min(MOST_SLOPE_MPS2, max(-MOST_SLOPE_MPS2, slope_mps2))


def _alike(told: float, felt: float) -> bool:
    return felt != 0 and ALIKE[0] <= told / felt <= ALIKE[1]
