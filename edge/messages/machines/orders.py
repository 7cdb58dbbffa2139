"""What an autopilot is asked to do, and how it ended. Only the guard may let one through."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import AltitudeM, Place
from edge.messages.machines.autopilot import Mode
from edge.messages.machines.plans import PlanKind, PlanPart

OrderId = Annotated[str, Meta(min_length=1, max_length=64)]
Number = float | int


class Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="order"):
    """Base of every order; the same `order_id` again gets the same answer, not another deed."""

    order_id: OrderId


class Arm(Order, frozen=True, kw_only=True, tag="arm"):
    """Let the motors run."""


class Disarm(Order, frozen=True, kw_only=True, tag="disarm"):
    """Stop the motors; the autopilot refuses it in the air, and is never forced."""


class ChangeMode(Order, frozen=True, kw_only=True, tag="change_mode"):
    """Hold, return, land, or whatever else the mode says."""

    mode: Mode


class TakeOff(Order, frozen=True, kw_only=True, tag="take_off"):
    """Climb to a height above home; the vehicle must be armed."""

    height_m: Annotated[float, Meta(gt=0, le=500)]


class GoTo(Order, frozen=True, kw_only=True, tag="go_to"):
    """Go there and stay; the target outlives the link."""

    place: Place
    altitude_m: AltitudeM
    speed_mps: Annotated[float, Meta(gt=0, le=120)] | None = None
    """Over ground; None: as fast as the autopilot goes by itself."""


class LoadPlan(Order, frozen=True, kw_only=True, tag="load_plan"):
    """Put a whole plan on board, read it back and compare; nothing of it if that fails."""

    kind: PlanKind
    parts: Annotated[tuple[PlanPart, ...], Meta(max_length=500)]


class CheckPlan(Order, frozen=True, kw_only=True, tag="check_plan"):
    """Read back what is on board and compare, after a restart of either side."""

    kind: PlanKind
    parts: Annotated[tuple[PlanPart, ...], Meta(max_length=500)]


class StartMission(Order, frozen=True, kw_only=True, tag="start_mission"):
    """Arm if need be and carry out the mission; refused unless it was verified on board."""


class GoOnFrom(Order, frozen=True, kw_only=True, tag="go_on_from"):
    """Make this part of the mission the present one."""

    part: Annotated[int, Meta(ge=0, le=500)]


class Grip(Order, frozen=True, kw_only=True, tag="grip"):
    """Open or close the gripper."""

    closed: bool


class MoveWinch(Order, frozen=True, kw_only=True, tag="move_winch"):
    """Let out line, or take it in; asked once, never repeated blindly."""

    length_m: Annotated[float, Meta(ge=-100, le=100)]
    speed_mps: Annotated[float, Meta(gt=0, le=10)] = 0.5


class SetParameter(Order, frozen=True, kw_only=True, tag="set_parameter"):
    """Change one parameter and read it back."""

    name: Annotated[str, Meta(min_length=1, max_length=16)]
    value: Number


class WantedParameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a parameter must be before a vehicle may be dispatched."""

    names: Annotated[tuple[str, ...], Meta(min_length=1, max_length=4)]
    """Its name, and what it was called before."""
    why: str
    one_of: tuple[Number, ...] = ()
    """Values that will do; empty: those from `least` to `most`."""
    least: Number | None = None
    most: Number | None = None
    needed: bool = True
    """False: a vehicle that does not have it will do too."""


class CheckParameters(Order, frozen=True, kw_only=True, tag="check_parameters"):
    """Read parameters and say which are wrong; with none named, those the manner wants."""

    wanted: tuple[WantedParameter, ...] = ()


AutopilotOrder = (
    Arm
    | Disarm
    | ChangeMode
    | TakeOff
    | GoTo
    | LoadPlan
    | CheckPlan
    | StartMission
    | GoOnFrom
    | Grip
    | MoveWinch
    | SetParameter
    | CheckParameters
)
Result = Literal["done", "refused", "unanswered", "unconfirmed"]
"""`unanswered`: nobody knows whether it was heard; `unconfirmed`: accepted, and not seen."""


class OrderAnswer(
    msgspec.Struct, frozen=True, kw_only=True, tag="order_answer", tag_field="kind"
):
    """How an order ended; said once, and again for the same order_id."""

    received_s: float
    order_id: OrderId
    result: Result
    why: str = ""
    problems: tuple[str, ...] = ()
    """Of CheckParameters: what is wrong and how to set it."""
