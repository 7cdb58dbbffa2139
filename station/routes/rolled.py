"""Routes of sidewalk robots: near doors, at walking pace, to whoever can show a code."""

from collections.abc import Sequence

import numpy as np

from edge.messages.geo import Place
from edge.native.greatcircle import great_circle_matrix_m
from station.routes.travel import NEVER_S, Matrix, Ways
from station.stops.orders import Order

ROLLS_MPS = 1.0  # waits for people and at crossings included
DETOUR = 1.35
FARTHEST_M = (
    2500.0  # from the station, as the crow flies: inside the fence, and back before dark
)
COMPARTMENTS = 2  # of one customer: the others have theirs


def may_roll(order: Order) -> bool:
    """Tell whether a robot may bring it: the lid opens to a code, and to nothing else."""
    if order.kind != "delivery" or not 1 <= len(order.parcels) <= COMPARTMENTS:
        return False
    needs = [parcel.requirements for parcel in order.parcels]
    has_codes = all(each.pin_hash is not None for each in needs)
    by_hand = any(
        each.photo or each.signature or each.minimum_age is not None for each in needs
    )
    return has_codes and not by_hand


def rolled_ways(places: Sequence[Place], able: Sequence[bool]) -> Ways:
    """Return the ways on the pavement; what is barred or too far is never reached.

    The first place is the station.
    """
    lat_deg = np.array([place.lat_deg for place in places])
    lon_deg = np.array([place.lon_deg for place in places])
    straight_m = great_circle_matrix_m(lat_deg, lon_deg)
    metres = straight_m * DETOUR
    seconds: Matrix = np.ceil(metres / ROLLS_MPS).astype(np.int64)
    barred = ~np.array(able, dtype=np.bool_) | (straight_m[0] > FARTHEST_M)
    seconds[barred, :] = NEVER_S
    seconds[:, barred] = NEVER_S
    np.fill_diagonal(seconds, 0)
    return Ways(seconds=seconds, metres=np.rint(metres).astype(np.int64))
