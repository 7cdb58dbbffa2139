"""Readings in, events out: every one confirmed, with its ten seconds of evidence."""

from dataclasses import dataclass

from edge.behaviour.drafts import Draft, SeenBy
from edge.behaviour.evidence import Raw, Ring, pack
from edge.behaviour.felt import Felt
from edge.behaviour.habits import Habits
from edge.behaviour.limits import AFTER_S, LIMITS, Limits
from edge.behaviour.motion import Motion
from edge.behaviour.mounting import Mounting
from edge.behaviour.told import Told
from edge.messages.driving.signals import Acceleration
from edge.messages.driving.view import BehaviourKind
from edge.messages.geo import Place
from edge.messages.readings import GnssFix, InertialSample, WheelSpeed

MOST_OPEN = 32  # moments at a time; more is a broken sensor, and the newest are left out
FELT_STALE_S = 2.0  # without samples for so long, speeds alone are looked at
MERGE_S = 2.0  # a moment of the same kind so soon after another is the same


@dataclass(frozen=True, slots=True)
class Seen:
    """One event, in the clock of the readings."""

    kind: BehaviourKind
    by: SeenBy
    began_s: float
    at_s: float
    lasts_s: float
    limit: float
    worst: float
    speed_mps: float | None
    place: Place | None
    """Of the last fix before it; None: there was none."""
    evidence: bytes


class DriverWatch:
    """Watches how one vehicle is driven while it is on duty."""

    def __init__(
        self,
        *,
        latency_s: float = 0.1,
        mounting: Mounting | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        """`mounting`: of the accelerometer's box, where it is known from before."""
        self._motion = Motion(latency_s)
        self._felt = Felt(self._motion, limits, mounting)
        self._told = Told(self._motion, limits)
        self._habits = Habits(self._motion)
        self._ring = Ring()
        self._drafts: list[Draft] = []
        self._over: dict[str, float] = {}
        self.taken = 0
        """Readings."""
        self.refuted = 0
        """Moments that speed and turning did not confirm."""

    @property
    def learning(self) -> bool:
        """There is an accelerometer, and its mounting is not known yet."""
        return self._felt.last_s > float("-inf") and not self._felt.usable

    @property
    def mounting(self) -> Mounting | None:
        """How the box is mounted, as far as it is known."""
        return self._felt.learner.mounting

    def off_duty(self) -> None:
        """Forget all readings: what happens now concerns nobody."""
        self._motion.clear()
        self._felt.clear()
        self._told.clear()
        self._habits.clear()
        self._ring.clear()
        self._drafts.clear()
        self._over.clear()

    def limit(self, at_s: float, limit_mps: float | None) -> None:
        """Take the posted limit of the road driven on now; None: unknown."""
        self._habits.limit(at_s, limit_mps)

    def take(self, reading: Raw) -> list[Seen]:
        """Take a reading; return the events that are complete with it."""
        self.taken += 1
        self._ring.add(reading)
        now_s = reading.received_s
        if isinstance(reading, Acceleration):
            self._open(self._felt.take(reading))
        elif isinstance(reading, WheelSpeed | GnssFix | InertialSample):
            if self._motion.take(reading):
                self._moved(now_s)
        else:
            self._habits.take(reading)
        return self.wake(now_s)

    def _moved(self, now_s: float) -> None:
        at_s = self._motion.speeds.last_s
        self._felt.moved(at_s)
        if self._felt.usable and now_s - self._felt.last_s <= FELT_STALE_S:
            self._told.end(at_s)
        else:
            self._open(self._told.moved(at_s))
        self._told.decide(at_s)
        self._open(self._habits.moved(now_s))

    def _open(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            if len(self._drafts) < MOST_OPEN:
                draft.place = self._motion.place
                self._drafts.append(draft)

    def wake(self, now_s: float) -> list[Seen]:
        """Return what is complete by now, in order of beginning; also when nothing comes."""
        if not self._drafts:
            return []
        seen = []
        for draft in self._drafts:
            if draft.evidence is None and now_s >= draft.at_s + AFTER_S:
                draft.evidence = pack(draft.at_s, self._ring.around(draft.at_s))
            if draft.confirmed and draft.evidence is not None:
                found = self._seen(draft, draft.evidence)
                seen += [found] if found is not None else []
        self.refuted += sum(draft.confirmed is False for draft in self._drafts)
        self._drafts = [
            draft
            for draft in self._drafts
            if draft.confirmed is None or (draft.confirmed and draft.evidence is None)
        ]
        return seen

    def _seen(self, draft: Draft, evidence: bytes) -> Seen | None:
        assert draft.ended_s is not None, "what is confirmed is over"
        last_s = self._over.get(draft.kind)
        self._over[draft.kind] = draft.ended_s
        if last_s is not None and draft.began_s - last_s < MERGE_S and draft.by != "roads":
            return None
        return Seen(
            draft.kind,
            draft.by,
            draft.began_s,
            draft.at_s,
            draft.ended_s - draft.began_s,
            draft.limit,
            draft.worst,
            draft.speed_mps,
            draft.place,
            evidence,
        )
