"""PX4 1.14 and later, rover: the modes of its copter, and nothing that leaves the ground."""

from dataclasses import replace

from edge.messages.machines.orders import WantedParameter
from firmware_bridge.mavlink.manners.ardupilot_rover import NEAR_M, ROVERS
from firmware_bridge.mavlink.manners.px4_multicopter import (
    AUTO,
    LOITER,
    MISSION,
    PX4_MULTICOPTER,
    RETURN,
    custom,
)

PX4_ROVER = replace(
    PX4_MULTICOPTER,
    name="px4_rover",
    types=ROVERS,
    modes={
        "hold": custom(AUTO, LOITER),
        "mission": custom(AUTO, MISSION),
        "return": custom(AUTO, RETURN),
    },
    needs_take_off_place=False,
    cannot=frozenset({"climb", "touch_down", "set_down"}),
    wanted=(
        *PX4_MULTICOPTER.wanted,
        WantedParameter(
            names=("NAV_ACC_RAD",),
            most=NEAR_M,
            needed=False,
            why="it stops too far from where it was sent",
        ),
    ),
)
