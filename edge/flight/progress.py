"""How far a drone's leg has come: the record that is committed with its facts."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

import msgspec

from edge.flight.gate import Told
from edge.flight.plan import FlightPlan
from edge.messages.geo import Place
from edge.messages.machines.actuators import GripState, WinchState
from edge.messages.machines.autopilot import Landed, Mode
from edge.messages.machines.plans import MissionPart


class Phase(Enum):
    """Where a leg stands; after a restart the autopilot is asked before it goes on."""

    ON_GROUND = "on_ground"
    AT_GATE = "at_gate"
    LOADING = "loading"  # the plan is put on board and proven
    STARTING = "starting"  # it arms and takes off
    CLIMBING = "climbing"
    CRUISING = "cruising"
    STOPPING = "stopping"  # over the drop, told to hold there
    CLEARING = "clearing"  # it looks whether anybody is below
    LOWERING = "lowering"
    RELEASING = "releasing"
    RAISING = "raising"
    RESUMING = "resuming"  # told to go on with the mission
    RETURNING = "returning"
    HOLDING = "holding"  # told to stay where it is
    RELOADING = "reloading"  # it holds, and another plan is put on board
    DECIDING = "deciding"  # the autopilot did something of its own; somebody decides
    DIVERTING = "diverting"  # on its way to land elsewhere, or here
    GOING_HOME = "going_home"  # the autopilot's own way
    SYNCING = "syncing"  # what it does, and what is on board, is being found out
    LANDED = "landed"


GROUNDED = frozenset({Phase.ON_GROUND, Phase.AT_GATE, Phase.LANDED})
"""The motors do not run, as far as we know."""
AT_DROP = frozenset(
    {Phase.STOPPING, Phase.CLEARING, Phase.LOWERING, Phase.RELEASING, Phase.RAISING}
)
Parcel = Literal["on_board", "letting_go", "gone", "unknown"]
"""`letting_go`: an intent is open; `unknown`: nobody saw what became of it."""


class FlightProgress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything of a leg that changes."""

    phase: Phase = Phase.ON_GROUND
    plan: FlightPlan | None = None
    parcel: Parcel = "on_board"
    proven: bool = False
    """What is on board was read back, and nothing has begun anew since."""
    line_out: bool = False
    """Line was let out, and nobody has seen it in since."""
    gives_up: str = ""
    """Why the parcel comes back; empty while it may still be let go."""
    homeward: bool = False
    """It landed at the drop, and flies the plan's way back."""
    landing: Place | None = None
    """Where it is to land instead; None: where it is."""
    asked: int = 0
    """Number of the last action that is to be answered."""
    waits: bool = False
    """That answer has not come."""
    tries: int = 0
    """Of what it tries now."""
    since_s: float | None = None
    """When this phase began, on this start's clock."""
    unheard_s: float | None = None
    """Since when nobody hears the vehicle."""
    reasons: tuple[str, ...] = ()
    """What the gate said last."""
    told: Told = Told()
    then: Phase | None = None
    """What comes after a hold or a search for the truth."""

    @property
    def flight(self) -> FlightPlan:
        """The plan; only where there is one."""
        assert self.plan is not None, f"no plan in {self.phase}"
        return self.plan

    @property
    def parts(self) -> tuple[MissionPart, ...]:
        """What has to be on board now."""
        return self.flight.back if self.homeward else self.flight.parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known at an instant; None and `unknown` are unknown."""

    now_s: float
    present: bool = True
    """The autopilot is heard."""
    mode: Mode | None = None
    armed: bool | None = None
    landed: Landed | None = None
    part: int | None = None
    distance_m: float | None = None
    """From the place of the drop, level."""
    landing_m: float | None = None
    """From the place where it is to land instead."""
    accuracy_m: float | None = None
    height_m: float | None = None
    """Above home."""
    grip: GripState = "unknown"
    winch: WinchState = "unknown"
    station: bool = True
    """Somebody hears the vehicle."""

    @property
    def on_ground(self) -> bool:
        """It stands, and its motors do not run."""
        return self.armed is False and self.landed == "on_ground"
