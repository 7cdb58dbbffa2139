"""Moments that may become events: measured while they last, kept when they are confirmed."""

from dataclasses import dataclass
from typing import Literal

from edge.behaviour.limits import LEAST_S, LONGEST_S, OVER_AGAIN_FRAC, OVER_S
from edge.messages.driving.view import BehaviourKind
from edge.messages.geo import Place

SeenBy = Literal["accelerometer", "wheels", "gnss", "belt", "gear", "roads"]


@dataclass(slots=True)
class Draft:
    """One moment; `at_s` is when it became one, the middle of its evidence."""

    kind: BehaviourKind
    by: SeenBy
    began_s: float
    at_s: float
    limit: float
    worst: float
    speed_mps: float | None
    ended_s: float | None = None
    confirmed: bool | None = None
    """None: not decided yet."""
    evidence: bytes | None = None
    place: Place | None = None

    def measure(self, value: float) -> None:
        """Take a value of what it is measured by."""
        self.worst = max(self.worst, value)


@dataclass(slots=True)
class Beyond:
    """Follows one low-passed signal and drafts a moment while it is beyond its limit."""

    kind: BehaviourKind
    limit: float
    by: SeenBy
    least_s: float = LEAST_S
    draft: Draft | None = None
    _since_s: float | None = None
    _worst: float = 0.0
    _last_beyond_s: float = 0.0

    def take(self, at_s: float, value: float, speed_mps: float | None) -> Draft | None:
        """Take a value; return the moment when it becomes one. Ends it when it is over."""
        draft = self.draft
        if draft is not None:
            draft.measure(value)
            if value >= self.limit * OVER_AGAIN_FRAC:
                self._last_beyond_s = at_s
            elif at_s - self._last_beyond_s >= OVER_S:
                self.end(self._last_beyond_s)
            if at_s - draft.began_s >= LONGEST_S:
                self.end(at_s)
            return None
        if value < self.limit:
            self._since_s = None
            return None
        if self._since_s is None:
            self._since_s, self._worst = at_s, value
        self._worst = max(self._worst, value)
        if at_s - self._since_s < self.least_s - 1e-6:
            return None
        self._last_beyond_s = at_s
        self.draft = Draft(
            self.kind, self.by, self._since_s, at_s, self.limit, self._worst, speed_mps
        )
        return self.draft

    def end(self, at_s: float) -> None:
        """Close the moment under way: its signal is gone, or back below the limit."""
        if self.draft is not None:
            self.draft.ended_s = max(at_s, self.draft.at_s)
        self.draft, self._since_s = None, None
