"""A lithium battery: sags under load, warms by it, holds less and sags more in the cold."""

import math
from bisect import bisect_right
from dataclasses import dataclass

# Open-circuit volts of a lithium-polymer cell by what is left in it.
CHARGES = (0.0, 0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 0.60, 0.70, 0.80, 0.90, 1.0)
CELL_V = (3.27, 3.45, 3.61, 3.69, 3.73, 3.77, 3.80, 3.85, 3.92, 4.00, 4.09, 4.20)
LONGEST_STEP_S = 60.0  # at rest; charge and heat change too little in a minute to matter


@dataclass(frozen=True, slots=True)
class Pack:
    """How a battery is built."""

    cells: int
    capacity_ah: float
    cell_mohm: float = 4.0
    """Inner resistance of one cell at 25 °C."""
    heat_j_per_k: float = 1800.0
    cooling_w_per_k: float = 1.2


class Battery:
    """What is left in it, how warm it is and what its terminals show."""

    def __init__(self, pack: Pack, *, left_frac: float = 1.0, air_c: float = 15.0) -> None:
        self.pack = pack
        self.air_c = air_c
        self.temperature_c = air_c
        self.left_frac = left_frac
        self.current_a = 0.0
        self.voltage_v = self._open_v()
        self.used_ah = 0.0
        self.used_wh = 0.0

    @property
    def capacity_ah(self) -> float:
        """What it holds at its present temperature: 1 % less for each 1.5 K below 20 °C."""
        return self.pack.capacity_ah * (1.0 - max(0.0, 20.0 - self.temperature_c) / 150.0)

    @property
    def resistance_ohm(self) -> float:
        """Inner resistance: double at about 0 °C, and rising towards empty."""
        cold = math.exp(max(-1.0, (25.0 - self.temperature_c) / 36.0))
        empty = 1.0 + max(0.0, 0.15 - self.left_frac) * 6.0
        return self.pack.cells * self.pack.cell_mohm * 1e-3 * cold * empty

    def renew(self) -> None:
        """Be full, and have given nothing yet."""
        self.left_frac, self.used_ah, self.used_wh = 1.0, 0.0, 0.0

    def draw(self, power_w: float, spent_s: float) -> None:
        """Give power for a while, as much of it as it can."""
        while spent_s > 0.0:
            piece_s = min(spent_s, LONGEST_STEP_S)
            self._draw(power_w, piece_s)
            spent_s -= piece_s

    def _draw(self, power_w: float, spent_s: float) -> None:
        open_v, ohm = self._open_v(), self.resistance_ohm
        if self.left_frac <= 0.0:
            power_w = 0.0
        # The smaller root of P = (V - R I) I; past the peak it gives all that it can.
        root = open_v * open_v - 4.0 * ohm * power_w
        self.current_a = (open_v - math.sqrt(max(0.0, root))) / (2.0 * ohm)
        self.voltage_v = open_v - ohm * self.current_a
        used_ah = self.current_a * spent_s / 3600.0
        self.used_ah += used_ah
        self.used_wh += used_ah * self.voltage_v
        self.left_frac = max(0.0, self.left_frac - used_ah / self.capacity_ah)
        warmed_k = self.current_a**2 * ohm / self.pack.cooling_w_per_k
        settles_c = self.air_c + warmed_k
        keep = math.exp(-spent_s * self.pack.cooling_w_per_k / self.pack.heat_j_per_k)
        self.temperature_c = settles_c + (self.temperature_c - settles_c) * keep

    def _open_v(self) -> float:
        index = min(bisect_right(CHARGES, self.left_frac), len(CHARGES) - 1)
        low, high = CHARGES[index - 1], CHARGES[index]
        part = (self.left_frac - low) / (high - low)
        return self.pack.cells * (
            CELL_V[index - 1] + part * (CELL_V[index] - CELL_V[index - 1])
        )
