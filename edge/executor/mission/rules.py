"""What each event changes in a mission besides its phase, and the facts it makes.

One function an event; each returns the whole change or refuses it whole.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from edge.executor.mission import handing_over
from edge.executor.mission.change import Change, RuleError, closing, put_parcels
from edge.executor.mission.events import (
    ArrivedAtStation,
    ArrivedAtStop,
    AttemptEnded,
    CancelOrdered,
    DebriefEnded,
    Event,
    HandOverAsked,
    LoadingBegun,
    LoadingEnded,
    ParcelScanned,
    Planned,
    ReturnScanned,
    RouteOffered,
)
from edge.executor.mission.progress import WORKING, Mission, ParcelProgress, Phase, Progress
from edge.messages.facts import (
    Arrived,
    AttemptFailed,
    BackAtStation,
    DayClosed,
    Fact,
    LoadingFinished,
    LoadingStarted,
    ParcelEnded,
    ParcelLoaded,
    PlanChanged,
    RouteAccepted,
    ScanRefused,
    StopsCancelled,
)
from edge.messages.parcels import FailureCode, Outcome, ParcelId
from edge.messages.routes import Route

__all__ = ["Change", "RuleError", "apply", "give_up_dropped"]


def apply(mission: Mission, event: Event) -> Change:
    """Carry out what the event changes. Raises RuleError, and then nothing has changed."""
    return RULES[type(event)](mission, event)


def give_up_dropped(mission: Mission) -> tuple[Mission, list[Fact]]:
    """Close the stops that no plan took in any more; their parcels go back."""
    facts: list[Fact] = []
    for stop_id in mission.remaining():
        stop = mission.stop_of(stop_id)
        left = tuple(p for p in stop.parcels if mission.progress.parcels[p].open)
        facts.append(
            AttemptFailed(
                stop_id=stop_id,
                parcel_ids=left,
                code=FailureCode.OUT_OF_TIME,
                note="left out by the plan",
            )
        )
        failed = {p: _failed(mission, p, FailureCode.OUT_OF_TIME) for p in left}
        mission = put_parcels(mission, failed)
        mission, closed = closing(mission, stop_id, None)
        facts += closed
    return mission, facts


def _offered(mission: Mission, event: RouteOffered) -> Change:
    route, progress = event.route, mission.progress
    _check_route(route)
    if progress.route_id == route.route_id and route.revision <= progress.revision:
        raise RuleError(f"revision {route.revision} of {route.route_id} is not newer")
    if mission.phase in WORKING and progress.route_id != route.route_id:
        raise RuleError(f"route {progress.route_id} is under way")
    keeps = progress.route_id == route.route_id
    if keeps and mission.phase is Phase.CLOSED:
        raise RuleError(f"the day of route {route.route_id} is closed")
    known = progress.parcels if keeps else {}
    gone = [p for p, at in known.items() if at.loaded and p not in _ids(route)]
    if gone:
        raise RuleError(f"the new revision leaves out loaded parcels: {', '.join(gone)}")
    parcels = {p: known.get(p, ParcelProgress()) for p in _ids(route)}
    after = Progress(
        phase=progress.phase,
        route_id=route.route_id,
        revision=route.revision,
        order=tuple(stop.stop_id for stop in route.stops),
        parcels=parcels,
        plan_number=progress.plan_number if keeps else 0,
        driver=progress.driver if keeps else "",
    )
    fact = RouteAccepted(
        route_id=route.route_id,
        revision=route.revision,
        route_hash=event.route_hash,
        stops=len(route.stops),
        parcels=len(parcels),
    )
    return Change(Mission(route, after), (fact,))


def _check_route(route: Route) -> None:
    """Refuse a route that does not hold together, as a whole."""
    stop_ids = [stop.stop_id for stop in route.stops]
    listed = [p for stop in route.stops for p in stop.parcels]
    known = _ids(route)
    if len(set(stop_ids)) != len(stop_ids):
        raise RuleError("a stop is listed twice")
    if len(set(listed)) != len(listed) or len(set(known)) != len(known):
        raise RuleError("a parcel is listed twice")
    if set(listed) != set(known):
        odd = sorted(set(listed) ^ set(known))
        raise RuleError(f"parcels and stops do not fit together: {', '.join(odd[:5])}")
    for stop in route.stops:
        if stop.kind != "delivery" or not stop.parcels:
            raise RuleError(f"stop {stop.stop_id}: only deliveries with parcels can be served")


def _cancelled(mission: Mission, event: CancelOrdered) -> Change:
    if event.route_id != mission.progress.route_id:
        raise RuleError(f"route {event.route_id} is not the present one")
    assert mission.route is not None, "a route id without a route"
    known = {stop.stop_id for stop in mission.route.stops}
    stops = tuple(s for s in event.stop_ids if s in known and mission.due(s))
    if not stops:
        raise RuleError("none of these stops is still to be served")
    facts: list[Fact] = [StopsCancelled(stop_ids=stops, reason=event.reason)]
    for stop_id in stops:
        at = {p: mission.progress.parcels[p] for p in mission.stop_of(stop_id).parcels}
        aboard = tuple(p for p, parcel in at.items() if parcel.open)
        ashore = tuple(
            p for p, parcel in at.items() if not parcel.loaded and not parcel.outcome
        )
        if aboard:
            code = FailureCode.CANCELLED
            facts.append(AttemptFailed(stop_id=stop_id, parcel_ids=aboard, code=code))
            mission = put_parcels(mission, {p: _failed(mission, p, code) for p in aboard})
        facts += [
            ParcelEnded(
                parcel_id=p, outcome=Outcome.CANCELLED, stop_id=stop_id, custody="station"
            )
            for p in ashore
        ]
        mission = put_parcels(
            mission, {p: ParcelProgress(outcome=Outcome.CANCELLED) for p in ashore}
        )
        mission, closed = closing(mission, stop_id, None)
        facts += closed
    return Change(mission, tuple(facts))


def _planned(mission: Mission, event: Planned) -> Change:
    plan, progress = event.plan, mission.progress
    if (plan.route_id, plan.route_revision) != (progress.route_id, progress.revision):
        raise RuleError("the plan is for another route or revision")
    order = tuple(planned.stop_id for planned in plan.stops)
    dropped = tuple(drop.stop_id for drop in plan.dropped)
    wanted = mission.to_plan()
    if set(order) | set(dropped) != set(wanted):
        raise RuleError("the plan is not about the stops that remain")
    fact = PlanChanged(
        number=plan.number,
        plan_hash=event.plan_hash,
        stops=plan.stops,
        dropped=plan.dropped,
        back_utc=plan.back_utc,
        why=plan.why,
    )
    served = tuple(s for s in mission.remaining() if s not in wanted)
    after = msgspec.structs.replace(
        progress, order=(*served, *order), dropped=dropped, plan_number=plan.number
    )
    return Change(Mission(mission.route, after), (fact,))


def _loading(mission: Mission, event: LoadingBegun) -> Change:
    progress = msgspec.structs.replace(mission.progress, driver=event.driver)
    return Change(Mission(mission.route, progress), (LoadingStarted(),))


def _scanned(mission: Mission, event: ParcelScanned) -> Change:
    parcel = mission.progress.parcels.get(event.parcel_id)
    if parcel is None or parcel.outcome is not None:
        fact = ScanRefused(parcel_id=event.parcel_id, reason="not on this route")
        return Change(mission, (fact,), refused=f"{event.parcel_id} is not on this route")
    if parcel.loaded:
        fact = ScanRefused(parcel_id=event.parcel_id, reason="scanned twice")
        return Change(mission, (fact,), refused=f"{event.parcel_id} is loaded already")
    loaded = msgspec.structs.replace(parcel, loaded=True)
    after = put_parcels(mission, {event.parcel_id: loaded})
    return Change(after, (ParcelLoaded(parcel_id=event.parcel_id),))


def _loaded(mission: Mission, _event: LoadingEnded) -> Change:
    assert mission.route is not None, "loading without a route"
    at = mission.progress.parcels
    missing = tuple(p for p, parcel in at.items() if not parcel.loaded and not parcel.outcome)
    stop_of = {p: stop.stop_id for stop in mission.route.stops for p in stop.parcels}
    ended = [
        ParcelEnded(
            parcel_id=p,
            outcome=Outcome.FAILED,
            stop_id=stop_of[p],
            code=FailureCode.MISSING,
            custody="station",
        )
        for p in missing
    ]
    after = put_parcels(
        mission,
        {
            p: ParcelProgress(failed=FailureCode.MISSING, outcome=Outcome.FAILED)
            for p in missing
        },
    )
    loaded = sum(parcel.loaded for parcel in at.values())
    return Change(after, (*ended, LoadingFinished(loaded=loaded, missing=missing)))


def _arrived(mission: Mission, event: ArrivedAtStop) -> Change:
    if event.stop_id != mission.progress.stop_id:
        raise RuleError(f"the vehicle is on its way to {mission.progress.stop_id}")
    fact = Arrived(
        stop_id=event.stop_id,
        by=event.by,
        place=event.where.place,
        accuracy_m=event.where.accuracy_m,
        distance_m=event.where.distance_m,
    )
    progress = msgspec.structs.replace(mission.progress, arrived_utc=event.utc)
    return Change(Mission(mission.route, progress), (fact,))


def _back(mission: Mission, event: ArrivedAtStation) -> Change:
    return Change(mission, (BackAtStation(by=event.by),))


def _return_scanned(mission: Mission, event: ReturnScanned) -> Change:
    parcel = mission.progress.parcels.get(event.parcel_id)
    if parcel is None or not parcel.loaded:
        raise RuleError(f"{event.parcel_id} was not on board")
    if parcel.outcome is not None:
        raise RuleError(f"{event.parcel_id} is {parcel.outcome.value} already")
    return _end(mission, event.parcel_id, Outcome.RETURNED, "station")


def _closed(mission: Mission, _event: DebriefEnded) -> Change:
    assert mission.route is not None, "a debrief without a route"
    expected = len(mission.route.parcels)
    facts: list[Fact] = []
    for parcel_id in mission.on_board():  # not scanned in: nobody knows where it is
        change = _end(mission, parcel_id, Outcome.FAILED, "lost")
        mission, facts = change.mission, [*facts, *change.facts]
    at = mission.progress.parcels.values()
    outcomes = Counter(parcel.outcome.value if parcel.outcome else "none" for parcel in at)
    facts.append(
        DayClosed(
            route_id=mission.progress.route_id,
            expected=expected,
            loaded=sum(parcel.loaded for parcel in at),
            outcomes=dict(sorted(outcomes.items())),
            balanced="none" not in outcomes and outcomes.total() == expected,
            driven_m=round(mission.progress.driven_m, 1),
        )
    )
    return Change(mission, tuple(facts))


def _end(mission: Mission, parcel_id: ParcelId, outcome: Outcome, custody: Any) -> Change:  # noqa: ANN401
    parcel = mission.progress.parcels[parcel_id]
    code = parcel.failed or (FailureCode.MISSING if custody == "lost" else None)
    fact = ParcelEnded(parcel_id=parcel_id, outcome=outcome, code=code, custody=custody)
    ended = msgspec.structs.replace(parcel, outcome=outcome)
    return Change(put_parcels(mission, {parcel_id: ended}), (fact,))


def _failed(mission: Mission, parcel_id: ParcelId, code: FailureCode) -> ParcelProgress:
    return msgspec.structs.replace(mission.progress.parcels[parcel_id], failed=code)


def _ids(route: Route) -> list[ParcelId]:
    return [parcel.parcel_id for parcel in route.parcels]


RULES: dict[type[Any], Callable[[Mission, Any], Change]] = {
    RouteOffered: _offered,
    CancelOrdered: _cancelled,
    Planned: _planned,
    LoadingBegun: _loading,
    ParcelScanned: _scanned,
    LoadingEnded: _loaded,
    ArrivedAtStop: _arrived,
    HandOverAsked: handing_over.hand_over,
    AttemptEnded: handing_over.attempt_failed,
    ArrivedAtStation: _back,
    ReturnScanned: _return_scanned,
    DebriefEnded: _closed,
}
