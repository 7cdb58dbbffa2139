"""How far the vehicle has driven, from the positions it believed."""

from typing import TYPE_CHECKING

from edge.messages.geo import distance_m
from edge.messages.state import VehicleState

if TYPE_CHECKING:
    from edge.messages.geo import Place

STEP_M = 25.0  # shorter steps are summed only once they add up: standing still is no driving


class Driven:
    """Sums the way between positions; a gap in the fix counts as a straight line."""

    def __init__(self, metres: float = 0.0) -> None:
        self.metres = metres
        self._from: Place | None = None

    def take(self, state: VehicleState) -> None:
        """Follow a position; a doubtful one is left out."""
        if state.place is None or state.doubtful:
            return
        if self._from is None:
            self._from = state.place
            return
        step_m = distance_m(self._from, state.place)
        if step_m >= max(STEP_M, 2 * (state.accuracy_m or 0.0)):
            self.metres += step_m
            self._from = state.place
