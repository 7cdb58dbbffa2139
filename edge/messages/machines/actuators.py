"""What may be asked of motors, lids, locks, winches and grippers, and in which state they are.

These commands never travel on the broker. Each is a lease: it says until when it may be obeyed.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import Place, SpeedMps
from edge.messages.machines.plans import HeightM, MissionPart
from edge.messages.parcels import StopId

Sender = Literal["executor", "assistance"]
"""Who asks: the vehicle's own mission, or a person who helps from afar."""
Compartment = Annotated[str, Meta(min_length=1, max_length=32)]
PartMps = Annotated[float, Meta(ge=-120, le=120)]
LineM = Annotated[float, Meta(gt=0, le=100)]

LidState = Literal["closed", "opening", "open", "closing", "unknown"]
LockState = Literal["locked", "unlocked", "unknown"]
WinchState = Literal["in", "moving", "out", "unknown"]
GripState = Literal["holding", "empty", "unknown"]


class ActuatorCommand(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="command"
):
    """Base of every command."""

    number: Annotated[int, Meta(ge=0)]
    """Rises from one command to the next of this start of the daemon; 0: the guard's own."""
    by: Sender = "executor"
    issued_s: float
    expires_s: float
    """Monotonic, like `issued_s`; at this instant it has expired."""


class Move(ActuatorCommand, frozen=True, kw_only=True, tag="move"):
    """Move at this velocity until the command expires."""

    east_mps: PartMps
    north_mps: PartMps
    up_mps: PartMps = 0.0


class GoToward(ActuatorCommand, frozen=True, kw_only=True, tag="go_toward"):
    """Go straight there at no more than this speed, and stay."""

    place: Place
    speed_mps: SpeedMps
    height_m: HeightM = 0.0
    """What stays on the ground leaves it out of account."""


class FlyPlan(ActuatorCommand, frozen=True, kw_only=True, tag="fly_plan"):
    """Carry out the parts one after the other, from here."""

    parts: Annotated[tuple[MissionPart, ...], Meta(min_length=1, max_length=500)]


class Launch(ActuatorCommand, frozen=True, kw_only=True, tag="launch"):
    """Take off straight up."""

    height_m: Annotated[float, Meta(gt=0, le=500)]


class Land(ActuatorCommand, frozen=True, kw_only=True, tag="land"):
    """Go there at the present height, or at least so high, and land; without a place, here."""

    place: Place | None = None
    height_m: HeightM = 0.0
    via: Annotated[tuple[Place, ...], Meta(max_length=64)] = ()
    """Where it passes first, so that it comes into no zone."""


class Hold(ActuatorCommand, frozen=True, kw_only=True, tag="hold"):
    """Stop and stay."""


class Return(ActuatorCommand, frozen=True, kw_only=True, tag="return"):
    """Return the machine's own way to where it set out."""


class OpenLid(ActuatorCommand, frozen=True, kw_only=True, tag="open_lid"):
    """Open the lid for the customer of this stop."""

    stop_id: StopId


class CloseLid(ActuatorCommand, frozen=True, kw_only=True, tag="close_lid"):
    """Close the lid."""


class Unlock(ActuatorCommand, frozen=True, kw_only=True, tag="unlock"):
    """Unlock one compartment for the customer of this stop."""

    compartment: Compartment
    stop_id: StopId


class Lock(ActuatorCommand, frozen=True, kw_only=True, tag="lock"):
    """Lock a compartment; without a name, all of them."""

    compartment: Compartment | None = None


class PayOut(ActuatorCommand, frozen=True, kw_only=True, tag="pay_out"):
    """Let the winch's line out with the parcel of this stop."""

    stop_id: StopId
    length_m: LineM


class TakeIn(ActuatorCommand, frozen=True, kw_only=True, tag="take_in"):
    """Take the winch's line in."""

    length_m: LineM


class Drop(ActuatorCommand, frozen=True, kw_only=True, tag="drop"):
    """Open the gripper over the place of this stop."""

    stop_id: StopId


class Grasp(ActuatorCommand, frozen=True, kw_only=True, tag="grasp"):
    """Close the gripper."""


class SoundAlarm(ActuatorCommand, frozen=True, kw_only=True, tag="sound_alarm"):
    """Sound the alarm, or end it."""

    on: bool


Motion = Move | GoToward | FlyPlan | Launch | Land | Hold | Return
AnyCommand = (
    Motion | OpenLid | CloseLid | Unlock | Lock | PayOut | TakeIn | Drop | Grasp | SoundAlarm
)
