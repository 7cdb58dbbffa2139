"""ArduRover 4.x: its mode 4 is HOLD, where a copter's is GUIDED."""

from dataclasses import replace

from edge.messages.machines.orders import WantedParameter
from firmware_bridge.mavlink.manners.ardupilot_copter import ARDUPILOT_COPTER

NEAR_M = 0.6  # a kerb, a corner and a door are nearer than an autopilot's usual two metres
ROVERS = frozenset({10, 11})  # ground rover, surface boat

ARDUPILOT_ROVER = replace(
    ARDUPILOT_COPTER,
    name="ardupilot_rover",
    types=ROVERS,
    modes={"manual": 0, "hold": 4, "mission": 10, "return": 11, "guided": 15},
    reported={
        0: ("MANUAL", "manual"),
        1: ("ACRO", "manual"),
        3: ("STEERING", "manual"),
        4: ("HOLD", "hold"),
        5: ("LOITER", "hold"),
        10: ("AUTO", "mission"),
        11: ("RTL", "return"),
        12: ("SMART_RTL", "return"),
        15: ("GUIDED", "guided"),
        16: ("INITIALISING", "other"),
    },
    take_off_in=None,
    # It takes a payload's place into its mission, and drives past it.
    cannot=frozenset({"climb", "touch_down", "set_down"}),
    wanted=(
        *ARDUPILOT_COPTER.wanted,
        WantedParameter(
            names=("FS_ACTION",), least=1, why="a failsafe only tells, and drives on"
        ),
        WantedParameter(
            names=("WP_RADIUS",),
            most=NEAR_M,
            needed=False,
            why="it stops too far from where it was sent",
        ),
    ),
)
