"""What a pilot is given and what he has to say: the vehicle as it stands, the news."""

from dataclasses import dataclass, field

from sim.devices.autopilot.pilot.ground import Ground
from sim.devices.autopilot.pilot.sensors import Sensors
from sim.vehicles.machines.body import Machine
from sim.vehicles.machines.wind import Wind

EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO = range(7)
"""Severities of texts (MAV_SEVERITY)."""


@dataclass(slots=True)
class Plant:
    """What is there whether the controller runs or not."""

    machine: Machine
    sensors: Sensors
    wind: Wind
    ground: Ground
    below_m: float = 0.0
    """How high it stands what is below: a person, a car."""
    says_who: bool = True
    """The Remote ID transmitter works."""


@dataclass(slots=True)
class News:
    """What the pilot has to say since it was last asked."""

    texts: list[tuple[int, str]] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)
    current: int | None = None
    home_moved: bool = False
