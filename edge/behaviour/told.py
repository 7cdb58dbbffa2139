"""Harsh moments by speed and course alone, and what they cannot show.

A speed every second shows only what lasts two seconds: its mean between two speeds is beyond
the limit. Five speeds a second or more show what lasts one second. Nothing shorter is claimed,
and no swerve that turns back at once.
"""

import math

from edge.behaviour.drafts import Beyond, Draft
from edge.behaviour.history import Past, slope
from edge.behaviour.limits import G_MPS2, LEAST_S, Limits
from edge.behaviour.motion import GAP_S, Motion

WINDOW_S = 0.8  # of the fitted line where speeds come often
CORNERING_FROM_MPS = 4.0
WAIT_S = 1.6  # after the end: does the change last?
LASTS_FRAC = 0.6  # of the change must still be there then
PATH_FRAC, PATH_M = 0.25, 3.0  # how far the fixes may be off what the speeds say


class Told:
    """Turns speeds and courses into drafts."""

    def __init__(self, motion: Motion, limits: Limits) -> None:
        self._motion = motion
        self._lines = {
            "braking": Beyond("braking", limits["braking"], "gnss"),
            "acceleration": Beyond("acceleration", limits["acceleration"], "gnss"),
            "cornering": Beyond("cornering", limits["cornering"], "gnss"),
        }
        self.open: list[Draft] = []

    def clear(self) -> None:
        """Forget everything."""
        self.end(0.0)
        self.open.clear()

    def end(self, at_s: float) -> None:
        """Look no longer: an accelerometer does."""
        for line in self._lines.values():
            line.end(at_s)

    def moved(self, at_s: float) -> list[Draft]:
        """Look at a new speed; return moments that begin with it."""
        speeds = self._motion.speeds
        wheels = speeds is self._motion.wheel
        change = _rate(speeds)
        begun = []
        if change is None:
            self.end(at_s)
            return []
        rate, step_s = change
        speed_mps = abs(speeds.last)
        sign = 1.0 if speeds.last >= 0 else -1.0
        values = {"braking": -rate * sign, "acceleration": rate * sign}
        turn = _rate(self._motion.course)
        fresh = self._motion.course.last_s > speeds.last_s - GAP_S / 2
        if turn is not None and fresh and speed_mps >= CORNERING_FROM_MPS:
            values["cornering"] = abs(turn[0]) * speed_mps
        else:
            values["cornering"] = 0.0
        for name, value in values.items():
            line = self._lines[name]
            line.by = "wheels" if wheels and name != "cornering" else "gnss"
            line.least_s = LEAST_S if step_s < 0.5 else 0.0
            draft = line.take(speeds.last_s, value, speed_mps)
            if draft is not None:
                draft.began_s = min(draft.began_s, draft.at_s) - step_s
                begun.append(draft)
        self.open += begun
        return begun

    def decide(self, now_s: float) -> None:
        """Confirm or refute what ended long enough ago."""
        for draft in self.open:
            if draft.ended_s is not None and now_s - draft.ended_s >= WAIT_S:
                draft.confirmed = self._lasts(draft)
        self.open = [draft for draft in self.open if draft.confirmed is None]

    def _lasts(self, draft: Draft) -> bool:
        """Tell whether the change is still there, and the fixes moved as the speeds say."""
        assert draft.ended_s is not None, "only what is over is judged"
        speeds = self._motion.speeds
        past = self._motion.course if draft.kind == "cornering" else speeds
        before = past.at(draft.began_s)
        at_end = past.at(min(draft.ended_s, past.last_s))
        after = _settled(past, draft.ended_s)
        if before is None or at_end is None or after is None:
            return False
        if (after - before) * (at_end - before) < LASTS_FRAC * (at_end - before) ** 2:
            return False
        if draft.worst > G_MPS2:  # no van's tyres hold that
            return False
        if draft.kind == "cornering" and self._gyro_denies(draft, at_end - before):
            return False
        if past is self._motion.wheel and len(self._motion.gnss):
            told = self._motion.change_mps(self._motion.gnss, draft.began_s, draft.ended_s)
            if told is not None and told * (at_end - before) < 0.5 * (at_end - before) ** 2:
                return False
        return self._walked(draft.began_s, draft.ended_s)

    def _gyro_denies(self, draft: Draft, turned_rad: float) -> bool:
        assert draft.ended_s is not None, "only what is over is judged"
        gyro = self._motion.turned
        before, after = gyro.at(draft.began_s), gyro.at(draft.ended_s)
        known = before is not None and after is not None
        return known and (after or 0.0) * turned_rad - (before or 0.0) * turned_rad < (
            0.5 * turned_rad * turned_rad
        )

    def _walked(self, from_s: float, until_s: float) -> bool:
        """Tell whether the fixes lie as far apart as the speeds say; without fixes: no."""
        motion = self._motion
        span = motion.path.around(from_s, until_s)
        if span is None:
            return len(motion.wheel) > 0 and not len(motion.path)
        first, last = motion.path.at(span[0]), motion.path.at(span[1])
        times, speeds = motion.speeds.since(span[0] - 0.05)
        driven_m = sum(
            (abs(speeds[i]) + abs(speeds[i + 1])) / 2 * (times[i + 1] - times[i])
            for i in range(len(times) - 1)
            if times[i + 1] <= span[1] + 0.05
        )
        if first is None or last is None:
            return False
        noise_m = 0.3 * math.sqrt(max(1, len(times)))
        return abs(last - first - driven_m) <= PATH_M + noise_m + PATH_FRAC * driven_m


def _rate(past: Past) -> tuple[float, float] | None:
    """Return the rate of change now, and how far apart values are [s]; None: unknown."""
    times, values = past.since(past.last_s - max(WINDOW_S, 0.0) - 1e-6)
    if len(times) >= 5:
        return slope(times, values), (times[-1] - times[0]) / (len(times) - 1)
    times, values = past.since(past.last_s - GAP_S)
    times, values = times[-2:], values[-2:]
    if len(times) < 2:
        return None
    return (values[1] - values[0]) / (times[1] - times[0]), times[1] - times[0]


def _settled(past: Past, ended_s: float) -> float | None:
    """Return the mean of the values after an end; None if there is none."""
    _, values = past.since(ended_s + 0.1)
    return sum(values) / len(values) if values else None
