"""Parcels: what is delivered, what a hand-over needs, and how it can end."""

from enum import Enum
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.messages.instants import Utc

ParcelId = Annotated[str, Meta(min_length=1, max_length=64)]
StopId = Annotated[str, Meta(min_length=1, max_length=64)]


class Outcome(Enum):
    """How a parcel's day ended; the set is closed and every parcel gets exactly one."""

    DELIVERED = "DELIVERED"
    LOCKER = "LOCKER"
    SAFE_PLACE = "SAFE_PLACE"
    HANDED_OVER = "HANDED_OVER"
    FAILED = "FAILED"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"


class FailureCode(Enum):
    """Why an attempt failed."""

    NOBODY_HOME = "NOBODY_HOME"
    REFUSED = "REFUSED"
    WRONG_ADDRESS = "WRONG_ADDRESS"
    NO_ACCESS = "NO_ACCESS"
    DAMAGED = "DAMAGED"
    MISSING = "MISSING"
    WRONG_PIN = "WRONG_PIN"
    AGE_NOT_PROVEN = "AGE_NOT_PROVEN"
    OUT_OF_TIME = "OUT_OF_TIME"
    CANCELLED = "CANCELLED"
    UNSAFE = "UNSAFE"
    VEHICLE_FAILURE = "VEHICLE_FAILURE"
    OTHER = "OTHER"


class HandoverRequirements(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the hand-over of a parcel must show."""

    photo: bool = False
    signature: bool = False
    pin_hash: str | None = None
    """HMAC-SHA-256 of the PIN, hex, keyed by `pin_key`; the PIN itself is never stored."""
    pin_key: str | None = None
    """Random key of this parcel's PIN hash, hex."""
    minimum_age: Annotated[int, Meta(ge=0, le=99)] | None = None


class Parcel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One parcel."""

    parcel_id: ParcelId
    weight_kg: Annotated[float, Meta(ge=0, le=2000)] | None = None
    volume_l: Annotated[float, Meta(ge=0, le=20000)] | None = None
    requirements: HandoverRequirements = HandoverRequirements()
    deliver_by_utc: Utc | None = None
    """Chilled or hazardous goods: handed over later they are worth nothing. None: no limit."""
