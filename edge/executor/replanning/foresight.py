"""What the day teaches while it is driven: the pace of legs and services, and drift."""

from datetime import datetime, timedelta

from edge.executor.mission.progress import Mission, Phase
from edge.messages.broker.wire import UndecodableError, from_msgpack, to_msgpack
from edge.messages.geo import Place, distance_m
from edge.messages.parcels import StopId
from edge.messages.plan import Plan, Trigger
from edge.messages.state import VehicleState
from edge.planner.foresight.drift import LegUnderway, planned_for, triggers
from edge.planner.foresight.eta import Paces

CHECK_EVERY_S = 10.0
LEAVING_S = 60.0  # a stop that ends so near to its planned time says nothing new


class Foresight:
    """Follows the mission; asks for plans when the day runs off the present one."""

    def __init__(self) -> None:
        self.paces = Paces()
        self._route_id = ""
        self._began: tuple[StopId, datetime, float] | None = None
        """The leg being driven: where to, since when, how long it was planned to take [s]."""
        self._leg: LegUnderway | None = None
        self._checked_s = float("-inf")
        self._rested_s = 0.0
        """Breaks taken since the leg or the stop began."""

    def load(self, blob: bytes | None, route_id: str) -> None:
        """Take up what the store holds; what cannot be read is learnt anew."""
        self._route_id = route_id
        try:
            self.paces = from_msgpack(blob, Paces) if blob is not None else Paces()
        except UndecodableError:
            self.paces = Paces()

    def follow(
        self, before: Mission, after: Mission, plan: Plan | None, utc: datetime
    ) -> bytes | None:
        """Learn from what an event has changed; return what to keep of it, if anything."""
        known = self.paces
        if after.progress.route_id != self._route_id:
            self._route_id, self.paces = after.progress.route_id, Paces()
        stop_id, resting_utc = after.progress.stop_id, before.progress.break_since_utc
        if resting_utc is not None and after.progress.break_since_utc is None:
            self._rested_s += (utc - resting_utc).total_seconds()
        if before.phase is Phase.AT_STOP and (after.phase, stop_id) != (
            Phase.AT_STOP,
            before.progress.stop_id,
        ):
            self._served(before, utc)
        if after.phase is Phase.AT_STOP and before.phase is not Phase.AT_STOP:
            self._arrived(after, utc)
        sets_out = stop_id != before.progress.stop_id or before.phase is not Phase.UNDERWAY
        if after.phase is Phase.UNDERWAY and sets_out and stop_id is not None:
            leg_s = _planned_leg_s(after, plan, stop_id)
            self._began = (stop_id, utc, leg_s) if leg_s is not None else None
        if (after.phase, stop_id) != (before.phase, before.progress.stop_id):
            self._rested_s = 0.0
        return to_msgpack(self.paces) if self.paces is not known else None

    def aim(self, mission: Mission, plan: Plan | None, place: Place | None) -> None:
        """Measure the leg being driven against a plan that is new, or newly followed."""
        self._leg = None
        stop_id = mission.progress.stop_id
        if mission.phase is not Phase.UNDERWAY or stop_id is None or plan is None:
            return
        planned = planned_for(plan, stop_id)
        if planned is None or place is None or plan.starts_utc is None:
            return
        first = plan.stops[0].stop_id == stop_id
        from_utc = plan.starts_utc if first else planned.arrives_utc
        if not first:
            earlier = [s for s in plan.stops if s.departs_utc <= planned.arrives_utc]
            from_utc = max((s.departs_utc for s in earlier), default=plan.starts_utc)
        rests_until_utc = mission.rests_until_utc()
        for one in plan.breaks:
            if one.before == stop_id:
                rests_until_utc = one.begins_utc + timedelta(seconds=one.lasts_s)
                from_utc = max(from_utc, rests_until_utc)
        whole_m = distance_m(place, mission.stop.place)
        arrives_utc = planned.arrives_utc
        self._leg = LegUnderway(stop_id, from_utc, arrives_utc, whole_m, rests_until_utc)

    def look(
        self,
        mission: Mission,
        plan: Plan | None,
        state: VehicleState,
        utc: datetime,
        now_s: float,
    ) -> tuple[Trigger, ...]:
        """Return what asks for a new plan, looking now and then."""
        if now_s - self._checked_s < CHECK_EVERY_S or plan is None:
            return ()
        self._checked_s = now_s
        drift_s = self._drift_s(mission, plan, state, utc)
        return _asked(mission, plan, drift_s) if drift_s is not None else ()

    def left(
        self, mission: Mission, plan: Plan | None, stop_id: StopId, utc: datetime
    ) -> tuple[Trigger, ...]:
        """Return what asks for a new plan when a stop has just ended."""
        planned = planned_for(plan, stop_id) if plan is not None else None
        if plan is None or planned is None or mission.phase is not Phase.UNDERWAY:
            return ()
        drift_s = (utc - planned.departs_utc).total_seconds()
        return _asked(mission, plan, drift_s) if abs(drift_s) > LEAVING_S else ()

    def _drift_s(
        self, mission: Mission, plan: Plan, state: VehicleState, utc: datetime
    ) -> float | None:
        """Return how much later than planned the vehicle will be; None: nobody knows."""
        stop_id = mission.progress.stop_id
        if mission.phase in (Phase.OFFERED, Phase.LOADING) and plan.starts_utc is not None:
            return max(0.0, (utc - plan.starts_utc).total_seconds())
        if stop_id is None:
            return None
        planned = planned_for(plan, stop_id)
        if mission.phase is Phase.AT_STOP:
            leaves_utc = planned.departs_utc if planned is not None else plan.starts_utc
            if leaves_utc is None:
                return None
            return max(0.0, (utc - leaves_utc).total_seconds())
        if mission.phase is not Phase.UNDERWAY or planned is None:
            return None
        leg = self._leg
        if leg is None or leg.stop_id != stop_id or state.place is None:
            return max(0.0, (utc - planned.arrives_utc).total_seconds())
        left_m = distance_m(state.place, mission.stop.place)
        return (leg.foreseen_utc(left_m, utc) - planned.arrives_utc).total_seconds()

    def _arrived(self, mission: Mission, utc: datetime) -> None:
        if self._began is not None and self._began[0] == mission.progress.stop_id:
            _, since_utc, planned_s = self._began
            real_s = (utc - since_utc).total_seconds() - self._rested_s
            self.paces = self.paces.learn_leg(planned_s, real_s)
        self._began = None

    def _served(self, mission: Mission, utc: datetime) -> None:
        arrived_utc, stop = mission.progress.arrived_utc, mission.stop
        if arrived_utc is None:
            return
        ahead = [w.opens_utc for w in stop.windows if w.closes_utc >= arrived_utc]
        began_utc = max(arrived_utc, min(ahead, default=arrived_utc))
        real_s = (utc - began_utc).total_seconds() - self._rested_s
        self.paces = self.paces.learn_service(stop.service_s, real_s)


def _asked(mission: Mission, plan: Plan, drift_s: float) -> tuple[Trigger, ...]:
    assert mission.route is not None, "a plan without a route"
    stops = {stop.stop_id: stop for stop in mission.route.stops}
    return triggers(plan, stops, drift_s, frozenset(mission.progress.foretold))


def _planned_leg_s(mission: Mission, plan: Plan | None, stop_id: StopId) -> float | None:
    """Return how long the leg that begins was planned to take, if it is the plan's own."""
    if plan is None:
        return None
    names = [stop.stop_id for stop in plan.stops]
    if stop_id not in names:
        return None
    place = names.index(stop_id)
    closed = mission.progress.closed
    from_there = place == 0 or (bool(closed) and closed[-1] == names[place - 1])
    return plan.stops[place].leg_s if from_there else None
