"""What a machine that stands elsewhere is to bring, and the van's stop that it becomes.

A machine with `meets` in station.toml stands there all day. It gets parcels that it may carry,
whose customers are beyond its reach from the station and within its reach from where it stands,
the nearest first. A stop with a promised window or a deadline is left to one vehicle.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from edge.messages.geo import Place
from edge.messages.geo import distance_m as straight_m
from edge.messages.routes import Meeting, Stop, TimeWindow
from station.routes.draft import Draft
from station.routes.fitting import NotAssigned, volume_l, weight_kg
from station.routes.fleet import DRONE, ROBOT, WorkingVehicle, route_id_of
from station.routes.flown import FLIES_MPS, UP_AND_DOWN_S, may_fly
from station.routes.rolled import DETOUR, ROLLS_MPS, may_roll
from station.stops.orders import Order

MEETS = "meet:"
TAKES = "take:"
MOST_AT_ONCE = {DRONE: 1, ROBOT: 6}
"""A drone carries one, and no van waits for it to come back."""
MAY = {DRONE: may_fly, ROBOT: may_roll}
GIVEN_S = 60.0  # two scans and a lid, for each parcel
SPARE_S = 900.0  # between the last moment to take over and the rest of the machine's day


@dataclass(frozen=True, slots=True)
class Gathering:
    """A machine, and the orders whose parcels a van brings to it."""

    machine: WorkingVehicle
    orders: tuple[Order, ...]
    """In the order of service."""
    meeting_id: str
    key: str
    until_utc: datetime
    """The latest moment at which the machine can still bring them all."""

    @property
    def place(self) -> Place:
        """Where the machine stands."""
        assert self.machine.meets is not None, "a machine that stands at the station"
        return self.machine.meets

    def as_order(self) -> Order:
        """Return what it is to the vans: one stop with everything."""
        parcels = tuple(parcel for order in self.orders for parcel in order.parcels)
        window = TimeWindow(opens_utc=self.machine.starts_utc, closes_utc=self.until_utc)
        return Order(
            day=self.orders[0].day,
            stop_id=self.meeting_id,
            kind="rendezvous",
            name=f"meet {self.machine.name}",
            place=self.place,
            windows=(window,),
            service_s=GIVEN_S * len(parcels),
            priority=9,
            parcels=parcels,
            meeting=self._side(self.machine.name, gives=True),
        )

    def as_draft(self, van: str, met_utc: datetime) -> Draft:
        """Return the machine's route, if a van is there at an instant."""
        stops: list[Stop] = []
        for order in self.orders:
            stop = order.to_stop()
            stops.append(
                Stop(
                    stop_id=f"{TAKES}{order.stop_id}"[:64],
                    kind="rendezvous",
                    place=self.place,
                    parcels=stop.parcels,
                    service_s=GIVEN_S * len(stop.parcels),
                    name=f"from {van}",
                    meeting=self._side(van, gives=False),
                )
            )
        stops += [order.to_stop() for order in self.orders]
        at_utc, arrivals = met_utc, []
        for order in self.orders:
            out_s = leg_s(self.machine, self.place, order)
            arrivals.append(at_utc + timedelta(seconds=out_s))
            at_utc = arrivals[-1] + timedelta(seconds=order.service_s + out_s)
        metres = sum(2 * straight_m(self.place, _place(order)) for order in self.orders)
        return Draft(
            vehicle=self.machine,
            orders=self.orders,
            arrivals_utc=tuple(arrivals),
            departs_utc=self.machine.starts_utc,
            back_utc=at_utc,
            distance_m=round(metres),
            stops=tuple(stops),
        )

    def _side(self, other: str, *, gives: bool) -> Meeting:
        return Meeting(
            meeting_id=self.meeting_id,
            vehicle=other,
            gives=gives,
            key=self.key,
            waits_until_utc=self.until_utc,
        )


