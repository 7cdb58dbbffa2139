"""What needs no force: driving without the belt, reversing far, going faster than is posted."""

import math

from edge.behaviour.drafts import Draft
from edge.behaviour.limits import (
    BELT_S,
    LIMIT_STALE_S,
    LIMITS,
    LONGEST_S,
    SIGNAL_STALE_S,
    SPEED_STALE_S,
    SPEEDING_OVER_FRAC,
    SPEEDING_OVER_MPS,
    SPEEDING_S,
)
from edge.behaviour.motion import Motion
from edge.messages.driving.signals import ReverseGear, SeatBelt


class Habits:
    """Follows belt, gear and posted limit; each moment confirmed by a speed that is known."""

    def __init__(self, motion: Motion) -> None:
        self._motion = motion
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._belt: SeatBelt | None = None
        self._gear: ReverseGear | None = None
        self._limit: tuple[float, float] | None = None
        self._since: dict[str, float] = {}
        self._drafts: dict[str, Draft] = {}
        self._reversed_m = 0.0
        self._last_s: float | None = None

    def take(self, reading: object) -> None:
        """Take belt and gear as they are told."""
        if isinstance(reading, SeatBelt):
            self._belt = reading
        elif isinstance(reading, ReverseGear):
            self._gear = reading

    def limit(self, at_s: float, limit_mps: float | None) -> None:
        """Take the posted limit of the road driven on now; None: unknown."""
        self._limit = None if limit_mps is None else (at_s, limit_mps)

    def moved(self, now_s: float) -> list[Draft]:
        """Look at a new speed; return moments that begin with it."""
        speed_mps = self._motion.speed_mps(now_s)
        step_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        if speed_mps is None or step_s > SPEED_STALE_S:
            for name in tuple(self._drafts):
                self._end(name, now_s)
            self._since.clear()
            self._reversed_m = 0.0
            return []
        begun = (
            self._unbelted(now_s, speed_mps),
            self._backwards(now_s, speed_mps, step_s),
            self._too_fast(now_s, speed_mps),
        )
        return [draft for draft in begun if draft is not None]

    def _unbelted(self, now_s: float, speed_mps: float) -> Draft | None:
        belt, limit = self._belt, LIMITS["belt_off"]
        known = belt is not None and now_s - belt.received_s <= SIGNAL_STALE_S
        off = known and belt is not None and not belt.fastened and speed_mps > limit
        lasted_s = self._lasting("belt_off", now_s, holds=off)
        if lasted_s is None or lasted_s < BELT_S:
            return None
        return self._draft(
            Draft("belt_off", "belt", now_s - lasted_s, now_s, limit, speed_mps, speed_mps)
        )

    def _backwards(self, now_s: float, speed_mps: float, step_s: float) -> Draft | None:
        gear, wheel, limit = self._gear, self._motion.wheel, LIMITS["reversing"]
        known = gear is not None and now_s - gear.received_s <= SIGNAL_STALE_S
        backwards = known and gear is not None and gear.engaged
        if self._motion.speeds is wheel and wheel.last < -0.1:
            backwards = True
        lasted_s = self._lasting("reversing", now_s, holds=backwards)
        if lasted_s is None:
            self._reversed_m = 0.0
            return None
        self._reversed_m += speed_mps * step_s if lasted_s > 0 else 0.0
        if self._reversed_m <= limit:
            return None
        began_s = now_s - lasted_s
        return self._draft(
            Draft("reversing", "gear", began_s, now_s, limit, self._reversed_m, speed_mps)
        )

    def _too_fast(self, now_s: float, speed_mps: float) -> Draft | None:
        known = self._limit is not None and now_s - self._limit[0] <= LIMIT_STALE_S
        posted = self._limit[1] if known and self._limit is not None else math.inf
        over = speed_mps > posted + max(SPEEDING_OVER_MPS, SPEEDING_OVER_FRAC * posted)
        draft = self._drafts.get("speeding")
        if draft is not None and draft.limit != posted:
            self._end("speeding", now_s)  # another limit is another event
        lasted_s = self._lasting("speeding", now_s, holds=over)
        if lasted_s is None or lasted_s < SPEEDING_S:
            return None
        return self._draft(
            Draft("speeding", "roads", now_s - lasted_s, now_s, posted, speed_mps, speed_mps)
        )

    def _lasting(self, name: str, now_s: float, *, holds: bool) -> float | None:
        """Return for how long something holds; None if it does not."""
        if not holds:
            self._since.pop(name, None)
            self._end(name, now_s)
            return None
        return now_s - self._since.setdefault(name, now_s)

    def _draft(self, now: Draft) -> Draft | None:
        """Return a new moment; one that is under way only goes on."""
        under_way = self._drafts.get(now.kind)
        if under_way is None:
            self._drafts[now.kind] = now
            return now
        under_way.measure(now.worst)
        if now.at_s - under_way.began_s >= LONGEST_S:
            self._end(now.kind, now.at_s)
            self._since.pop(now.kind, None)
            self._reversed_m = 0.0
        return None

    def _end(self, name: str, at_s: float) -> None:
        draft = self._drafts.pop(name, None)
        if draft is not None:
            draft.ended_s, draft.confirmed = at_s, True
