"""How far the day runs off its plan between two plans, and which promises that breaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.messages.parcels import StopId
from edge.messages.plan import Plan, PlannedStop, Trigger
from edge.messages.routes import Stop

OFF_PLAN_S = 300.0  # a drift beyond this asks for a new plan
LATE_BY_S = 60.0  # nobody is told of less


@dataclass(frozen=True, slots=True)
class LegUnderway:
    """The leg being driven, from when its arrival was last planned."""

    stop_id: StopId
    from_utc: datetime
    arrives_utc: datetime
    whole_m: float
    """Straight distance that was left then."""
    rests_until_utc: datetime | None = None
    """The end of the break before it, as planned or as it is being taken."""

    def foreseen_utc(self, left_m: float, utc: datetime) -> datetime:
        """Return when the vehicle arrives if the rest goes as fast as was planned."""
        share = min(1.0, left_m / self.whole_m) if self.whole_m > 0 else 0.0
        leaves_utc = utc if self.rests_until_utc is None else max(utc, self.rests_until_utc)
        return leaves_utc + max(timedelta(0), self.arrives_utc - self.from_utc) * share


def planned_for(plan: Plan, stop_id: StopId) -> PlannedStop | None:
    """Return what a plan says of a stop."""
    return next((stop for stop in plan.stops if stop.stop_id == stop_id), None)


def late_by_drift(
    plan: Plan, stops: Mapping[StopId, Stop], drift_s: float
) -> tuple[StopId, ...]:
    """Return the promised stops that are punctual in the plan and not so with this drift.

    A wait for a window to open takes up what it can of the drift.
    """
    broken = []
    for planned in plan.stops:
        if drift_s <= 0.0:
            break
        stop = stops.get(planned.stop_id)
        if stop is None:
            continue
        if stop.windows:
            closes_utc = max(window.closes_utc for window in stop.windows)
            after_s = (planned.arrives_utc - closes_utc).total_seconds() + drift_s
            if planned.late_s < LATE_BY_S <= after_s:
                broken.append(planned.stop_id)
        stay_s = (planned.departs_utc - planned.arrives_utc).total_seconds()
        drift_s -= max(0.0, stay_s - stop.service_s)
    return tuple(broken)


def triggers(
    plan: Plan,
    stops: Mapping[StopId, Stop],
    drift_s: float,
    told: frozenset[StopId] = frozenset(),
) -> tuple[Trigger, ...]:
    """Return what asks for a new plan when the day has drifted so far from this one.

    `told` are the stops whose lateness is known to people already.
    """
    found: list[Trigger] = []
    if set(late_by_drift(plan, stops, drift_s)) - told:
        found.append("late")
    if abs(drift_s) > OFF_PLAN_S:
        found.append("off_plan")
    return tuple(found)
