"""Every firmware that is spoken to. A new one is one file and one line here."""

from firmware_bridge.mavlink.manners.ardupilot_copter import ARDUPILOT_COPTER
from firmware_bridge.mavlink.manners.ardupilot_rover import ARDUPILOT_ROVER
from firmware_bridge.mavlink.manners.manner import Manner
from firmware_bridge.mavlink.manners.px4_multicopter import PX4_MULTICOPTER
from firmware_bridge.mavlink.manners.px4_rover import PX4_ROVER

MANNERS: dict[str, Manner] = {
    manner.name: manner
    for manner in (ARDUPILOT_COPTER, ARDUPILOT_ROVER, PX4_MULTICOPTER, PX4_ROVER)
}


def manner_of(autopilot: int, vehicle_type: int) -> Manner | None:
    """Return the manner of a heartbeat; None for firmware or vehicles we do not drive."""
    for manner in MANNERS.values():
        if manner.autopilot == autopilot and vehicle_type in manner.types:
            return manner
    return None
