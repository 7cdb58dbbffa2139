"""The guard beside the pilot: today's bounds, when there is something to judge, and told."""

import math

from edge.guard.guard import Guard
from edge.guard.question import Memory
from edge.messages.machines.cleared import Refused, SafeStop
from edge.pilot.craft import Craft, Progress, Situation

AGAIN_S = 2.0  # a safe stop that is not obeyed is ordered again
RECORDED_S = 300.0
SAME_NO_S = 30.0
KNOWN_WITHIN_S = 10.0  # of the autopilot's first word: where it is, and in which state


class Guarding:
    """One guard for one start of the daemon."""

    def __init__(self, craft: Craft) -> None:
        self._craft = craft
        self._guard: Guard | None = None
        self._stopped: tuple[str, float] | None = None
        self._found_s: float | None = None
        self._recorded: tuple[tuple[str, str], float] | None = None
        self._refused: tuple[tuple[str, str], float] | None = None

    def guard(self, progress: Progress, at: Situation) -> Guard | None:
        """Return the guard with today's bounds; None before there is a route."""
        bounds = self._craft.bounds(progress, at)
        if bounds is None:
            return None
        if self._guard is None:
            self._guard = Guard(bounds, Memory())
        self._guard.bounds = bounds
        return self._guard

    def is_known(self, progress: Progress, at: Situation) -> bool:
        """Tell whether there is something to judge: after a start nothing is known at first."""
        if not at.words.present:
            self._found_s = None
            return False
        if self._found_s is None:
            self._found_s = at.now_s
        truth = self._craft.truth(progress, at)
        if truth.whereabouts and truth.parts and truth.charge:
            self._found_s = -math.inf
        return at.now_s - self._found_s >= KNOWN_WITHIN_S

    def is_news(self, stop: SafeStop, now_s: float) -> bool:
        """Tell whether a stop is to be recorded: the same again only after a while."""
        what = (stop.reason, stop.why)
        was = self._recorded
        if was is not None and was[0] == what and now_s - was[1] < RECORDED_S:
            return False
        self._recorded = (what, now_s)
        return True

    def is_new_no(self, command: str, verdict: Refused | SafeStop, now_s: float) -> bool:
        """Tell whether a refusal is to be recorded: the same again only after a while."""
        same, was = (command, verdict.reason), self._refused
        if was is not None and was[0] == same and now_s - was[1] < SAME_NO_S:
            return False
        self._refused = (same, now_s)
        return True

    def looked_after(self, progress: Progress, at: Situation) -> bool:
        """Let it move again: a person has looked; False if somebody still meddles with it."""
        guard = self.guard(progress, at)
        return guard is None or guard.looked_after(self._craft.truth(progress, at), at.now_s)

    def is_told(self, stop: SafeStop, now_s: float) -> bool:
        """Tell whether the same stop was ordered a moment ago."""
        what = f"{stop.reason}: {[type(one.command).__name__ for one in stop.cleared]}"
        known = self._stopped is not None and (
            self._stopped[0] == what and now_s - self._stopped[1] < AGAIN_S
        )
        if not known:
            self._stopped = (what, now_s)
        return known
