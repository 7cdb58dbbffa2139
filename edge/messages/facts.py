"""Facts: events that must never be lost, and their CloudEvents 1.0 envelope."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.commands import Photo
from edge.messages.driving.view import BehaviourKind
from edge.messages.geo import AccuracyM, Place
from edge.messages.instants import Utc
from edge.messages.parcels import FailureCode, Outcome, ParcelId, StopId
from edge.messages.plan import DroppedStop, PlannedBreak, PlannedStop, Why


class FactBody(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact", omit_defaults=True):
    """Base of every fact's content; the tag names the fact."""


class DaemonStarted(FactBody, frozen=True, kw_only=True, tag="daemon_started"):
    """The daemon came up; `phase` is where it resumed."""

    version: str
    boot: int
    """Counts the starts on this store."""
    phase: str


class ClockCorrected(FactBody, frozen=True, kw_only=True, tag="clock_corrected"):
    """The wall clock was set from a better source; order is by sequence, so nothing moves."""

    step_s: float
    source: str


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


class LoadingStarted(FactBody, frozen=True, kw_only=True, tag="loading_started"):
    """Load-out began."""


class ParcelLoaded(FactBody, frozen=True, kw_only=True, tag="parcel_loaded"):
    """Custody moved to the vehicle, from the station or at a pickup stop."""

    parcel_id: ParcelId
    stop_id: StopId | None = None
    """Where it was picked up; None: at the station."""


class ScanRefused(FactBody, frozen=True, kw_only=True, tag="scan_refused"):
    """A scanned parcel does not belong to this route."""

    parcel_id: ParcelId
    reason: Literal["not on this route", "scanned twice"]


class LoadingFinished(FactBody, frozen=True, kw_only=True, tag="loading_finished"):
    """Load-out is over; `missing` were expected and not scanned."""

    loaded: int
    missing: tuple[ParcelId, ...] = ()


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


class PinRefused(FactBody, frozen=True, kw_only=True, tag="pin_refused"):
    """A wrong PIN was entered; `tries_left` 0 locks the parcel."""

    parcel_id: ParcelId
    tries_left: int


class GnssLost(FactBody, frozen=True, kw_only=True, tag="gnss_lost"):
    """No usable position any more."""

    device: str
    silent_s: float
    why: str


class GnssRecovered(FactBody, frozen=True, kw_only=True, tag="gnss_recovered"):
    """Positions can be used again."""

    device: str


class AutopilotFound(FactBody, frozen=True, kw_only=True, tag="autopilot_found"):
    """The autopilot is there."""

    system: int
    manner: str
    """`ardupilot_copter`, `px4_multicopter` and so on."""
    version: str = ""
    restarted: bool = False
    """It had been there, and has begun anew."""


class AutopilotLost(FactBody, frozen=True, kw_only=True, tag="autopilot_lost"):
    """Nothing is heard of the autopilot any more."""

    system: int
    why: str


class AutopilotChecked(FactBody, frozen=True, kw_only=True, tag="autopilot_checked"):
    """Its parameters were read, or could not be; said when the answer has changed."""

    problems: tuple[str, ...] = ()
    """What is wrong and how to set it; with any the vehicle does not set out."""


class FlightPhaseEntered(FactBody, frozen=True, kw_only=True, tag="flight_phase"):
    """A drone's leg has come to another sub-state."""

    plan_id: str
    stop_id: StopId
    phase: str
    why: str = ""


class FlightHeldBack(FactBody, frozen=True, kw_only=True, tag="flight_held_back"):
    """A drone does not set out; every reason there is. Said when they have changed."""

    plan_id: str
    stop_id: StopId
    reasons: tuple[str, ...]


class DropIntended(FactBody, frozen=True, kw_only=True, tag="drop_intended"):
    """A drone is about to let a parcel go; written before anything opens."""

    stop_id: StopId
    manner: Literal["drop", "winch", "land"]
    distance_m: float
    """From the middle of the approved circle."""
    accuracy_m: float
    height_m: float
    """Above home."""


