"""The facts of a day that a dispatcher should not have to look for."""

from collections.abc import Iterator, Sequence

from edge.behaviour.score import mark_of, points_of
from edge.messages import facts as f
from edge.messages.facts import FactEvent
from edge.messages.routes import Route
from station.report.driving import told_driving
from station.report.words import Incident, IncidentKind, VehicleDay

NOTED_S = 60.0  # less is not worth a line
NOTED_RESTART = 2  # the first start of a day is none

ORDINARY_EPOCH = "first start"  # what a new vehicle's store gives as its reason


def incidents_of(
    route: Route, events: Sequence[FactEvent], vehicle: VehicleDay
) -> list[Incident]:
    """Return what went otherwise than planned, in order of time."""
    names = {stop.stop_id: stop.name or stop.stop_id for stop in route.stops}
    found = [
        Incident(utc=event.time, vehicle=event.vehicle, kind=kind, what=what)
        for event in events
        for kind, what in _told(event, names)
    ]
    found += _breaks_missed(route, events)
    for stop in vehicle.stops:
        if stop.arrived_utc is None or max(stop.late_s, stop.early_s) < NOTED_S:
            continue
        off = (
            f"{_span(stop.late_s)} late" if stop.late_s else f"done {_span(stop.early_s)} early"
        )
        what = f"{stop.name or stop.stop_id}: {off}"
        found.append(
            Incident(utc=stop.arrived_utc, vehicle=vehicle.vehicle, kind="promise", what=what)
        )
    return sorted(found, key=lambda incident: incident.utc)


def _breaks_missed(route: Route, events: Sequence[FactEvent]) -> Iterator[Incident]:
    """Yield that breaks were not taken, once the day is closed."""
    taken = sum(isinstance(one.data, f.BreakEnded) and one.data.whole for one in events)
    for event in events:
        if isinstance(event.data, f.DayClosed) and taken < len(route.breaks):
            what = f"{taken} of {len(route.breaks)} breaks taken"
            yield Incident(utc=event.time, vehicle=event.vehicle, kind="break", what=what)


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def _told(event: FactEvent, names: dict[str, str]) -> Iterator[tuple[IncidentKind, str]]:
    match event.data:
        case f.AttemptFailed() as fact:
            stop = names.get(fact.stop_id, fact.stop_id)
            note = f" ({fact.note})" if fact.note else ""
            count = len(fact.parcel_ids)
            what = f"{stop}: {count} parcel{'s' * (count > 1)} not delivered, {fact.code.value}"
            yield "delivery", what + note
        case f.LoadingFinished() as fact if fact.missing:
            yield "custody", f"missing at load-out: {', '.join(fact.missing)}"
        case f.ScanRefused() as fact if fact.reason != "scanned twice":
            yield "custody", f"{fact.parcel_id} was scanned, but is {fact.reason}"
        case f.ParcelEnded() as fact if fact.custody == "lost":
            yield "custody", f"{fact.parcel_id} was not found at debrief"
        case f.ParcelEnded() as fact if fact.off_site and fact.custody != "station":
            away = "" if fact.distance_m is None else f" {fact.distance_m:.0f} m"
            yield "delivery", f"{fact.parcel_id} was handed over{away} away from its stop"
        case f.PinRefused() as fact if fact.tries_left == 0:
            yield "delivery", f"{fact.parcel_id} is locked after wrong PINs"
        case f.PlanChanged() as fact if fact.dropped:
            dropped = ", ".join(
                f"{names.get(stop.stop_id, stop.stop_id)} ({stop.reason})"
                for stop in fact.dropped
            )
            yield "plan", f"left out of plan {fact.number}: {dropped}"
        case f.BreakEnded() as fact:
            short = "" if fact.whole else ", too short to count"
            yield "break", f"break {fact.number} taken, {_span(fact.lasted_s)}{short}"
        case f.StopsCancelled() as fact:
            stops = ", ".join(names.get(stop_id, stop_id) for stop_id in fact.stop_ids)
            yield "plan", f"cancelled: {stops}" + (f" ({fact.reason})" if fact.reason else "")
        case f.CommandRefused() as fact:
            yield "plan", f"order {fact.command_seq} ({fact.order}) refused: {fact.reason}"
        case f.GnssLost() as fact:
            yield "position", f"no position after {fact.silent_s:.0f} s: {fact.why}"
        case f.DrivingEvent() as fact if points_of(mark_of(fact, event.driver)):
            yield "driving", told_driving(fact)
        case f.GnssRecovered():
            yield "position", "position is back"
        case f.MachineTampered() as fact:
            yield "custody", f"somebody meddled with it: {fact.what}"
        case f.HelpWanted() as fact:
            yield "machine", f"it stood and did not go on by itself: {fact.why}"
        case f.AssistanceBegan() as fact:
            yield "machine", f"{fact.operator} helped it from afar"
        case f.AssistanceEnded() as fact:
            yield (
                "machine",
                f"{fact.operator} helped no longer: {fact.why}; it moved {fact.moves} times",
            )
        case f.MachineDirected() as fact:
            because = f" ({fact.why})" if fact.why else ""
            yield "machine", f"{fact.by} decided: {fact.wish.replace('_', ' ')}{because}"
        case f.HazardMet() as fact:
            yield "machine", f"hazard, {fact.what.replace('_', ' ')}: {fact.why}"
        case f.DaemonStarted() as fact if fact.boot >= NOTED_RESTART and fact.phase != "idle":
            yield "data", f"the daemon started again (number {fact.boot}) in {fact.phase}"
        case f.EpochStarted() as fact if fact.reason != ORDINARY_EPOCH:
            yield "data", f"a new store began: {fact.reason}"
        case f.TrackThinned() as fact:
            yield "data", f"{fact.points} positions were given up for lack of space"
        case f.ItemQuarantined() as fact:
            yield "data", f"item {fact.seq} of {fact.stream} could not be read: {fact.why}"
        case f.DayClosed() as fact if not fact.balanced:
            yield "custody", "the vehicle's own books do not balance"
