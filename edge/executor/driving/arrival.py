"""Is the vehicle at the stop? Believed after a dwell, counting the accuracy of the fix."""

import math

import msgspec

from edge.messages.geo import Place, east_north_m
from edge.messages.state import VehicleState

SIGMA_TO_95 = 2.4477  # the published accuracy is a 95 % radius of a circular distribution
LEAVE_FACTOR, LEAVE_EXTRA_M = 1.5, 15.0  # how far beyond the radius the vehicle has left
LEAVE_DWELL_S = 5.0
LONGEST_STEP_S = 3.0  # states farther apart do not show what happened between them
FORGET_AFTER_S = 60.0  # a dwell is begun again after not knowing for so long


class ArrivalSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What a detector must keep through a restart."""

    dwelt_s: float = 0.0
    arrived: bool = False
    away_s: float = 0.0
    left: bool = False
    closest_m: float | None = None


class ArrivalDetector:
    """Watches one stop. Drive-bys, not noise, are what a naive detector takes for arrivals."""

    def __init__(
        self,
        place: Place,
        radius_m: float,
        dwell_s: float,
        max_speed_mps: float,
        snapshot: ArrivalSnapshot | None = None,
    ) -> None:
        self._place = place
        self._radius_m = radius_m
        self._leave_m = max(LEAVE_FACTOR * radius_m, radius_m + LEAVE_EXTRA_M)
        self._dwell_s = dwell_s
        self._max_speed_mps = max_speed_mps
        kept = snapshot or ArrivalSnapshot()
        self._dwelt_s = kept.dwelt_s
        self._arrived = kept.arrived
        self._dwelling = False
        self._away_s = kept.away_s
        self._away = False
        self._left = kept.left
        self._closest_m = kept.closest_m
        self._last: VehicleState | None = None
        self._known_s = math.inf
        self._distance_m: float | None = None

    @property
    def distance_m(self) -> float | None:
        """Distance of the last known place to the stop, None while it is not known."""
        return self._distance_m

    @property
    def closest_m(self) -> float | None:
        """The nearest the vehicle has come, between fixes too: it drove by if not arrived."""
        return self._closest_m

    @property
    def arrived(self) -> bool:
        """Whether the vehicle has arrived, and may have left since."""
        return self._arrived

    @property
    def left(self) -> bool:
        """Whether the vehicle has left after arriving. Not knowing is not leaving."""
        return self._left

    def snapshot(self) -> ArrivalSnapshot:
        """Return what another detector of this stop can go on from."""
        return ArrivalSnapshot(
            dwelt_s=self._dwelt_s,
            arrived=self._arrived,
            away_s=self._away_s,
            left=self._left,
            closest_m=self._closest_m,
        )

    def update(self, state: VehicleState) -> bool:
        """Take the newest state; return True once, when the vehicle has arrived.

        A state that is unknown or vaguer than the radius neither counts nor undoes.
        """
        known = self._is_known(state)
        if not known or state.place is None or state.accuracy_m is None:
            self._last = self._distance_m = None
            return False
        step_s = self._step_s(state)
        distance_m = math.hypot(*east_north_m(self._place, state.place))
        self._distance_m = distance_m
        passed_m = distance_m if self._last is None else self._passed_m(self._last, state)
        self._closest_m = min(
            passed_m, distance_m if self._closest_m is None else self._closest_m
        )
        self._last = state
        if state.at_s - self._known_s > FORGET_AFTER_S:
            self._dwelt_s = 0.0
        self._known_s = state.at_s
        sigma_m = state.accuracy_m / SIGMA_TO_95
        self._watch_leaving(distance_m - sigma_m, step_s)
        inside = distance_m + sigma_m <= self._radius_m
        slow = state.speed_mps is not None and state.speed_mps < self._max_speed_mps
        if not (inside and slow):
            self._dwelling, self._dwelt_s = False, 0.0
            return False
        if self._dwelling:
            self._dwelt_s += step_s
        self._dwelling = True
        if self._arrived or self._dwelt_s < self._dwell_s:
            return False
        self._arrived = True
        return True

    def _is_known(self, state: VehicleState) -> bool:
        vague = state.accuracy_m is None or state.accuracy_m > self._radius_m
        return state.fix != "none" and not state.doubtful and not vague

    def _step_s(self, state: VehicleState) -> float:
        """Return the time since the last known state, 0 if it vouches for no dwell."""
        if self._last is None:
            return 0.0
        step_s = state.at_s - self._last.at_s
        return step_s if 0 <= step_s <= LONGEST_STEP_S else 0.0

    def _watch_leaving(self, surely_off_m: float, step_s: float) -> None:
        away = surely_off_m > self._leave_m
        self._away_s = self._away_s + step_s if away and self._away else 0.0
        self._away = away
        self._left = self._left or (self._arrived and self._away_s >= LEAVE_DWELL_S)

    def _passed_m(self, last: VehicleState, state: VehicleState) -> float:
        """Return how near the straight way between two states comes to the stop."""
        assert last.place is not None, "a known state without a place"
        assert state.place is not None, "a known state without a place"
        east_m, north_m = east_north_m(self._place, last.place)
        to_east_m, to_north_m = east_north_m(self._place, state.place)
        way_east_m, way_north_m = to_east_m - east_m, to_north_m - north_m
        way2_m2 = way_east_m**2 + way_north_m**2
        if way2_m2 == 0:
            return math.hypot(east_m, north_m)
        part = -(east_m * way_east_m + north_m * way_north_m) / way2_m2
        part = min(max(part, 0.0), 1.0)
        return math.hypot(east_m + part * way_east_m, north_m + part * way_north_m)
