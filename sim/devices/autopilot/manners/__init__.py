"""What the firmwares do differently, as data; a row of the measured facts is a line here."""

from sim.devices.autopilot.manners.ardupilot import ARDUCOPTER, ARDUROVER
from sim.devices.autopilot.manners.manner import Manner
from sim.devices.autopilot.manners.px4 import PX4_COPTER, PX4_ROVER

MANNERS: dict[tuple[str, str], Manner] = {
    (manner.firmware, manner.kind): manner
    for manner in (ARDUCOPTER, ARDUROVER, PX4_COPTER, PX4_ROVER)
}
"""By firmware and kind of vehicle, as the command line names them."""
