"""What the station says about offers."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.parcels import Parcel
from edge.messages.routes import RouteId, Stop

OfferState = Literal["waiting", "accepted", "declined", "unanswered"]


class OfferDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a dispatcher or a shop's system writes: stops and parcels, as in a route."""

    stops: Annotated[tuple[Stop, ...], Meta(min_length=1, max_length=20)]
    parcels: Annotated[tuple[Parcel, ...], Meta(min_length=1, max_length=200)]
    offer_id: Annotated[str, Meta(max_length=64)] = ""
    """Empty: the station names it. The same id again is the same offer."""


class OfferStanding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One offer and what became of it."""

    offer_id: str
    vehicle: str
    route_id: RouteId
    stops: int
    parcels: int
    state: OfferState
    sent_utc: datetime
    answer_by_utc: datetime
    reason: str = ""
    slack_s: float | None = None
    added_s: float | None = None


class OffersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The offers of a day."""

    day: date
    offers: tuple[OfferStanding, ...]
