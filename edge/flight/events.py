"""What happens to a leg, and what the machine wants done.

What moves anything is the guard's to judge: `asking.py` makes its questions of the actions.
"""

from dataclasses import dataclass
from typing import Literal

from edge.flight.plan import FlightPlan
from edge.flight.progress import Seen
from edge.messages.geo import Place
from edge.messages.machines.plans import MissionPart, PlanPart
from edge.messages.parcels import StopId


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every event: what was known when it happened."""

    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(Event):
    """Nothing but another look at how things stand; at least once a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOut(Event):
    """A parcel is to be flown."""

    plan: FlightPlan


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
class ClearChecked(Event):
    """Somebody or something looked below."""

    number: int
    clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered(Event):
    """Somebody, or a rule of the executor, decided."""

    what: Literal["hold", "go_on", "return", "land", "give_up"]
    why: str
    place: Place | None = None
    """Where to land; None: here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouted(Event):
    """There is a better way, or the old one is closed."""

    plan: FlightPlan
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted(Event):
    """The daemon, or the autopilot, has begun anew; or it was not heard for a while."""

    why: str


AnyEvent = (
    Looked | SetOut | GateAnswered | Answered | ClearChecked | Ordered | Rerouted | Restarted
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Base of every action; its answer bears its number."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskGate(Action):
    """Look whether it may set out, and again while it may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOnBoard(Action):
    """Load and prove fence, rally points and mission, in this order; nothing moves by it."""

    mission: tuple[MissionPart, ...]
    fence: tuple[PlanPart, ...] = ()
    rally: tuple[PlanPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveOnBoard(Action):
    """Read back whether exactly this mission is on board."""

    mission: tuple[MissionPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Action):
    """Arm and carry out the mission that was proven."""

    mission: tuple[MissionPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn(Action):
    """Go on with the mission that was proven, from this part."""

    part: int
    mission: tuple[MissionPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay(Action):
    """Hold where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoHome(Action):
    """Return the autopilot's own way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindWay(Action):
    """Plan a way home from here; `Rerouted` is the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandThere(Action):
    """Land at a place, or here."""

    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBelow(Action):
    """Look whether anybody or anything is below; `ClearChecked` is the answer."""

    stop_id: StopId


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo(Action):
    """Open the gripper."""

    stop_id: StopId


@dataclass(frozen=True, slots=True, kw_only=True)
class LetDown(Action):
    """Let the line out."""

    stop_id: StopId
    length_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PullUp(Action):
    """Take the line in."""

    length_m: float


AnyAction = (
    AskGate
    | PutOnBoard
    | ProveOnBoard
    | Start
    | GoOn
    | Stay
    | GoHome
    | FindWay
    | LandThere
    | LookBelow
    | LetGo
    | LetDown
    | PullUp
)
