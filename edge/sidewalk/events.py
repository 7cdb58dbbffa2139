"""What happens to a robot's leg, and what the machine wants done.

What moves or opens anything is the guard's to judge: `asking.py` makes its questions of the
actions.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from edge.messages.geo import Place
from edge.messages.machines.actuators import Compartment
from edge.messages.machines.cleared import Reason
from edge.messages.machines.controller import CompartmentNews
from edge.messages.machines.plans import PlanPart
from edge.messages.parcels import StopId
from edge.sidewalk.plan import DrivePlan
from edge.sidewalk.progress import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every event: what was known when it happened."""

    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(Event):
    """Nothing but another look at how things stand; five times a second while it moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOut(Event):
    """A leg is to be driven."""

    plan: DrivePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class GateAnswered(Event):
    """The gate gave its reasons; none: it may set out."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    """An action has ended; with another number than the last it says nothing any more."""

    number: int
    done: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetoed(Event):
    """The guard refused the present action, or ended what went on."""

    reason: Reason
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeShown(Event):
    """The customer has shown a code or token; only whether it was right comes here."""

    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorMoved(Event):
    """The controller tells what happened at a compartment."""

    compartment: Compartment
    what: CompartmentNews


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpCame(Event):
    """A person takes over from afar, for so long at most."""

    operator: str
    lasts_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered(Event):
    """That person wants it to go there, slowly; without a place, to stand."""

    operator: str
    place: Place | None
    speed_mps: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpWent(Event):
    """That person gives it back."""

    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered(Event):
    """Somebody, or a rule of the executor, decided."""

    what: Literal["hold", "go_on", "give_up"]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAfter(Event):
    """A person has looked at what somebody had meddled with."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouted(Event):
    """There is a better way, or the old one is closed."""

    plan: DrivePlan
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted(Event):
    """The daemon, the autopilot or the controller has begun anew."""

    why: str


AnyEvent = (
    Looked
    | SetOut
    | GateAnswered
    | Answered
    | Vetoed
    | CodeShown
    | DoorMoved
    | HelpCame
    | Steered
    | HelpWent
    | Ordered
    | LookedAfter
    | Rerouted
    | Restarted
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Base of every action; its answer bears its number."""

    renews: ClassVar[bool] = False
    """It comes with every look while it lasts, under one number, and changes nothing that
    must be kept first."""
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskGate(Action):
    """Look whether it may set out, and again while it may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearBoard(Action):
    """Leave no mission on board the autopilot, and put the fence there; nothing moves by it."""

    fence: tuple[PlanPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeMotors(Action):
    """Hold, and arm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestMotors(Action):
    """Hold, and disarm: nothing turns while somebody reaches in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Go(Action):
    """Go straight there."""

    renews: ClassVar[bool] = True
    place: Place
    speed_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GoHelped(Action):
    """Go straight there, because a person from afar says so, and as long as his beats come."""

    renews: ClassVar[bool] = True
    place: Place
    speed_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay(Action):
    """Stop and stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLeave(Action):
    """Ask signal, gap sensor or a person for a permission; it comes in `Seen.leaves`."""

    crossing_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindWay(Action):
    """Plan another way from here; `Rerouted` is the answer."""

    avoid: tuple[str, ...] = ()
    """Crossings that it does not get over."""
    to_charge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLid(Action):
    """Let the lid's motor open or close it."""

    renews: ClassVar[bool] = True
    opens: bool
    stop_id: StopId


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbolt(Action):
    """Draw the bolt of one compartment; it locks itself again if nobody opens."""

    compartment: Compartment
    stop_id: StopId


@dataclass(frozen=True, slots=True, kw_only=True)
class BoltAll(Action):
    """Drive every bolt out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSiren(Action):
    """Sound the siren, which ends by itself, or end it now."""

    on: bool


AnyAction = (
    AskGate
    | ClearBoard
    | WakeMotors
    | RestMotors
    | Go
    | GoHelped
    | Stay
    | AskLeave
    | FindWay
    | MoveLid
    | Unbolt
    | BoltAll
    | SoundSiren
)
