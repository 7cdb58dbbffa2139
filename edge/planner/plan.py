"""The plan for the rest of the day: order, arrival times, what is left out, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from edge.conditions.layers import Layers
from edge.messages.geo import Place
from edge.messages.parcels import StopId
from edge.messages.plan import DroppedStop, Plan, PlannedStop, Trigger, Why
from edge.messages.routes import Route, Stop
from edge.native.replan.reference import Simulation, normal_order, simulate, with_stop
from edge.planner.conditions import Slowdown, frozen_ms, slowdowns
from edge.planner.problem import Budget, Problem, problem_of
from edge.planner.replan import Replan, moved_stops, replan
from edge.planner.travel.times import Travel
from edge.planner.why import sentence

RISK_MARGIN_MS = 300_000
"""A promise that would be kept by less than this is at risk."""


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
) -> Plan:
    """Plan the remaining stops from where the vehicle is, and say what changed.

    `start_utc` is when it can leave `start`; `locked` is the stop being driven to, which
    stays first. With a budget of iterations the same arguments always give the same plan.
    Raises ValueError if a remaining stop is not on the route, or the locked one not remaining.
    """
    if previous is not None and previous.route_id != route.route_id:
        previous = None
    stops = _named_stops(route, remaining, locked)
    node_of = {stop.stop_id: node for node, stop in enumerate(stops, 1)}
    if previous is None:
        known = [stop.stop_id for stop in route.stops]
    else:
        known = [stop.stop_id for stop in previous.stops]
    before = [node_of[stop_id] for stop_id in known if stop_id in node_of]
    ways = _Ways(
        travel.times(
            start,
            None,
            stops,
            route.station,
            layers=layers,
            from_utc=start_utc,
            until_utc=max(start_utc, route.returns_by_utc),
        ).base_ms,
        slowdowns(layers, [start, *(s.place for s in stops), route.station], start_utc),
    )
    problem = problem_of(
        stops,
        ways.base_ms,
        zero_utc=start_utc,
        shift_end_utc=route.returns_by_utc,
        locked=() if locked is None else (node_of[locked],),
        order_before=before,
    )
    found = _replanned(problem, ways, before, budget)
    told = _Told(route, stops, ways.met(problem, found.order), found, before, start_utc)
    return told.plan(previous, trigger)


@dataclass(frozen=True, slots=True)
class _Ways:
    """Travel times without traffic, and what traffic does to them."""

    base_ms: NDArray[np.int32]
    slowdowns: tuple[Slowdown, ...]

    def met(self, problem: Problem, order: Sequence[int]) -> Problem:
        """Return the problem with the travel times that this order meets."""
        if not self.slowdowns:
            return problem
        travel_ms = frozen_ms(self.base_ms, self.slowdowns, problem.stops, order)
        return replace(problem, travel_ms=travel_ms)


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


def _replanned(problem: Problem, ways: _Ways, before: list[int], budget: Budget) -> Replan:
    """Search on the travel times the old order meets; judge each order on its own."""
    as_before = ways.met(problem, normal_order(problem, before))
    found = replan(as_before, before, budget)
    if not ways.slowdowns:
        return found
    baseline = _driven(problem, ways, found.baseline)
    driven = _driven(problem, ways, found.simulation)
    if driven.cost_ms < baseline.cost_ms:
        return replace(found, simulation=driven, baseline=baseline)
    moved = moved_stops(before, baseline.order)
    served = set(baseline.order)
    return replace(
        found,
        simulation=baseline,
        baseline=baseline,
        dropped=tuple(node for node in range(1, problem.end) if node not in served),
        moved=moved,
        kept=not moved and served.issuperset(before),
    )


def _driven(problem: Problem, ways: _Ways, simulation: Simulation) -> Simulation:
    return simulate(ways.met(problem, simulation.order), simulation.order)


@dataclass(frozen=True, slots=True)
class _Told:
    """A re-plan, and what it takes to put it into the words of the route."""

    route: Route
    stops: Sequence[Stop]
    problem: Problem
    """With the travel times that the new order meets."""
    found: Replan
    before: Sequence[int]
    zero_utc: datetime

    def plan(self, previous: Plan | None, trigger: Trigger) -> Plan:
        """Return the plan; its number follows the previous one's."""
        found, driven = self.found, self.found.simulation
        planned, dropped = self._planned(), self._dropped()
        moved = self._ids(found.moved)
        known = set(self.before)
        text = sentence(
            trigger,
            first=previous is None,
            planned=planned,
            moved=moved,
            added=self._ids([node for node in driven.order if node not in known]),
            dropped=dropped,
            keeping=found.baseline,
            driving=driven,
        )
        return Plan(
            route_id=self.route.route_id,
            route_revision=self.route.revision,
            number=1 if previous is None else previous.number + 1,
            stops=planned,
            dropped=dropped,
            back_utc=self._utc(driven.end_ms),
            cost_s=driven.cost_ms / 1000,
            why=Why(
                trigger=trigger,
                moved=moved,
                gained_s=found.gained_ms / 1000,
                promises_at_risk=self._at_risk(),
                text=text,
            ),
        )

    def _planned(self) -> tuple[PlannedStop, ...]:
        driven = self.found.simulation
        return tuple(
            PlannedStop(
                stop_id=stop_id,
                arrives_utc=self._utc(driven.arrival_ms[place]),
                departs_utc=self._utc(driven.depart_ms[place]),
                late_s=driven.late_ms[place] / 1000,
            )
            for place, stop_id in enumerate(self._ids(driven.order))
        )

    def _dropped(self) -> tuple[DroppedStop, ...]:
        return tuple(
            DroppedStop(stop_id=self.stops[node - 1].stop_id, reason=self._reason(node))
            for node in self.found.dropped
        )

    def _reason(self, node: int) -> str:
        driven = self.found.simulation
        serving = with_stop(self.problem, driven.order, node)
        if serving.overtime_ms > driven.overtime_ms:
            return "does not fit before the end of the shift"
        return "would make other stops late, or be hours late itself"

    def _at_risk(self) -> tuple[StopId, ...]:
        """Return the promised stops that are late, nearly late, or left out."""
        driven = self.found.simulation
        begins = dict(zip(driven.order, driven.begin_ms, strict=True))
        at_risk = []
        for node in (*driven.order, *self.found.dropped):
            windows = self.problem.stops[node - 1].windows
            if windows and (
                node not in begins or begins[node] + RISK_MARGIN_MS > windows[-1][1]
            ):
                at_risk.append(node)
        return self._ids(at_risk)

    def _ids(self, nodes: Sequence[int]) -> tuple[StopId, ...]:
        return tuple(self.stops[node - 1].stop_id for node in nodes)

    def _utc(self, clock_ms: int) -> datetime:
        return self.zero_utc + timedelta(milliseconds=clock_ms)
