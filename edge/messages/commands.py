"""What people ask of a vehicle: the driver on board, the dispatcher over the air."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.conditions import Layer
from edge.messages.instants import Utc
from edge.messages.parcels import FailureCode, Outcome, ParcelId, StopId
from edge.messages.routes import Offer, Route


class DriverAction(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="action",
    tag=str.lower,
    omit_defaults=True,
):
    """Base of what a driver does on the page; `action_id` makes a repeat harmless."""

    action_id: Annotated[str, Meta(min_length=1, max_length=64)]
    driver: Annotated[str, Meta(min_length=1, max_length=64)]


class StartLoading(DriverAction, frozen=True, kw_only=True, tag="start_loading"):
    """Begin the load-out of the route on offer."""


class ScanParcel(DriverAction, frozen=True, kw_only=True, tag="scan_parcel"):
    """A parcel was scanned into the vehicle."""

    parcel_id: ParcelId
    offer: Annotated[str, Meta(max_length=12)] | None = None
    """At a meeting: the code that the giving vehicle shows for it."""


class FinishLoading(DriverAction, frozen=True, kw_only=True, tag="finish_loading"):
    """Load-out is over; parcels not scanned stay at the station as missing."""


class Arrive(DriverAction, frozen=True, kw_only=True, tag="arrive"):
    """The driver says that the vehicle stands at the stop."""

    stop_id: StopId


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence by hash; the bytes travel on the proof lane."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    media_type: str
    size: Annotated[int, Meta(ge=1, le=20_000_000)]


class HandOver(DriverAction, frozen=True, kw_only=True, tag="hand_over"):
    """Parcels leave the vehicle's custody at a stop, with their proof."""

    stop_id: StopId
    parcel_ids: Annotated[tuple[ParcelId, ...], Meta(min_length=1)]
    outcome: Outcome = Outcome.DELIVERED
    recipient: Annotated[str, Meta(max_length=120)] = ""
    photos: Annotated[tuple[Photo, ...], Meta(max_length=5)] = ()
    signature: Photo | None = None
    pin: Annotated[str, Meta(max_length=12)] | None = None
    age_checked: bool = False
    receipt: Annotated[str, Meta(max_length=12)] | None = None
    """At a meeting: the code that the other vehicle shows once it has taken the parcel over."""


class ProvenHandOver(HandOver, frozen=True, kw_only=True, tag="proven_hand_over"):
    """A hand-over by a machine that opened only to the right code, and counted the tries.

    Nobody sends it: it is no `AnyDriverAction`, so that a page cannot do without the PIN.
    """


class CannotDeliver(DriverAction, frozen=True, kw_only=True, tag="cannot_deliver"):
    """An attempt failed; the parcels stay on board."""

    stop_id: StopId
    parcel_ids: Annotated[tuple[ParcelId, ...], Meta(min_length=1)]
    code: FailureCode
    note: Annotated[str, Meta(max_length=500)] = ""
    photos: Annotated[tuple[Photo, ...], Meta(max_length=5)] = ()


class ScanReturn(DriverAction, frozen=True, kw_only=True, tag="scan_return"):
    """A parcel that came back was scanned in at the station."""

    parcel_id: ParcelId


class AcknowledgePlan(DriverAction, frozen=True, kw_only=True, tag="acknowledge_plan"):
    """The driver has read why the plan changed, up to this number."""

    number: Annotated[int, Meta(ge=1)]


class StartBreak(DriverAction, frozen=True, kw_only=True, tag="start_break"):
    """The driver begins the break that is due next."""


class EndBreak(DriverAction, frozen=True, kw_only=True, tag="end_break"):
    """The driver's break is over."""


class FinishDebrief(DriverAction, frozen=True, kw_only=True, tag="finish_debrief"):
    """The day is over; what is still in custody and was not scanned is missing."""


AnyDriverAction = (
    StartLoading
    | ScanParcel
    | FinishLoading
    | Arrive
    | HandOver
    | CannotDeliver
    | ScanReturn
    | FinishDebrief
    | AcknowledgePlan
    | StartBreak
    | EndBreak
)


class RouteOffer(msgspec.Struct, frozen=True, kw_only=True, tag="route", tag_field="kind"):
    """A route, or a later revision of one (`down/route`)."""

    route: Route


class CancelStops(
    msgspec.Struct, frozen=True, kw_only=True, tag="cancel_stops", tag_field="kind"
):
    """Stops that are not to be served any more (`down/command`)."""

    route_id: str
    stop_ids: Annotated[tuple[StopId, ...], Meta(min_length=1)]
    reason: str = ""


class NewConditions(
    msgspec.Struct, frozen=True, kw_only=True, tag="conditions", tag_field="kind"
):
    """A layer of traffic, weather or zones, or a part of one (`down/command`)."""

    layer: Layer


class OfferStops(
    msgspec.Struct, frozen=True, kw_only=True, tag="offer_stops", tag_field="kind"
):
    """Stops the vehicle may take on or decline (`down/command`)."""

    offer: Offer


Wish = Literal["hold", "go_on", "give_up", "return", "land", "looked_after"]
"""Of a drone or robot under way: to stay where it is, go on after that, come back with what it
was bringing, come back at once, land here; or that a person has looked at what somebody had
meddled with."""


class DirectMachine(
    msgspec.Struct, frozen=True, kw_only=True, tag="direct_machine", tag_field="kind"
):
    """What a person at the station decides about a machine under way (`down/command`)."""

    wish: Wish
    by: Annotated[str, Meta(min_length=1, max_length=64)]
    """Who; it is kept as a fact."""
    why: Annotated[str, Meta(max_length=200)] = ""


Order = RouteOffer | CancelStops | NewConditions | OfferStops | DirectMachine


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One numbered order from the station to one vehicle.

    The signature (Ed25519, base64, always the last member) covers the bytes before it
    exactly as they are on the wire, see `edge.handover.proof.seal`.
    """

    vehicle: str
    epoch: str
    """Of the station's stream to this vehicle."""
    seq: Annotated[int, Meta(ge=1)]
    issuer: str
    issued_utc: Utc
    expires_utc: Utc
    order: Order
    key_id: str = ""
    signature: str = ""
