"""The one place where plans are made: one at a time, beside whatever else is going on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from edge.clock import Clock
from edge.executor.replanning.planning import Planning, Situation
from edge.messages.plan import Plan, Trigger
from edge.planner.when import Agenda

log = logging.getLogger(__name__)

T = TypeVar("T")
Settled = Literal["done", "stale", "failed"]


class Replanner:
    """Gathers triggers, runs the planner when one is due, hands the plan over."""

    def __init__(
        self,
        planning: Planning,
        clock: Clock,
        situation: Callable[[], Situation],
        settle: Callable[[Situation, Plan], Awaitable[Settled]],
    ) -> None:
        """`situation` says how things stand now; `settle` makes a plan durable, if it fits."""
        self._planning = planning
        self._clock = clock
        self._situation = situation
        self._settle = settle
        self._agenda = Agenda()
        self._asked = asyncio.Event()
        self._kernel = asyncio.Lock()
        self._running = False
        self._break_off = False

    @property
    def busy(self) -> bool:
        """Whether a plan is being made, or is due."""
        due_s = self._agenda.due_s
        return self._running or (due_s is not None and due_s <= self._clock.now_s())

    def ask(self, trigger: Trigger) -> None:
        """Have the day planned anew when that is due; never waits."""
        if not self._planning.wanted(trigger):
            return
        self._agenda = self._agenda.ask(trigger, self._clock.now_s())
        self._interrupt()
        self._asked.set()

    async def alone(self, work: Callable[[Callable[[], bool]], Awaitable[T]]) -> T:
        """Run another question to the kernel, before whatever waits for it."""
        self._interrupt()
        async with self._kernel:
            return await work(lambda: False)

    async def run(self) -> None:
        """Make plans for ever."""
        while True:
            await self._until_due()
            async with self._kernel:
                triggers, self._agenda = self._agenda.begin(self._clock.now_s())
                await self._plan(triggers)

    async def _plan(self, triggers: tuple[Trigger, ...]) -> None:
        situation = self._situation()
        if not situation.mission.to_plan():
            self._agenda = self._agenda.done()
            return
        self._running, self._break_off = True, False
        try:
            made = await self._planning.make(situation, triggers, lambda: self._break_off)
        finally:
            self._running = False
        if self._break_off:
            self._agenda = self._agenda.broken_off(triggers, self._clock.now_s())
            log.debug("planning broken off", extra={"triggers": triggers})
            return
        settled = await self._settle(situation, made.plan)
        now_s = self._clock.now_s()
        if settled == "stale":
            self._agenda = self._agenda.stale(triggers, now_s)
        elif settled == "failed":
            self._agenda = self._agenda.failed(triggers, now_s)
        else:
            self._planning.taken_over(situation)
            self._agenda = self._agenda.done()

    def _interrupt(self) -> None:
        if self._running and self._agenda.may_abort:
            self._break_off = True

    async def _until_due(self) -> None:
        while True:
            self._asked.clear()
            due_s = self._agenda.due_s
            if due_s is None:
                await self._asked.wait()
                continue
            pause_s = due_s - self._clock.now_s()
            if pause_s <= 0:
                return
            try:
                async with asyncio.timeout(pause_s):
                    await self._asked.wait()
            except TimeoutError:
                continue
