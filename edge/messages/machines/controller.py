"""What the controller of lid, compartments, winch and wheels is asked to do, and what it says.

Only the guard may let an order through; the controller judges each once more.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.machines.orders import Order, OrderId

Compartment = Annotated[int, Meta(ge=0, le=7)]
SIREN_S = 28.0  # a car's alarm sounds for 25 to 30 s (UN Regulation 163)
LeaseS = Annotated[float, Meta(gt=0, le=0.5)]
"""How long a movement may last unless it is ordered again."""
Part = Literal["wheels", "lid", "winch", "siren"]
ResetCause = Literal["unknown", "power", "watchdog", "brownout", "software", "fault"]
CompartmentNews = Literal["opened", "closed", "forced", "jammed"]


class Drive(Order, frozen=True, kw_only=True, tag="drive"):
    """Turn the wheels; refused unless every door and the lid are known to be closed."""

    speed_mps: Annotated[float, Meta(ge=-10, le=10)]
    turn_dps: Annotated[float, Meta(ge=-360, le=360)] = 0.0
    """Turning right is positive."""
    lease_s: LeaseS = 0.3


class MoveLid(Order, frozen=True, kw_only=True, tag="move_lid"):
    """Let the lid's motor open or close it."""

    opens: bool
    lease_s: LeaseS = 0.3


class RunWinch(Order, frozen=True, kw_only=True, tag="run_winch"):
    """Let out line, or take it in, as long as the lease lasts."""

    speed_mps: Annotated[float, Meta(ge=-5, le=5)]
    """Letting out is positive."""
    lease_s: LeaseS = 0.3


class Unlock(Order, frozen=True, kw_only=True, tag="unlock"):
    """Draw the bolt of one compartment; it locks itself if nobody opens."""

    compartment: Compartment
    valid_s: Annotated[float, Meta(gt=0, le=30)] = 3.0
    """After it the order is worth nothing, wherever it has got to."""


class Lock(Order, frozen=True, kw_only=True, tag="lock"):
    """Lock a compartment now; an open door locks itself once it is closed."""

    compartment: Compartment


class StopMoving(Order, frozen=True, kw_only=True, tag="stop_moving"):
    """Stop wheels, lid and winch, whatever is ordered or waits."""


class SoundSiren(Order, frozen=True, kw_only=True, tag="sound_siren"):
    """Sound the siren, or end it; it ends by itself, whether we are heard by then or not."""

    on: bool
    lasts_s: Annotated[float, Meta(gt=0, le=30)] = SIREN_S


class KeptEvent(Order, frozen=True, kw_only=True, tag="kept_event"):
    """Let the controller forget this event and those before it: they are durable here."""

    boot_id: int
    event_id: int


ControllerOrder = (
    Drive | MoveLid | RunWinch | Unlock | Lock | StopMoving | SoundSiren | KeptEvent
)


class ControllerPresence(
    msgspec.Struct, frozen=True, kw_only=True, tag="controller_presence", tag_field="kind"
):
    """A controller is there; said at each start of it, and none of the old orders hold."""

    received_s: float
    protocol: int
    boot_id: int
    firmware: str
    """The first eight bytes of the hash of its firmware, in hex."""
    reset_cause: ResetCause
    parts: tuple[Part, ...]
    compartments: int
    why_not: str = ""
    """Why it takes no orders of ours; empty if it does."""


class ControllerStatus(
    msgspec.Struct, frozen=True, kw_only=True, tag="controller_status", tag_field="kind"
):
    """What the controller does and senses; `None` is unknown, never zero."""

    received_s: float
    takes_orders: bool
    stop_pressed: bool
    speed_mps: float
    """What it lets the wheels do now."""
    turn_dps: float
    doors_open: tuple[bool | None, ...]
    bolts_locked: tuple[bool | None, ...]
    lid_open: bool | None = None
    tilt_deg: float | None = None
    lifted: bool | None = None
    temperature_c: float | None = None
    winch_out_m: float | None = None
    battery_v: float | None = None
    siren: bool = False
    """It sounds."""
    lost_events: int = 0
    """News of compartments that found its memory full."""
    damaged_frames: int = 0
    """Of ours, as it received them."""


class CompartmentEvent(
    msgspec.Struct, frozen=True, kw_only=True, tag="compartment_event", tag_field="kind"
):
    """What happened at a door; kept by the controller until we have it."""

    received_s: float
    at_s: float
    """When it happened, on the daemon's clock."""
    boot_id: int
    event_id: int
    """With `boot_id` the same event has the same number."""
    what: CompartmentNews
    compartment: int
    order_id: OrderId | None = None
    """The unlocking it belongs to, if that was ours and since the last start."""


ControllerWord = ControllerPresence | ControllerStatus | CompartmentEvent
