"""Autopilots, flights and how the vehicle is driven."""

from typing import Annotated, Literal

from msgspec import Meta

from edge.messages.commands import Photo, Wish
from edge.messages.driving.view import BehaviourKind
from edge.messages.facts.base import FactBody
from edge.messages.geo import Place
from edge.messages.instants import Utc
from edge.messages.parcels import StopId


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


class GuardRefused(FactBody, frozen=True, kw_only=True, tag="guard_refused"):
    """The guard let a command not through."""

    command: str
    reason: str
    why: str
    stopped: bool = False
    """It ended what went on as well."""


class GuardStopped(FactBody, frozen=True, kw_only=True, tag="guard_stopped"):
    """The guard ended what went on."""

    reason: str
    why: str
    told: tuple[str, ...]
    """The commands it gave, in order."""


class MachineDirected(FactBody, frozen=True, kw_only=True, tag="machine_directed"):
    """A person at the station decided, and the machine does it."""

    command_seq: int
    wish: Wish
    by: str
    why: str = ""


class HazardMet(FactBody, frozen=True, kw_only=True, tag="hazard_met"):
    """Something there hits, brings down or stops vehicles: others are to keep away."""

    what: Literal["strike", "lost_in_flight"]
    place: Place
    height_m: float | None = None
    """Above home."""
    why: str = ""


class RemoteIdLost(FactBody, frozen=True, kw_only=True, tag="remote_id_lost"):
    """In the air nothing says by radio any more who and where it is."""

    plan_id: str
    place: Place | None = None


class RemoteIdBack(FactBody, frozen=True, kw_only=True, tag="remote_id_back"):
    """In the air it is said by radio again who and where it is."""

    silent_s: Annotated[float, Meta(ge=0)]
    """How long it was not."""


class RemoteIdMeasured(FactBody, frozen=True, kw_only=True, tag="remote_id_measured"):
    """After a flight: in how many of its seconds the last broadcast was older than one."""

    plan_id: str
    seconds: Annotated[int, Meta(ge=1)]
    late: Annotated[int, Meta(ge=0)] = 0


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


MachineFact = (
    AutopilotFound
    | AutopilotLost
    | AutopilotChecked
    | FlightPhaseEntered
    | FlightHeldBack
    | DropIntended
    | DropMade
    | DropGivenUp
    | GuardRefused
    | GuardStopped
    | MachineDirected
    | HazardMet
    | RemoteIdLost
    | RemoteIdBack
    | RemoteIdMeasured
    | DrivingEvent
)
