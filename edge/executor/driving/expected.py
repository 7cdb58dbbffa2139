"""The place the vehicle is expected to reach, and the event of reaching it."""

from edge.clock import Clock
from edge.executor.asks import Limits
from edge.executor.driving.arrival import ArrivalDetector
from edge.executor.keeper import Keeper
from edge.executor.mission.events import ArrivedAtStation, ArrivedAtStop, Event
from edge.executor.mission.progress import Phase
from edge.messages.geo import Place
from edge.messages.state import VehicleState


class Expected:
    """Watches the way to one place at a time."""

    def __init__(self, limits: Limits, keeper: Keeper, clock: Clock) -> None:
        self._limits = limits
        self._keeper = keeper
        self._clock = clock
        self._detector: ArrivalDetector | None = None

    @property
    def distance_m(self) -> float | None:
        """How far it is, as far as that is known."""
        return self._detector.distance_m if self._detector is not None else None

    def set(self, place: Place | None, radius_m: float | None = None) -> None:
        """Expect the vehicle somewhere, or nowhere."""
        self._detector = None
        if place is not None:
            self._detector = ArrivalDetector(
                place,
                radius_m or self._limits.radius_m,
                self._limits.dwell_s,
                self._limits.max_speed_mps,
            )

    def take(self, state: VehicleState) -> Event | None:
        """Follow a position; return the arrival, once."""
        if self._detector is None or not self._detector.update(state):
            return None
        if not self._limits.by_position:
            return None
        self._detector = None
        mission = self._keeper.mission
        if mission.phase is Phase.RETURNING:
            return ArrivedAtStation(by="position")
        stop_id = mission.progress.stop_id or ""
        return ArrivedAtStop(stop_id, "position", self._keeper.where(), self._clock.utc())
