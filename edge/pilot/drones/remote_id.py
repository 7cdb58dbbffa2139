"""Remote ID in the air: its loss is reported, and that it is back (A9)."""

from edge.flight.progress import FlightProgress
from edge.messages.facts import RemoteIdBack, RemoteIdLost, RemoteIdMeasured
from edge.pilot.craft import Situation
from edge.pilot.drones.hazards import NOT_ALOFT
from edge.pilot.truth import place_of

LOST_S = 3.0  # as long as an autopilot waits before it calls it a failure
SAID_AGAIN_S = 60.0  # one that comes and goes is not said more often


FRESH_S = 1.0  # works.md A9

News = RemoteIdLost | RemoteIdBack | RemoteIdMeasured


class RemoteIdWatch:
    """Follows one drone's broadcast in the air; on the ground the gate looks at it."""

    def __init__(self, *, needed: bool) -> None:
        self._needed = needed
        self._plan_id = ""
        self._heard_s: float | None = None
        self._lost_s: float | None = None
        self._said_s: float | None = None
        self._second = 0
        self._seconds = self._late = 0

    def look(self, progress: FlightProgress, at: Situation) -> tuple[News, ...]:
        """Return what is to be reported now."""
        if not self._needed:
            return ()
        if progress.plan is None or progress.phase in NOT_ALOFT:
            return self._landed()
        self._plan_id = progress.plan.plan_id
        told = at.words.remote_id
        if told is not None:
            self._heard_s = told.received_s
        elif self._heard_s is None:  # the autopilot began anew, or this daemon did
            self._heard_s = at.now_s
        assert self._heard_s is not None, "set above"
        silent_s = at.now_s - self._heard_s
        if int(at.now_s) != self._second:
            self._second = int(at.now_s)
            self._seconds += 1
            self._late += silent_s > FRESH_S
        return self._back(at) if silent_s <= LOST_S else self._lost(at)

    def _lost(self, at: Situation) -> tuple[News, ...]:
        if self._lost_s is not None:
            return ()
        if self._said_s is not None and at.now_s - self._said_s < SAID_AGAIN_S:
            return ()
        self._lost_s, self._said_s = self._heard_s, at.now_s
        return (RemoteIdLost(plan_id=self._plan_id, place=place_of(at.words)),)

    def _back(self, at: Situation) -> tuple[News, ...]:
        if self._lost_s is None:
            return ()
        silent_s, self._lost_s = at.now_s - self._lost_s, None
        return (RemoteIdBack(silent_s=round(silent_s, 1)),)

    def _landed(self) -> tuple[News, ...]:
        seconds, late = self._seconds, self._late
        self._heard_s = self._lost_s = None
        self._seconds = self._late = 0
        if not seconds:
            return ()
        return (RemoteIdMeasured(plan_id=self._plan_id, seconds=seconds, late=late),)
