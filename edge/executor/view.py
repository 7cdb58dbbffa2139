"""The day as the driver's page shows it: rebuilt at every event, moved at every position."""

from datetime import datetime

import msgspec

from edge.executor.driving.wayfinder import Way, line
from edge.executor.mission.meetings import shown_codes
from edge.executor.mission.progress import Mission, Phase
from edge.messages.driving.view import DrivingView
from edge.messages.parcels import HandoverRequirements, ParcelId, StopId
from edge.messages.plan import Plan, PlannedStop
from edge.messages.routes import Route, Stop
from edge.messages.state import Backlog, VehicleState
from edge.messages.view import BreakView, DayView, MeetingView, ParcelView, PlanNews, StopView
from edge.streams import Latest


class DayViews:
    """Makes the newest DayView and wakes who looks at it."""

    def __init__(self, vehicle: str) -> None:
        self._vehicle = vehicle
        self.latest: Latest[DayView] = Latest()
        self._driving: DrivingView | None = None

    def drove(self, driving: DrivingView) -> None:
        """Show the driver how he drives, now and from now on."""
        self._driving = driving
        if self.latest.value is not None:
            self.latest.set(msgspec.structs.replace(self.latest.value, driving=driving))

    def happened(
        self,
        mission: Mission,
        plan: Plan | None,
        state: VehicleState | None,
        warnings: tuple[str, ...],
        utc: datetime,
        news: tuple[PlanNews, ...] = (),
        way: Way | None = None,
    ) -> None:
        """Show the day after an event; what only `moved` knows stays as it was."""
        view = day_view(self._vehicle, mission, plan, state, warnings, utc, way)
        before = self.latest.value
        if before is not None:
            same = _stop_id(view) == _stop_id(before)
            distance_m = before.distance_m if same else None
            view = msgspec.structs.replace(view, backlog=before.backlog, distance_m=distance_m)
        view = msgspec.structs.replace(view, news=news, driving=self._driving)
        self.latest.set(view)

    def moved(
        self,
        state: VehicleState,
        distance_m: float | None,
        backlog: Backlog | None,
        warnings: tuple[str, ...],
        utc: datetime,
    ) -> None:
        """Show a new position in the day as it is."""
        now = self.latest.value
        if now is None:
            return
        self.latest.set(
            msgspec.structs.replace(
                now,
                position=state,
                distance_m=distance_m,
                backlog=backlog,
                warnings=warnings,
                utc=utc,
            )
        )


def _stop_id(view: DayView) -> StopId | None:
    return view.stop.stop_id if view.stop is not None else None


def day_view(
    vehicle: str,
    mission: Mission,
    plan: Plan | None,
    state: VehicleState | None,
    warnings: tuple[str, ...],
    utc: datetime,
    way: Way | None = None,
) -> DayView:
    """Return everything the page shows of this mission now."""
    route, progress = mission.route, mission.progress
    if route is None:
        return DayView(
            vehicle=vehicle,
            utc=utc,
            phase=progress.phase.value,
            position=state,
            warnings=warnings,
        )
    parcels = _parcels(route, mission)
    planned = {p.stop_id: p for p in plan.stops} if plan is not None else {}
    by_id = {stop.stop_id: stop for stop in route.stops}
    order = mission.due_among(progress.order)
    stops = tuple(_stop(by_id[s], planned.get(s), parcels) for s in order)
    here = progress.stop_id if progress.phase in (Phase.UNDERWAY, Phase.AT_STOP) else None
    stop = _stop(by_id[here], planned.get(here), parcels) if here is not None else None
    target = by_id[here].place if here is not None else route.station
    leg = line(way, state.place, target) if state and state.place else (target,)
    return DayView(
        vehicle=vehicle,
        utc=utc,
        phase=progress.phase.value,
        route_id=route.route_id,
        route_revision=route.revision,
        station=route.station,
        departs_utc=route.departs_utc,
        stop=stop,
        stops=stops,
        closed=progress.closed,
        dropped=plan.dropped if plan is not None else (),
        parcels=tuple(parcels.values()),
        leg=leg,
        steps=way.leg.steps if way is not None and way.end == target else (),
        position=state,
        why=plan.why if plan is not None else None,
        rest=_rest(mission, plan),
        warnings=warnings,
    )


def _rest(mission: Mission, plan: Plan | None) -> BreakView | None:
    """Return the break that is taken now or comes next."""
    now, since_utc = mission.next_break(), mission.progress.break_since_utc
    if now is None or mission.phase in (Phase.IDLE, Phase.DEBRIEFING, Phase.CLOSED):
        return None
    planned = plan.breaks[0] if plan is not None and plan.breaks else None
    if since_utc is not None or planned is None:
        return BreakView(lasts_s=now.lasts_s, since_utc=since_utc)
    return BreakView(lasts_s=now.lasts_s, begins_utc=planned.begins_utc, before=planned.before)


def _stop(
    stop: Stop, planned: PlannedStop | None, parcels: dict[ParcelId, ParcelView]
) -> StopView:
    stop_id: StopId = stop.stop_id
    return StopView(
        stop_id=stop_id,
        place=stop.place,
        name=stop.name,
        address=stop.address,
        notes=stop.notes,
        window=", ".join(f"{_hhmm(w.opens_utc)}–{_hhmm(w.closes_utc)}" for w in stop.windows),
        windows=stop.windows,
        arrives_utc=planned.arrives_utc if planned is not None else None,
        late_s=planned.late_s if planned is not None else 0.0,
        kind=stop.kind,
        meeting=_meeting(stop),
        spread_s=planned.spread_s if planned is not None else None,
        parcels=tuple(parcels[p] for p in stop.parcels),
    )


def _hhmm(utc: datetime) -> str:
    """Return the hour; strftime takes three times as long, for every stop at every event."""
    return f"{utc.hour:02d}:{utc.minute:02d}"


def _meeting(stop: Stop) -> MeetingView | None:
    met = stop.meeting
    if met is None:
        return None
    return MeetingView(
        vehicle=met.vehicle, gives=met.gives, waits_until_utc=met.waits_until_utc
    )


def _parcels(route: Route, mission: Mission) -> dict[ParcelId, ParcelView]:
    views, codes = {}, shown_codes(mission, route)
    for parcel in route.parcels:
        at, needs = mission.progress.parcels[parcel.parcel_id], parcel.requirements
        shown = HandoverRequirements(
            photo=needs.photo, signature=needs.signature, minimum_age=needs.minimum_age
        )
        views[parcel.parcel_id] = ParcelView(
            parcel_id=parcel.parcel_id,
            requirements=shown,
            needs_pin=needs.pin_hash is not None,
            pin_tries_left=at.pin_tries_left if needs.pin_hash is not None else None,
            loaded=at.loaded,
            by_pickup=at.by_pickup,
            attempted=at.failed is not None,
            outcome=at.outcome,
            code=codes.get(parcel.parcel_id, ""),
        )
    return views
