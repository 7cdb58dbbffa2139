"""What each event changes in a mission besides its phase, and the facts it makes.

One function an event; each returns the whole change or refuses it whole.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from edge.executor.mission import breaks, handing_over, leaving_out, meetings, plans
from edge.executor.mission.change import Change, RuleError, closing, put_parcels
from edge.executor.mission.events import (
    ArrivedAtStation,
    ArrivedAtStop,
    AttemptEnded,
    BreakBegun,
    BreakOver,
    CancelOrdered,
    DebriefEnded,
    Event,
    HandOverAsked,
    LoadingBegun,
    LoadingEnded,
    OfferTaken,
    ParcelScanned,
    Planned,
    ReturnScanned,
    RouteOffered,
)
from edge.executor.mission.progress import WORKING, Mission, ParcelProgress, Phase, Progress
from edge.executor.mission.whole import check_route, ids, last_stop_of, listed
from edge.messages.facts import (
    Arrived,
    BackAtStation,
    DayClosed,
    Fact,
    LoadingFinished,
    LoadingStarted,
    ParcelEnded,
    ParcelLoaded,
    RouteAccepted,
    ScanRefused,
)
from edge.messages.parcels import FailureCode, Outcome, ParcelId

__all__ = ["Change", "RuleError", "apply"]


def apply(mission: Mission, event: Event) -> Change:
    """Carry out what the event changes. Raises RuleError, and then nothing has changed."""
    return RULES[type(event)](mission, event)


def _offered(mission: Mission, event: RouteOffered) -> Change:
    route, progress = event.route, mission.progress
    check_route(route)
    if progress.route_id == route.route_id and route.revision <= progress.revision:
        raise RuleError(f"revision {route.revision} of {route.route_id} is not newer")
    if mission.phase in WORKING and progress.route_id != route.route_id:
        raise RuleError(f"route {progress.route_id} is under way")
    keeps = progress.route_id == route.route_id
    if keeps and mission.phase is Phase.CLOSED:
        raise RuleError(f"the day of route {route.route_id} is closed")
    known = progress.parcels if keeps else {}
    gone = [p for p, at in known.items() if at.loaded and p not in ids(route)]
    if gone:
        raise RuleError(f"the new revision leaves out loaded parcels: {', '.join(gone)}")
    fetched = set(listed(route, takes_on=True))
    parcels = {p: known.get(p, ParcelProgress(by_pickup=p in fetched)) for p in ids(route)}
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
    here = mission.progress.stop_id
    if parcel.by_pickup and (here is None or event.parcel_id not in mission.stop.parcels):
        raise RuleError(f"{event.parcel_id} is picked up on the way")
    loaded = msgspec.structs.replace(parcel, loaded=True)
    after = put_parcels(mission, {event.parcel_id: loaded})
    if here is None:
        return Change(after, (ParcelLoaded(parcel_id=event.parcel_id),))
    on_board = meetings.taken(mission, event, here)
    after, closed = closing(after, here, mission.progress.arrived_utc)
    return Change(after, (on_board, *closed))


def _loaded(mission: Mission, _event: LoadingEnded) -> Change:
    assert mission.route is not None, "loading without a route"
    at = mission.progress.parcels
    missing = tuple(p for p, parcel in at.items() if parcel.awaited and not parcel.by_pickup)
    stop_of = last_stop_of(mission.route)
    ended = [
        ParcelEnded(
            parcel_id=p,
            outcome=Outcome.FAILED,
            stop_id=stop_of[p].stop_id,
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
    if mission.phase is Phase.AT_STOP and not _at_station(mission):
        raise RuleError("parcels are returned at the station")
    if parcel.outcome is not None:
        raise RuleError(f"{event.parcel_id} is {parcel.outcome.value} already")
    return _end(mission, event.parcel_id, Outcome.RETURNED, "station")


def _at_station(mission: Mission) -> bool:
    """Tell whether the stop being served is at the station, for the next load."""
    route = mission.route
    stop = mission.stop
    return route is not None and stop.takes_on and stop.place == route.station


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


RULES: dict[type[Any], Callable[[Mission, Any], Change]] = {
    RouteOffered: _offered,
    CancelOrdered: leaving_out.cancelled,
    Planned: plans.planned,
    OfferTaken: plans.offer_taken,
    LoadingBegun: _loading,
    ParcelScanned: _scanned,
    LoadingEnded: _loaded,
    ArrivedAtStop: _arrived,
    HandOverAsked: handing_over.hand_over,
    AttemptEnded: handing_over.attempt_failed,
    ArrivedAtStation: _back,
    ReturnScanned: _return_scanned,
    DebriefEnded: _closed,
    BreakBegun: breaks.begun,
    BreakOver: breaks.over,
}
