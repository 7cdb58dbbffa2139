"""What a multirotor is and what flying costs it.

Momentum theory for rotors in forward flight (Leishman, Principles of Helicopter Aerodynamics,
2nd ed., ch. 2), as Stolaroff et al. apply it to delivery drones (Nature Communications 9:409,
2018): thrust carries the weight and overcomes drag, P = T (V sin a + v_i) / efficiency.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRAVITY_MPS2 = 9.80665
AIR_KG_M3 = 1.225  # ISA at sea level; a tenth less costs a hovering rotor a twentieth more
HALVINGS = 60  # of the interval that holds the induced speed: to the last digit


@dataclass(frozen=True, slots=True)
class Airframe:
    """One type of drone. Raises ValueError for one that cannot fly."""

    mass_kg: float
    """Ready to fly, without payload."""
    rotor_area_m2: float
    """All discs together."""
    drag_area_m2: float
    """Drag coefficient times frontal area."""
    battery_j: float
    """What may be used of a full battery, the reserve included."""
    reserve_j: float
    """Never planned away."""
    airspeed_mps: float = 15.0
    climb_mps: float = 3.0
    descent_mps: float = 2.0
    size_m: float = 1.0
    """From tip to tip."""
    efficiency: float = 0.7
    """From battery to air: rotor, motor and speed controller (Stolaroff et al.: 0.7)."""
    avionics_w: float = 15.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            least_ok = (
                value >= 0 if name in ("reserve_j", "avionics_w", "size_m") else value > 0
            )
            if not (math.isfinite(value) and least_ok):
                raise ValueError(f"{name} = {value} is not a figure of something that flies")
        if self.reserve_j >= self.battery_j or self.efficiency > 1:
            raise ValueError("the reserve eats the battery, or the efficiency exceeds 1")

    @property
    def usable_j(self) -> float:
        """Return what a full battery holds above the reserve."""
        return self.battery_j - self.reserve_j

    def level_w(self, airspeed_mps: float, payload_kg: float = 0.0) -> float:
        """Return the power of level flight; at airspeed 0, of hovering."""
        weight_n = (self.mass_kg + payload_kg) * GRAVITY_MPS2
        drag_n = 0.5 * AIR_KG_M3 * self.drag_area_m2 * airspeed_mps**2
        thrust_n = math.hypot(weight_n, drag_n)
        through_mps = airspeed_mps * drag_n / thrust_n  # V sin a: the disc leans forward
        along_mps = airspeed_mps * weight_n / thrust_n  # V cos a
        mass_flow_kg_m = 2 * AIR_KG_M3 * self.rotor_area_m2
        low, high = 0.0, math.sqrt(thrust_n / mass_flow_kg_m)  # hovering needs the most
        for _ in range(HALVINGS):
            induced = (low + high) / 2
            flow = math.hypot(along_mps, through_mps + induced)
            if induced * flow * mass_flow_kg_m < thrust_n:
                low = induced
            else:
                high = induced
        return thrust_n * (through_mps + high) / self.efficiency + self.avionics_w

    def climb_s(self, up_m: Floats) -> Floats:
        """Return how long climbs, or with a negative height descents, take."""
        seconds: Floats = np.where(up_m > 0, up_m / self.climb_mps, -up_m / self.descent_mps)
        return seconds

    def climb_j(self, up_m: Floats, payload_kg: float = 0.0) -> Floats:
        """Return the energy of climbs or descents: hovering meanwhile, and the height won.

        A descent gives nothing back.
        """
        newtons = (self.mass_kg + payload_kg) * GRAVITY_MPS2 / self.efficiency
        hovering_j = self.level_w(0.0, payload_kg) * self.climb_s(up_m)
        return hovering_j + newtons * np.maximum(up_m, 0.0)
