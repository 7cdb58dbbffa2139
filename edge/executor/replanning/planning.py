"""From where and with what the planner is asked: its shell."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from edge.clock import Clock
from edge.conditions.layers import Layers
from edge.config import PlannerSection
from edge.executor.mission.progress import Mission, Phase
from edge.messages.geo import Place
from edge.messages.legs import Leg
from edge.messages.parcels import StopId
from edge.messages.plan import Plan, Trigger
from edge.messages.routes import Route
from edge.messages.state import VehicleState
from edge.planner.foresight.eta import Paces
from edge.planner.loads import Loads
from edge.planner.plan import NO_PACES, Made, plan_rest
from edge.planner.problem import Budget
from edge.planner.travel.times import Travel
from edge.vehicles.kind import VehicleKind


@dataclass(frozen=True, slots=True)
class Carrier:
    """What the planner must know of the vehicle."""

    kind: str = "van"
    capacity_kg: float | None = None
    capacity_l: float | None = None
    most_parcels: int | None = None
    """None: as many as fit."""

    @classmethod
    def of(
        cls, kind: VehicleKind, capacity_kg: float | None, capacity_l: float | None
    ) -> "Carrier":
        """Return what a kind of vehicle carries; what moves in the air carries one parcel."""
        flies = kind.machine is not None and kind.machine.moves == "air"
        return cls(kind.name, capacity_kg, capacity_l, 1 if flies else None)


VAN = Carrier()


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand when a plan is asked for."""

    mission: Mission
    plan: Plan | None
    layers: Layers
    state: VehicleState | None
    paces: Paces = NO_PACES

    def still_holds(self, mission: Mission) -> bool:
        """Tell whether a plan made for this situation still fits the mission."""
        then, now = self.mission, mission
        return (
            then.progress.route_id == now.progress.route_id
            and then.progress.revision == now.progress.revision
            and then.progress.stop_id == now.progress.stop_id
            and _place_of(then.phase) == _place_of(now.phase)
            and set(then.to_plan()) == set(now.to_plan())
            and then.breaks_to_plan() == now.breaks_to_plan()
        )


@dataclass(frozen=True, slots=True)
class PlanMade:
    """A plan, and how things stood when it was asked for."""

    situation: Situation
    plan: Plan


Search = Callable[[], Made]
Searching = Callable[[Search], Awaitable[Made]]
"""Runs a search, which may take all of its budget, and gives back what it has found."""


async def in_worker(search: Search) -> Made:
    """Run a search in a worker thread (inline in simulation)."""
    return await asyncio.get_running_loop().run_in_executor(None, search)


