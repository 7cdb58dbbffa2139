"""The differences between firmwares that a peer can notice."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Firmware = Literal["ardupilot", "px4"]
Kind = Literal["copter", "rover"]


class Activity(Enum):
    """What a mode makes the vehicle do."""

    BOOT = "boot"
    MANUAL = "manual"
    GUIDED = "guided"
    MISSION = "mission"
    HOLD = "hold"
    RETURN = "return"
    LAND = "land"
    TAKE_OFF = "take-off"
    OFFBOARD = "offboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one firmware behaves on one kind of vehicle (measured: shared facts, MAVLink)."""

    firmware: Firmware
    kind: Kind
    autopilot: int
    """MAV_AUTOPILOT."""
    vehicle_type: int
    """MAV_TYPE."""
    capabilities: int
    version: int
    """As AUTOPILOT_VERSION packs it: major, minor, patch, kind of release."""
    modes: dict[int, tuple[str, Activity]]
    """By `custom_mode`."""
    boot_mode: int
    mode_of: dict[Activity, int]
    """What it switches to by itself, or by a command that names no mode."""
    parameters: tuple[str, ...]
    """Files of the parameters that come with it."""

    loop_s: float
    """What comes in is read once in so long."""
    command_s: float
    """And commands once in so long."""
    ready_s: float
    """After boot, until position and home are known."""
    parameters_per_s: float
    bytewise: bool
    """Whole-numbered parameters travel as their bytes."""

    asks_int: bool
    """It asks for items with MISSION_REQUEST_INT."""
    asks_again_s: float
    gives_up_s: float
    gives_up_ack: int | None
    """None: says it with a STATUSTEXT only."""
    keeps_old_plan: bool
    """A failed upload leaves the old mission as it was; otherwise a mixture of both."""
    upload_restarts: bool
    """A MISSION_COUNT in the middle of the sender's own upload begins it anew."""
    answers_download_in_upload: bool
    download_holds_s: float
    """How long an abandoned download keeps everybody else out."""
    no_uploads_s: float
    """After boot."""
    most_items: int
    has_home_item: bool
    """Item 0 is home, whatever was uploaded."""
    plain_frames: bool
    """Frames come back without _INT, and as 0 where a command has no position."""
    takes_terrain: bool
    mission_commands: frozenset[int]

    repositions_by_long: bool
    """DO_REPOSITION also as COMMAND_LONG."""
    no_reposition_ack: int
    """Without the flag to change the mode."""
    start_arms: bool
    take_off_is_amsl: bool
    arms_in: frozenset[Activity]
    gcs_is_system: bool
    """Only the system of parameter MAV_GCS_SYSID counts as ground station."""
    asks_time_s: float
    streams: dict[int, float]
    """Messages that come unasked, in Hz."""
    groups: dict[int, tuple[int, ...]]
    """By REQUEST_DATA_STREAM's id; empty: it is ignored."""
    fastest_hz: float
    names: dict[str, tuple[str, float]]
    """What the pilot looks up: the parameter, and what its value is to be multiplied with."""
