"""ArduCopter and ArduRover 4.7."""

from dataclasses import replace

from sim.devices.autopilot.manners.manner import Activity, Manner

MANUAL, GUIDED, MISSION, HOLD = (
    Activity.MANUAL,
    Activity.GUIDED,
    Activity.MISSION,
    Activity.HOLD,
)
RETURN, LAND = Activity.RETURN, Activity.LAND

# AP_Mission takes all of these whatever the vehicle; what it cannot do it drives past.
MISSION_COMMANDS = frozenset(
    {16, 17, 18, 19, 20, 21, 22, 31, 82, 84, 85, 92, 93, 94, 112, 114, 115, 177, 178, 179}
    | {181, 182, 183, 184, 189, 194, 195, 197, 201, 203, 205, 206, 207, 208, 211, 212, 218}
    | {222, 223, 530, 532, 1000, 2000, 2001, 2500, 2501, 42600}
)
COPTER_MODES = {
    0: ("STABILIZE", MANUAL),
    2: ("ALT_HOLD", MANUAL),
    3: ("AUTO", MISSION),
    4: ("GUIDED", GUIDED),
    5: ("LOITER", HOLD),
    6: ("RTL", RETURN),
    9: ("LAND", LAND),
    16: ("POSHOLD", HOLD),
    17: ("BRAKE", HOLD),
    21: ("SMART_RTL", RETURN),
}
ROVER_MODES = {
    0: ("MANUAL", MANUAL),
    1: ("ACRO", MANUAL),
    3: ("STEERING", MANUAL),
    4: ("HOLD", HOLD),
    5: ("LOITER", HOLD),
    10: ("AUTO", MISSION),
    11: ("RTL", RETURN),
    12: ("SMART_RTL", RETURN),
    15: ("GUIDED", GUIDED),
    16: ("INITIALISING", Activity.BOOT),
}
GROUPS = {
    1: (27, 116, 29),
    2: (1, 125, 152, 42, 24, 62, 87, 162),
    3: (36, 65),
    6: (33, 32),
    10: (30,),
    11: (74,),
    12: (2, 147, 168, 193, 241),
}

ARDUCOPTER = Manner(
    firmware="ardupilot",
    kind="copter",
    autopilot=3,
    vehicle_type=2,
    capabilities=0xFBEF,
    version=0x04070000,
    modes=COPTER_MODES,
    boot_mode=0,
    mode_of={MISSION: 3, GUIDED: 4, HOLD: 5, RETURN: 6, LAND: 9},
    parameters=("arducopter.tsv",),
    loop_s=0.006,
    command_s=0.02,
    ready_s=1.0,
    parameters_per_s=1400.0,
    bytewise=False,
    asks_int=False,
    asks_again_s=1.0,
    gives_up_s=8.0,
    gives_up_ack=15,
    keeps_old_plan=False,
    upload_restarts=True,
    answers_download_in_upload=True,
    download_holds_s=0.0,
    no_uploads_s=2.5,
    most_items=724,
    has_home_item=True,
    plain_frames=True,
    takes_terrain=True,
    mission_commands=MISSION_COMMANDS,
    repositions_by_long=False,
    no_reposition_ack=2,
    start_arms=False,
    take_off_is_amsl=False,
    arms_in=frozenset({MANUAL, GUIDED, HOLD}),
    gcs_is_system=True,
    asks_time_s=10.0,
    streams={0: 1.0},
    groups=GROUPS | {0: tuple(number for group in GROUPS.values() for number in group)},
    fastest_hz=50.0,
    names={
        "speed": ("WPNAV_SPEED", 0.01),
        "climb": ("WPNAV_SPEED_UP", 0.01),
        "descent": ("WPNAV_SPEED_DN", 0.01),
        "landing": ("LAND_SPEED", 0.01),
        "near": ("WPNAV_RADIUS", 0.01),
        "return_height": ("RTL_ALT", 0.01),
        "return_wait": ("RTL_LOIT_TIME", 0.001),
        "disarm_after": ("DISARM_DELAY", 1.0),
    },
)
ARDUROVER = replace(
    ARDUCOPTER,
    kind="rover",
    vehicle_type=10,
    capabilities=0xF1EF,
    modes=ROVER_MODES,
    mode_of={MISSION: 10, GUIDED: 15, HOLD: 4, RETURN: 11},
    parameters=("ardurover.tsv",),
    loop_s=0.02,
    arms_in=frozenset({MANUAL, GUIDED, HOLD, MISSION}),
    names={"speed": ("WP_SPEED", 1.0), "near": ("WP_RADIUS", 1.0)},
)
