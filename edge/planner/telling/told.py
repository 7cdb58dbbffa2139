"""A re-plan as the messages tell it: stops with times and spread, what is left out, why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from edge.messages.parcels import StopId
from edge.messages.plan import Cause, DroppedStop, Plan, PlannedBreak, PlannedStop, Trigger, Why
from edge.messages.routes import Route, Stop
from edge.native.replan.reference import Simulation, with_stop
from edge.planner.foresight.eta import Arrival, Learnt, Paces, Span, arrivals
from edge.planner.problem import Problem
from edge.planner.replan import Replan
from edge.planner.telling.causes import delay_s
from edge.planner.telling.why import sentence

RISK_MARGIN_MS = 300_000
"""A promise that would be kept by less than this is at risk."""


@dataclass(frozen=True, slots=True)
class Told:
    """A re-plan, and what it takes to put it into the words of the route."""

    route: Route
    stops: Sequence[Stop]
    problem: Problem
    found: Replan
    before: Sequence[int]
    barred: Sequence[DroppedStop]
    paces: Paces
    learnt: Learnt
    zero_utc: datetime

    def plan(
        self,
        previous: Plan | None,
        trigger: Trigger,
        also: Sequence[Trigger],
        causes: tuple[Cause, ...],
    ) -> Plan:
        """Return the plan; its number follows the previous one's."""
        found, driven = self.found, self.found.simulation
        planned, dropped = self._planned(), (*self._dropped(), *self.barred)
        moved, breaks = self._ids(found.moved), self._breaks()
        known = set(self.before)
        delay = delay_s(previous, self._legs_s(found.baseline)) if causes else 0.0
        text = sentence(
            trigger,
            first=previous is None,
            planned=planned,
            moved=moved,
            added=self._ids([node for node in driven.order if node not in known]),
            dropped=dropped,
            breaks=breaks if previous is None or _moved(previous.breaks, breaks) else (),
            keeping=found.baseline,
            driving=driven,
            causes=causes,
            delay_s=delay,
        )
        return Plan(
            route_id=self.route.route_id,
            route_revision=self.route.revision,
            number=1 if previous is None else previous.number + 1,
            starts_utc=self.zero_utc,
            stops=planned,
            dropped=dropped,
            breaks=breaks,
            back_utc=self._utc(driven.end_ms),
            cost_s=driven.cost_ms / 1000,
            why=Why(
                trigger=trigger,
                also=tuple(also),
                moved=moved,
                gained_s=found.gained_ms / 1000,
                promises_at_risk=self._at_risk(),
                text=text,
                causes=causes,
                delay_s=delay,
            ),
        )

    def _planned(self) -> tuple[PlannedStop, ...]:
        driven = self.found.simulation
        legs_s = self._legs(driven)
        foreseen = arrivals(self._spans(driven, legs_s), self.paces)
        return tuple(
            PlannedStop(
                stop_id=stop_id,
                arrives_utc=self._utc(driven.arrival_ms[place]),
                departs_utc=self._utc(driven.depart_ms[place]),
                late_s=driven.late_ms[place] / 1000,
                leg_s=round(legs_s[place], 1),
                spread_s=_spread_s(foreseen[place], driven.arrival_ms[place] / 1000),
                late_chance=self._late_chance(foreseen[place], driven.order[place]),
            )
            for place, stop_id in enumerate(self._ids(driven.order))
        )

    def _breaks(self) -> tuple[PlannedBreak, ...]:
        driven = self.found.simulation
        names = (*self._ids(driven.order), None)
        return tuple(
            PlannedBreak(
                begins_utc=self._utc(pause.begins_ms),
                lasts_s=pause.lasts_ms / 1000,
                before=names[pause.place],
            )
            for pause in driven.pauses
        )

    def _spans(self, driven: Simulation, legs_s: Sequence[float]) -> list[Span]:
        spans, rests_s = [], _rests_s(driven)
        for node, leg_s, rest_s in zip(driven.order, legs_s, rests_s, strict=False):
            windows = self.problem.stops[node - 1].windows
            opens = tuple((opens / 1000, closes / 1000) for opens, closes in windows)
            spans.append(Span(leg_s, self.stops[node - 1].service_s, opens, rest_s))
        return spans

    def _late_chance(self, arrival: Arrival, node: int) -> float:
        windows = self.problem.stops[node - 1].windows
        return round(arrival.chance_after(windows[-1][1] / 1000), 3) if windows else 0.0

    def _legs(self, driven: Simulation) -> list[float]:
        """Return how long each leg of an order takes, before what the day has taught [s]."""
        left, rests_s = (self.problem.start_ms, *driven.depart_ms), _rests_s(driven)
        legs = []
        for place, arrival in enumerate(driven.arrival_ms):
            leg_s = (arrival - left[place]) / 1000 - rests_s[place]
            legs.append(leg_s / self.learnt.factor(leg_s))
        return legs

    def _legs_s(self, driven: Simulation) -> dict[tuple[StopId, StopId], float]:
        names, legs = self._ids(driven.order), self._legs(driven)
        pairs = pairwise(names)
        return dict(zip(pairs, legs[1:], strict=True))

    def _dropped(self) -> tuple[DroppedStop, ...]:
        return tuple(self._left_out(node) for node in self.found.dropped)

    def _left_out(self, node: int) -> DroppedStop:
        driven = self.found.simulation
        serving = with_stop(self.problem, driven.order, node)
        stop_id, deadline_ms = (
            self.stops[node - 1].stop_id,
            self.problem.stops[node - 1].deadline_ms,
        )
        if deadline_ms is not None and node in serving.missed:
            by = f"{self._utc(deadline_ms):%H:%M} UTC"
            reason = f"cannot be reached by {by}, when its goods are to be handed over"
            return DroppedStop(stop_id=stop_id, reason=reason, code="too_late")
        if set(serving.missed) - set(driven.missed):
            reason = "would make the goods of other stops too late"
            return DroppedStop(stop_id=stop_id, reason=reason, code="worth")
        if serving.overtime_ms > driven.overtime_ms:
            reason = "does not fit before the end of the shift"
            return DroppedStop(stop_id=stop_id, reason=reason, code="shift")
        reason = "would make other stops late, or be hours late itself"
        return DroppedStop(stop_id=stop_id, reason=reason, code="worth")

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
        promised = {stop.stop_id for stop in self.route.stops if stop.windows}
        barred = tuple(drop.stop_id for drop in self.barred if drop.stop_id in promised)
        return (*self._ids(at_risk), *barred)

    def _ids(self, nodes: Sequence[int]) -> tuple[StopId, ...]:
        return tuple(self.stops[node - 1].stop_id for node in nodes)

    def _utc(self, clock_ms: int) -> datetime:
        return self.zero_utc + timedelta(milliseconds=clock_ms)


def _rests_s(driven: Simulation) -> list[float]:
    """Return how long is rested before each leg of an order, the last to the end [s]."""
    rests_s = [0.0] * (len(driven.order) + 1)
    for pause in driven.pauses:
        rests_s[pause.place] += pause.lasts_ms / 1000
    return rests_s


def _moved(before: Sequence[PlannedBreak], now: Sequence[PlannedBreak]) -> bool:
    """Tell whether a break is taken elsewhere than it was planned."""
    return [one.before for one in before[-len(now) :]] != [one.before for one in now]


def _spread_s(arrival: Arrival, planned_s: float) -> tuple[int, int, int]:
    p10, p50, p90 = (
        round(quantile - planned_s)
        for quantile in (arrival.p10_s, arrival.p50_s, arrival.p90_s)
    )
    return p10, p50, p90
