"""Routes of drones: one parcel a flight, from the station and back, again and again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from edge.messages.geo import Place
from edge.native.greatcircle import great_circle_matrix_m
from station.routes.draft import RELOADED_S, Draft
from station.routes.fitting import volume_l, weight_kg
from station.routes.fleet import DRONE, WorkingVehicle
from station.routes.travel import NEVER_S, Matrix, Ways
from station.stops.orders import Order

FLIES_MPS = 9.0  # on the straight line, wind and ways round zones included
UP_AND_DOWN_S = 90.0


def may_fly(order: Order) -> bool:
    """Tell whether a drone may bring it: one parcel, and nobody who has to sign or to show."""
    if len(order.parcels) != 1 or order.kind != "delivery":
        return False
    needs = order.parcels[0].requirements
    return not (
        needs.photo
        or needs.signature
        or needs.pin_hash is not None
        or needs.minimum_age is not None
    )


def flown_ways(places: Sequence[Place], flyable: Sequence[bool]) -> Ways:
    """Return the ways by air; what may not be flown is never reached.

    The first place is the station. Each way contains half of loading and of up and down, so
    that out and back are whole.
    """
    lat_deg = np.array([place.lat_deg for place in places])
    lon_deg = np.array([place.lon_deg for place in places])
    metres = great_circle_matrix_m(lat_deg, lon_deg)
    seconds: Matrix = np.ceil(metres / FLIES_MPS + (UP_AND_DOWN_S + RELOADED_S) / 2).astype(
        np.int64
    )
    barred = ~np.array(flyable, dtype=np.bool_)
    seconds[barred, :] = NEVER_S
    seconds[:, barred] = NEVER_S
    np.fill_diagonal(seconds, 0)
    return Ways(seconds=seconds, metres=np.rint(metres).astype(np.int64))


def fly_on(
    drafts: Sequence[Draft],
    orders: Sequence[Order],
    flyers: Sequence[int],
    fleet: Sequence[WorkingVehicle],
    flown: Ways,
) -> list[Draft]:
    """Return the drafts with more flights at their ends, of what the search left over.

    The search knows trips, but with few orders it does not always make one more; as each flight
    is a trip of its own, one more at the end changes nothing of those before. `flyers` are the
    places of what may be flown.
    """
    by_name = {draft.vehicle.name: draft for draft in drafts}
    served = {order.stop_id for draft in drafts for order in draft.orders}
    drones = [vehicle for vehicle in fleet if vehicle.kind == DRONE]
    for location in flyers:
        order = orders[location - 1]
        if order.stop_id in served:
            continue
        found = [
            longer
            for drone in drones
            if (longer := _longer(by_name.get(drone.name), drone, order, location, flown))
        ]
        if found:
            first = min(found, key=lambda draft: draft.back_utc)
            by_name[first.vehicle.name] = first
            served.add(order.stop_id)
    return list(by_name.values())


def _longer(
    draft: Draft | None, drone: WorkingVehicle, order: Order, location: int, flown: Ways
) -> Draft | None:
    """Return the draft with one more flight at its end; None if it does not fit."""
    if weight_kg(order) > drone.capacity_kg or volume_l(order) > drone.capacity_l:
        return None
    free_utc = drone.starts_utc if draft is None else draft.back_utc
    there = timedelta(seconds=int(flown.seconds[0, location]))
    back = timedelta(seconds=int(flown.seconds[location, 0]))
    arrives_utc = _in_window(order, free_utc + there)
    if arrives_utc is None:
        return None
    by_utc = order.deliver_by_utc
    back_utc = arrives_utc + timedelta(seconds=order.service_s) + back
    if back_utc > drone.ends_utc or (by_utc is not None and arrives_utc > by_utc):
        return None
    flown_m = int(flown.metres[0, location]) + int(flown.metres[location, 0])
    if draft is None:
        return Draft(drone, (order,), (arrives_utc,), arrives_utc - there, back_utc, flown_m)
    return replace(
        draft,
        orders=(*draft.orders, order),
        arrivals_utc=(*draft.arrivals_utc, arrives_utc),
        back_utc=back_utc,
        distance_m=draft.distance_m + flown_m,
    )


def _in_window(order: Order, utc: datetime) -> datetime | None:
    """Return when it is served if the drone is there at an instant."""
    if not order.windows:
        return utc
    later = [max(utc, each.opens_utc) for each in order.windows if each.closes_utc >= utc]
    return min(later, default=None)
