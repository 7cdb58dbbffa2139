"""What tells how a vehicle is driven, besides its position: box, belt and gear."""

from typing import Annotated

import msgspec
from msgspec import Meta

AxisMps2 = Annotated[float, Meta(ge=-200, le=200)]


class Acceleration(
    msgspec.Struct, frozen=True, kw_only=True, tag="acceleration", tag_field="kind"
):
    """One sample of an accelerometer, in the axes of its box, however that is mounted.

    Specific force, gravity included: at rest it points up with 9.8 m/s2.
    """

    received_s: float
    x_mps2: AxisMps2
    y_mps2: AxisMps2
    z_mps2: AxisMps2


class SeatBelt(msgspec.Struct, frozen=True, kw_only=True, tag="seat_belt", tag_field="kind"):
    """Whether the driver's belt is fastened; said again and again, else it is unknown."""

    received_s: float
    fastened: bool


class ReverseGear(
    msgspec.Struct, frozen=True, kw_only=True, tag="reverse_gear", tag_field="kind"
):
    """Whether reverse is engaged; said again and again, else it is unknown."""

    received_s: float
    engaged: bool


DriverSignal = Acceleration | SeatBelt | ReverseGear
