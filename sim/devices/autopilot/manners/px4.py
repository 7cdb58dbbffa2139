"""PX4 1.16, multicopter and rover."""

from dataclasses import replace

from sim.devices.autopilot.manners.manner import Activity, Manner


def custom(main: int, sub: int = 0) -> int:
    """Return `custom_mode` of a main and a sub mode."""
    return main << 16 | sub << 24


TAKE_OFF, LOITER, MISSION, RETURN, LAND = (custom(4, sub) for sub in (2, 3, 4, 5, 6))
POSITION, OFFBOARD = custom(3), custom(6)

MISSION_COMMANDS = frozenset(
    {16, 17, 19, 20, 21, 22, 31, 84, 85, 93, 112, 177, 178, 179, 183, 187, 189, 195, 196, 197}
    | {201, 203, 205, 206, 211, 212, 214, 530, 531, 532, 1000, 2000, 2001, 2500, 2501, 4501}
    | {42600}
)
MODES = {
    custom(1): ("MANUAL", Activity.MANUAL),
    custom(2): ("ALTCTL", Activity.MANUAL),
    POSITION: ("POSCTL", Activity.HOLD),
    TAKE_OFF: ("AUTO.TAKEOFF", Activity.TAKE_OFF),
    LOITER: ("AUTO.LOITER", Activity.HOLD),
    MISSION: ("AUTO.MISSION", Activity.MISSION),
    RETURN: ("AUTO.RTL", Activity.RETURN),
    LAND: ("AUTO.LAND", Activity.LAND),
    OFFBOARD: ("OFFBOARD", Activity.OFFBOARD),
}
# The onboard port; measured: 407 messages and 24 kB in a second, ATTITUDE alone 99.
STREAMS = {
    0: 1.0, 1: 5.0, 2: 1.0, 24: 5.0, 30: 100.0, 31: 50.0, 32: 30.0, 33: 50.0, 36: 10.0,
    42: 1.0, 74: 10.0, 83: 10.0, 85: 10.0, 105: 50.0, 141: 10.0, 147: 0.5, 230: 1.0, 231: 1.0,
    241: 0.5, 242: 0.5, 245: 5.0, 331: 30.0, 340: 1.0, 87: 10.0,
}  # fmt: skip

PX4_COPTER = Manner(
    firmware="px4",
    kind="copter",
    autopilot=12,
    vehicle_type=2,
    capabilities=0xE8FF,
    version=0x011000FF,
    modes=MODES,
    boot_mode=LOITER,
    mode_of={
        Activity.TAKE_OFF: TAKE_OFF,
        Activity.HOLD: LOITER,
        Activity.MISSION: MISSION,
        Activity.RETURN: RETURN,
        Activity.LAND: LAND,
    },
    parameters=("px4_common.tsv", "px4_copter.tsv"),
    loop_s=0.0003,
    command_s=0.003,
    ready_s=1.0,
    parameters_per_s=1000.0,
    bytewise=True,
    asks_int=True,
    asks_again_s=0.25,
    gives_up_s=5.0,
    gives_up_ack=None,
    keeps_old_plan=True,
    upload_restarts=False,
    answers_download_in_upload=False,
    download_holds_s=5.0,
    no_uploads_s=0.0,
    most_items=2000,
    has_home_item=False,
    plain_frames=False,
    takes_terrain=False,
    mission_commands=MISSION_COMMANDS,
    repositions_by_long=True,
    no_reposition_ack=3,
    start_arms=True,
    take_off_is_amsl=True,
    arms_in=frozenset(Activity) - {Activity.LAND, Activity.BOOT},
    gcs_is_system=False,
    asks_time_s=0.1,
    streams=STREAMS,
    groups={},
    fastest_hz=250.0,
    names={
        "speed": ("MPC_XY_CRUISE", 1.0),
        "climb": ("MPC_Z_V_AUTO_UP", 1.0),
        "descent": ("MPC_Z_V_AUTO_DN", 1.0),
        "landing": ("MPC_LAND_SPEED", 1.0),
        "near": ("NAV_ACC_RAD", 1.0),
        "take_off": ("MIS_TAKEOFF_ALT", 1.0),
        "return_height": ("RTL_RETURN_ALT", 1.0),
        "return_wait": ("RTL_LAND_DELAY", 1.0),
        "disarm_landed": ("COM_DISARM_LAND", 1.0),
        "disarm_after": ("COM_DISARM_PRFLT", 1.0),
    },
)
PX4_ROVER = replace(
    PX4_COPTER,
    kind="rover",
    vehicle_type=10,
    parameters=("px4_common.tsv", "px4_rover.tsv"),
    mode_of={
        Activity.HOLD: LOITER,
        Activity.MISSION: MISSION,
        Activity.RETURN: RETURN,
    },
    names={"speed": ("RO_SPEED_LIM", 1.0), "near": ("NAV_ACC_RAD", 1.0)},
)
