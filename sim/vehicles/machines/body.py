"""What every machine has: a place, a motion, an attitude, and what its pilot wants of it."""

import math
from dataclasses import dataclass
from typing import Protocol

from sim.vehicles.machines.battery import Battery

G_MPS2 = 9.80665
STEP_S = 0.05
"""How far one step goes; an attitude lag of 0.15 s is still smooth at 20 Hz."""

Vector = tuple[float, float, float]
"""East, north, up."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What the pilot wants for the next step."""

    velocity_enu_mps: Vector
    heading_deg: float | None = None
    """None: keep it."""


@dataclass(slots=True)
class Body:
    """Where a machine really is, relative to where it was put down, and how it moves."""

    east_m: float = 0.0
    north_m: float = 0.0
    up_m: float = 0.0
    velocity_enu_mps: Vector = (0.0, 0.0, 0.0)
    roll_rad: float = 0.0
    pitch_rad: float = 0.0
    heading_deg: float = 0.0
    turn_dps: float = 0.0
    crashed: bool = False
    """It came down harder than it bears."""

    @property
    def ground_speed_mps(self) -> float:
        """Speed over ground, level."""
        return math.hypot(self.velocity_enu_mps[0], self.velocity_enu_mps[1])


class Machine(Protocol):
    """What an autopilot flies or drives."""

    body: Body
    battery: Battery
    payload_kg: float
    speed_mps: float
    """What it does at most, level."""

    @property
    def is_on_ground(self) -> bool:
        """It stands: a rover always does."""
        ...

    @property
    def is_at_rest(self) -> bool:
        """Without a demand nothing will change but the battery."""
        ...

    def step(self, demand: Demand | None, wind_enu_mps: Vector, spent_s: float) -> None:
        """Move on by up to STEP_S; without a demand the motors are off."""
        ...

    def rest(self, spent_s: float) -> None:
        """Let time pass at rest, at once however long it is."""
        ...


def angle_between(from_deg: float, to_deg: float) -> float:
    """Return the turn from one heading to another, in [-180, 180)."""
    return (to_deg - from_deg + 180.0) % 360.0 - 180.0


def approach(value: float, goal: float, most: float) -> float:
    """Return the value moved towards the goal by at most so much."""
    return value + min(most, max(-most, goal - value))
