"""A command as it came, by either message."""

import math
from typing import NamedTuple

from firmware_bridge.mavlink.wire.dialect import Message
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.pilot.ground import Point

ACCEPTED, TEMPORARILY_REJECTED, DENIED, UNSUPPORTED, FAILED = range(5)
NO_PLACE = 0x7FFFFFFF
RELATIVE, TERRAIN = (3, 6), (10, 11)


class Order(NamedTuple):
    """COMMAND_INT or COMMAND_LONG."""

    command: int
    params: tuple[float, float, float, float]
    x: int | None
    y: int | None
    z: float
    frame: int | None
    """None: it came by COMMAND_LONG, and heights are above home or as the command says."""

    @classmethod
    def of(cls, message: Message) -> "Order":
        """Read either message; a place that is not given is None."""
        params = (message.param1, message.param2, message.param3, message.param4)
        if message.get_type() == "COMMAND_INT":
            x, y, z, frame = message.x, message.y, message.z, message.frame
            x, y = (None if v == NO_PLACE else v for v in (x, y))
        else:
            x, y = (
                round(v * 1e7) if math.isfinite(v) and abs(v) <= 360.0 else None
                for v in (message.param5, message.param6)
            )
            z, frame = message.param7, None
        return cls(message.command, params, x, y, z, frame)

    def whole(self, index: int) -> int:
        """Return a parameter as a whole number; what is none is 0."""
        value = self.params[index]
        return int(value) if math.isfinite(value) else 0

    @property
    def names_a_place(self) -> bool:
        """Both degrees are given and can be."""
        if self.x is None or self.y is None:
            return False
        return abs(self.x) <= 900_000_000 and abs(self.y) <= 1_800_000_000

    def up_m(self, craft: Craft, *, otherwise: float) -> float:
        """Return the height it names, above where the vehicle was put down."""
        if not math.isfinite(self.z):
            return otherwise
        if self.frame in RELATIVE:
            return self.z + craft.home.up_m
        return self.z if self.frame in TERRAIN else self.z - craft.plant.ground.alt_m

    def point(self, craft: Craft) -> Point:
        """Return the place it names, here where it names none."""
        here = craft.here
        up_m = self.up_m(craft, otherwise=here.up_m)
        if self.x is None or self.y is None:
            return Point(here.east_m, here.north_m, up_m)
        return craft.plant.ground.point(self.x, self.y, up_m)


def refusal(craft: Craft) -> int:
    """Return how a firmware says that it cannot just now."""
    return FAILED if craft.gives_texts else TEMPORARILY_REJECTED
