"""ArduRover 4.x: its mode 4 is HOLD, where a copter's is GUIDED."""

from edge.messages.machines.orders import WantedParameter
from firmware_bridge.mavlink.manners.ardupilot_copter import ARDUPILOT, BATTERY, FENCE
from firmware_bridge.mavlink.manners.manner import Manner

ROVERS = frozenset({10, 11})  # ground rover, surface boat

ARDUPILOT_ROVER = Manner(
    name="ardupilot_rover",
    autopilot=ARDUPILOT,
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
    splits_mode=False,
    has_home_item=True,
    is_bytewise=False,
    take_off_is_amsl=False,
    take_off_in=None,
    needs_take_off_place=False,
    free_heading=0.0,
    start_arms=False,
    go_to_ends_in="guided",
    shortest_wait_s=1.0,
    abandons_after_s=8.0,
    keeps_old_plan=False,
    # It takes a payload's place into its mission, and drives past it.
    cannot=frozenset({"climb", "touch_down", "set_down"}),
    wanted=(
        *BATTERY,
        FENCE,
        WantedParameter(
            names=("FS_GCS_ENABLE",), least=1, why="losing the ground station does nothing"
        ),
        WantedParameter(
            names=("FS_ACTION",), least=1, why="a failsafe only tells, and drives on"
        ),
    ),
)
