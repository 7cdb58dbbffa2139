"""The plan for the rest of the day: order, arrival times, what is left out, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from edge.conditions.layers import Layers
from edge.messages.geo import Place
from edge.messages.parcels import StopId
from edge.messages.plan import Plan, Trigger
from edge.messages.routes import DriverBreak, Route, Stop
from edge.native.replan.reference import Simulation
from edge.planner import barred
from edge.planner.barred import Barred
from edge.planner.foresight.eta import Paces, learnt
from edge.planner.limits import breaks_ms, deadlines, unless_too_late
from edge.planner.loads import Loads, feeds
from edge.planner.problem import NOTHING_ANNOUNCED, Budget, problem_of
from edge.planner.replan import replan
from edge.planner.telling.causes import causes
from edge.planner.telling.told import Told
from edge.planner.travel.times import Times, Travel

NO_PACES = Paces()
NO_LOADS = Loads()


@dataclass(frozen=True, slots=True)
class Made:
    """A plan, and the simulation it was read from."""

    plan: Plan
    driven: Simulation


def plan_rest(
    route: Route,
    remaining: Sequence[StopId],
    *,
    start: Place,
    start_utc: datetime,
    travel: Travel,
    layers: Layers,
    previous: Plan | None,
    locked: StopId | None,
    trigger: Trigger,
    budget: Budget,
    also: Sequence[Trigger] = (),
    heading_deg: float | None = None,
    kind: str = "van",
    layers_before: Layers | None = None,
    paces: Paces = NO_PACES,
    loads: Loads = NO_LOADS,
    announced: Mapping[StopId, tuple[datetime, datetime]] = NOTHING_ANNOUNCED,
    breaks: Sequence[DriverBreak] | None = None,
) -> Made:
    """Plan the remaining stops from where the vehicle is, and say what changed.

    `start_utc` is when it can leave `start`; `locked` is the stop being driven to, which
    stays first unless it is barred or its goods are lost; `breaks` are those still to be taken,
    None: all of the route's. With a budget of iterations the same arguments always give
    the same plan. Raises ValueError if a remaining stop is not on the route, or the locked one
    not remaining.
    """
    if previous is not None and previous.route_id != route.route_id:
        previous = None
    named = _named_stops(route, remaining, locked)
    until_utc = max(start_utc, route.returns_by_utc)
    out = _with_their_pairs(
        named, barred.in_hard_zones(named, layers, kind, start_utc, until_utc)
    )
    stops = _without(named, out)
    times = travel.times(
        start, heading_deg, stops, route.station,
        layers=layers, from_utc=start_utc, until_utc=until_utc,
    )  # fmt: skip
    far = _with_their_pairs(stops, barred.unreachable(stops, times.base_ms))
    if far:
        stops, times = _without(stops, far), _part(times, stops, far)
    node_of = {stop.stop_id: node for node, stop in enumerate(stops, 1)}
    known = route.stops if previous is None else previous.stops
    before = [node_of[stop.stop_id] for stop in known if stop.stop_id in node_of]
    parcels = {parcel.parcel_id: parcel for parcel in route.parcels}
    pace, capacity = learnt(paces), loads.capacity
    problem = problem_of(
        stops,
        times.base_ms,
        slices=times.slices,
        zero_utc=start_utc,
        shift_end_utc=route.returns_by_utc,
        locked=(node_of[locked],) if locked in node_of else (),
        order_before=before,
        learnt=pace,
        announced=announced,
        on_board=loads.carried(route) if capacity else (),
        capacity=capacity,
        loads=[loads.taken_off(stop, parcels) for stop in stops] if capacity else (),
        pairs=feeds(stops),
        deadlines=deadlines(stops, parcels, loads.gone),
        breaks=breaks_ms(route.breaks if breaks is None else breaks, start_utc),
    )
    problem = unless_too_late(problem)
    found = replan(problem, before, budget)
    excused = [
        barred.told(one, start=start, station=route.station, travel=travel, layers=layers,
                    kind=kind, utc=start_utc)
        for one in (*out, *far)
    ]  # fmt: skip
    told = Told(route, stops, problem, found, before, excused, paces, pace, start_utc)
    plan = told.plan(previous, trigger, also, causes(layers_before, layers))
    return Made(plan, found.simulation)


def _named_stops(
    route: Route, remaining: Sequence[StopId], locked: StopId | None
) -> list[Stop]:
    by_id = {stop.stop_id: stop for stop in route.stops}
    unknown = [stop_id for stop_id in remaining if stop_id not in by_id]
    if unknown:
        raise ValueError(f"not stops of route {route.route_id}: {unknown}")
    if locked is not None and locked not in remaining:
        raise ValueError(f"the locked stop {locked} is not among the remaining")
    wanted = set(remaining)
    return [stop for stop in route.stops if stop.stop_id in wanted]


def _with_their_pairs(stops: Sequence[Stop], out: list[Barred]) -> list[Barred]:
    """Return barred stops with the deliveries whose parcels cannot be picked up."""
    names = {one.stop.stop_id: one for one in out}
    for pickup, delivery in feeds(stops):
        first, second = stops[pickup - 1], stops[delivery - 1]
        if first.stop_id in names and second.stop_id not in names:
            one = names[first.stop_id]
            out = [*out, Barred(second, one.zone, one.until_utc)]
    return out


def _without(stops: Sequence[Stop], out: Sequence[Barred]) -> list[Stop]:
    gone = {one.stop.stop_id for one in out}
    return [stop for stop in stops if stop.stop_id not in gone]


def _part(times: Times, stops: Sequence[Stop], out: Sequence[Barred]) -> Times:
    """Return the travel times between the stops that are not left out."""
    gone = {one.stop.stop_id for one in out}
    kept = [node for node, stop in enumerate(stops, 1) if stop.stop_id not in gone]
    grid = np.ix_([0, *kept, len(stops) + 1], [0, *kept, len(stops) + 1])
    slices = times.slices
    if slices is not None:
        class_of = np.ascontiguousarray(slices.class_of[grid])
        slices = type(slices)(slices.starts_ms, class_of, slices.permille)
    return Times(np.ascontiguousarray(times.base_ms[grid]), slices)
