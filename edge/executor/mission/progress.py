"""How far a mission has come: the record that is committed with every fact."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

import msgspec

from edge.handover.pin import PIN_TRIES
from edge.messages.parcels import FailureCode, Outcome, ParcelId, StopId
from edge.messages.routes import DriverBreak, Route, Stop


class Phase(Enum):
    """Where a mission stands; the sub-step a restarted daemon resumes at."""

    IDLE = "idle"
    OFFERED = "offered"  # a route is here, load-out has not begun
    LOADING = "loading"
    UNDERWAY = "underway"  # driving to `stop_id`
    AT_STOP = "at_stop"  # standing at `stop_id`, hand-over going on
    RETURNING = "returning"
    DEBRIEFING = "debriefing"  # at the station, what came back is scanned in
    CLOSED = "closed"


WORKING = (Phase.LOADING, Phase.UNDERWAY, Phase.AT_STOP, Phase.RETURNING, Phase.DEBRIEFING)


class ParcelProgress(msgspec.Struct, frozen=True, omit_defaults=True):
    """One parcel's way through the day."""

    loaded: bool = False
    failed: FailureCode | None = None
    """Of the last failed attempt; the parcel is on board until it is scanned in."""
    outcome: Outcome | None = None
    pin_tries_left: int = PIN_TRIES
    by_pickup: bool = False
    """Comes on board at a stop, not at the station."""

    @property
    def open(self) -> bool:
        """On board and not yet attempted: there is something to do at its stop."""
        return self.loaded and self.failed is None and self.outcome is None

    @property
    def awaited(self) -> bool:
        """Still to come on board."""
        return not self.loaded and self.failed is None and self.outcome is None


class Progress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything about a mission that changes; small, since it is written with every fact."""

    phase: Phase = Phase.IDLE
    route_id: str = ""
    revision: int = 0
    order: tuple[StopId, ...] = ()
    """Stops still to come, in order of the plan."""
    dropped: tuple[StopId, ...] = ()
    """Left out by the plan; driven to again if a later plan takes them in."""
    barred: tuple[StopId, ...] = ()
    """Those of them that cannot be driven to: in a hard zone, or without a way."""
    too_late: tuple[StopId, ...] = ()
    """And those whose goods would come too late."""
    closed: tuple[StopId, ...] = ()
    stop_id: StopId | None = None
    """Driven to (UNDERWAY) or served (AT_STOP)."""
    arrived_utc: datetime | None = None
    parcels: dict[ParcelId, ParcelProgress] = {}
    plan_number: int = 0
    foretold: dict[StopId, tuple[datetime, datetime]] = {}
    """Stops whose lateness was foreseen, and when people were told to expect the vehicle."""
    breaks_taken: int = 0
    """Of the route's breaks, in their order."""
    break_since_utc: datetime | None = None
    """When the present break began."""
    driver: str = ""
    driven_m: float = 0.0


class Mission(msgspec.Struct, frozen=True):
    """A route and how far it has come."""

    route: Route | None = None
    progress: Progress = Progress()

    @property
    def phase(self) -> Phase:
        """Where the mission stands."""
        return self.progress.phase

    @property
    def stop(self) -> Stop:
        """The stop being driven to or served."""
        assert self.progress.stop_id is not None, f"no stop in {self.phase}"
        return self.stop_of(self.progress.stop_id)

    def stop_of(self, stop_id: StopId) -> Stop:
        """Return a stop of the route by its id."""
        assert self.route is not None, f"no route in {self.phase}"
        for stop in self.route.stops:
            if stop.stop_id == stop_id:
                return stop
        raise AssertionError(f"{stop_id} is not on route {self.route.route_id}")

    def remaining(self) -> tuple[StopId, ...]:
        """Return the stops with something left to do, in order, dropped ones last."""
        if self.route is None:
            return ()
        return self.due_among((*self.progress.order, *self.progress.dropped))

    def to_plan(self) -> tuple[StopId, ...]:
        """Return the stops a plan is about: what remains after the stop being served."""
        here = self.progress.stop_id if self.phase is Phase.AT_STOP else None
        return tuple(stop_id for stop_id in self.remaining() if stop_id != here)

    def due(self, stop_id: StopId) -> bool:
        """Tell whether a stop still has a parcel to hand over, to pick up or to wait for."""
        return stop_id not in self.progress.closed and self._has_parcels(self.stop_of(stop_id))

    def due_among(self, stop_ids: Iterable[StopId]) -> tuple[StopId, ...]:
        """Return those of these stops that are due, in their order."""
        assert self.route is not None, f"no route in {self.phase}"
        by_id = {stop.stop_id: stop for stop in self.route.stops}
        closed = frozenset(self.progress.closed)
        return tuple(
            stop_id
            for stop_id in stop_ids
            if stop_id not in closed and self._has_parcels(by_id[stop_id])
        )

    def _has_parcels(self, stop: Stop) -> bool:
        before = self.phase in (Phase.OFFERED, Phase.LOADING)
        parcels = (self.progress.parcels[p] for p in stop.parcels)
        if stop.takes_on:
            return any(p.awaited for p in parcels)
        return any(p.open or (p.awaited and (before or p.by_pickup)) for p in parcels)

    def not_driven_to(self, stop_id: StopId) -> bool:
        """Tell whether a stop that is due is not to be driven to."""
        return stop_id in self.progress.barred or stop_id in self.progress.too_late

    def next_break(self) -> DriverBreak | None:
        """Return the break that is taken now, or else next."""
        breaks = () if self.route is None else self.route.breaks[self.progress.breaks_taken :]
        return breaks[0] if breaks else None

    def breaks_to_plan(self) -> tuple[DriverBreak, ...]:
        """Return the breaks still to be taken after the one that is being taken."""
        if self.route is None:
            return ()
        taking = self.progress.break_since_utc is not None
        return self.route.breaks[self.progress.breaks_taken + taking :]

    def rests_until_utc(self) -> datetime | None:
        """Return when the break that is being taken is to end; None: there is none."""
        since_utc, now = self.progress.break_since_utc, self.next_break()
        if since_utc is None or now is None:
            return None
        return since_utc + timedelta(seconds=now.lasts_s)

    def ready(self, stop_id: StopId) -> bool:
        """Tell whether a stop can be driven to now: nothing of it waits at a pickup."""
        stop = self.stop_of(stop_id)
        if stop.takes_on or self.phase in (Phase.OFFERED, Phase.LOADING):
            return True
        parcels = (self.progress.parcels[p] for p in stop.parcels)
        return not any(p.awaited for p in parcels)

    def on_board(self) -> tuple[ParcelId, ...]:
        """Parcels in the vehicle's custody."""
        return tuple(
            p for p, at in self.progress.parcels.items() if at.loaded and at.outcome is None
        )
