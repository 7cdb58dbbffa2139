"""When the executor plans, and from where: the planner's shell."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from edge.clock import Clock
from edge.conditions.layers import Layers
from edge.config import PlannerSection
from edge.executor.mission.progress import Mission, Phase
from edge.messages.geo import Place
from edge.messages.parcels import StopId
from edge.messages.plan import Plan, Trigger
from edge.messages.routes import Route
from edge.messages.state import VehicleState
from edge.planner.plan import plan_rest
from edge.planner.problem import Budget
from edge.planner.travel.times import Travel

if TYPE_CHECKING:
    from collections.abc import Callable
from datetime import datetime, timedelta

OFF_PLAN_S = 300.0  # a stop that ends this far from its planned time asks for a new plan
DEBOUNCE_S = 120.0


class Planning:
    """Calls the planner outside the loop, with a budget, from where the vehicle is."""

    def __init__(self, config: PlannerSection, travel: Travel, clock: Clock) -> None:
        self._config = config
        self._travel = travel
        self._clock = clock
        self._last_s = -DEBOUNCE_S

    async def make(
        self,
        mission: Mission,
        previous: Plan | None,
        layers: Layers,
        state: VehicleState | None,
        trigger: Trigger,
    ) -> Plan:
        """Plan what remains of the mission. Runs in a worker thread (inline in simulation)."""
        route = mission.route
        assert route is not None, "nothing to plan"
        utc = self._clock.utc()
        self._last_s = self._clock.now_s()
        remaining, locked = mission.to_plan(), mission.progress.stop_id
        if mission.phase in (Phase.OFFERED, Phase.LOADING):
            start, utc = route.station, max(utc, route.departs_utc)
        elif mission.phase is Phase.AT_STOP:
            start, utc, locked = mission.stop.place, self._served_utc(mission, utc), None
        else:
            start = self._here(mission, route, state)
        if previous is not None and previous.route_id != route.route_id:
            previous = None
        call: Callable[[], Plan] = partial(
            plan_rest,
            route,
            remaining,
            start=start,
            start_utc=utc,
            travel=self._travel,
            layers=layers,
            previous=previous,
            locked=locked,
            trigger=trigger,
            budget=self._budget(),
        )
        return await asyncio.get_running_loop().run_in_executor(None, call)

    def off_plan(self, mission: Mission, plan: Plan | None, stop_id: StopId) -> bool:
        """Tell whether a stop that has just ended did so far from its planned time."""
        if plan is None or self._clock.now_s() - self._last_s < DEBOUNCE_S:
            return False
        utc = self._clock.utc()
        planned = next((p.departs_utc for p in plan.stops if p.stop_id == stop_id), None)
        if planned is None or mission.phase is not Phase.UNDERWAY:
            return False
        return abs((utc - planned).total_seconds()) > OFF_PLAN_S

    def _budget(self) -> Budget:
        if self._config.max_iterations is not None:
            return Budget(iterations=self._config.max_iterations)
        return Budget(wall_ms=self._config.budget_ms)

    def _served_utc(self, mission: Mission, utc: datetime) -> datetime:
        """Guess when the present stop will be done with."""
        arrived_utc = mission.progress.arrived_utc or utc
        return max(utc, arrived_utc + timedelta(seconds=mission.stop.service_s))

    def _here(self, mission: Mission, route: Route, state: VehicleState | None) -> Place:
        """Guess where the vehicle is: fix, last stop, station."""
        if state is not None and state.place is not None:
            return state.place
        if mission.progress.closed:
            return mission.stop_of(mission.progress.closed[-1]).place
        return route.station


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


def fits(plan: Plan | None, mission: Mission) -> bool:
    """Tell whether a plan is about this revision of the mission's route."""
    at = mission.progress
    return plan is not None and (plan.route_id, plan.route_revision) == (
        at.route_id,
        at.revision,
    )
