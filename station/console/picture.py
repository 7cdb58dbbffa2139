"""The day as the console shows it: rows of the projections → what the page draws."""

from datetime import datetime
from typing import Literal

import msgspec

from edge.messages.geo import Place
from edge.messages.routes import Stop, TimeWindow
from station.console.rows import RouteRows, VehicleRow
from station.stops.orders import Order
from station.store.day import KeptRoute

LATE_S = 60.0  # as the alarms count

StopState = Literal[
    "blocked",
    "unassigned",
    "pending",
    "current",
    "delivered",
    "partly",
    "failed",
    "cancelled",
    "dropped",
]


class StopPicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One dot on the map, one row of the list."""

    id: str
    route: str = ""
    vehicle: str = ""
    place: Place | None = None
    name: str = ""
    address: str = ""
    state: StopState
    why: str = ""
    """A failure's code, or why the stop is blocked or left out."""
    parcels: int = 0
    eta_utc: datetime | None = None
    arrived_utc: datetime | None = None
    closed_utc: datetime | None = None
    window: TimeWindow | None = None
    """The promise it is measured by."""
    late_s: float = 0.0


class RoutePicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line on the map."""

    id: str
    vehicle: str
    state: Literal["draft", "sent", "accepted"]
    order: tuple[str, ...]
    """Stops still to come, in the order of the plan."""


class VehiclePicture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One card of the list."""

    name: str
    number: int
    """Of its colour."""
    kind: str
    route: str = ""
    phase: str = "idle"
    driver: str = ""
    stop: str = ""
    no_position: str = ""
    """Why there is no position."""
    total: int = 0
    done: int = 0
    failed: int = 0
    late: int = 0
    """Stops still to come that will miss their promise."""
    next_utc: datetime | None = None
    back_utc: datetime | None = None


def paint_route(
    kept: KeptRoute, rows: RouteRows, vehicle: VehicleRow
) -> tuple[RoutePicture, list[StopPicture]]:
    """Return a route and its stops as they are shown."""
    route = kept.route
    plan = rows.plan
    planned = {stop.stop_id: stop for stop in plan.stops} if plan else {}
    dropped = {stop.stop_id: stop.reason for stop in plan.dropped} if plan else {}
    moving = vehicle.route == route.route_id and vehicle.phase in ("underway", "at_stop")
    stops = []
    for stop in route.stops:
        arrived_utc, closed_utc, late_s, delivered, failed, code, cancelled = rows.stops.get(
            stop.stop_id, (None, None, 0.0, 0, 0, "", 0)
        )
        state: StopState = "pending"
        why = ""
        if closed_utc is not None:
            state = "delivered" if not failed else "partly" if delivered else "failed"
            why = code if failed else ""
        elif cancelled:
            state = "cancelled"
        elif stop.stop_id in dropped:
            state, why = "dropped", dropped[stop.stop_id]
        elif moving and vehicle.stop == stop.stop_id:
            state = "current"
        ahead = planned.get(stop.stop_id)
        open_ = state in ("pending", "current")
        stops.append(
            StopPicture(
                id=stop.stop_id,
                route=route.route_id,
                vehicle=route.vehicle,
                place=stop.place,
                name=stop.name,
                address=stop.address,
                state=state,
                why=why,
                parcels=len(stop.parcels),
                eta_utc=ahead.arrives_utc if ahead and open_ else None,
                arrived_utc=_instant(arrived_utc),
                closed_utc=_instant(closed_utc),
                window=_promise(stop, ahead.arrives_utc if ahead else None),
                late_s=late_s if closed_utc else ahead.late_s if ahead and open_ else 0.0,
            )
        )
    open_ids = {stop.id for stop in stops if stop.state in ("pending", "current")}
    order = [stop_id for stop_id in planned if stop_id in open_ids]
    order += [stop.id for stop in stops if stop.id in open_ids and stop.id not in planned]
    state_of_route: Literal["draft", "sent", "accepted"] = "draft"
    if kept.dispatched_utc is not None:
        state_of_route = "accepted" if rows.accepted else "sent"
    return (
        RoutePicture(
            id=route.route_id,
            vehicle=route.vehicle,
            state=state_of_route,
            order=tuple(order),
        ),
        stops,
    )


def paint_vehicle(
    name: str,
    number: int,
    kind: str,
    row: VehicleRow,
    painted: tuple[RoutePicture, list[StopPicture], RouteRows] | None,
) -> VehiclePicture:
    """Return a vehicle as it is shown, with its route of the day if it has one."""
    base = VehiclePicture(
        name=name,
        number=number,
        kind=kind,
        phase=row.phase,
        driver=row.driver,
        stop=row.stop,
        no_position=row.no_position,
    )
    if painted is None:
        return base
    route, stops, rows = painted
    counted = [stop for stop in stops if stop.state != "cancelled"]
    by_id = {stop.id: stop for stop in stops}
    coming = [by_id[stop_id] for stop_id in route.order]
    if row.phase == "at_stop":
        coming = [stop for stop in coming if stop.id != row.stop]
    return msgspec.structs.replace(
        base,
        route=route.id,
        total=len(counted),
        done=sum(stop.state in ("delivered", "partly") for stop in counted),
        failed=sum(stop.state in ("failed", "dropped") for stop in counted),
        late=sum(by_id[stop_id].late_s > LATE_S for stop_id in route.order),
        next_utc=coming[0].eta_utc if coming else None,
        back_utc=rows.plan.back_utc if rows.plan else None,
    )


def paint_order(order: Order) -> StopPicture:
    """Return a stop that is on no route."""
    return StopPicture(
        id=order.stop_id,
        place=order.place,
        name=order.name,
        address=order.address,
        state="cancelled"
        if order.cancelled
        else "unassigned"
        if order.assignable
        else "blocked",
        why=order.cancelled or order.why,
        parcels=len(order.parcels),
        window=order.windows[-1] if order.windows else None,
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _promise(stop: Stop, arrives_utc: datetime | None) -> TimeWindow | None:
    """Return the window an arrival is measured by: the first that is still open then."""
    for window in stop.windows:
        if arrives_utc is None or arrives_utc <= window.closes_utc:
            return window
    return stop.windows[-1] if stop.windows else None
