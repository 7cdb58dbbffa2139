"""What a new plan and an accepted offer change in a mission."""

from datetime import timedelta

import msgspec

from edge.executor.mission.change import Change, RuleError
from edge.executor.mission.events import OfferTaken, Planned
from edge.executor.mission.progress import Mission, ParcelProgress
from edge.executor.mission.whole import check_route, listed
from edge.messages.facts import (
    Fact,
    LatenessForeseen,
    OfferAnswered,
    PlanChanged,
    RouteAccepted,
    StopBarred,
)
from edge.messages.plan import Plan
from edge.messages.routes import Offer, with_offer

FORESEEN_CHANCE = 0.4
"""A promise that is broken with at least this chance is told to people: on days by chance every
late arrival is then known 15 min ahead, and people are told 1.8 times for each one that comes
(tests/edge/planner/foresight/test_lateness.py)."""
BARRED = ("zone", "unreachable")


def planned(mission: Mission, event: Planned) -> Change:
    """Take a plan over; whatever people must know of it becomes a fact."""
    plan, progress = event.plan, mission.progress
    if (plan.route_id, plan.route_revision) != (progress.route_id, progress.revision):
        raise RuleError("the plan is for another route or revision")
    order = tuple(planned.stop_id for planned in plan.stops)
    dropped = tuple(drop.stop_id for drop in plan.dropped)
    wanted = mission.to_plan()
    if set(order) | set(dropped) != set(wanted):
        raise RuleError("the plan is not about the stops that remain")
    served = tuple(s for s in mission.remaining() if s not in wanted)
    late = _foreseen(mission, plan)
    told = {f.stop_id: (f.earliest_utc, f.latest_utc) for f in late}
    after = msgspec.structs.replace(
        progress,
        order=(*served, *order),
        dropped=dropped,
        barred=tuple(drop.stop_id for drop in plan.dropped if drop.code in BARRED),
        too_late=tuple(drop.stop_id for drop in plan.dropped if drop.code == "too_late"),
        foretold={**progress.foretold, **told},
        plan_number=plan.number,
    )
    facts: list[Fact] = [] if event.quiet else [_changed(event)]
    facts += [
        StopBarred(
            stop_id=drop.stop_id,
            reason=drop.reason,
            until_utc=drop.until_utc,
            alternative=drop.alternative,
        )
        for drop in plan.dropped
        if (drop.code in BARRED and drop.stop_id not in progress.barred)
        or (drop.code == "too_late" and drop.stop_id not in progress.too_late)
    ]
    return Change(Mission(mission.route, after), (*facts, *late))


def offer_taken(mission: Mission, event: OfferTaken) -> Change:
    """Put the stops of an accepted offer into the route, with the plan that serves them."""
    offer, after = event.offer, taken_on(mission, event.offer)
    change, route = planned(after, event.planned), after.route
    assert route is not None, "an offer without a route"
    answered = OfferAnswered(
        offer_id=offer.offer_id,
        accepted=True,
        reason=event.reason,
        slack_s=event.slack_s,
        added_s=event.added_s,
        revision=route.revision,
    )
    accepted = RouteAccepted(
        route_id=route.route_id,
        revision=route.revision,
        route_hash=event.route_hash,
        stops=len(route.stops),
        parcels=len(route.parcels),
    )
    return Change(change.mission, (answered, accepted, *change.facts))


def taken_on(mission: Mission, offer: Offer) -> Mission:
    """Return the mission with the stops of an offer, not planned yet. Raises RuleError."""
    if mission.route is None or offer.route_id != mission.route.route_id:
        raise RuleError(f"route {offer.route_id} is not the present one")
    route = with_offer(mission.route, offer)
    check_route(route)
    fetched = set(listed(route, takes_on=True))
    coming = {p.parcel_id: ParcelProgress(by_pickup=True) for p in offer.parcels}
    ashore = sorted(coming.keys() - fetched)
    if ashore:
        raise RuleError(f"{ashore[0]} is not picked up at any of these stops")
    progress = msgspec.structs.replace(
        mission.progress,
        revision=route.revision,
        order=(*mission.progress.order, *(stop.stop_id for stop in offer.stops)),
        parcels={**mission.progress.parcels, **coming},
    )
    return Mission(route, progress)


def _changed(event: Planned) -> PlanChanged:
    plan = event.plan
    return PlanChanged(
        number=plan.number,
        plan_hash=event.plan_hash,
        stops=plan.stops,
        dropped=plan.dropped,
        breaks=plan.breaks,
        back_utc=plan.back_utc,
        why=plan.why,
    )


def _foreseen(mission: Mission, plan: Plan) -> list[LatenessForeseen]:
    """Return the promises that will probably be broken and of which nobody was told yet."""
    found = []
    for stop in plan.stops:
        if stop.late_chance < FORESEEN_CHANCE or stop.stop_id in mission.progress.foretold:
            continue
        windows = mission.stop_of(stop.stop_id).windows
        early_s, middle_s, late_s = stop.spread_s or (0, 0, 0)
        found.append(
            LatenessForeseen(
                stop_id=stop.stop_id,
                closes_utc=max(window.closes_utc for window in windows),
                expected_utc=stop.arrives_utc + timedelta(seconds=middle_s),
                earliest_utc=stop.arrives_utc + timedelta(seconds=early_s),
                latest_utc=stop.arrives_utc + timedelta(seconds=late_s),
                chance=round(stop.late_chance, 2),
            )
        )
    return found
