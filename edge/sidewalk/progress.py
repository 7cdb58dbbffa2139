"""How far a robot's leg has come: the record that is committed with its facts."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

import msgspec

from edge.flight.gate import Told
from edge.messages.geo import Place
from edge.messages.machines.actuators import Compartment, LidState, LockState
from edge.messages.machines.autopilot import Mode
from edge.sidewalk.plan import DrivePlan


class Phase(Enum):
    """Where a leg stands; after a restart autopilot and lid are asked before it goes on."""

    STANDING = "standing"  # no leg
    AT_GATE = "at_gate"
    PREPARING = "preparing"  # nothing of any mission is left on board the autopilot
    SETTING_OUT = "setting_out"  # it arms, holding
    DRIVING = "driving"
    YIELDING = "yielding"  # somebody is in the way
    AT_CROSSING = "at_crossing"  # it waits for a permission
    BACKING_OFF = "backing_off"  # it makes room and waits before it tries again
    CROSSING = "crossing"
    SEEKING = "seeking"  # it stands, and another way is looked for
    STOPPED = "stopped"  # it stands, and says why
    ASSISTED = "assisted"  # a person from afar moves it
    AT_DOOR = "at_door"  # motors off; it waits for the customer's code
    OPENING = "opening"  # the lid moves, then the bolts
    OPEN = "open"  # the customer takes
    CLOSING = "closing"  # lid and bolts
    SERVED = "served"  # at the door, closed and locked; the next leg is somebody else's to say
    ARRIVED = "arrived"  # home
    CHARGING = "charging"
    TAMPERED = "tampered"  # locked until a person has looked
    SYNCING = "syncing"  # what it does, and what is open, is being found out


AT_REST = frozenset({Phase.STANDING, Phase.SERVED, Phase.ARRIVED, Phase.CHARGING})
"""A leg may begin here."""
MOVING = frozenset({Phase.DRIVING, Phase.CROSSING, Phase.BACKING_OFF})
"""It is told to move, again and again."""
UNDER_WAY = MOVING | {
    Phase.YIELDING,
    Phase.AT_CROSSING,
    Phase.SEEKING,
    Phase.STOPPED,
    Phase.ASSISTED,
}
AT_LID = frozenset({Phase.AT_DOOR, Phase.OPENING, Phase.OPEN, Phase.CLOSING})
BoxState = Literal["held", "opening", "opened", "emptied", "unknown"]
"""`opening`: an intent is open; `unknown`: nobody saw whether it was opened."""


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """One compartment of the present stop."""

    name: Compartment
    state: BoxState = "held"


class DriveProgress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything of a leg that changes."""

    phase: Phase = Phase.STANDING
    plan: DrivePlan | None = None
    along_m: float | None = None
    """How far along the way it is; None: not known yet."""
    boxes: tuple[Box, ...] = ()
    tries_left: int = 0
    """For the customer's code."""
    code_until_s: float | None = None
    """Until when the code that was shown opens, on this start's clock."""
    boot_id: int | None = None
    """Of the controller that was told to open: another one has forgotten what happened."""
    gives_up: str = ""
    """Why nothing is opened at this stop any more."""
    waited: int = 0
    """How often it has waited in vain at the present crossing."""
    operator: str = ""
    """Who moves it from afar."""
    moves: int = 0
    """How often that person has."""
    goal: Place | None = None
    """Where that person wants it; it goes there only while the beats come."""
    goal_mps: float = 0.0
    refused: str = ""
    """Why it does not go where that person last wanted it."""
    asked: int = 0
    """Number of the last action that is to be answered."""
    waits: bool = False
    """That answer has not come."""
    tries: int = 0
    """Of what it tries now."""
    went: bool = False
    """The autopilot took the present motion."""
    since_s: float | None = None
    """When this phase began, on this start's clock."""
    again_s: float | None = None
    """When what was refused is tried again."""
    told_help: bool = False
    """Help was asked for in this phase."""
    reasons: tuple[str, ...] = ()
    """What the gate said last."""
    told: Told = Told()
    then: Phase | None = None
    """What comes after a stop or a search for the truth."""

    @property
    def leg(self) -> DrivePlan:
        """The plan; only where there is one."""
        assert self.plan is not None, f"no plan in {self.phase}"
        return self.plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A permission to go over a crossing."""

    crossing_id: str
    source: Literal["signal", "gap", "human"]
    until_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """A person from afar, as long as the beats come."""

    operator: str
    until_s: float
    heard_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known at an instant; None and `unknown` are unknown."""

    now_s: float
    present: bool = True
    """The autopilot is heard."""
    mode: Mode | None = None
    goes_in: Mode | None = None
    """The mode in which this autopilot goes where it is told."""
    armed: bool | None = None
    place: Place | None = None
    accuracy_m: float | None = None
    door_m: float | None = None
    """From the middle of the door's circle."""
    speed_mps: float | None = None
    lid: LidState = "unknown"
    locks: tuple[tuple[Compartment, LockState], ...] = ()
    doors: tuple[tuple[Compartment, bool | None], ...] = ()
    """Of each compartment: open, closed, unknown."""
    boot_id: int | None = None
    """Of the controller's present start."""
    harmed: str = ""
    """What somebody does to it."""
    left_j: float | None = None
    needed_j: float | None = None
    """To the end of this leg and from there to where it is charged, with the reserve."""
    leaves: tuple[Leave, ...] = ()
    helper: Helper | None = None

    @property
    def is_shut(self) -> bool:
        """Lid and every bolt are known to be shut."""
        locks = [state for _, state in self.locks]
        return self.lid == "closed" and bool(locks) and set(locks) == {"locked"}

    @property
    def knows_lid(self) -> bool:
        """Lid, bolts and doors all say something."""
        return (
            self.lid != "unknown"
            and bool(self.locks)
            and all(state != "unknown" for _, state in self.locks)
            and all(is_open is not None for _, is_open in self.doors)
        )

    def is_door_open(self, name: Compartment) -> bool | None:
        """Return whether a compartment's door stands open."""
        return next((is_open for one, is_open in self.doors if one == name), None)

    def is_locked(self, name: Compartment) -> bool | None:
        """Return whether a compartment's bolt is driven out."""
        state = next((state for one, state in self.locks if one == name), "unknown")
        return None if state == "unknown" else state == "locked"
