"""The shell around the mission: one event at a time, committed before anything acts on it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from edge.clock import Clock
from edge.conditions.layers import Layers
from edge.executor import asking
from edge.executor.asks import Asked, Asks, ConditionsDue, Limits, Record, StillThere
from edge.executor.conditions_desk import ConditionsDesk
from edge.executor.driving.expected import Expected
from edge.executor.driving.wayfinder import Wayfinder
from edge.executor.keeper import Keeper
from edge.executor.known_layers import KnownLayers
from edge.executor.mission.events import (
    Action,
    DriveHome,
    DriveTo,
    Event,
    Replan,
    Serve,
)
from edge.executor.mission.machine import EventRefusedError, Step, advance, resume
from edge.executor.mission.progress import Mission
from edge.executor.ports import MediaStore, MissionStore
from edge.executor.replanning.desk import ACCEPTED, PlanDesk
from edge.executor.replanning.offering import OfferJudged
from edge.executor.replanning.planning import PlanMade, Planning, Situation, fits, fits_route
from edge.executor.view import DayViews
from edge.messages.broker.wire import from_json, to_json
from edge.messages.commands import (
    AcknowledgePlan,
    AnyDriverAction,
    Command,
    DirectMachine,
    NewConditions,
    OfferStops,
    Photo,
)
from edge.messages.driving.view import DrivingView
from edge.messages.facts import CommandRefused, DaemonStarted, Fact, StopClosed
from edge.messages.plan import Plan, Trigger
from edge.messages.state import Backlog, VehicleState
from edge.messages.view import ActResult, DayView
from edge.streams import Latest

log = logging.getLogger(__name__)


class Executor:
    """Carries the route out; implements the driver's `Desk`."""

    def __init__(
        self,
        *,
        vehicle: str,
        version: str,
        limits: Limits,
        store: MissionStore,
        media: MediaStore,
        planning: Planning,
        clock: Clock,
        state: Latest[VehicleState],
    ) -> None:
        self._version = version
        self._limits = limits
        self._store = store
        self._media = media
        self._clock = clock
        self._state = state
        self._asks = Asks(self._answer)
        self._kept = Keeper(store, clock, state)
        self._layers = KnownLayers(clock)
        self._conditions = ConditionsDesk(self._layers, self._kept, self._changed_outside)
        self._expected = Expected(limits, self._kept, clock)
        self._desk = PlanDesk(
            planning,
            self._kept,
            clock,
            situation=self._situation,
            ask=self._asks.ask,
            settle=self._settle,
        )
        self._wayfinder = Wayfinder(planning, self._situation, self._show)
        self._views = DayViews(vehicle)
        self.backlog: Backlog | None = None
        self.warnings: tuple[str, ...] = ()

    @property
    def views(self) -> Latest[DayView]:
        """The day as it stands."""
        return self._views.latest

    @property
    def mission(self) -> Mission:
        """The route and how far it has come."""
        return self._kept.mission

    @property
    def plan(self) -> Plan | None:
        """The present order of stops."""
        return self._kept.plan

    @property
    def layers(self) -> Layers:
        """The conditions that are known."""
        return self._layers.now

    async def act(self, action: AnyDriverAction) -> ActResult:
        """Do what the driver asks; answered after the facts are durable."""
        return await self._asks.ask(action)

    async def attach(self, content: bytes, media_type: str) -> Photo:
        """Keep a photo or signature durably."""
        return await self._media.attach(content, media_type)

    async def obey(self, command: Command, _sealed: bytes = b"") -> None:
        """Carry out the station's order or refuse it with a fact.

        Returns when that is committed. Raises StoreError, and then nothing was done.
        """
        if isinstance(command.order, OfferStops):
            await self._desk.consider(command, command.order.offer)
        else:
            await self._asks.ask(command)

    @property
    def planning(self) -> bool:
        """Whether a plan is being made, or is due."""
        return self._desk.replanner.busy

    def replan(self, trigger: Trigger) -> None:
        """Have the day planned anew: range, door codes and custody ask for it, too."""
        self._desk.replanner.ask(trigger)

    def show_driving(self, driving: DrivingView) -> None:
        """Show the driver how he drives."""
        self._views.drove(driving)

    async def record(
        self,
        fact: Fact | tuple[Fact, ...],
        received: tuple[str, int] | None = None,
        state: Mapping[str, bytes | None] | None = None,
    ) -> None:
        """Commit facts that change no mission; `received` is the order they settle.

        `state` are small blobs of the store that go with it.

        Raises StoreError.
        """
        facts = fact if isinstance(fact, tuple) else (fact,)
        await self._asks.ask(Record(facts, received, state))

    async def still_there(self) -> None:
        """Return when everything asked before has been dealt with."""
        await self._asks.ask(StillThere())

    async def resume(self) -> None:
        """Take up the mission where the store has it, down to the sub-step."""
        self._kept.load()
        self._layers.load(self._store.state)
        self._desk.offers.load(self._store.state("offers"))
        kept = self.mission.progress
        started = DaemonStarted(
            version=self._version, boot=self._store.boot, phase=kept.phase.value
        )
        await self._kept.commit([started])
        log.info("resumed", extra={"phase": kept.phase.value, "stop": kept.stop_id})
        await self._do(resume(self.mission))
        if self.mission.to_plan() and not fits(self.plan, self.mission):
            self._desk.replanner.ask("route")  # stopped between a route and its first plan
        self._show()

    async def run(self) -> None:
        """Deal with what is asked, and plan beside it, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._asks.deal(self._notice_again), name="executor.deal")
            tasks.create_task(self._desk.replanner.run(), name="executor.replan")
            tasks.create_task(self._wayfinder.run(), name="executor.way")

    async def _notice_again(self) -> None:
        await self._do(resume(self.mission))  # what was noticed will be noticed again

    async def watch(self) -> None:
        """Follow the position: arrivals, distance driven, the driver's view; for ever."""
        version = 0
        while True:
            version, state = await self._state.newer_than(version)
            self._kept.driven.take(state)
            self._wayfinder.moved(state)
            arrival = self._expected.take(state)
            if arrival is not None:
                self._asks.put(arrival)
            utc, distance_m = self._clock.utc(), self._expected.distance_m
            self._views.moved(state, distance_m, self.backlog, self.warnings, utc)
            asked = self._kept.foresight.look(
                self.mission, self.plan, state, utc, self._clock.now_s()
            )
            for trigger in asked:
                self._desk.replanner.ask(trigger)

    async def follow_conditions(self) -> None:
        """Plan again whenever something in the conditions begins, ends or expires; for ever."""
        await self._layers.follow(lambda: self._asks.put(ConditionsDue()))

    async def _answer(self, what: Asked) -> ActResult:
        if isinstance(what, StillThere):
            return ACCEPTED
        if isinstance(what, ConditionsDue):
            await self._conditions.look()
            return ACCEPTED
        if isinstance(what, PlanMade):
            return await self._desk.use_plan(what)
        if isinstance(what, OfferJudged):
            return await self._desk.answer_offer(what)
        if isinstance(what, Command):
            return await self._obey(what)
        if isinstance(what, AnyDriverAction):
            return await self._act(what)
        if isinstance(what, Record):
            await self._kept.commit(what.facts, received=what.received, state=what.state)
            return ACCEPTED
        return await self._happen(what)

    async def _act(self, action: AnyDriverAction) -> ActResult:
        known = self._store.answer(action.action_id)
        if known is not None:
            return from_json(known, ActResult)
        if isinstance(action, AcknowledgePlan):
            answer = await self._desk.acknowledge(action)
            self._show()
            return answer
        event = asking.event_of(
            action, self.mission, self._kept.where(), self._clock.utc(), self._limits.radius_m
        )
        return await self._happen(event, action=action)

    async def _obey(self, command: Command) -> ActResult:
        received = (command.epoch, command.seq)
        if isinstance(command.order, NewConditions):
            why = await self._conditions.take(command.order.layer, received)
            return await self._refuse_order(command, why) if why else ACCEPTED
        if isinstance(command.order, DirectMachine):
            return await self._refuse_order(command, "somebody drives it: call him")
        assert not isinstance(command.order, OfferStops), "offers are tried outside the loop"
        event = asking.event_of_order(command.order)
        answer = await self._happen(event, received=received)
        if not answer.accepted:
            return await self._refuse_order(command, answer.why)
        return answer

    async def _refuse_order(self, command: Command, why: str) -> ActResult:
        log.warning("order refused", extra={"seq": command.seq, "why": why})
        order = str(command.order.__struct_config__.tag)
        refused = CommandRefused(order=order, command_seq=command.seq, reason=why)
        await self._kept.commit([refused], received=(command.epoch, command.seq))
        return ActResult(accepted=False, why=why)

    async def _happen(
        self,
        event: Event,
        *,
        action: AnyDriverAction | None = None,
        received: tuple[str, int] | None = None,
    ) -> ActResult:
        """Apply an event: commit facts and progress in one transaction, then act."""
        try:
            step = advance(self.mission, event)
        except EventRefusedError as error:
            return ActResult(accepted=False, why=str(error))
        answer = ActResult(accepted=not step.refused, why=step.refused)
        done = (action.action_id, to_json(answer)) if action is not None else None
        await self._kept.settle(step, received=received, answer=done)
        await self._do(step.actions)
        ended = [fact.stop_id for fact in step.facts if isinstance(fact, StopClosed)]
        if ended:
            utc = self._clock.utc()
            for trigger in self._kept.foresight.left(self.mission, self.plan, ended[-1], utc):
                self._desk.replanner.ask(trigger)
        self._show()
        return answer

    async def _do(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case DriveTo(stop):
                    log.info("leg started", extra={"stop": stop.stop_id})
                    self._expected.set(stop.place, stop.arrival_radius_m)
                    self._wayfinder.look()
                case DriveHome(station):
                    log.info("driving back")
                    self._expected.set(station)
                    self._wayfinder.look()
                case Serve(stop):
                    log.info("at stop", extra={"stop": stop.stop_id})
                    self._expected.set(None)
                case Replan(trigger):
                    self._desk.replanner.ask(trigger)

    def _changed_outside(self) -> None:
        """Plan with conditions that are new, begin or end."""
        self._desk.replanner.ask("conditions")
        self._wayfinder.look()
        self._show()

    def _situation(self) -> Situation:
        plan = self.plan if fits_route(self.plan, self.mission) else None
        paces = self._kept.foresight.paces
        return Situation(self.mission, plan, self._layers.now, self._state.value, paces)

    async def _settle(
        self,
        step: Step,
        *,
        plan: Plan,
        received: tuple[str, int] | None = None,
        also: Mapping[str, bytes | None] | None = None,
    ) -> None:
        await self._kept.settle(step, plan=plan, received=received, also=also)
        await self._do(step.actions)
        self._show()

    def _show(self) -> None:
        self._views.happened(
            self.mission,
            self.plan,
            self._state.value,
            self.warnings,
            self._clock.utc(),
            self._kept.news.unread,
            self._wayfinder.way,
        )
