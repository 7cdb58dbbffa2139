"""Plans are made one at a time beside everything else, and newer triggers break them off."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from edge.clock import LoopClock
from edge.conditions.layers import NO_LAYERS
from edge.executor.replanning.planning import Situation
from edge.executor.replanning.replanner import Replanner
from edge.planner.plan import Made
from tests.edge.executor.day import T0, loaded, planned, route
from tests.edge.executor.replanning.days import until

MISSION, _ = loaded(route())


@dataclass
class SlowPlanning:
    """A planner whose search goes on until it is let go or broken off."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[tuple[str, ...]] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    broken_off: int = 0

    def wanted(self, trigger):
        return True

    def taken_over(self, situation):
        pass

    async def make(self, situation, triggers, interrupted, *, budget_frac=1.0):
        self.begun.append(tuple(triggers))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        while not self.let_go.is_set() and not interrupted():  # noqa: ASYNC110
            await asyncio.sleep(0)  # a slice of the search
        self.broken_off += interrupted()
        self.running -= 1
        return Made(planned(MISSION, "s1", "s2", "s3").plan, None)


@asynccontextmanager
async def replanner(settled=()):
    planning, answers = SlowPlanning(), list(settled)
    in_force = []

    async def settle(situation, plan):
        answer = answers.pop(0) if answers else "done"
        if answer == "done":
            in_force.append(plan)
        return answer

    clock = LoopClock(asyncio.get_running_loop(), T0, "simulated")
    one = Replanner(planning, clock, lambda: Situation(MISSION, None, NO_LAYERS, None), settle)
    task = asyncio.create_task(one.run())
    try:
        yield one, planning, in_force
    finally:
        task.cancel()


async def test_new_triggers_break_the_run_off_and_the_next_takes_them_all():
    async with replanner() as (one, planning, in_force):
        one.ask("stop_failed")
        await until(lambda: planning.running)
        one.ask("stop_cancelled")
        one.ask("driver")
        await until(lambda: len(planning.begun) == 2)
        planning.let_go.set()
        await until(lambda: in_force)
        assert planning.begun == [
            ("stop_failed",),
            ("stop_cancelled", "stop_failed", "driver"),
        ]
        assert (planning.broken_off, planning.most_running) == (1, 1)


async def test_never_two_questions_to_the_kernel_at_once():
    async with replanner() as (one, planning, in_force):
        one.ask("stop_failed")
        await until(lambda: planning.running)
        planning.let_go.set()

        async def other():
            await planning.make(None, ("offer",), lambda: False)

        await asyncio.gather(*(one.alone(lambda _stop: other()) for _ in range(3)))
        await until(lambda: in_force)
        assert planning.most_running == 1
        assert planning.begun.count(("offer",)) == 3


async def test_a_plan_for_a_mission_that_moved_on_is_made_again():
    async with replanner(["stale", "stale"]) as (one, planning, in_force):
        planning.let_go.set()
        one.ask("off_plan")
        await until(lambda: in_force)
        assert planning.begun == [("off_plan",)] * 3


async def test_a_run_is_not_broken_off_for_ever():
    async with replanner() as (one, planning, _):
        one.ask("route")
        for number in range(4):
            await until(lambda n=number: len(planning.begun) == n + 1 and planning.running)
            one.ask("stop_cancelled")
        await asyncio.sleep(0.01)
        assert len(planning.begun) == 4  # the fourth goes on to its end
        assert planning.broken_off == 3
