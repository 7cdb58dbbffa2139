"""Whether a stop can be served at all, and in whose words to say that it cannot."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from edge.messages.parcels import StopId
from station.routes.fleet import WorkingVehicle
from station.stops.orders import Order


class NotAssigned(Struct, frozen=True, kw_only=True):
    """A stop that is on no route, and why."""

    stop_id: StopId
    name: str = ""
    why: str


def weight_kg(order: Order) -> float:
    """Return what a stop's parcels weigh, as far as it is known."""
    return sum(parcel.weight_kg or 0.0 for parcel in order.parcels)


def volume_l(order: Order) -> float:
    """Return the room a stop's parcels take, as far as it is known."""
    return sum(parcel.volume_l or 0.0 for parcel in order.parcels)


def why_never(
    order: Order, fleet: Sequence[WorkingVehicle], there_s: float, back_s: float
) -> str:
    """Return why no vehicle could serve this stop even as its only one; empty if one can.

    `there_s` and `back_s` are the ways from the station and back to it.
    """
    if not fleet:
        return "there is no vehicle in station.toml"
    if weight_kg(order) > (most_kg := max(vehicle.capacity_kg for vehicle in fleet)):
        return f"{weight_kg(order):g} kg are more than any vehicle carries ({most_kg:g} kg)"
    if volume_l(order) > (most_l := max(vehicle.capacity_l for vehicle in fleet)):
        return f"{volume_l(order):g} l are more than any vehicle holds ({most_l:g} l)"
    if any(_in_time(order, vehicle, there_s, back_s) for vehicle in fleet):
        return ""
    by_utc = order.deliver_by_utc
    if by_utc is not None and any(
        _in_time(order, vehicle, there_s, back_s, hurried=False) for vehicle in fleet
    ):
        return f"its goods are due by {by_utc:%H:%M} UTC, and no vehicle can be there by then"
    if order.windows and not any(_meets(order, vehicle) for vehicle in fleet):
        return f"its window {_told(order)} lies outside every shift"
    if order.windows:
        return f"its window {_told(order)} cannot be reached within a shift"
    hours = (there_s + order.service_s + back_s) / 3600
    return f"it takes {hours:.1f} h there and back, longer than any shift"


def why_left_over(order: Order, fleet: Sequence[WorkingVehicle], load_kg: float) -> str:
    """Return why a stop that could be served alone found no place among the others."""
    if load_kg > sum(vehicle.capacity_kg for vehicle in fleet):
        return "the vehicles are full: more is to be carried than they hold"
    if order.windows:
        return f"no vehicle has time for it in its window {_told(order)}"
    return "no vehicle has time or room for it in its shift"


def _in_time(
    order: Order,
    vehicle: WorkingVehicle,
    there_s: float,
    back_s: float,
    *,
    hurried: bool = True,
) -> bool:
    """Tell whether a vehicle can serve a stop alone; `hurried`: before its goods spoil."""
    if weight_kg(order) > vehicle.capacity_kg or volume_l(order) > vehicle.capacity_l:
        return False
    starts_s = vehicle.starts_utc.timestamp()
    ends_s = vehicle.ends_utc.timestamp() - vehicle.rests_s
    by_utc = order.deliver_by_utc if hurried else None
    by_s = by_utc.timestamp() if by_utc is not None else float("inf")
    spans = [
        (window.opens_utc.timestamp(), window.closes_utc.timestamp())
        for window in order.windows
    ]
    for opens_s, closes_s in spans or [(starts_s, ends_s)]:
        served_s = max(starts_s + there_s, opens_s)
        if served_s <= min(closes_s, by_s) and served_s + order.service_s + back_s <= ends_s:
            return True
    return False


def _meets(order: Order, vehicle: WorkingVehicle) -> bool:
    return any(
        window.opens_utc < vehicle.ends_utc and window.closes_utc > vehicle.starts_utc
        for window in order.windows
    )


def _told(order: Order) -> str:
    def clock(utc: datetime) -> str:
        return utc.strftime("%H:%M")

    return " or ".join(
        f"{clock(window.opens_utc)}–{clock(window.closes_utc)} UTC" for window in order.windows
    )
