"""Robots on the pavement: their sub-states, crossings, doors, and who meddled."""

from typing import Literal

from edge.messages.facts.base import FactBody
from edge.messages.geo import Place
from edge.messages.parcels import StopId


class DrivePhaseEntered(FactBody, frozen=True, kw_only=True, tag="drive_phase"):
    """A robot's leg has come to another sub-state."""

    plan_id: str
    phase: str
    stop_id: StopId | None = None
    """None: on the way home or to a place to charge."""
    why: str = ""


class DriveHeldBack(FactBody, frozen=True, kw_only=True, tag="drive_held_back"):
    """A robot does not set out; every reason there is. Said when they have changed."""

    plan_id: str
    reasons: tuple[str, ...]
    stop_id: StopId | None = None


class CrossingTaken(FactBody, frozen=True, kw_only=True, tag="crossing_taken"):
    """A robot goes onto a crossing, and by whose leave; written before it moves."""

    crossing_id: str
    source: Literal["signal", "gap", "human"]
    left_s: float
    """How long the leave still holds."""


class LidIntended(FactBody, frozen=True, kw_only=True, tag="lid_intended"):
    """A robot is about to open lid and compartments; written before anything opens."""

    stop_id: StopId
    compartments: tuple[str, ...]
    distance_m: float
    """From the middle of the approved circle."""
    accuracy_m: float


class CompartmentOpened(FactBody, frozen=True, kw_only=True, tag="compartment_opened"):
    """Somebody who had shown the right code opened a compartment."""

    stop_id: StopId
    compartment: str


class CompartmentEmptied(FactBody, frozen=True, kw_only=True, tag="compartment_emptied"):
    """A compartment that was opened with the right code was closed again."""

    stop_id: StopId
    compartment: str


class DoorGivenUp(FactBody, frozen=True, kw_only=True, tag="door_given_up"):
    """Compartments of a stop were not emptied; their parcels go on, or nobody knows."""

    stop_id: StopId
    compartments: tuple[str, ...]
    why: str
    on_board: bool | None = None
    """None: not known."""


class DoorCodeRefused(FactBody, frozen=True, kw_only=True, tag="door_code_refused"):
    """A wrong code was shown at the lid; `tries_left` 0 keeps it shut."""

    stop_id: StopId
    tries_left: int


class AssistanceBegan(FactBody, frozen=True, kw_only=True, tag="assistance_began"):
    """A person helps a robot from afar."""

    operator: str
    lasts_s: float
    """At most; less if the beats stop."""


class AssistanceSteered(FactBody, frozen=True, kw_only=True, tag="assistance_steered"):
    """A person has a robot go somewhere, or stand; what the guard makes of it comes after."""

    operator: str
    place: Place | None = None
    """None: it is to stand."""
    speed_mps: float = 0.0
    """As it was asked, below the most that a person from afar may have."""


class AssistanceRefused(FactBody, frozen=True, kw_only=True, tag="assistance_refused"):
    """Somebody was not let in to help, or spoke in another's name."""

    operator: str
    """Empty: nobody that can be believed."""
    why: str


class AssistanceEnded(FactBody, frozen=True, kw_only=True, tag="assistance_ended"):
    """Nobody helps any more; the robot stands."""

    operator: str
    why: str
    moves: int
    """How often the person had it move."""


class MachineTampered(FactBody, frozen=True, kw_only=True, tag="machine_tampered"):
    """Somebody lifts, tilts or forces a robot; it is locked, and reports every position."""

    what: str
    place: Place | None = None


class HelpWanted(FactBody, frozen=True, kw_only=True, tag="help_wanted"):
    """A robot stands and does not go on without a person."""

    why: str
    place: Place | None = None


SidewalkFact = (
    DrivePhaseEntered
    | DriveHeldBack
    | CrossingTaken
    | LidIntended
    | CompartmentOpened
    | CompartmentEmptied
    | DoorGivenUp
    | DoorCodeRefused
    | AssistanceBegan
    | AssistanceSteered
    | AssistanceRefused
    | AssistanceEnded
    | MachineTampered
    | HelpWanted
)
