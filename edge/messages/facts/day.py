"""What becomes of the day: route, plan, offers, breaks, stops, books."""

from typing import Literal

from edge.messages.facts.base import FactBody
from edge.messages.geo import AccuracyM, Place
from edge.messages.instants import Utc
from edge.messages.parcels import StopId
from edge.messages.plan import DroppedStop, PlannedBreak, PlannedStop, Why


class RouteAccepted(FactBody, frozen=True, kw_only=True, tag="route_accepted"):
    """A route was taken over whole."""

    route_id: str
    revision: int
    route_hash: str
    stops: int
    parcels: int


class CommandRefused(FactBody, frozen=True, kw_only=True, tag="command_refused"):
    """An order from the station was not carried out."""

    order: str
    command_seq: int
    reason: str


class StopsCancelled(FactBody, frozen=True, kw_only=True, tag="stops_cancelled"):
    """Stops were taken out of the day on the station's order."""

    stop_ids: tuple[StopId, ...]
    reason: str


class PlanChanged(FactBody, frozen=True, kw_only=True, tag="plan_changed"):
    """A new order of stops, and why."""

    number: int
    plan_hash: str
    stops: tuple[PlannedStop, ...]
    dropped: tuple[DroppedStop, ...]
    breaks: tuple[PlannedBreak, ...] = ()
    back_utc: Utc
    why: Why


class PlanAcknowledged(FactBody, frozen=True, kw_only=True, tag="plan_acknowledged"):
    """The driver has read why the plan changed, up to this number."""

    number: int


class LatenessForeseen(FactBody, frozen=True, kw_only=True, tag="lateness_foreseen"):
    """A promise will probably not be kept; said once a stop."""

    stop_id: StopId
    closes_utc: Utc
    """The end of the promise."""
    expected_utc: Utc
    earliest_utc: Utc
    """P10 of the arrival."""
    latest_utc: Utc
    """P90 of the arrival."""
    chance: float
    """That the arrival is after the promise."""


class StopBarred(FactBody, frozen=True, kw_only=True, tag="stop_barred"):
    """A stop is not driven to: a hard zone, no way there, or its goods would come too late."""

    stop_id: StopId
    reason: str
    until_utc: Utc | None = None
    """When it can be served again today; the vehicle takes it in again by itself."""
    alternative: Place | None = None
    """Nearest place within walking distance where the vehicle may stand."""


class OfferAnswered(FactBody, frozen=True, kw_only=True, tag="offer_answered"):
    """An offered order was accepted or declined."""

    offer_id: str
    accepted: bool
    reason: str
    slack_s: float | None = None
    """Of the tightest promise with the offer taken on [s]; negative is late."""
    added_s: float | None = None
    """What the offer adds to the driving of the day [s]."""
    revision: int | None = None
    """Of the route with the offer in it, if it was accepted."""


class BreakStarted(FactBody, frozen=True, kw_only=True, tag="break_started"):
    """The driver begins a break."""

    number: int
    """Of the route's breaks, from 1."""
    lasts_s: float
    """How long it is to be."""


class BreakEnded(FactBody, frozen=True, kw_only=True, tag="break_ended"):
    """The driver's break is over."""

    number: int
    lasted_s: float
    whole: bool
    """As long as it is to be; else it is planned again."""


class LegStarted(FactBody, frozen=True, kw_only=True, tag="leg_started"):
    """The vehicle is on its way to a stop."""

    stop_id: StopId
    from_place: Place | None = None


class Arrived(FactBody, frozen=True, kw_only=True, tag="arrived"):
    """The vehicle stands at a stop."""

    stop_id: StopId
    by: Literal["position", "driver"]
    place: Place | None = None
    """None: no fix."""
    accuracy_m: AccuracyM | None = None
    distance_m: float | None = None
    """From the stop's access point."""


class StopClosed(FactBody, frozen=True, kw_only=True, tag="stop_closed"):
    """Every parcel of a stop has been dealt with."""

    stop_id: StopId
    delivered: int
    failed: int
    picked_up: int = 0
    arrived_utc: Utc | None = None
    late_s: float = 0.0


class ReturnStarted(FactBody, frozen=True, kw_only=True, tag="return_started"):
    """No stop is left; the vehicle drives back."""

    on_board: int


class BackAtStation(FactBody, frozen=True, kw_only=True, tag="back_at_station"):
    """The vehicle stands at its station."""

    by: Literal["position", "driver"]


class DayClosed(FactBody, frozen=True, kw_only=True, tag="day_closed"):
    """The vehicle's own books of the day."""

    route_id: str
    expected: int
    loaded: int
    outcomes: dict[str, int]
    balanced: bool
    driven_m: float


DayFact = (
    RouteAccepted
    | CommandRefused
    | StopsCancelled
    | PlanChanged
    | PlanAcknowledged
    | LatenessForeseen
    | StopBarred
    | OfferAnswered
    | BreakStarted
    | BreakEnded
    | LegStarted
    | Arrived
    | StopClosed
    | ReturnStarted
    | BackAtStation
    | DayClosed
)
