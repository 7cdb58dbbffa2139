"""From a few words to an autopilot on a vehicle: kind, manner, place, wind, seed."""

from dataclasses import dataclass
from datetime import datetime

from sim.chance import chance
from sim.devices.autopilot.autopilot import Autopilot
from sim.devices.autopilot.manners import MANNERS
from sim.devices.autopilot.manners.manner import Firmware, Kind
from sim.devices.autopilot.pilot.ground import Ground
from sim.devices.autopilot.pilot.plant import Plant
from sim.devices.autopilot.pilot.sensors import SensorFaults, Sensors
from sim.vehicles.machines.quadcopter import Quadcopter
from sim.vehicles.machines.rover import Rover
from sim.vehicles.machines.wind import Wind

SOMEWHERE = (47.397742, 8.545594, 488.0)
"""Where PX4's own simulation stands, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What somebody may choose of a simulated vehicle."""

    kind: Kind = "copter"
    manner: Firmware = "ardupilot"
    home: tuple[float, float, float] = SOMEWHERE
    """Latitude, longitude, height above sea level."""
    heading_deg: float = 0.0
    wind_mps: float = 0.0
    wind_from_deg: float = 0.0
    payload_kg: float = 0.0
    faults: SensorFaults | None = None
    seed: int = 1


def build(setup: Setup, *, now_s: float, utc: datetime) -> Autopilot:
    """Put a vehicle down and switch it on."""
    kind = Quadcopter if setup.kind == "copter" else Rover
    machine = kind(payload_kg=setup.payload_kg, heading_deg=setup.heading_deg)
    plant = Plant(
        machine=machine,
        sensors=Sensors(machine.body, chance(setup.seed, "sensors"), setup.faults),
        wind=Wind(chance(setup.seed, "wind"), setup.wind_mps, setup.wind_from_deg),
        ground=Ground(*setup.home),
    )
    return Autopilot(MANNERS[setup.manner, setup.kind], plant, now_s=now_s, utc=utc)
