"""Routes of drones: one parcel a flight, from the station and back, again and again."""

from collections.abc import Sequence

import numpy as np

from edge.messages.geo import Place
from edge.messages.parcels import StopId
from edge.messages.routes import Stop
from edge.native.greatcircle import great_circle_matrix_m
from station.routes.travel import Matrix, Ways
from station.stops.orders import Order

DRONE = "drone"
FLIES_MPS = 9.0  # on the straight line, wind and ways round zones included
UP_AND_DOWN_S = 90.0
RELOADED_S = 120.0  # the parcel under it, and a full battery
NEVER_S = 10**7
PICKUP = "load:"


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
    np.fill_diagonal(seconds, 0)
    barred = ~np.array(flyable, dtype=np.bool_)
    seconds[barred, :] = NEVER_S
    seconds[:, barred] = NEVER_S
    return Ways(seconds=seconds, metres=np.rint(metres).astype(np.int64))


def with_pickups(stops: Sequence[Stop], station: Place) -> tuple[Stop, ...]:
    """Return the stops with a stop at the station before each but the first: to be loaded."""
    made: list[Stop] = []
    for stop in stops:
        if made:
            made.append(
                Stop(
                    stop_id=pickup_id(stop.stop_id),
                    kind="pickup",
                    place=station,
                    parcels=stop.parcels,
                    service_s=RELOADED_S,
                    name=f"load {stop.name}".strip(),
                )
            )
        made.append(stop)
    return tuple(made)


def pickup_id(stop_id: StopId) -> StopId:
    """Return the name of the stop at which the parcels of another are loaded."""
    return f"{PICKUP}{stop_id}"[:64]
