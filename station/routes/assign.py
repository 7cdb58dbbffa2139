"""Orders of a day → one route for each vehicle, by PyVRP.

Windows, capacities and shifts are hard; serving a stop is not: each has a prize by its
priority, so that a day that does not fit loses its least important stops and says why. By when
goods must be handed over closes their windows. PyVRP knows no breaks: their length is taken off
the end of the shift, and a promise that the break itself would break is the vehicle's to mend.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyvrp
from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria

from edge.errors import RefusedError
from edge.messages.geo import Place
from station.routes.draft import Draft
from station.routes.fitting import NotAssigned, volume_l, weight_kg, why_left_over, why_never
from station.routes.fleet import DRONE, ROBOT, WorkingVehicle
from station.routes.flown import flown_ways, fly_on, may_fly
from station.routes.progress import Progress, Told
from station.routes.rolled import may_roll, rolled_ways
from station.routes.travel import Ways
from station.stops.orders import Order

MOST_STOPS = 3000  # the matrices of more do not fit a small station's memory
ITERATIONS = 2000  # without a limit given; reproducible, some seconds for 100 stops
SECOND_COST = 4
METRE_COST = 1  # a second on the road costs 12 at 8 m/s, a second of waiting 4
WAGE = 10  # so many times that, beside vehicles without a driver, whose second costs 1
PRIZE = 10_000_000  # far above any detour, so that a stop is only left out when it must be
PRIZE_STEP = 2_000_000  # for each step of priority
FAIR_SLACK = 1.1  # a vehicle may work so much longer than the fair share at no extra cost
OVERTIME_COST = 8  # for each second beyond it
GRAMS, MILLILITRES = 1000, 1000

OFF_THE_ROAD = {DRONE: (may_fly, flown_ways), ROBOT: (may_roll, rolled_ways)}
"""Kinds with ways of their own: what they may bring, and how long it takes."""
NOT_FOR = {
    DRONE: "it is not for a drone: more than one parcel, or somebody has to receive it",
    ROBOT: "it is not for a robot: its lid opens to a code alone, and has few compartments",
}

WaysBetween = Callable[[Sequence[Place]], Ways]


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop searching; with a number of rounds alone the answer is reproducible."""

    seed: int = 0
    iterations: int = ITERATIONS
    seconds: float | None = None


def assign(
    orders: Sequence[Order],
    fleet: Sequence[WorkingVehicle],
    station: Place,
    *,
    ways_between: WaysBetween,
    limits: Limits,
    progress: Progress,
) -> tuple[list[Draft], list[NotAssigned]]:
    """Return a route for each vehicle that is needed, and the stops that are on none.

    All orders must have a place; `ways_between` is asked at most once, station and all.
    Raises RefusedError if there are too many for one run.
    """
    if len(orders) > MOST_STOPS:
        raise RefusedError(
            f"{len(orders)} stops are more than one assignment takes ({MOST_STOPS}): "
            "import them under several days or stations"
        )
    places = [station, *(order.place for order in orders if order.place is not None)]
    assert len(places) == len(orders) + 1, "an order without a place"
    kinds = {one.kind for one in fleet}
    able_of = {
        kind: [True, *(may(order) for order in orders)]
        for kind, (may, _) in OFF_THE_ROAD.items()
        if kind in kinds
    }
    own = {kind: OFF_THE_ROAD[kind][1](places, bars) for kind, bars in able_of.items()}
    nobody_drives = kinds <= set(own)
    ways = own[min(kinds)] if nobody_drives and len(kinds) == 1 else ways_between(places)
    left: list[NotAssigned] = []
    able: list[int] = []
    for location, order in enumerate(orders, start=1):
        there_s, back_s = float(ways.seconds[0, location]), float(ways.seconds[location, 0])
        why = ""
        if nobody_drives and not any(bars[location] for bars in able_of.values()):
            why = "; ".join(NOT_FOR[kind] for kind in sorted(kinds))
        why = why or ways.why_not(location) or why_never(order, fleet, there_s, back_s)
        if why:
            left.append(NotAssigned(stop_id=order.stop_id, name=order.name, why=why))
        else:
            able.append(location)
    if not able:
        return [], left
    task = _Task(orders, able, fleet, places, ways, own)
    routes = task.solve(limits, progress)
    if DRONE in own:
        flyers = [location for location in able if able_of[DRONE][location]]
        routes = fly_on(routes, orders, flyers, fleet, own[DRONE])
    served = {order.stop_id for route in routes for order in route.orders}
    load_kg = sum(weight_kg(orders[location - 1]) for location in able)
    for location in able:
        order = orders[location - 1]
        if order.stop_id not in served:
            why = why_left_over(order, fleet, load_kg)
            left.append(NotAssigned(stop_id=order.stop_id, name=order.name, why=why))
    return routes, left


