"""Stops that will not be served: cancelled, given up by the plan, not picked up."""

from typing import Literal

import msgspec

from edge.executor.mission.change import Change, RuleError, closing_all, put_parcels
from edge.executor.mission.events import CancelOrdered
from edge.executor.mission.progress import Mission, ParcelProgress
from edge.messages.facts import AttemptFailed, Fact, ParcelEnded, StopsCancelled
from edge.messages.parcels import FailureCode, Outcome, ParcelId, StopId


def cancelled(mission: Mission, event: CancelOrdered) -> Change:
    """Take stops out of the day on the station's order."""
    if event.route_id != mission.progress.route_id:
        raise RuleError(f"route {event.route_id} is not the present one")
    assert mission.route is not None, "a route id without a route"
    known = {stop.stop_id for stop in mission.route.stops}
    stops = tuple(s for s in event.stop_ids if s in known and mission.due(s))
    if not stops:
        raise RuleError("none of these stops is still to be served")
    facts: list[Fact] = [StopsCancelled(stop_ids=stops, reason=event.reason)]
    for stop_id in stops:
        mission, left = leave_out(mission, stop_id, FailureCode.CANCELLED)
        facts += left
    return Change(mission, tuple(facts))


def give_up_dropped(mission: Mission) -> tuple[Mission, list[Fact]]:
    """Close the stops that no plan took in any more; their parcels go back."""
    facts: list[Fact] = []
    for stop_id in mission.remaining():
        barred = stop_id in mission.progress.barred
        code = FailureCode.NO_ACCESS if barred else FailureCode.OUT_OF_TIME
        too_late = stop_id in mission.progress.too_late
        note = "too late for its goods" if too_late else "left out by the plan"
        mission, left = leave_out(mission, stop_id, code, note)
        facts += left
    return mission, facts


def leave_out(
    mission: Mission, stop_id: StopId, code: FailureCode, note: str = ""
) -> tuple[Mission, list[Fact]]:
    """Close a stop unserved: what is on board goes back, what is not stays where it is."""
    stop = mission.stop_of(stop_id)
    at = {p: mission.progress.parcels[p] for p in stop.parcels}
    aboard = tuple(p for p, it in at.items() if it.open and not stop.takes_on)
    ashore = tuple(p for p, it in at.items() if it.awaited)
    facts: list[Fact] = []
    if aboard:
        facts.append(AttemptFailed(stop_id=stop_id, parcel_ids=aboard, code=code, note=note))
        failed = {p: msgspec.structs.replace(at[p], failed=code) for p in aboard}
        mission = put_parcels(mission, failed)
    mission, ended = end_ashore(mission, stop_id, ashore, code)
    facts += ended
    mission, closed = closing_all(mission, (*aboard, *ashore), None)
    return mission, [*facts, *closed]


def end_ashore(
    mission: Mission, stop_id: StopId, parcel_ids: tuple[ParcelId, ...], code: FailureCode
) -> tuple[Mission, list[Fact]]:
    """End parcels that never came on board."""
    outcome = Outcome.CANCELLED if code is FailureCode.CANCELLED else Outcome.FAILED
    known = mission.progress.parcels
    met = _met(mission)
    facts: list[Fact] = [
        ParcelEnded(
            parcel_id=p,
            outcome=outcome,
            stop_id=stop_id,
            code=None if outcome is Outcome.CANCELLED else code,
            custody=_ashore(by_pickup=known[p].by_pickup, met=p in met),
        )
        for p in parcel_ids
    ]
    failed = None if outcome is Outcome.CANCELLED else code
    after = {
        p: ParcelProgress(failed=failed, outcome=outcome, by_pickup=known[p].by_pickup)
        for p in parcel_ids
    }
    return put_parcels(mission, after), facts


def _met(mission: Mission) -> frozenset[ParcelId]:
    """Return the parcels that another vehicle brings."""
    stops = mission.route.stops if mission.route is not None else ()
    return frozenset(p for s in stops if s.takes_on and s.meeting for p in s.parcels)


def _ashore(*, by_pickup: bool, met: bool) -> Literal["customer", "vehicle", "station"]:
    """Return who has a parcel that did not come on board where it should have."""
    if by_pickup:
        return "vehicle" if met else "customer"
    return "station"
