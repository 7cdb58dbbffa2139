"""When to plan anew: what asks for it, how long that may wait, and what it may interrupt."""

from dataclasses import dataclass, replace

from edge.messages.plan import Trigger

MOST_ABORTS = 3
"""After so many runs in a row that were broken off, one is let finish."""
FAILED_PAUSE_S = 5.0  # a plan that could not be stored is made again after this


@dataclass(frozen=True, slots=True)
class Patience:
    """How urgent a trigger is."""

    wait_s: float
    """Others of its kind may come together with it: wait so long after the first."""
    pause_s: float
    """And so long after the last plan was begun."""


PATIENCE: dict[Trigger, Patience] = {  # the first named leads where several come together
    "route": Patience(0.0, 0.0),
    "stop_added": Patience(0.0, 0.0),
    "stop_cancelled": Patience(0.0, 0.0),
    "stop_failed": Patience(0.0, 0.0),
    "driver": Patience(0.0, 0.0),
    "custody": Patience(0.0, 0.0),
    "offer": Patience(0.0, 0.0),
    "conditions": Patience(0.05, 1.0),  # a feed comes in several layers, one after the other
    "energy": Patience(1.0, 30.0),
    "door_code": Patience(0.0, 0.0),
    "break": Patience(0.0, 0.0),
    "late": Patience(0.0, 60.0),
    "off_plan": Patience(0.0, 120.0),
}


@dataclass(frozen=True, slots=True)
class Agenda:
    """What waits to be planned for. Instants are of one monotonic clock."""

    asked: tuple[tuple[Trigger, float], ...] = ()
    """Each trigger once, with the instant it was first asked."""
    begun_s: float = float("-inf")
    """When the last plan was begun."""
    not_before_s: float = float("-inf")
    aborted: int = 0
    """Runs broken off in a row."""

    def ask(self, trigger: Trigger, now_s: float) -> "Agenda":
        """Take a trigger in; one that waits already goes on waiting."""
        if any(trigger == known for known, _ in self.asked):
            return self
        return replace(self, asked=(*self.asked, (trigger, now_s)))

    @property
    def due_s(self) -> float | None:
        """When to plan next; None: nothing asks for it."""
        if not self.asked:
            return None
        earliest = (
            max(at_s + PATIENCE[trigger].wait_s, self.begun_s + PATIENCE[trigger].pause_s)
            for trigger, at_s in self.asked
        )
        return max(self.not_before_s, min(earliest))

    def begin(self, now_s: float) -> tuple[tuple[Trigger, ...], "Agenda"]:
        """Take everything that was asked into one run; the leading trigger comes first."""
        asked = {trigger for trigger, _ in self.asked}
        triggers = tuple(trigger for trigger in PATIENCE if trigger in asked)
        return triggers, replace(self, asked=(), begun_s=now_s)

    @property
    def may_abort(self) -> bool:
        """Whether a new trigger may break off the run that is going on."""
        return self.aborted < MOST_ABORTS

    def done(self) -> "Agenda":
        """Note that a run was finished and its plan is in force, or not needed."""
        return replace(self, aborted=0)

    def broken_off(self, triggers: tuple[Trigger, ...], now_s: float) -> "Agenda":
        """Note that a run was broken off: the next one takes its triggers as well."""
        return replace(self._again(triggers, now_s), aborted=self.aborted + 1)

    def stale(self, triggers: tuple[Trigger, ...], now_s: float) -> "Agenda":
        """Note that the mission had moved on when the plan came: plan again at once."""
        return replace(self._again(triggers, now_s), begun_s=float("-inf"))

    def failed(self, triggers: tuple[Trigger, ...], now_s: float) -> "Agenda":
        """Note that the plan could not be made durable: try again a little later."""
        return replace(self._again(triggers, now_s), not_before_s=now_s + FAILED_PAUSE_S)

    def _again(self, triggers: tuple[Trigger, ...], now_s: float) -> "Agenda":
        agenda = self
        for trigger in triggers:
            agenda = agenda.ask(trigger, now_s)
        return replace(agenda, begun_s=float("-inf"))