class _Task:
    """The same in PyVRP's words: integer seconds from the first shift's start."""

    def __init__(
        self,
        orders: Sequence[Order],
        able: Sequence[int],
        fleet: Sequence[WorkingVehicle],
        places: Sequence[Place],
        ways: Ways,
        own: Mapping[str, Ways],
    ) -> None:
        """Make its data; `own` are the ways of kinds that are not on the road."""
        self._profiles = [ways, *own.values()]
        self._profile_of = {kind: number for number, kind in enumerate(own, 1)}
        self._wage = WAGE if own else 1
        self._orders = orders
        self._fleet = fleet
        self._zero = min(vehicle.starts_utc for vehicle in fleet)
        self._locations = [pyvrp.Location(place.lon_deg, place.lat_deg) for place in places]
        self._clients: list[pyvrp.Client] = []
        self._order_of_client: list[Order] = []
        self._groups: list[pyvrp.ClientGroup] = []
        for location in able:
            self._add(location, orders[location - 1])

    def solve(self, limits: Limits, progress: Progress) -> list[Draft]:
        """Search once for the least work in all, then again for a fair share of it."""
        span_s = max(self._shift_s(vehicle) for vehicle in self._fleet)
        rounds = limits.iterations // 4
        told = Told(progress, "the least work in all", rounds)
        first = self._run([span_s] * len(self._fleet), limits, rounds, told)
        work_s = sum(route.duration() for route in first.routes())
        shifts_s = [self._shift_s(vehicle) for vehicle in self._fleet]
        fair = [int(FAIR_SLACK * work_s * shift_s / sum(shifts_s)) for shift_s in shifts_s]
        rounds = limits.iterations - rounds
        told = Told(progress, "a fair share for each", rounds)
        best = self._run(fair, limits, rounds, told)
        if best.num_clients() < first.num_clients():
            best = first
        return [self._draft(route) for route in best.routes() if route.num_clients()]

    def _run(
        self, fair_s: Sequence[int], limits: Limits, rounds: int, told: Told
    ) -> pyvrp.Solution:
        data = pyvrp.ProblemData(
            locations=self._locations,
            clients=self._clients,
            depots=[pyvrp.Depot(0)],
            vehicle_types=[
                self._vehicle_type(vehicle, share_s)
                for vehicle, share_s in zip(self._fleet, fair_s, strict=True)
            ],
            distance_matrices=[ways.metres for ways in self._profiles],
            duration_matrices=[ways.seconds for ways in self._profiles],
            groups=self._groups,
        )
        stop = MultipleCriteria(
            [
                MaxIterations(max(1, rounds)),
                told,
                *([MaxRuntime(limits.seconds / 2)] if limits.seconds is not None else []),
            ]
        )
        return pyvrp.solve(data, stop, seed=limits.seed, collect_stats=False).best

    def _add(self, location: int, order: Order) -> None:
        spans = [
            (max(0, self._s(window.opens_utc)), self._s(window.closes_utc))
            for window in order.windows
        ]
        spans = [span for span in spans if span[1] >= 0] or [(0, 7 * 86_400)]
        if order.deliver_by_utc is not None:
            by_s = max(0, self._s(order.deliver_by_utc))
            spans = [
                (opens_s, min(late_s, by_s)) for opens_s, late_s in spans if opens_s <= by_s
            ]
        group = len(self._groups) if len(spans) > 1 else None
        if group is not None:
            first = len(self._clients)
            clients = list(range(first, first + len(spans)))
            self._groups.append(pyvrp.ClientGroup(clients, required=False))
        for opens_s, closes_s in spans:
            self._order_of_client.append(order)
            self._clients.append(
                pyvrp.Client(
                    location,
                    delivery=[
                        round(weight_kg(order) * GRAMS),
                        round(volume_l(order) * MILLILITRES),
                        1,
                    ],
                    service_duration=round(order.service_s),
                    tw_early=opens_s,
                    tw_late=closes_s,
                    prize=PRIZE + order.priority * PRIZE_STEP,
                    required=False,
                    group=group,
                )
            )

    def _vehicle_type(self, vehicle: WorkingVehicle, fair_s: int) -> pyvrp.VehicleType:
        shift_s, flies = self._shift_s(vehicle), vehicle.kind == DRONE
        by_itself = vehicle.kind in OFF_THE_ROAD
        return pyvrp.VehicleType(
            profile=self._profile_of.get(vehicle.kind, 0),
            reload_depots=[0] if flies else [],
            capacity=[
                round(vehicle.capacity_kg * GRAMS),
                round(vehicle.capacity_l * MILLILITRES),
                1 if flies else MOST_STOPS,
            ],
            tw_early=self._s(vehicle.starts_utc),
            tw_late=self._s(vehicle.ends_utc) - round(vehicle.rests_s),
            shift_duration=shift_s if by_itself else min(fair_s, shift_s),
            max_overtime=shift_s,
            unit_overtime_cost=OVERTIME_COST * self._wage,
            unit_distance_cost=0 if by_itself else METRE_COST * self._wage,
            unit_duration_cost=1 if by_itself else SECOND_COST * self._wage,
            name=vehicle.name,
        )

    def _draft(self, route: pyvrp.Route) -> Draft:
        vehicle = self._fleet[route.vehicle_type()]
        flies, ways = vehicle.kind == DRONE, self._ways_of(vehicle)
        visits = [self._clients[one.idx] for one in route.schedule() if one.is_client()]
        first_s = int(ways.seconds[0, visits[0].location])
        departs_s = max(self._s(vehicle.starts_utc), visits[0].tw_early - first_s)
        arrivals_s, at, now_s, rests = [], 0, departs_s, list(vehicle.breaks)
        locations = [0]
        for visit in visits:
            if flies and at:  # for the next parcel
                now_s += int(ways.seconds[at, 0])
                at = 0
                locations.append(at)
            leg_s = int(ways.seconds[at, visit.location])
            locations.append(visit.location)
            done_s = max(now_s + leg_s, visit.tw_early) + visit.service_duration
            if rests and not (
                now_s < self._s(rests[0].opens_utc) and done_s <= self._s(rests[0].closes_utc)
            ):
                now_s += round(rests.pop(0).lasts_s)
            now_s = max(now_s + leg_s, visit.tw_early)
            arrivals_s.append(now_s)
            at, now_s = visit.location, now_s + visit.service_duration
        return Draft(
            vehicle=vehicle,
            orders=tuple(
                self._order_of_client[o.idx] for o in route.schedule() if o.is_client()
            ),
            arrivals_utc=tuple(map(self._utc, arrivals_s)),
            departs_utc=self._utc(departs_s),
            back_utc=self._utc(now_s + int(ways.seconds[at, 0])),
            distance_m=ways.driven_m([*locations, 0]),
        )

    def _ways_of(self, vehicle: WorkingVehicle) -> Ways:
        return self._profiles[self._profile_of.get(vehicle.kind, 0)]

    def _shift_s(self, vehicle: WorkingVehicle) -> int:
        shift_s = (vehicle.ends_utc - vehicle.starts_utc).total_seconds()
        return max(1, round(shift_s - vehicle.rests_s))

    def _s(self, utc: datetime) -> int:
        return round((utc - self._zero).total_seconds())

    def _utc(self, seconds: int) -> datetime:
        return self._zero + timedelta(seconds=seconds)
