"""One vehicle's facts of one route, counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from edge.messages import facts as f
from edge.messages.driving.view import DrivingMark
from edge.messages.facts import FactEvent
from edge.messages.routes import Route
from station.report.driving import marks_of


@dataclass(slots=True)
class Tally:
    """What the facts come to."""

    facts: int = 0
    starts: int = 0
    epochs: set[str] = field(default_factory=set)
    drivers: dict[str, None] = field(default_factory=dict)
    plans: int = 0
    planned: dict[str, datetime] = field(default_factory=dict)
    """Arrivals by the first plan, and for stops that came later by the plan they came with."""
    planned_back_utc: datetime | None = None
    departed_utc: datetime | None = None
    back_utc: datetime | None = None
    arrivals: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    """The last arrival at a stop is the one that was served."""
    stops_closed: dict[str, datetime] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    loaded: dict[str, datetime] = field(default_factory=dict)
    attempts: dict[str, list[str]] = field(default_factory=dict)
    ended: dict[str, tuple[datetime, f.ParcelEnded]] = field(default_factory=dict)
    ended_again: dict[str, int] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)
    failures: Counter[str] = field(default_factory=Counter)
    gnss_lost_s: float = 0.0
    thinned: int = 0
    quarantined: int = 0
    closed: f.DayClosed | None = None
    driving: tuple[DrivingMark, ...] = ()


def tally_of(route: Route, events: Sequence[FactEvent]) -> Tally:
    """Count the facts of one vehicle, given in order."""
    tally = Tally()
    on_route = {parcel.parcel_id for parcel in route.parcels}
    lost_at: datetime | None = None
    for event in events:
        tally.facts += 1
        tally.epochs.add(event.epoch)
        if event.driver:
            tally.drivers[event.driver] = None
        match event.data:
            case f.GnssLost() if lost_at is None:
                lost_at = event.time
            case f.GnssRecovered() if lost_at is not None:
                tally.gnss_lost_s += max(0.0, (event.time - lost_at).total_seconds())
                lost_at = None
            case f.ParcelEnded():
                _ended(tally, event.time, event.data, on_route)
            case _:
                _count(tally, event)
    tally.driving = marks_of(events)
    return tally


def _count(tally: Tally, event: FactEvent) -> None:
    match event.data:
        case f.DaemonStarted():
            tally.starts += 1
        case f.PlanChanged() as plan:
            _plan(tally, plan)
        case f.ParcelLoaded() as loaded:
            tally.loaded.setdefault(loaded.parcel_id, event.time)
        case f.LegStarted():
            tally.departed_utc = tally.departed_utc or event.time
        case f.Arrived() as arrived:
            tally.arrivals[arrived.stop_id] = (event.time, arrived.by)
        case f.AttemptFailed() as failed:
            for parcel_id in failed.parcel_ids:
                tally.attempts.setdefault(parcel_id, []).append(failed.code.value)
                tally.failures[failed.code.value] += 1
        case f.StopClosed() as closed:
            tally.stops_closed[closed.stop_id] = event.time
        case f.StopsCancelled() as cancelled:
            tally.cancelled.update(cancelled.stop_ids)
        case f.BackAtStation():
            tally.back_utc = event.time
        case f.DayClosed() as day:
            tally.closed = day
        case f.TrackThinned() as thinned:
            tally.thinned += thinned.points
        case f.ItemQuarantined():
            tally.quarantined += 1


def _plan(tally: Tally, plan: f.PlanChanged) -> None:
    tally.plans += 1
    if tally.planned_back_utc is None:
        tally.planned_back_utc = plan.back_utc
    for stop in plan.stops:
        tally.planned.setdefault(stop.stop_id, stop.arrives_utc)


def _ended(tally: Tally, utc: datetime, fact: f.ParcelEnded, on_route: set[str]) -> None:
    parcel_id = fact.parcel_id
    if parcel_id not in on_route:
        tally.strangers.add(parcel_id)
    elif parcel_id in tally.ended:
        tally.ended_again[parcel_id] = tally.ended_again.get(parcel_id, 1) + 1
    else:
        tally.ended[parcel_id] = (utc, fact)
