"""What the station asks of a vehicle: stops, promises, a route with a revision."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import Place
from edge.messages.instants import Utc
from edge.messages.parcels import Parcel, ParcelId, StopId

RouteId = Annotated[str, Meta(min_length=1, max_length=64)]
MOST_BREAKS = 8  # as many as the planner's kernel counts
StopKind = Literal["delivery", "pickup", "locker", "station", "rendezvous"]


class TimeWindow(msgspec.Struct, frozen=True, kw_only=True):
    """A span of people's time; being after `closes_utc` is late."""

    opens_utc: Utc
    closes_utc: Utc


class DropManner(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a machine hands its parcel over; what is None is as usual for its kind."""

    how: Literal["drop", "winch", "land", "lid"]
    """Let it fall, let it down, land with it, or open the lid to whoever shows the code."""
    radius_m: Annotated[float, Meta(gt=0, le=50)] | None = None
    """Of the approved circle about the door."""
    hover_m: Annotated[float, Meta(ge=0, le=120)] | None = None
    """Height above the station's ground from which it lets go or down."""
    lowest_m: Annotated[float, Meta(ge=-100, le=120)] | None = None
    highest_m: Annotated[float, Meta(ge=-100, le=120)] | None = None
    """It is let go between these, and nowhere else."""
    line_m: Annotated[float, Meta(gt=0, le=100)] | None = None
    """Of the winch's line that reaches the ground from there."""


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """Parcels go from one vehicle to another; both routes carry it, each from its side."""

    meeting_id: Annotated[str, Meta(min_length=1, max_length=64)]
    vehicle: Annotated[str, Meta(min_length=1, max_length=64)]
    """The other one."""
    gives: bool
    """This vehicle gives; False: it takes over."""
    key: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    """The same on both sides: makes the codes that each shows the other's people."""
    waits_until_utc: Utc
    """Later nobody waits for the other one."""


class Stop(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place to serve."""

    stop_id: StopId
    kind: StopKind = "delivery"
    place: Place
    """Access point: where the vehicle stands."""
    door: Place | None = None
    parcels: tuple[ParcelId, ...] = ()
    windows: tuple[TimeWindow, ...] = ()
    """Promised windows; none means any time of the shift."""
    service_s: Annotated[float, Meta(ge=0, le=14400)] = 120.0
    priority: Annotated[int, Meta(ge=0, le=9)] = 5
    """0 is dropped first, 9 last."""
    name: str = ""
    address: str = ""
    notes: str = ""
    arrival_radius_m: Annotated[float, Meta(ge=3, le=500)] | None = None
    """None: the vehicle kind's own."""
    manner: DropManner | None = None
    """How a machine hands over here; None: as its kind does."""
    meeting: Meeting | None = None
    """With whom, at a `rendezvous`; nowhere else."""

    @property
    def takes_on(self) -> bool:
        """Whether parcels come on board here: at a pickup, or from another vehicle."""
        return self.kind == "pickup" or (self.meeting is not None and not self.meeting.gives)


class DriverBreak(msgspec.Struct, frozen=True, kw_only=True):
    """A break of the driver, taken between two stops."""

    opens_utc: Utc
    """Not before this, unless the next stop would end after `closes_utc`."""
    closes_utc: Utc
    """It is to have begun by then."""
    lasts_s: Annotated[float, Meta(ge=60, le=43_200)]


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Stops a vehicle may take on while it is under way: it accepts all of them or none.

    Every parcel comes on board at one of the stops, of kind `pickup`; one that no `delivery`
    of the offer names goes to the station.
    """

    offer_id: Annotated[str, Meta(min_length=1, max_length=64)]
    route_id: RouteId
    stops: Annotated[tuple[Stop, ...], Meta(min_length=1, max_length=20)]
    parcels: Annotated[tuple[Parcel, ...], Meta(min_length=1, max_length=200)]
    answer_by_utc: Utc
    """Later nobody waits for the answer, and the vehicle declines."""


class Route(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One vehicle's day as the station wants it, in loading order.

    A later revision of the same `route_id` replaces an earlier one as a whole.
    """

    route_id: RouteId
    revision: Annotated[int, Meta(ge=1)]
    vehicle: str
    station: Place
    departs_utc: Utc
    """Planned departure; the zero of the plan's clock."""
    returns_by_utc: Utc
    """End of the shift: the vehicle is to be back at the station by then."""
    stops: tuple[Stop, ...]
    parcels: tuple[Parcel, ...]
    breaks: Annotated[tuple[DriverBreak, ...], Meta(max_length=MOST_BREAKS)] = ()
    """In the order they are taken; each opens after the one before has closed."""


def with_offer(route: Route, offer: Offer) -> Route:
    """Return the revision that an accepted offer makes of a route, on either side."""
    return msgspec.structs.replace(
        route,
        revision=route.revision + 1,
        stops=(*route.stops, *offer.stops),
        parcels=(*route.parcels, *offer.parcels),
    )
