"""Facts and routes of a day → its report. Pure: the same facts always give the same report."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise

from edge.messages.facts import FactEvent
from edge.messages.parcels import Outcome
from edge.messages.routes import Route, Stop
from station.books.transfers import Transfers
from station.report.incidents import incidents_of
from station.report.parcels import facts_of, last_utc, parcels_of
from station.report.tally import Tally, tally_of
from station.report.words import (
    Books,
    Completeness,
    DayReport,
    Incident,
    ParcelDay,
    Punctuality,
    StopDay,
    StopState,
    VehicleDay,
)
from station.stops.addresses import distance_m

HANDED_OVER = frozenset(
    {Outcome.DELIVERED, Outcome.LOCKER, Outcome.SAFE_PLACE, Outcome.HANDED_OVER}
)
"""Outcomes at the stop, with success."""


def day_report(
    facts: Iterable[FactEvent],
    routes: Sequence[Route],
    *,
    station: str,
    org: str,
    day: date,
    timezone: str,
    made_utc: datetime,
    detour: float = 1.35,
    missing: Mapping[str, int] | None = None,
) -> DayReport:
    """Return the report of the dispatched routes of a day.

    `facts` come by vehicle, epoch and number; those of other routes are left out.
    `missing` counts by vehicle the facts known to exist and not here.
    """
    by_vehicle: dict[str, list[FactEvent]] = {route.vehicle: [] for route in routes}
    for event in facts:
        if event.vehicle in by_vehicle:
            by_vehicle[event.vehicle].append(event)
    vehicles: list[VehicleDay] = []
    incidents: list[Incident] = []
    transfers = Transfers()
    outcomes: Counter[str] = Counter()
    for event in facts_of(by_vehicle, routes):
        transfers.take(event.vehicle, event.data)
    for route in sorted(routes, key=lambda route: route.vehicle):
        events = [
            event for event in by_vehicle[route.vehicle] if event.route in ("", route.route_id)
        ]
        tally = tally_of(route, events)
        lacking = (missing or {}).get(route.vehicle, 0)
        vehicles.append(_vehicle_day(route, tally, detour, lacking))
        incidents += incidents_of(route, events, vehicles[-1])
        outcomes.update(
            end.outcome.value
            for _, end in tally.ended.values()
            if transfers.is_final(route.vehicle, end)
        )
    half = transfers.half()
    incidents += [
        Incident(utc=last_utc(by_vehicle, one), vehicle=one.giver, kind="custody", what=said)
        for one, said in half
    ]
    incidents.sort(key=lambda incident: (incident.utc, incident.vehicle))
    return DayReport(
        station=station,
        org=org,
        day=day,
        timezone=timezone,
        made_utc=made_utc,
        vehicles=tuple(vehicles),
        incidents=tuple(incidents),
        outcomes=dict(sorted(outcomes.items())),
        failures=_sum(vehicle.failures for vehicle in vehicles),
        punctuality=_together([vehicle.punctuality for vehicle in vehicles]),
        planned_m=sum(vehicle.planned_m for vehicle in vehicles),
        driven_m=sum(vehicle.driven_m or 0.0 for vehicle in vehicles),
        balanced=all(vehicle.books.balanced for vehicle in vehicles) and not half,
        complete=all(vehicle.completeness.complete for vehicle in vehicles),
    )


def _vehicle_day(route: Route, tally: Tally, detour: float, missing: int) -> VehicleDay:
    parcels = tuple(parcels_of(route, tally))
    stops = tuple(_stop_days(route, tally, parcels))
    reached = [stop for stop in stops if stop.windows and stop.arrived_utc is not None]
    late = [stop for stop in reached if stop.late_s > 0]
    early = sum(stop.early_s > 0 for stop in reached)
    closed = tally.closed
    return VehicleDay(
        vehicle=route.vehicle,
        route_id=route.route_id,
        revision=route.revision,
        drivers=tuple(tally.drivers),
        planned_departs_utc=route.departs_utc,
        planned_back_utc=tally.planned_back_utc,
        planned_m=round(_length_m(route) * detour, 1),
        departed_utc=tally.departed_utc,
        back_utc=tally.back_utc,
        driven_m=None if closed is None else round(closed.driven_m, 1),
        plans=tally.plans,
        outcomes=dict(sorted(Counter(one.outcome for one in parcels if one.outcome).items())),
        failures=dict(sorted(tally.failures.items())),
        punctuality=Punctuality(
            promised=len(reached),
            on_time=len(reached) - len(late) - early,
            late=len(late),
            early=early,
            worst_late_s=max((stop.late_s for stop in late), default=0.0),
        ),
        completeness=Completeness(
            facts=tally.facts,
            missing=missing,
            starts=tally.starts,
            epochs=len(tally.epochs),
            gnss_lost_s=round(tally.gnss_lost_s, 1),
            track_points_thinned=tally.thinned,
            quarantined=tally.quarantined,
        ),
        books=_books(route, tally, parcels),
        stops=stops,
        parcels=parcels,
        driving=tally.driving,
    )


def _stop_days(route: Route, tally: Tally, parcels: Sequence[ParcelDay]) -> Iterable[StopDay]:
    successes = {outcome.value for outcome in HANDED_OVER}
    of_stop: dict[str, list[ParcelDay]] = {}
    for parcel in parcels:
        of_stop.setdefault(parcel.stop_id, []).append(parcel)
    for number, stop in enumerate(route.stops, start=1):
        mine = of_stop.get(stop.stop_id, [])
        delivered = sum(parcel.outcome in successes for parcel in mine)
        arrival = tally.arrivals.get(stop.stop_id)
        arrived_utc = None if arrival is None else arrival[0]
        closed_utc = tally.stops_closed.get(stop.stop_id)
        late_s, early_s = _off_promise(stop, arrived_utc, closed_utc)
        yield StopDay(
            number=number,
            stop_id=stop.stop_id,
            name=stop.name,
            address=stop.address,
            windows=stop.windows,
            planned_utc=tally.planned.get(stop.stop_id),
            arrived_utc=arrived_utc,
            arrived_by="" if arrival is None else arrival[1],
            closed_utc=closed_utc,
            late_s=round(late_s, 1),
            early_s=round(early_s, 1),
            state=_state(stop.stop_id, mine, delivered, tally),
            parcels=len(stop.parcels),
            delivered=delivered,
            codes=tuple(sorted({parcel.code for parcel in mine if parcel.code})),
        )


def _off_promise(
    stop: Stop, arrived_utc: datetime | None, closed_utc: datetime | None
) -> tuple[float, float]:
    """Return (late, early): arrival after the last window, end before the next one opens."""
    if not stop.windows or arrived_utc is None:
        return 0.0, 0.0
    last = max(window.closes_utc for window in stop.windows)
    if arrived_utc > last:
        return (arrived_utc - last).total_seconds(), 0.0
    next_opens = min(one.opens_utc for one in stop.windows if one.closes_utc >= arrived_utc)
    if closed_utc is not None and closed_utc < next_opens:
        return 0.0, (next_opens - closed_utc).total_seconds()
    return 0.0, 0.0


def _state(
    stop_id: str, parcels: Sequence[ParcelDay], delivered: int, tally: Tally
) -> StopState:
    if stop_id in tally.cancelled and not delivered:
        return "cancelled"
    if parcels and delivered == len(parcels):
        return "served"
    if delivered:
        return "partly"
    if stop_id in tally.stops_closed or (parcels and all(one.outcome for one in parcels)):
        return "failed" if parcels else "served"
    return "open"


def _books(route: Route, tally: Tally, parcels: Sequence[ParcelDay]) -> Books:
    expected = {parcel.parcel_id for parcel in route.parcels}
    lost = [parcel.parcel_id for parcel in parcels if parcel.custody == "lost"]
    wrong = [f"{name} ended {times} times" for name, times in sorted(tally.ended_again.items())]
    wrong += [f"{name} ended, but is not on the route" for name in sorted(tally.strangers)]
    never_loaded = {Outcome.FAILED.value, Outcome.CANCELLED.value, ""}
    wrong += [
        f"{parcel.parcel_id} is {parcel.outcome}, but was never loaded"
        for parcel in parcels
        if parcel.loaded_utc is None and parcel.outcome not in never_loaded
    ]
    wrong += [f"{name} is lost" for name in lost]
    closed = tally.closed
    if closed is not None:
        wrong += [
            f"{parcel.parcel_id} has no outcome" for parcel in parcels if not parcel.outcome
        ]
        counted = Counter(parcel.outcome for parcel in parcels if parcel.outcome)
        said = Counter({name: count for name, count in closed.outcomes.items() if count})
        wrong += [
            f"the vehicle counts {said[name]} {name}, its facts {counted[name]}"
            for name in sorted(counted.keys() | said.keys())
            if counted[name] != said[name]
        ]
        if closed.loaded != len(tally.loaded):
            wrong.append(f"the vehicle counts {closed.loaded} loaded, not {len(tally.loaded)}")
        if not closed.balanced:
            wrong.append("the vehicle says that its own books do not balance")
    return Books(
        expected=len(expected),
        loaded=len(tally.loaded),
        ended=len(tally.ended),
        lost=len(lost),
        closed=closed is not None,
        differences=tuple(wrong),
    )


def _length_m(route: Route) -> float:
    places = (route.station, *(stop.place for stop in route.stops), route.station)
    return sum(distance_m(one, other) for one, other in pairwise(places))


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))


def _together(each: Sequence[Punctuality]) -> Punctuality:
    return Punctuality(
        promised=sum(one.promised for one in each),
        on_time=sum(one.on_time for one in each),
        late=sum(one.late for one in each),
        early=sum(one.early for one in each),
        worst_late_s=max((one.worst_late_s for one in each), default=0.0),
    )