class Planning:
    """Calls the planner outside the loop, with a budget, from where the vehicle is."""

    def __init__(
        self,
        config: PlannerSection,
        travel: Travel,
        clock: Clock,
        carrier: Carrier = VAN,
        searching: Searching = in_worker,
    ) -> None:
        self._config = config
        self._travel = travel
        self._clock = clock
        self._carrier = carrier
        self._searching = searching
        self._layers: Layers | None = None

    def wanted(self, trigger: Trigger) -> bool:
        """Tell whether a plan is to be made for this; without re-planning only for a route."""
        return self._config.replanning or trigger == "route"

    async def make(
        self,
        situation: Situation,
        triggers: Sequence[Trigger],
        interrupted: Callable[[], bool],
        *,
        budget_frac: float = 1.0,
    ) -> Made:
        """Plan what remains. Runs in a worker thread (inline in simulation).

        The first of the triggers leads. When `interrupted` says so, the search ends with what
        it has. `budget_frac` is how much of the configured budget it may take.
        """
        mission, utc = situation.mission, self._clock.utc()
        route = mission.route
        assert route is not None, "nothing to plan"
        remaining, locked = mission.to_plan(), mission.progress.stop_id
        heading_deg: float | None = None
        if mission.phase in (Phase.OFFERED, Phase.LOADING):
            start, utc = route.station, max(utc, route.departs_utc)
        elif mission.phase is Phase.AT_STOP:
            start, utc, locked = mission.stop.place, served_utc(mission, utc), None
        else:
            start = self._here(mission, route, situation.state)
            utc = max(utc, mission.rests_until_utc() or utc)
            heading_deg = situation.state.heading_deg if situation.state else None
        search: Search = partial(
            plan_rest,
            route,
            remaining,
            start=start,
            start_utc=utc,
            heading_deg=heading_deg,
            travel=self._travel,
            layers=situation.layers,
            layers_before=self._layers,
            previous=situation.plan,
            locked=locked,
            trigger=triggers[0],
            also=triggers[1:],
            budget=self._budget(interrupted, budget_frac),
            kind=self._carrier.kind,
            paces=situation.paces,
            loads=self._loads(mission, route),
            announced=_announced(mission),
            breaks=mission.breaks_to_plan(),
        )
        return await self._searching(search)

    async def leg(self, situation: Situation, end: Place) -> Leg | None:
        """Return how to drive from here to a place; None without a position or roads."""
        state = situation.state
        if state is None or state.place is None:
            return None
        call = partial(
            self._travel.leg,
            state.place,
            state.heading_deg,
            end,
            layers=situation.layers,
            utc=self._clock.utc(),
        )
        return await asyncio.get_running_loop().run_in_executor(None, call)

    def taken_over(self, situation: Situation) -> None:
        """Note that the plan made for a situation is in force: causes are told against it."""
        self._layers = situation.layers

    def _budget(self, interrupted: Callable[[], bool], share: float) -> Budget:
        rounds = self._config.max_iterations
        if rounds is not None:
            budget = Budget(iterations=max(1, round(rounds * share)))
        else:
            budget = Budget(wall_ms=self._config.budget_ms * share)
        return replace(budget, out_of_time=interrupted)

    def _loads(self, mission: Mission, route: Route) -> Loads:
        carrier, at = self._carrier, mission.progress.parcels
        if mission.phase in (Phase.OFFERED, Phase.LOADING):
            on_board = {p.parcel_id for p in route.parcels if not at[p.parcel_id].by_pickup}
        else:
            on_board = set(mission.on_board())
        if carrier.most_parcels is not None:
            # What comes back is taken off at the station, before the next is loaded.
            on_board = {p for p in on_board if at[p].failed is None}
        gone = {p for p, it in at.items() if it.outcome is not None or it.failed is not None}
        return Loads(
            on_board, carrier.capacity_kg, carrier.capacity_l, gone, carrier.most_parcels
        )

    def _here(self, mission: Mission, route: Route, state: VehicleState | None) -> Place:
        """Guess where the vehicle is: fix, last stop, station."""
        if state is not None and state.place is not None:
            return state.place
        if mission.progress.closed:
            return mission.stop_of(mission.progress.closed[-1]).place
        return route.station


def served_utc(mission: Mission, utc: datetime) -> datetime:
    """Guess when the present stop will be done with, and a break that is being taken there."""
    arrived_utc = mission.progress.arrived_utc or utc
    served = max(utc, arrived_utc + timedelta(seconds=mission.stop.service_s))
    return max(served, mission.rests_until_utc() or served)


def same_order(before: Plan | None, after: Plan) -> bool:
    """Tell whether two plans serve and drop the same stops in the same order."""
    if before is None or before.route_id != after.route_id:
        return False
    wanted = [p.stop_id for p in after.stops]
    still = set(wanted)
    kept = [p.stop_id for p in before.stops if p.stop_id in still]
    return kept == wanted and {d.stop_id for d in before.dropped} == {
        d.stop_id for d in after.dropped
    }


def fits_route(plan: Plan | None, mission: Mission) -> bool:
    """Tell whether a plan is about the mission's route, in this revision or an earlier one."""
    return plan is not None and plan.route_id == mission.progress.route_id


def fits(plan: Plan | None, mission: Mission) -> bool:
    """Tell whether a plan is about this revision of the mission's route."""
    at = mission.progress
    return plan is not None and (plan.route_id, plan.route_revision) == (
        at.route_id,
        at.revision,
    )


def _place_of(phase: Phase) -> str:
    """Return what of a phase matters to a plan: from where it sets out."""
    if phase in (Phase.OFFERED, Phase.LOADING):
        return "station"
    return "stop" if phase is Phase.AT_STOP else "way"


def _announced(mission: Mission) -> Mapping[StopId, tuple[datetime, datetime]]:
    """Return the arrivals people were told when a lateness was foreseen."""
    return mission.progress.foretold
