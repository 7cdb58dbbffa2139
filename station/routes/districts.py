"""A day of more stops than one search takes: neighbouring districts, some vehicles each.

The town is halved across its longer side, stops by the work they are and vehicles by their
hours, until a district is small enough. A stop stays with its district: one that found no place
there is told as left over, even if another district had room.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from edge.errors import RefusedError
from edge.messages.geo import Place
from station.routes.assign import Limits, WaysBetween, assign
from station.routes.draft import Draft
from station.routes.fitting import NotAssigned
from station.routes.fleet import WorkingVehicle
from station.routes.progress import Progress
from station.stops.orders import Order

MOST_AT_ONCE = 3000  # up to here the whole town is one search
DISTRICT_STOPS = 1500  # in matrices of 18 MB each
MOST_STOPS = 30_000
BETWEEN_STOPS_S = 60.0  # of driving that a stop brings with it in a day this dense

District = tuple[tuple[Order, ...], tuple[WorkingVehicle, ...]]


def assign_all(
    orders: Sequence[Order],
    fleet: Sequence[WorkingVehicle],
    station: Place,
    *,
    ways_between: WaysBetween,
    limits: Limits,
    progress: Progress,
) -> tuple[list[Draft], list[NotAssigned]]:
    """Assign a day as `assign` does, in districts where it is too large for one search.

    A limit of seconds is shared by the districts, one of rounds holds for each of them.
    Raises RefusedError if there are too many stops.
    """
    if len(orders) > MOST_STOPS:
        raise RefusedError(
            f"{len(orders)} stops are more than one day takes ({MOST_STOPS}): "
            "import them under several days or stations"
        )
    parts = districts(orders, fleet)
    if limits.seconds is not None:
        limits = replace(limits, seconds=limits.seconds / len(parts))
    routes: list[Draft] = []
    left: list[NotAssigned] = []
    for number, (stops, vehicles) in enumerate(parts, 1):
        if len(parts) > 1:
            progress(f"district {number} of {len(parts)}: {len(stops)} stops")
        found, over = assign(
            stops,
            vehicles,
            station,
            ways_between=ways_between,
            limits=limits,
            progress=progress,
        )
        routes += found
        left += over
    place_of = {vehicle.name: at for at, vehicle in enumerate(fleet)}
    return sorted(routes, key=lambda route: place_of[route.vehicle.name]), left


def districts(orders: Sequence[Order], fleet: Sequence[WorkingVehicle]) -> list[District]:
    """Return who serves which stops: every order and every vehicle in exactly one district."""
    if len(orders) <= MOST_AT_ONCE:
        return [(tuple(orders), tuple(fleet))]
    return _halved(tuple(orders), tuple(fleet))


def _halved(orders: tuple[Order, ...], fleet: tuple[WorkingVehicle, ...]) -> list[District]:
    if len(orders) <= DISTRICT_STOPS or len(fleet) < 2:
        return [(orders, fleet)]
    ours, theirs = fleet[0::2], fleet[1::2]  # alike: a wave or a kind stands together
    share = _hours_s(ours) / _hours_s(fleet)
    across = _across(orders)
    whole_s, done_s, cut = sum(map(_work_s, orders)), 0.0, 0
    while cut < len(across) and done_s < share * whole_s:
        done_s += _work_s(across[cut])
        cut += 1
    return _halved(across[:cut], ours) + _halved(across[cut:], theirs)


def _across(orders: tuple[Order, ...]) -> tuple[Order, ...]:
    """Return the orders from one end of the longer side to the other."""
    places = [_place(order) for order in orders]
    shrink = math.cos(math.radians(places[0].lat_deg))
    north = [place.lat_deg for place in places]
    east = [place.lon_deg * shrink for place in places]
    along = north if max(north) - min(north) > max(east) - min(east) else east
    order = sorted(range(len(orders)), key=lambda at: (along[at], orders[at].stop_id))
    return tuple(orders[at] for at in order)


def _place(order: Order) -> Place:
    assert order.place is not None, "an order without a place"
    return order.place


def _hours_s(fleet: Sequence[WorkingVehicle]) -> float:
    return sum((one.ends_utc - one.starts_utc).total_seconds() for one in fleet)


def _work_s(order: Order) -> float:
    return order.service_s + BETWEEN_STOPS_S