class DropMade(FactBody, frozen=True, kw_only=True, tag="drop_made"):
    """The parcel was let go."""

    stop_id: StopId
    seen: bool
    """False: the gripper was told to open, and nothing tells whether it is empty."""


class DropGivenUp(FactBody, frozen=True, kw_only=True, tag="drop_given_up"):
    """The parcel comes back, or nobody knows where it is."""

    stop_id: StopId
    why: str
    on_board: bool | None = None
    """None: not known."""


class DrivingEvent(FactBody, frozen=True, kw_only=True, tag="driving_event"):
    """One harsh or careless moment of driving, confirmed by a second source."""

    kind: BehaviourKind
    began_utc: Utc
    lasts_s: float
    worst: float
    """In the unit of `limit`: m/s2, m/s (belt_off, speeding), m (reversing)."""
    limit: float
    by: Literal["accelerometer", "wheels", "gnss", "belt", "gear", "roads"]
    """What it was seen by."""
    speed_mps: float | None = None
    place: Place | None = None
    """None: no fix."""
    evidence: Photo | None = None
    """Ten seconds of raw readings by hash; None: they could not be kept."""


class TrackThinned(FactBody, frozen=True, kw_only=True, tag="track_thinned"):
    """Positions were given up under pressure of space."""

    points: int
    from_utc: Utc
    until_utc: Utc


class ItemQuarantined(FactBody, frozen=True, kw_only=True, tag="item_quarantined"):
    """Something received could not be read; it was kept aside and blocks nothing."""

    stream: str
    seq: int
    sha256: str
    why: str


class EpochStarted(FactBody, frozen=True, kw_only=True, tag="epoch_started"):
    """A new store began; `reason` says what became of the one before."""

    reason: str


Fact = (
    DaemonStarted
    | ClockCorrected
    | RouteAccepted
    | CommandRefused
    | StopsCancelled
    | PlanChanged
    | PlanAcknowledged
    | LatenessForeseen
    | StopBarred
    | OfferAnswered
    | BreakStarted
    | BreakEnded
    | LoadingStarted
    | ParcelLoaded
    | ScanRefused
    | LoadingFinished
    | LegStarted
    | Arrived
    | AttemptFailed
    | ParcelEnded
    | StopClosed
    | ReturnStarted
    | BackAtStation
    | DayClosed
    | PinRefused
    | GnssLost
    | GnssRecovered
    | AutopilotFound
    | AutopilotLost
    | AutopilotChecked
    | FlightPhaseEntered
    | FlightHeldBack
    | DropIntended
    | DropMade
    | DropGivenUp
    | DrivingEvent
    | TrackThinned
    | ItemQuarantined
    | EpochStarted
)


class FactEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact on the wire and in the store: CloudEvents 1.0, structured JSON (`up/fact`).

    Attribute names are lower-case letters and digits only (CloudEvents §3.1). `signature`
    is always the last member and covers the bytes before it as they are
    (`edge.handover.proof`); `prevhash` chains each fact to the one before it.
    """

    specversion: Literal["1.0"]
    id: str
    """`<vehicle>/<epoch>/<seq>`: the key that counts a fact once."""
    source: str
    """`/fleet/v1/<org>/<vehicle>`."""
    type: str
    """`doorstep.<fact>.v1`."""
    time: Utc
    datacontenttype: Literal["application/json"]
    subject: str = ""
    vehicle: str
    epoch: str
    seq: Annotated[int, Meta(ge=1)]
    boot: int
    monotonic: float
    """Seconds since the daemon started."""
    timesource: str
    driver: str = ""
    route: str = ""
    data: Fact
    prevhash: str
    """SHA-256, hex, of the previous fact's bytes; 64 zeros for the first of an epoch."""
    keyid: str
    signature: str = ""
