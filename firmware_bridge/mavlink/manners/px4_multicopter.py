"""PX4 1.14 and later, multicopter."""

import math

from edge.messages.machines.autopilot import Mode
from edge.messages.machines.orders import WantedParameter
from firmware_bridge.mavlink.manners.ardupilot_copter import MULTICOPTERS
from firmware_bridge.mavlink.manners.manner import Manner

PX4 = 12
MANUAL, ALTITUDE, POSITION, AUTO, ACRO, OFFBOARD, STABILIZED = 1, 2, 3, 4, 5, 6, 7
TAKE_OFF, LOITER, MISSION, RETURN, LAND = 2, 3, 4, 5, 6
PRECISION_LAND = 9


def custom(main: int, sub: int = 0) -> int:
    """Return `custom_mode` of a main and a sub mode."""
    return main << 16 | sub << 24


PX4_REPORTED: dict[int, tuple[str, Mode]] = {
    custom(MANUAL): ("MANUAL", "manual"),
    custom(ALTITUDE): ("ALTCTL", "manual"),
    custom(POSITION): ("POSCTL", "manual"),
    custom(ACRO): ("ACRO", "manual"),
    custom(OFFBOARD): ("OFFBOARD", "other"),
    custom(STABILIZED): ("STABILIZED", "manual"),
    custom(AUTO, TAKE_OFF): ("AUTO.TAKEOFF", "take_off"),
    custom(AUTO, LOITER): ("AUTO.LOITER", "hold"),
    custom(AUTO, MISSION): ("AUTO.MISSION", "mission"),
    custom(AUTO, RETURN): ("AUTO.RTL", "return"),
    custom(AUTO, LAND): ("AUTO.LAND", "land"),
    custom(AUTO, PRECISION_LAND): ("AUTO.PRECLAND", "land"),
}
PX4_WANTED = (
    WantedParameter(
        names=("NAV_DLL_ACT",), least=1, why="losing the ground station does nothing"
    ),
    WantedParameter(
        names=("COM_LOW_BAT_ACT",), one_of=(2, 3), why="a low battery is only announced"
    ),
    WantedParameter(names=("GF_ACTION",), least=2, why="the fence only warns"),
    WantedParameter(
        names=("COM_OBL_RC_ACT",),
        one_of=(0, 3, 4, 5),
        why="when setpoints stop it needs a remote control that nobody holds",
        needed=False,
    ),
)

PX4_MULTICOPTER = Manner(
    name="px4_multicopter",
    autopilot=PX4,
    types=MULTICOPTERS,
    modes={
        "take_off": custom(AUTO, TAKE_OFF),
        "hold": custom(AUTO, LOITER),
        "mission": custom(AUTO, MISSION),
        "return": custom(AUTO, RETURN),
        "land": custom(AUTO, LAND),
        # No "guided": OFFBOARD resumes by itself after a failsafe, so nobody asks for it.
    },
    reported=PX4_REPORTED,
    splits_mode=True,
    has_home_item=False,
    is_bytewise=True,
    take_off_is_amsl=True,
    take_off_in=None,
    needs_take_off_place=True,
    free_heading=math.nan,  # 0 would turn it to the north
    start_arms=True,
    go_to_ends_in="hold",
    shortest_wait_s=0.3,
    abandons_after_s=5.0,
    keeps_old_plan=True,
    cannot=frozenset({"set_down"}),
    wanted=PX4_WANTED,
)
