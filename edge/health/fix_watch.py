"""Says once when the position is lost and once when it is back."""

from edge.messages.facts import GnssLost, GnssRecovered
from edge.messages.readings import DeviceSilent, Reading
from edge.messages.state import VehicleState

FIRST_FIX_S = 60.0  # a receiver may search this long after start before it counts as lost


class FixWatch:
    """Follows the states of the estimator."""

    def __init__(self, device: str, now_s: float) -> None:
        self._device = device
        self._had_at_s = now_s
        self._lost = False
        self._ever = False
        self._why = ""
        self._silent = False

    @property
    def lost(self) -> bool:
        """No usable position."""
        return self._lost

    def heard(self, reading: Reading) -> None:
        """Remember why a device is silent."""
        self._silent = isinstance(reading, DeviceSilent)
        self._why = reading.why if isinstance(reading, DeviceSilent) else ""

    def look(self, state: VehicleState) -> GnssLost | GnssRecovered | None:
        """Return the fact of a change, if this state is one."""
        if state.fix != "none" and not self._silent:
            self._had_at_s = state.at_s
            self._ever = True
            if self._lost:
                self._lost = False
                return GnssRecovered(device=self._device)
            return None
        silent_s = state.at_s - self._had_at_s
        if self._lost or (not self._ever and silent_s < FIRST_FIX_S):
            return None
        self._lost = True
        why = self._why or "no fix"
        return GnssLost(device=self._device, silent_s=round(silent_s, 3), why=why)