def gather_meetings(
    orders: Sequence[Order],
    fleet: Sequence[WorkingVehicle],
    station: Place,
    day: date,
    secret: bytes,
) -> tuple[list[Gathering], list[Order]]:
    """Return what machines that stand elsewhere are to bring, and the orders left."""
    left = list(orders)
    found: list[Gathering] = []
    for machine in fleet:
        if machine.meets is None:
            continue
        mine = _suited(machine, left, station)
        if mine:
            left = [order for order in left if order not in mine]
            found.append(_gathering(machine, mine, day, secret))
    return found, left


def machine_drafts(
    gatherings: Sequence[Gathering], drafts: Sequence[Draft]
) -> tuple[list[Draft], list[NotAssigned]]:
    """Return the routes of machines that a van meets, and the stops of the others."""
    made: list[Draft] = []
    left: list[NotAssigned] = []
    met = {
        order.stop_id: (draft.vehicle.name, at_utc)
        for draft in drafts
        for order, at_utc in zip(draft.orders, draft.arrivals_utc, strict=True)
        if order.meeting is not None
    }
    for one in gatherings:
        if one.meeting_id in met:
            made.append(one.as_draft(*met[one.meeting_id]))
            continue
        why = f"no van has time to bring it to {one.machine.name}"
        left += [NotAssigned(stop_id=o.stop_id, name=o.name, why=why) for o in one.orders]
    return made, left


def leg_s(machine: WorkingVehicle, base: Place, order: Order) -> float:
    """Return how long a machine takes from its base to a customer."""
    metres = straight_m(base, _place(order))
    if machine.kind == DRONE:
        return metres / FLIES_MPS + UP_AND_DOWN_S / 2
    return metres * DETOUR / ROLLS_MPS


def _suited(machine: WorkingVehicle, orders: Sequence[Order], station: Place) -> list[Order]:
    base = machine.meets
    assert base is not None, "a machine that stands at the station"
    near = [
        order
        for order in orders
        if MAY[machine.kind](order)
        and not order.windows
        and order.deliver_by_utc is None
        and straight_m(base, _place(order)) <= machine.reach_m
        and straight_m(station, _place(order)) > machine.reach_m
    ]
    near.sort(key=lambda order: (straight_m(base, _place(order)), order.stop_id))
    taken: list[Order] = []
    kg = litres = 0.0
    for order in near:
        pieces = sum(len(one.parcels) for one in (*taken, order))
        if pieces > MOST_AT_ONCE[machine.kind] or not _in_half_a_day(machine, [*taken, order]):
            break
        kg, litres = kg + weight_kg(order), litres + volume_l(order)
        if kg > machine.capacity_kg or litres > machine.capacity_l:
            break
        taken.append(order)
    return taken


def _in_half_a_day(machine: WorkingVehicle, orders: Sequence[Order]) -> bool:
    """Tell whether a van still has half of the machine's day to come."""
    shift_s = (machine.ends_utc - machine.starts_utc).total_seconds()
    return _work_s(machine, orders) + SPARE_S <= shift_s / 2


def _work_s(machine: WorkingVehicle, orders: Sequence[Order]) -> float:
    base = machine.meets
    assert base is not None, "a machine that stands at the station"
    return sum(2 * leg_s(machine, base, order) + order.service_s for order in orders)


def _gathering(
    machine: WorkingVehicle, orders: Sequence[Order], day: date, secret: bytes
) -> Gathering:
    meeting_id = f"{MEETS}{route_id_of(day, machine.name)}"[:64]
    told = f"meeting/{meeting_id}".encode()
    rest = timedelta(seconds=_work_s(machine, orders) + SPARE_S)
    return Gathering(
        machine=machine,
        orders=tuple(orders),
        meeting_id=meeting_id,
        key=hmac.digest(secret, told, hashlib.sha256)[:16].hex(),
        until_utc=machine.ends_utc - rest,
    )


def _place(order: Order) -> Place:
    assert order.place is not None, "an order without a place"
    return order.place
