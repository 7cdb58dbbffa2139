"""What an autopilot says of its vehicle. Unknown is None, never zero."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import AltitudeM, HeadingDeg, LatDeg, LonDeg

Fraction = Annotated[float, Meta(ge=0, le=1)]
Mode = Literal["manual", "guided", "hold", "mission", "return", "land", "take_off", "other"]
"""What a vehicle is doing, in the house's words; `other` is a mode that no order asks for."""
Landed = Literal["on_ground", "in_air", "taking_off", "landing"]


class AutopilotPresence(
    msgspec.Struct, frozen=True, kw_only=True, tag="autopilot_presence", tag_field="kind"
):
    """The autopilot was found, is lost, or has told what it is; said once per change."""

    received_s: float
    present: bool
    system: int
    manner: str = ""
    """How it is to be spoken to: `ardupilot_copter`; empty while unknown or not supported."""
    version: str = ""
    capabilities: int | None = None
    missing: tuple[str, ...] = ()
    """Messages it was asked for and has not sent."""
    why: str = ""
    restarted: bool = False
    """It has just begun anew: what was on board is in doubt."""


class AutopilotState(
    msgspec.Struct, frozen=True, kw_only=True, tag="autopilot_state", tag_field="kind"
):
    """What the autopilot is doing; said at every change and once a second."""

    received_s: float
    mode: Mode
    mode_name: str
    """The autopilot's own word or number."""
    armed: bool
    failsafe: bool
    """It says that the situation is critical or an emergency."""
    landed: Landed | None = None
    can_arm: bool | None = None
    ill: tuple[str, ...] = ()
    """Sensors that are there, are switched on and are not well."""


class VehicleMotion(
    msgspec.Struct, frozen=True, kw_only=True, tag="vehicle_motion", tag_field="kind"
):
    """Where the autopilot's own estimator believes to be."""

    received_s: float
    lat_deg: LatDeg
    lon_deg: LonDeg
    altitude_m: AltitudeM
    height_m: float
    """Above home, up positive."""
    east_mps: float
    north_mps: float
    up_mps: float
    heading_deg: HeadingDeg | None = None


class VehicleAttitude(
    msgspec.Struct, frozen=True, kw_only=True, tag="vehicle_attitude", tag_field="kind"
):
    """How the vehicle lies: roll to the right, pitch up, heading from true north."""

    received_s: float
    roll_deg: float
    pitch_deg: float
    heading_deg: HeadingDeg
    turn_dps: float
    """Turning right is positive [deg/s]."""


class BatteryReading(
    msgspec.Struct, frozen=True, kw_only=True, tag="battery_reading", tag_field="kind"
):
    """One battery of the vehicle."""

    received_s: float
    battery: int
    remaining_frac: Fraction | None = None
    voltage_v: float | None = None
    current_a: float | None = None
    """Drawn from it; negative while it is charged."""
    temperature_c: float | None = None
    used_ah: float | None = None
    left_s: float | None = None


class MissionProgress(
    msgspec.Struct, frozen=True, kw_only=True, tag="mission_progress", tag_field="kind"
):
    """Which part of the loaded mission is under way, counted from 0 as it was loaded."""

    received_s: float
    part: int | None
    """None: not known, the autopilot has just been found again."""
    reached: int | None = None
    """The part that has just been reached."""


class HomePosition(
    msgspec.Struct, frozen=True, kw_only=True, tag="home_position", tag_field="kind"
):
    """Where the autopilot returns to, and what its heights are above."""

    received_s: float
    lat_deg: LatDeg
    lon_deg: LonDeg
    altitude_m: AltitudeM


class AutopilotText(
    msgspec.Struct, frozen=True, kw_only=True, tag="autopilot_text", tag_field="kind"
):
    """A sentence of the autopilot, usually the reason for a refusal."""

    received_s: float
    severity: Annotated[int, Meta(ge=0, le=7)]
    """0 emergency … 4 warning … 7 debug, as in syslog."""
    text: str


class Wind(msgspec.Struct, frozen=True, kw_only=True, tag="wind", tag_field="kind"):
    """What the autopilot believes the wind to be."""

    received_s: float
    from_deg: HeadingDeg
    speed_mps: Annotated[float, Meta(ge=0)]


class RemoteIdHeard(
    msgspec.Struct, frozen=True, kw_only=True, tag="remote_id_heard", tag_field="kind"
):
    """The vehicle has just said by radio who and where it is."""

    received_s: float


class RangeBelow(
    msgspec.Struct, frozen=True, kw_only=True, tag="range_below", tag_field="kind"
):
    """How far it is straight down to whatever is there; None: out of its range."""

    received_s: float
    distance_m: Annotated[float, Meta(ge=0)] | None = None


class WinchReading(msgspec.Struct, frozen=True, kw_only=True, tag="winch", tag_field="kind"):
    """How much line is out."""

    received_s: float
    line_m: float | None = None
    moving: bool = False


class LinkQuality(
    msgspec.Struct, frozen=True, kw_only=True, tag="link_quality", tag_field="kind"
):
    """What the link to the autopilot delivered lately."""

    received_s: float
    frames: int
    lost: int
    """Missing by the numbers of their senders."""
    damaged: int

    @property
    def loss_frac(self) -> float | None:
        """Share of what was sent that did not come; None: nothing came."""
        sent = self.frames + self.lost
        return self.lost / sent if sent else None


class ParametersChecked(
    msgspec.Struct, frozen=True, kw_only=True, tag="parameters_checked", tag_field="kind"
):
    """What is wrong with the autopilot's failsafes, fence and battery settings."""

    received_s: float
    read: bool
    """False: they could not be read; `problems` says why."""
    problems: tuple[str, ...] = ()
    """Each with how to set it."""


AutopilotReading = (
    AutopilotPresence
    | AutopilotState
    | VehicleMotion
    | VehicleAttitude
    | BatteryReading
    | MissionProgress
    | HomePosition
    | AutopilotText
    | Wind
    | RemoteIdHeard
    | RangeBelow
    | WinchReading
    | LinkQuality
    | ParametersChecked
)
