"""ArduCopter 4.x."""

from edge.messages.machines.orders import WantedParameter
from firmware_bridge.mavlink.manners.manner import Manner

ARDUPILOT = 3
MULTICOPTERS = frozenset({2, 3, 4, 13, 14, 15, 29, 35})  # quad, coaxial, heli, hexa … deca

ARDUPILOT_COPTER = Manner(
    name="ardupilot_copter",
    autopilot=ARDUPILOT,
    types=MULTICOPTERS,
    modes={"mission": 3, "guided": 4, "return": 6, "land": 9, "hold": 17},
    reported={
        0: ("STABILIZE", "manual"),
        1: ("ACRO", "manual"),
        2: ("ALT_HOLD", "manual"),
        3: ("AUTO", "mission"),
        4: ("GUIDED", "guided"),
        5: ("LOITER", "hold"),
        6: ("RTL", "return"),
        9: ("LAND", "land"),
        16: ("POSHOLD", "hold"),
        17: ("BRAKE", "hold"),  # the one that holds without a pilot's throttle
        21: ("SMART_RTL", "return"),
        27: ("AUTO_RTL", "return"),
    },
    splits_mode=False,
    has_home_item=True,
    is_bytewise=False,
    take_off_is_amsl=False,
    take_off_in="guided",
    needs_take_off_place=False,
    free_heading=0.0,
    start_arms=False,
    go_to_ends_in="guided",
    shortest_wait_s=1.0,
    abandons_after_s=8.0,
    keeps_old_plan=False,
    wanted=(
        WantedParameter(
            names=("BATT_FS_LOW_ACT",), least=1, why="a low battery is only announced"
        ),
        WantedParameter(
            names=("BATT_FS_CRT_ACT",), least=1, why="a critical battery is only announced"
        ),
        WantedParameter(names=("FENCE_ENABLE",), one_of=(1,), why="the fence is switched off"),
        WantedParameter(
            names=("FS_GCS_ENABLE",), least=1, why="losing the ground station does nothing"
        ),
    ),
)
