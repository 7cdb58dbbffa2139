"""Whether an order that is offered while driving can be taken on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.messages.parcels import StopId
from edge.messages.plan import PlannedStop
from edge.messages.routes import Offer, Route, Stop
from edge.planner.plan import Made
from edge.planner.telling.why import duration

MOST_RISK = 0.2
"""A promise may be broken with this chance at most, unless it was so before."""
MORE_LATE_S = 60.0  # what is late anyway may become later by this


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to answer."""

    accepted: bool
    reason: str
    slack_s: float | None
    added_s: float


def judge(offer: Offer, route: Route, keeping: Made, taking: Made) -> Verdict:
    """Compare the day with the offer and without it; `route` has the offer in it.

    It is taken on only if all of it is served in time, everything fits on board, and no
    promise made before is broken, left out or put at risk by it.
    """
    stops = {stop.stop_id: stop for stop in route.stops}
    offered = {stop.stop_id for stop in offer.stops}
    slack_s = _slack_s(taking.plan.stops, stops)
    added_s = (taking.driven.travel_cost_ms - keeping.driven.travel_cost_ms) / 1000
    no = _objection(offered, stops, keeping, taking)
    return Verdict(not no, no or "every promise is kept", slack_s, round(added_s, 1))


def _objection(
    offered: set[StopId], stops: Mapping[StopId, Stop], keeping: Made, taking: Made
) -> str:
    """Return why the offer is not taken on; empty if it is."""
    before = {stop.stop_id: stop for stop in keeping.plan.stops}
    after = {stop.stop_id: stop for stop in taking.plan.stops}
    for drop in taking.plan.dropped:
        if drop.stop_id in offered:
            return f"{drop.stop_id} {drop.reason}"
    lost = sorted(before.keys() - after.keys())
    if lost:
        return f"it would leave out {lost[0]}"
    driven = taking.driven
    if any(amount > 0 for amount in driven.excess):
        return "it does not fit on board"
    if driven.missed and not keeping.driven.missed:
        return "goods would be too late"
    if driven.broken_pairs:
        return "it cannot be served in order"
    if driven.overtime_ms > keeping.driven.overtime_ms:
        return "it does not fit before the end of the shift"
    for stop_id, now in after.items():
        if not stops[stop_id].windows:
            continue
        was = before.get(stop_id)
        known_late_s = was.late_s + MORE_LATE_S if was is not None and was.late_s else 0.0
        if now.late_s > known_late_s:
            return f"{stop_id} would be {duration(round(now.late_s * 1000))} late"
        known_risk = was.late_chance if was is not None else 0.0
        if now.late_chance > max(MOST_RISK, known_risk + 0.05):
            return f"{stop_id} would probably be late"
    return ""


def _slack_s(planned: Sequence[PlannedStop], stops: Mapping[StopId, Stop]) -> float | None:
    """Return how much later than planned the tightest promise could be reached."""
    slacks = [
        (_closes_utc(stops[one.stop_id]) - one.arrives_utc).total_seconds()
        for one in planned
        if stops[one.stop_id].windows
    ]
    return round(min(slacks), 1) if slacks else None


def _closes_utc(stop: Stop) -> datetime:
    return max(window.closes_utc for window in stop.windows)
