"""Remote ID in the air: its loss is reported, and that it is back (A9)."""

from edge.flight.progress import FlightProgress
from edge.messages.facts import RemoteIdBack, RemoteIdLost
from edge.pilot.craft import Situation
from edge.pilot.drones.hazards import NOT_ALOFT
from edge.pilot.truth import place_of

LOST_S = 3.0  # as long as an autopilot waits before it calls it a failure
SAID_AGAIN_S = 60.0  # one that comes and goes is not said more often


class RemoteIdWatch:
    """Follows one drone's broadcast; on the ground the gate looks at it."""

    def __init__(self, *, needed: bool) -> None:
        self._needed = needed
        self._heard_s: float | None = None
        self._lost_s: float | None = None
        self._said_s: float | None = None

    def look(
        self, progress: FlightProgress, at: Situation
    ) -> tuple[RemoteIdLost | RemoteIdBack, ...]:
        """Return what is to be reported now."""
        if not self._needed or progress.plan is None or progress.phase in NOT_ALOFT:
            self._heard_s = self._lost_s = None
            return ()
        told = at.words.remote_id
        if told is not None:
            self._heard_s = told.received_s
        elif self._heard_s is None:  # the autopilot began anew, or this daemon did
            self._heard_s = at.now_s
        assert self._heard_s is not None, "set above"
        if at.now_s - self._heard_s <= LOST_S:
            return self._back(at)
        if self._lost_s is not None:
            return ()
        if self._said_s is not None and at.now_s - self._said_s < SAID_AGAIN_S:
            return ()
        self._lost_s, self._said_s = self._heard_s, at.now_s
        return (RemoteIdLost(plan_id=progress.plan.plan_id, place=place_of(at.words)),)

    def _back(self, at: Situation) -> tuple[RemoteIdBack, ...]:
        if self._lost_s is None:
            return ()
        silent_s, self._lost_s = at.now_s - self._lost_s, None
        return (RemoteIdBack(silent_s=round(silent_s, 1)),)
