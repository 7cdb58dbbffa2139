"""Who holds each parcel: load-out, hand-over, failed attempts, outcomes."""

from typing import Literal

from edge.messages.commands import Photo
from edge.messages.facts.base import FactBody
from edge.messages.geo import AccuracyM, Place
from edge.messages.parcels import FailureCode, Outcome, ParcelId, StopId


class LoadingStarted(FactBody, frozen=True, kw_only=True, tag="loading_started"):
    """Load-out began."""


class ParcelLoaded(FactBody, frozen=True, kw_only=True, tag="parcel_loaded"):
    """Custody moved to the vehicle: from the station, at a pickup stop, or from a vehicle."""

    parcel_id: ParcelId
    stop_id: StopId | None = None
    """Where it was picked up; None: at the station."""
    from_vehicle: str = ""
    """Who gave it; the other side is that vehicle's `parcel_ended` HANDED_OVER."""
    meeting: str = ""


class ScanRefused(FactBody, frozen=True, kw_only=True, tag="scan_refused"):
    """A scanned parcel does not belong to this route."""

    parcel_id: ParcelId
    reason: Literal["not on this route", "scanned twice"]


class LoadingFinished(FactBody, frozen=True, kw_only=True, tag="loading_finished"):
    """Load-out is over; `missing` were expected and not scanned."""

    loaded: int
    missing: tuple[ParcelId, ...] = ()


class AttemptFailed(FactBody, frozen=True, kw_only=True, tag="attempt_failed"):
    """Parcels could not be handed over; they stay in the vehicle's custody."""

    stop_id: StopId
    parcel_ids: tuple[ParcelId, ...]
    code: FailureCode
    note: str = ""
    photos: tuple[Photo, ...] = ()


class ParcelEnded(FactBody, frozen=True, kw_only=True, tag="parcel_ended"):
    """The one outcome of one parcel, with the proof of its hand-over."""

    parcel_id: ParcelId
    outcome: Outcome
    stop_id: StopId | None = None
    code: FailureCode | None = None
    """Of the last failed attempt, for FAILED and RETURNED."""
    custody: Literal["customer", "locker", "safe_place", "vehicle", "station", "lost"]
    """Who holds it now."""
    to_vehicle: str = ""
    """Who has taken it over, for HANDED_OVER; its own `parcel_loaded` is the other side."""
    meeting: str = ""
    recipient: str = ""
    place: Place | None = None
    """Where the vehicle was; None: no fix."""
    accuracy_m: AccuracyM | None = None
    distance_m: float | None = None
    off_site: bool = False
    """Handed over where the vehicle cannot have been at the stop."""
    photos: tuple[Photo, ...] = ()
    signature: Photo | None = None
    pin_verified: bool = False
    age_checked: bool = False


class PinRefused(FactBody, frozen=True, kw_only=True, tag="pin_refused"):
    """A wrong PIN was entered; `tries_left` 0 locks the parcel."""

    parcel_id: ParcelId
    tries_left: int


ParcelFact = (
    LoadingStarted
    | ParcelLoaded
    | ScanRefused
    | LoadingFinished
    | AttemptFailed
    | ParcelEnded
    | PinRefused
)
