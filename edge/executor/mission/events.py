"""What can happen to a mission, and what it asks for in return."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from edge.messages.commands import CannotDeliver, HandOver
from edge.messages.geo import Place
from edge.messages.parcels import ParcelId, StopId
from edge.messages.plan import Plan, Trigger
from edge.messages.routes import Offer, Route, Stop

By = Literal["position", "driver"]


@dataclass(frozen=True, slots=True)
class Where:
    """Where the vehicle was when something happened; all None without a fix."""

    place: Place | None = None
    accuracy_m: float | None = None
    distance_m: float | None = None
    """From the access point of the stop concerned."""


@dataclass(frozen=True, slots=True)
class RouteOffered:
    """The station sent a route, or a later revision of the present one."""

    route: Route
    route_hash: str


@dataclass(frozen=True, slots=True)
class CancelOrdered:
    """The station takes stops out of the day."""

    route_id: str
    stop_ids: tuple[StopId, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """The planner made a new order of the remaining stops."""

    plan: Plan
    plan_hash: str
    quiet: bool = False
    """Only the times have changed: nobody is told."""


@dataclass(frozen=True, slots=True)
class OfferTaken:
    """The vehicle takes an offered order on."""

    offer: Offer
    route_hash: str
    """Of the revision with the offer in it."""
    planned: Planned
    reason: str
    slack_s: float | None
    added_s: float


@dataclass(frozen=True, slots=True)
class LoadingBegun:
    """The driver starts the load-out."""

    driver: str


@dataclass(frozen=True, slots=True)
class ParcelScanned:
    """A parcel was scanned into the vehicle, at the station or where it comes on board."""

    parcel_id: ParcelId
    offer: str | None = None
    """The code that the giving vehicle shows, at a meeting."""


@dataclass(frozen=True, slots=True)
class LoadingEnded:
    """The driver says that everything is loaded."""


@dataclass(frozen=True, slots=True)
class ArrivedAtStop:
    """The vehicle stands at a stop."""

    stop_id: StopId
    by: By
    where: Where
    utc: datetime


@dataclass(frozen=True, slots=True)
class HandOverAsked:
    """The driver hands parcels over, with this proof."""

    action: HandOver
    where: Where
    utc: datetime
    arrival_radius_m: float


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """The driver cannot hand parcels over."""

    action: CannotDeliver
    utc: datetime


@dataclass(frozen=True, slots=True)
class ArrivedAtStation:
    """The vehicle is back."""

    by: By


@dataclass(frozen=True, slots=True)
class ReturnScanned:
    """A parcel that came back was scanned in."""

    parcel_id: ParcelId


@dataclass(frozen=True, slots=True)
class DebriefEnded:
    """The driver closes the day."""


@dataclass(frozen=True, slots=True)
class BreakBegun:
    """The driver begins a break."""

    utc: datetime


@dataclass(frozen=True, slots=True)
class BreakOver:
    """The driver ends the break."""

    utc: datetime


Event = (
    RouteOffered
    | CancelOrdered
    | Planned
    | OfferTaken
    | LoadingBegun
    | ParcelScanned
    | LoadingEnded
    | ArrivedAtStop
    | HandOverAsked
    | AttemptEnded
    | ArrivedAtStation
    | ReturnScanned
    | DebriefEnded
    | BreakBegun
    | BreakOver
)


@dataclass(frozen=True, slots=True)
class DriveTo:
    """Start or resume the leg to a stop."""

    stop: Stop


@dataclass(frozen=True, slots=True)
class Serve:
    """Start or resume the hand-over at a stop."""

    stop: Stop


@dataclass(frozen=True, slots=True)
class DriveHome:
    """Start or resume the way back to the station."""

    station: Place


@dataclass(frozen=True, slots=True)
class Replan:
    """Ask the planner for a new order."""

    trigger: Trigger


Action = DriveTo | Serve | DriveHome | Replan
