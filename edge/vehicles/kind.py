"""What a vehicle kind must say about itself; the rest of the daemon asks nothing else."""

from dataclasses import dataclass
from typing import Literal

from edge.vehicles.machine import MachineFigures


@dataclass(frozen=True, slots=True)
class VehicleKind:
    """The differences between one kind of vehicle and another, as data."""

    name: str
    arrival_radius_m: float
    arrival_dwell_s: float
    arrival_max_speed_mps: float
    """Slower than this counts as standing."""
    departs_by_itself: bool
    """True: moving off is commanded; False: a driver does it."""
    reports_outside_work: bool
    """False: no position leaves the vehicle outside a route (contractors)."""
    drives_as: Literal["van", "truck", "bicycle", "foot"] | None
    """Whose roads it may use, and how fast it is there; None: it is on no road."""
    machine: MachineFigures | None = None
    """None: a person drives it."""

    @property
    def fastest_mps(self) -> float | None:
        """What it can do at most; None: more than it may."""
        return None if self.machine is None else self.machine.motion.speed_mps
