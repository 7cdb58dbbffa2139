"""What devices say, once their bytes were checked. A missing reading is unknown, never zero."""

from typing import Literal

import msgspec

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


Reading = GnssFix | GnssNoFix | DeviceSilent | DeviceBack
