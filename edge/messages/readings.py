"""What devices say, once their bytes were checked. A missing reading is unknown, never zero."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import AccuracyM, AltitudeM, HeadingDeg, LatDeg, LonDeg, SpeedMps
from edge.messages.instants import Utc


class GnssFix(msgspec.Struct, frozen=True, kw_only=True, tag="gnss_fix", tag_field="kind"):
    """One position fix of one receiver; `None` is unknown, never zero."""

    received_s: float
    """Monotonic arrival of the last byte of the epoch [s], clock of the daemon."""
    lat_deg: LatDeg
    lon_deg: LonDeg
    utc: Utc | None = None
    """The receiver's own time of the fix."""
    altitude_m: AltitudeM | None = None
    speed_mps: SpeedMps | None = None
    course_deg: HeadingDeg | None = None
    accuracy_m: AccuracyM | None = None
    accuracy_from: Literal["receiver", "dop", "unknown"] = "unknown"
    satellites: int | None = None
    hdop: float | None = None


class GnssNoFix(msgspec.Struct, frozen=True, kw_only=True, tag="gnss_no_fix", tag_field="kind"):
    """The receiver is alive and says that it does not know where it is."""

    received_s: float
    utc: Utc | None = None
    satellites: int | None = None


class DeviceSilent(
    msgspec.Struct, frozen=True, kw_only=True, tag="device_silent", tag_field="kind"
):
    """Nothing usable came from a device for `silent_s`; said once per silence."""

    received_s: float
    device: str
    silent_s: float
    why: str = "no data"


class DeviceBack(
    msgspec.Struct, frozen=True, kw_only=True, tag="device_back", tag_field="kind"
):
    """A device that was silent speaks again."""

    received_s: float
    device: str


class WheelSpeed(
    msgspec.Struct, frozen=True, kw_only=True, tag="wheel_speed", tag_field="kind"
):
    """How fast the vehicle's own wheels say that it goes."""

    received_s: float
    speed_mps: Annotated[float, Meta(ge=-120, le=120)]
    """Along the vehicle, backwards negative."""
    sigma_mps: Annotated[float, Meta(gt=0, le=10)] = 0.15
    """One standard deviation: 0.15 for wheel pulses, 0.5 for OBD's whole km/h."""


class InertialSample(
    msgspec.Struct, frozen=True, kw_only=True, tag="inertial_sample", tag_field="kind"
):
    """One sample of a gyro, and of an accelerometer if there is one, in the vehicle's axes."""

    received_s: float
    turn_dps: Annotated[float, Meta(ge=-2000, le=2000)]
    """About the vertical; turning right is positive [deg/s]."""
    forward_mps2: Annotated[float, Meta(ge=-200, le=200)] | None = None
    """Gravity removed; speeding up is positive."""
    right_mps2: Annotated[float, Meta(ge=-200, le=200)] | None = None


Odometry = WheelSpeed | InertialSample
"""What tells how far the vehicle went and where it turned, without the sky."""

Reading = GnssFix | GnssNoFix | DeviceSilent | DeviceBack | WheelSpeed | InertialSample
