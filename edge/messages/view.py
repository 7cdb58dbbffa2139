"""What the driver's page shows: the day as the vehicle sees it now."""

import msgspec

from edge.messages.driving.view import DrivingView
from edge.messages.geo import Place
from edge.messages.instants import Utc
from edge.messages.legs import Step
from edge.messages.parcels import HandoverRequirements, Outcome, ParcelId, StopId
from edge.messages.plan import DroppedStop, Why
from edge.messages.routes import StopKind, TimeWindow
from edge.messages.state import Backlog, VehicleState


class ParcelView(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel as far as the day has come."""

    parcel_id: ParcelId
    requirements: HandoverRequirements
    """Without `pin_hash` and `pin_key`; see `needs_pin`."""
    needs_pin: bool = False
    pin_tries_left: int | None = None
    loaded: bool = False
    by_pickup: bool = False
    """Comes on board at a stop."""
    attempted: bool = False
    """A hand-over failed; it goes back to the station."""
    code: str = ""
    """What to show the people of the other vehicle, at a meeting: offer or receipt."""
    outcome: Outcome | None = None


class MeetingView(msgspec.Struct, frozen=True, kw_only=True):
    """Another vehicle that parcels go to, or come from."""

    vehicle: str
    gives: bool
    """This vehicle gives."""
    waits_until_utc: Utc


class StopView(msgspec.Struct, frozen=True, kw_only=True):
    """One stop as the driver needs it."""

    stop_id: StopId
    place: Place
    name: str
    address: str
    notes: str
    window: str
    """Promised window in words, empty if none."""
    windows: tuple[TimeWindow, ...] = ()
    """The same for whoever knows the driver's time zone."""
    arrives_utc: Utc | None
    late_s: float
    kind: StopKind = "delivery"
    meeting: MeetingView | None = None
    """Whom to meet here, at a `rendezvous`."""
    spread_s: tuple[int, int, int] | None = None
    """P10, P50 and P90 of the arrival, counted from `arrives_utc` [s]."""
    parcels: tuple[ParcelView, ...]


class BreakView(msgspec.Struct, frozen=True, kw_only=True):
    """The driver's break: the one that is taken now, else the next one."""

    lasts_s: float
    begins_utc: Utc | None = None
    """As planned; None: no plan has it, or it is being taken."""
    before: StopId | None = None
    """The stop it is planned before; None: the way back."""
    since_utc: Utc | None = None
    """When it began; None: it has not."""


class PlanNews(msgspec.Struct, frozen=True, kw_only=True):
    """A change of plan that the driver has not acknowledged."""

    number: int
    """Of the plan."""
    why: Why
    put_in: tuple[StopId, ...] = ()
    left_out: tuple[DroppedStop, ...] = ()


class DayView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page needs; sent whole at every change."""

    vehicle: str
    utc: Utc
    phase: str
    """A `Phase` of `edge.executor.mission`: idle offered loading underway at_stop
    returning debriefing closed."""
    route_id: str | None = None
    route_revision: int | None = None
    station: Place | None = None
    departs_utc: Utc | None = None
    """Planned departure of the route."""
    stop: StopView | None = None
    """Driven to or served now."""
    stops: tuple[StopView, ...] = ()
    """Still to come, in order of the plan, the present one first."""
    closed: tuple[StopId, ...] = ()
    dropped: tuple[DroppedStop, ...] = ()
    parcels: tuple[ParcelView, ...] = ()
    """All of the route, for load-out and debrief."""
    leg: tuple[Place, ...] = ()
    """Way to the present stop, straight where no roads are known."""
    steps: tuple[Step, ...] = ()
    """What to do on that way; none where no roads are known."""
    position: VehicleState | None = None
    distance_m: float | None = None
    """To the present stop."""
    why: Why | None = None
    """Of the last change of plan."""
    news: tuple[PlanNews, ...] = ()
    """Changes the driver has not acknowledged, the newest last."""
    rest: BreakView | None = None
    """The break now, or the next one; None: none is left, or the driver has none."""
    driving: DrivingView | None = None
    """The driver's own events and score; None: nobody watches."""
    warnings: tuple[str, ...] = ()
    backlog: Backlog | None = None


class ActResult(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a driver's action."""

    accepted: bool
    why: str = ""
    """In the driver's words, when refused."""
