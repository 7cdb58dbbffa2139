"""The pilot's shell: hears, keeps, asks the guard, orders, reports. It decides nothing.

One thing at a time: what happened makes an event, the craft's machine says what is to be kept
and done, that is committed, and only then anything starts. Beside it the guard looks ten times
a second at what goes on.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping

from edge.clock import Clock
from edge.errors import StoreError
from edge.executor.executor import Executor
from edge.messages.commands import Command, DirectMachine
from edge.messages.facts import Fact
from edge.messages.machines.cleared import Refused, SafeStop
from edge.messages.machines.controller import ControllerOrder
from edge.messages.machines.orders import AutopilotOrder, OrderAnswer
from edge.messages.state import VehicleState
from edge.pilot.carrying import Carrying
from edge.pilot.craft import Action, Craft, Event, Situation
from edge.pilot.directing import decide
from edge.pilot.guarding import Guarding
from edge.pilot.happenings import (
    Directed,
    Happening,
    Heard,
    Look,
    Restart,
    Stopped,
    Vetoed,
    is_renewal,
    refused_fact,
    stopped_fact,
)
from edge.pilot.reporting import Reporter
from edge.pilot.words import Words
from edge.streams import Latest, Mailbox

log = logging.getLogger(__name__)

REST_S = 2.0  # between looks while nothing goes on
WATCH_S = 0.1
STORE_AGAIN_S = 1.0
MOST_HAPPENINGS = 256
KEY = "pilot"

Received = tuple[str, int] | None
"""The place of the order that is settled by what is kept."""


class Pilot:
    """Moves one machine; lives as long as the daemon."""

    def __init__(
        self,
        craft: Craft,
        executor: Executor,
        *,
        recall: Callable[[str], bytes | None],
        boot: int,
        orders: Mailbox[AutopilotOrder],
        controller_orders: Mailbox[ControllerOrder],
        state: Latest[VehicleState],
        online: Callable[[], bool],
        report_often: Callable[[bool], None],
        clock: Clock,
    ) -> None:
        """Prepare; `report_often` is told whether positions are wanted often now."""
        self._craft = craft
        self._executor = executor
        self._recall = recall
        self._carrying = Carrying(orders, controller_orders)
        self._state = state
        self._online = online
        self._report_often = report_often
        self._clock = clock
        self._words = Words()
        self._reporter = Reporter(executor, boot)
        self._happenings: Mailbox[Happening] = Mailbox("the pilot", MOST_HAPPENINGS)
        self._looks_due = False
        self._guarding = Guarding(craft)
        self._number = 0
        self._pondered: Action | None = None
        self.progress = craft.load(None)

    @property
    def words(self) -> Words:
        """What the devices said last."""
        return self._words

    def hear(self, word: object) -> None:
        """Take a word of a device."""
        began_anew = self._words.hear(word)
        if began_anew:
            self._happen(Restart("the autopilot or the controller is back"))
        elif isinstance(word, OrderAnswer):
            if self._carrying.awaits(word):
                self._happen(word)
        elif self._craft.wants(word):
            self._happen(Heard(word))

    async def obey(self, command: Command, order: DirectMachine) -> None:
        """Do what a person at the station decided, or refuse it with a fact.

        Returns when that is committed.
        """
        directed = Directed(command, order, asyncio.Event())
        self._happen(directed)
        await directed.committed.wait()

    async def run(self) -> None:
        """Fly or drive for ever, from where it was left."""
        self.progress = self._craft.load(self._recall(self._craft.blob))
        self._happen(Restart("the daemon started"))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._work(), name="pilot.work")
            tasks.create_task(self._tick(), name="pilot.tick")
            tasks.create_task(self._watch(), name="pilot.watch")

    def status(self) -> dict[str, object]:
        """Return what `doorstep-edge status` shows."""
        return {
            "phase": self.progress.phase.value,
            "plan": self.progress.plan.plan_id if self.progress.plan else None,
            "why": getattr(self.progress, "gives_up", ""),
            "held_back": list(getattr(self.progress, "reasons", ())),
        }

    def _happen(self, happening: Happening) -> None:
        if isinstance(happening, Stopped) and len(self._happenings) > MOST_HAPPENINGS // 2:
            return  # the disk is slow; what the guard wants was ordered, and is said again
        self._happenings.put(happening)

    async def _tick(self) -> None:
        while True:
            if not self._looks_due:
                self._looks_due = True
                self._happen(Look())
            look_s = self._craft.look_s(self.progress)
            await asyncio.sleep(REST_S if self._rests else look_s)

    @property
    def _rests(self) -> bool:
        return self._craft.rests(self.progress) and self._pondered is None

    async def _work(self) -> None:
        while True:
            happening = await self._happenings.get()
            match happening:
                case Look():
                    self._looks_due = False
                    await self._look()
                case Restart(why):
                    self._carrying.forget()
                    await self._step(
                        self._craft.restarted(self.progress, self._situation(), why)
                    )
                case Stopped(stop):
                    if self._guarding.is_news(stop, self._clock.now_s()):
                        await self._keep((stopped_fact(stop),), {})
                    for event in self._craft.vetoed(
                        self.progress, self._situation(), stop, None
                    ):
                        await self._step(event)
                case Vetoed(number, verdict):
                    at = self._situation()
                    for event in self._craft.vetoed(self.progress, at, verdict, number):
                        await self._step(event)
                case Directed():
                    await self._direct(happening)
                case Heard(word):
                    event = self._craft.heard(self.progress, word, self._situation())
                    if event is not None:
                        await self._step(event)
                case OrderAnswer():
                    await self._answered(happening)

    async def _direct(self, directed: Directed) -> None:
        received = (directed.command.epoch, directed.command.seq)
        event, told = decide(
            self._craft, self._guarding, self.progress, directed, self._situation()
        )
        if event is None:
            await self._keep((told,), {}, received)
        else:
            await self._step(event, (told,), received)
        directed.committed.set()

    async def _look(self) -> None:
        craft = self._craft
        await self._step(craft.looked(self.progress, self._situation()))
        action = self._pondered
        if action is not None:
            if action.number != self.progress.asked:
                self._pondered = None
            else:
                await self._ponder(action)
        wanted = craft.wanted(self.progress, self._situation())
        if wanted is not None:
            await self._step(wanted)
        at = self._situation()
        notes = craft.notes(self.progress, at)
        if notes:
            await self._keep(tuple(notes), {})
        await self._reporter.report(craft.reports(self.progress, at), at.utc)

    async def _ponder(self, action: Action) -> None:
        event = self._craft.ponder(self.progress, action, self._situation())
        if event is not None:
            await self._step(event)

    async def _step(
        self, event: Event, also: tuple[Fact, ...] = (), received: Received = None
    ) -> None:
        """Apply an event: keep what it changed, then begin what it asks for."""
        before = self.progress
        change = self._craft.advance(before, event)
        facts = (*also, *change.facts)
        if facts or any(not is_renewal(action) for action in change.actions):
            blob = {self._craft.blob: self._craft.dump(change.progress)}
            await self._keep(facts, blob, received)
        self.progress = change.progress
        self._report_often(self._craft.raises_alarm(self.progress))
        if change.progress.phase is not before.phase:
            log.info(
                "leg", extra={"phase": change.progress.phase.value, "was": before.phase.value}
            )
        for action in change.actions:
            await self._begin(action)

    async def _keep(
        self,
        facts: tuple[Fact, ...],
        state: Mapping[str, bytes | None],
        received: Received = None,
    ) -> None:
        """Make it durable, however long the disk takes: nothing starts before."""
        while True:
            try:
                await self._executor.record(facts, received, state)
            except StoreError as error:
                log.exception("cannot be stored, not done", extra={"why": str(error)})
                await asyncio.sleep(STORE_AGAIN_S)
            else:
                return

    async def _begin(self, action: Action) -> None:
        if action.number != self.progress.asked:
            return  # another one has taken its place meanwhile
        self._pondered = None
        self._number += 1
        at = self._situation()
        command = self._craft.command_of(action, self._number, at.now_s)
        if command is None:
            orders = self._craft.orders_of(action, None, KEY, at)
            if orders.autopilot or orders.controller:
                self._carrying.give(action.number, orders)
            else:
                self._pondered = action
            return
        guard = self._guarding.guard(self.progress, at)
        if guard is None:
            why = "there is no route, so nothing is allowed"
            await self._step(
                self._craft.answered(self.progress, at, action.number, done=False, why=why)
            )
            return
        verdict = guard.judge(command, self._craft.truth(self.progress, at), at.now_s)
        if isinstance(verdict, SafeStop):
            self._obey(verdict, at)
        if isinstance(verdict, SafeStop | Refused):
            await self._refused(type(command).__struct_config__.tag, verdict)
            self._happen(Vetoed(action.number, verdict))
            return
        given = self._craft.orders_of(action, verdict.cleared, KEY, at)
        self._carrying.give(action.number, given)

    async def _refused(self, command: object, verdict: Refused | SafeStop) -> None:
        """Record that the guard said no."""
        if not self._guarding.is_new_no(str(command), verdict, self._clock.now_s()):
            return
        log.warning("the guard says no", extra={"why": verdict.why})
        await self._keep((refused_fact(str(command), verdict),), {})

    async def _answered(self, answer: OrderAnswer) -> None:
        ended = self._carrying.answered(answer)
        if ended is None:
            return
        await self._step(
            self._craft.answered(
                self.progress, self._situation(), ended.number, done=ended.done, why=ended.why
            )
        )

    async def _watch(self) -> None:
        """Let the guard judge what goes on, for ever."""
        while True:
            await asyncio.sleep(REST_S if self._rests else WATCH_S)
            at = self._situation()
            guard = self._guarding.guard(self.progress, at)
            if guard is None or not self._guarding.is_known(self.progress, at):
                continue
            stop = guard.watch(self._craft.truth(self.progress, at), at.now_s)
            if stop is None or self._guarding.is_told(stop, at.now_s):
                continue
            log.warning("the guard stops it", extra={"why": stop.why})
            self._obey(stop, at)
            self._happen(Stopped(stop))

    def _obey(self, stop: SafeStop, at: Situation) -> None:
        """Order what the guard wants, at once: it needs nobody's leave."""
        self._carrying.break_off()
        for cleared in stop.cleared:
            self._number += 1
            self._carrying.order(self._craft.stop_orders(cleared, f"guard.{self._number}", at))

    def _situation(self) -> Situation:
        self._words.position = self._state.value
        return Situation(
            now_s=self._clock.now_s(),
            utc=self._clock.utc(),
            words=self._words,
            mission=self._executor.mission,
            layers=self._executor.layers,
            station_heard=self._online(),
        )
