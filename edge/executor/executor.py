"""The shell around the mission: one event at a time, committed before anything acts on it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from edge.clock import Clock
from edge.conditions.layers import Layers
from edge.errors import StoreError
from edge.executor import asking
from edge.executor.arrival import ArrivalDetector
from edge.executor.asks import Ask, Asked, ConditionsDue, Limits, PlanMade, Record, StillThere
from edge.executor.driven import Driven
from edge.executor.known_layers import KnownLayers
from edge.executor.mission.events import (
    Action,
    ArrivedAtStation,
    ArrivedAtStop,
    DriveHome,
    DriveTo,
    Event,
    Planned,
    Replan,
    Serve,
    Where,
)
from edge.executor.mission.machine import EventRefusedError, Step, advance, resume
from edge.executor.mission.progress import Mission, Phase, Progress
from edge.executor.ports import MediaStore, MissionStore
from edge.executor.replanning.foresight import Foresight
from edge.executor.replanning.news import News, to_blob
from edge.executor.replanning.offering import MOST_TRIES, TOO_BUSY, OfferJudged, Offers
from edge.executor.replanning.planning import Planning, Situation, fits, fits_route, same_order
from edge.executor.replanning.replanner import Replanner, Settled
from edge.executor.view import DayViews
from edge.messages.broker.wire import content_hash, from_json, from_msgpack, to_json, to_msgpack
from edge.messages.commands import (
    AcknowledgePlan,
    AnyDriverAction,
    Command,
    NewConditions,
    OfferStops,
    Photo,
)
from edge.messages.conditions import Layer
from edge.messages.facts import (
    CommandRefused,
    DaemonStarted,
    Fact,
    PlanAcknowledged,
    StopClosed,
)
from edge.messages.geo import Place, distance_m
from edge.messages.plan import Plan, Trigger
from edge.messages.routes import Offer, Route
from edge.messages.state import Backlog, VehicleState
from edge.messages.view import ActResult, DayView
from edge.streams import Latest, Mailbox

log = logging.getLogger(__name__)

ASKS_LIMIT = 1000
ACCEPTED = ActResult(accepted=True)
STALE = "the mission has moved on"


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
        self._asks: Mailbox[Ask] = Mailbox("executor", ASKS_LIMIT)
        self._mission = Mission()
        self._plan: Plan | None = None
        self._layers = KnownLayers(clock)
        self._detector: ArrivalDetector | None = None
        self._driven = Driven()
        self._foresight = Foresight()
        self._news = News()
        self._replanner = Replanner(planning, clock, self._situation, self._take_over)
        self._offers = Offers(planning, self._replanner, clock, self._situation)
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
        return self._mission

    @property
    def plan(self) -> Plan | None:
        """The present order of stops."""
        return self._plan

    async def act(self, action: AnyDriverAction) -> ActResult:
        """Do what the driver asks; answered after the facts are durable."""
        return await self._ask(action)

    async def attach(self, content: bytes, media_type: str) -> Photo:
        """Keep a photo or signature durably."""
        return await self._media.attach(content, media_type)

    async def obey(self, command: Command, _sealed: bytes = b"") -> None:
        """Carry out the station's order or refuse it with a fact.

        Returns when that is committed. Raises StoreError, and then nothing was done.
        """
        if isinstance(command.order, OfferStops):
            await self._consider(command, command.order.offer)
        else:
            await self._ask(command)

    def replan(self, trigger: Trigger) -> None:
        """Have the day planned anew: range, door codes and custody ask for it, too."""
        self._replanner.ask(trigger)

    async def record(self, fact: Fact, received: tuple[str, int] | None = None) -> None:
        """Commit a fact that changes no mission; `received` is the order it settles.

        Raises StoreError.
        """
        await self._ask(Record(fact, received))

    async def still_there(self) -> None:
        """Return when everything asked before has been dealt with."""
        await self._ask(StillThere())

    async def _ask(self, what: Asked) -> ActResult:
        ask = Ask(what)
        self._asks.put(ask)
        return await asyncio.shield(ask.answered)

    async def resume(self) -> None:
        """Take up the mission where the store has it, down to the sub-step."""
        route = self._load("route", Route)
        progress = self._store.state("progress")
        kept = from_msgpack(progress, Progress) if progress is not None else Progress()
        self._mission = Mission(route, kept)
        self._plan = self._load("plan", Plan)
        self._layers.load(self._store.state)
        self._driven = Driven(kept.driven_m)
        self._foresight.load(self._store.state("paces"), kept.route_id)
        self._news.load(self._store.state("news"))
        self._offers.load(self._store.state("offers"))
        started = DaemonStarted(
            version=self._version, boot=self._store.boot, phase=kept.phase.value
        )
        await self._commit([started])
        log.info("resumed", extra={"phase": kept.phase.value, "stop": kept.stop_id})
        await self._do(resume(self._mission))
        if self._mission.to_plan() and not fits(self._plan, self._mission):
            self._replanner.ask("route")  # stopped between a route and its first plan
        self._show()

    def _load(self, name: str, kind: Any) -> Any:  # noqa: ANN401
        blob = self._store.state(name)
        return from_json(blob, kind) if blob is not None else None

    async def run(self) -> None:
        """Deal with what is asked, and plan beside it, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._deal(), name="executor.deal")
            tasks.create_task(self._replanner.run(), name="executor.replan")

    async def _deal(self) -> None:
        """Deal with what is asked, one thing at a time."""
        while True:
            ask = await self._asks.get()
            try:
                answer = await self._answer(ask.what)
            except StoreError as error:
                log.exception("cannot be stored, not done", extra={"why": str(error)})
                self._refuse(ask, error)
                await self._do(resume(self._mission))  # what was noticed will be noticed again
            else:
                if not ask.answered.done():
                    ask.answered.set_result(answer)

    def _refuse(self, ask: Ask, error: StoreError) -> None:
        if ask.answered.done():
            return
        if isinstance(ask.what, Command | Record):
            ask.answered.set_exception(error)
        else:
            ask.answered.set_result(ActResult(accepted=False, why=f"cannot be stored: {error}"))

    async def watch(self) -> None:
        """Follow the position: arrivals, distance driven, the driver's view; for ever."""
        version = 0
        while True:
            version, state = await self._state.newer_than(version)
            self._driven.take(state)
            if self._detector is not None and self._detector.update(state):
                self._detector = None
                self._asks.put(Ask(self._arrival()))
            distance_m = self._detector.distance_m if self._detector is not None else None
            utc = self._clock.utc()
            self._views.moved(state, distance_m, self.backlog, self.warnings, utc)
            asked = self._foresight.look(
                self._mission, self._plan, state, utc, self._clock.now_s()
            )
            for trigger in asked:
                self._replanner.ask(trigger)

    async def follow_conditions(self) -> None:
        """Plan again whenever something in the conditions begins, ends or expires; for ever."""
        await self._layers.follow(lambda: self._asks.put(Ask(ConditionsDue())))

    async def _answer(self, what: Asked) -> ActResult:
        if isinstance(what, StillThere):
            return ACCEPTED
        if isinstance(what, ConditionsDue):
            return await self._look_at_conditions()
        if isinstance(what, PlanMade):
            return await self._use_plan(what.situation, what.plan)
        if isinstance(what, OfferJudged):
            return await self._answer_offer(what)
        if isinstance(what, Command):
            return await self._obey(what)
        if isinstance(what, AnyDriverAction):
            return await self._act(what)
        if isinstance(what, Record):
            await self._commit([what.fact], received=what.received)
            return ACCEPTED
        return await self._happen(what)

    async def _act(self, action: AnyDriverAction) -> ActResult:
        known = self._store.answer(action.action_id)
        if known is not None:
            return from_json(known, ActResult)
        if isinstance(action, AcknowledgePlan):
            return await self._acknowledge(action)
        event = asking.event_of(
            action, self._mission, self._where(), self._clock.utc(), self._limits.radius_m
        )
        return await self._happen(event, action=action)

    async def _obey(self, command: Command) -> ActResult:
        received = (command.epoch, command.seq)
        if isinstance(command.order, NewConditions):
            return await self._take_layer(command.order.layer, command, received)
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
        await self._commit([refused], received=(command.epoch, command.seq))
        return ActResult(accepted=False, why=why)

    async def _take_layer(
        self, layer: Layer, command: Command, received: tuple[str, int]
    ) -> ActResult:
        """Keep a layer of the conditions, or refuse it with a fact."""
        layers, why = self._layers.with_layer(layer)
        if why:
            return await self._refuse_order(command, why)
        await self._commit([], received=received, state=self._layers.blobs(layers))
        await self._use(layers)
        return ACCEPTED

    async def _look_at_conditions(self) -> ActResult:
        """Something in the conditions has begun, ended or expired."""
        layers = self._layers.without_expired()
        if layers is not self._layers.now:
            await self._commit([], state=self._layers.blobs(layers))
        await self._use(layers, at_once=True)
        return ACCEPTED

    async def _use(self, layers: Layers, *, at_once: bool = False) -> None:
        changed = at_once or layers.number != self._layers.now.number
        if layers is not self._layers.now:
            self._layers.committed(layers)
        if changed:
            self._replanner.ask("conditions")
            self._show()

    async def _happen(
        self,
        event: Event,
        *,
        action: AnyDriverAction | None = None,
        received: tuple[str, int] | None = None,
    ) -> ActResult:
        """Apply an event: commit facts and progress in one transaction, then act."""
        try:
            step = advance(self._mission, event)
        except EventRefusedError as error:
            return ActResult(accepted=False, why=str(error))
        answer = ActResult(accepted=not step.refused, why=step.refused)
        done = (action.action_id, to_json(answer)) if action is not None else None
        await self._settle(step, received=received, answer=done)
        ended = [fact.stop_id for fact in step.facts if isinstance(fact, StopClosed)]
        if ended:
            utc = self._clock.utc()
            for trigger in self._foresight.left(self._mission, self._plan, ended[-1], utc):
                self._replanner.ask(trigger)
        self._show()
        return answer

    async def _settle(
        self,
        step: Step,
        *,
        received: tuple[str, int] | None = None,
        answer: tuple[str, bytes] | None = None,
        plan: Plan | None = None,
        also: Mapping[str, bytes | None] | None = None,
    ) -> None:
        """Make a step durable, and only then true; then start its actions.

        `also` is state that goes with it.
        """
        progress = msgspec.structs.replace(step.mission.progress, driven_m=self._driven.metres)
        mission = Mission(step.mission.route, progress)
        state: dict[str, bytes | None] = {"progress": to_msgpack(progress), **(also or {})}
        learnt = self._foresight.follow(
            self._mission, mission, plan or self._plan, self._clock.utc()
        )
        if learnt is not None:
            state["paces"] = learnt
        if mission.route is not self._mission.route:
            state["route"] = to_json(mission.route)
        unread = self._news.unread
        if plan is not None:
            state["plan"] = to_json(plan)
            unread = self._news.with_plan(self._plan, plan)
            state["news"] = to_blob(unread)
        await self._commit(
            step.facts, state=state, received=received, answer=answer, progress=progress
        )
        aims = plan is not None or mission.progress.stop_id != self._mission.progress.stop_id
        self._mission = mission
        self._plan = plan or self._plan
        self._news.unread = unread
        if aims:
            state_now = self._state.value
            place = state_now.place if state_now is not None else None
            self._foresight.aim(mission, self._plan, place)
        await self._do(step.actions)

    async def _commit(
        self,
        facts: Sequence[Fact],
        *,
        state: Mapping[str, bytes | None] | None = None,
        received: tuple[str, int] | None = None,
        answer: tuple[str, bytes] | None = None,
        progress: Progress | None = None,
    ) -> None:
        at = progress or self._mission.progress
        await self._store.commit(
            facts,
            state=state or {},
            received=received,
            answer=answer,
            driver=at.driver,
            route=at.route_id,
        )

    async def _do(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case DriveTo(stop):
                    log.info("leg started", extra={"stop": stop.stop_id})
                    self._expect(stop.place, stop.arrival_radius_m)
                case DriveHome(station):
                    log.info("driving back")
                    self._expect(station, None)
                case Serve(stop):
                    log.info("at stop", extra={"stop": stop.stop_id})
                    self._detector = None
                case Replan(trigger):
                    self._replanner.ask(trigger)

    def _expect(self, place: Place, radius_m: float | None) -> None:
        """Watch for the arrival at a place."""
        self._detector = ArrivalDetector(
            place,
            radius_m or self._limits.radius_m,
            self._limits.dwell_s,
            self._limits.max_speed_mps,
        )

    def _situation(self) -> Situation:
        return Situation(
            self._mission,
            self._plan if fits_route(self._plan, self._mission) else None,
            self._layers.now,
            self._state.value,
            self._foresight.paces,
        )

    async def _take_over(self, situation: Situation, plan: Plan) -> Settled:
        """Hand a plan to the loop; say what became of it."""
        answer = await self._ask(PlanMade(situation, plan))
        if answer.accepted:
            return "done"
        return "stale" if answer.why == STALE else "failed"

    async def _use_plan(self, situation: Situation, plan: Plan) -> ActResult:
        """Put a plan in force, if the mission is still the one it was made for."""
        if not situation.still_holds(self._mission):
            return ActResult(accepted=False, why=STALE)
        before = situation.plan
        quiet = plan.why.trigger in ("off_plan", "late") and same_order(before, plan)
        if quiet and before is not None:
            plan = msgspec.structs.replace(plan, number=before.number, why=before.why)
        step = advance(self._mission, Planned(plan, content_hash(plan), quiet))
        await self._settle(step, plan=plan)
        self._show()
        log.info("plan made", extra={"trigger": plan.why.trigger, "number": plan.number})
        return ACCEPTED

    async def _acknowledge(self, action: AcknowledgePlan) -> ActResult:
        """Note that the driver has read what was changed."""
        unread = self._news.without(action.number)
        facts = [PlanAcknowledged(number=action.number)] if unread != self._news.unread else []
        await self._commit(
            facts,
            state={"news": to_blob(unread)},
            answer=(action.action_id, to_json(ACCEPTED)),
        )
        self._news.unread = unread
        self._show()
        return ACCEPTED

    async def _consider(self, command: Command, offer: Offer) -> None:
        """Try an offer beside the loop and have the answer committed."""
        for _ in range(MOST_TRIES):
            judged = await self._offers.judged(command, offer)
            if (await self._ask(judged)).why != STALE:
                return
        await self._ask(OfferJudged(command, offer, self._situation(), TOO_BUSY))

    async def _answer_offer(self, judged: OfferJudged) -> ActResult:
        """Commit the answer to an offer; one that was answered before is only acknowledged."""
        offer, received = judged.offer, (judged.command.epoch, judged.command.seq)
        if self._offers.known(offer):
            await self._commit([], received=received)
            return ACCEPTED
        if not judged.still_holds(self._mission):
            return ActResult(accepted=False, why=STALE)
        state = {"offers": self._offers.blob(offer)}
        if judged.made is None:
            await self._commit([judged.declined()], received=received, state=state)
        else:
            step = advance(self._mission, judged.taken())
            await self._settle(step, received=received, plan=judged.made.plan, also=state)
        self._offers.answered(offer)
        self._show()
        return ACCEPTED

    def _arrival(self) -> Event:
        if self._mission.phase is Phase.RETURNING:
            return ArrivedAtStation(by="position")
        stop_id = self._mission.progress.stop_id or ""
        return ArrivedAtStop(stop_id, "position", self._where(), self._clock.utc())

    def _where(self) -> Where:
        """Say where the vehicle is, seen from the present stop; nothing without a fix."""
        stop_id = self._mission.progress.stop_id
        state = self._state.value
        if state is None or state.place is None:
            return Where()
        if stop_id is None:
            return Where(state.place, state.accuracy_m)
        away_m = distance_m(state.place, self._mission.stop.place)
        return Where(state.place, state.accuracy_m, away_m)

    def _show(self) -> None:
        self._views.happened(
            self._mission,
            self._plan,
            self._state.value,
            self.warnings,
            self._clock.utc(),
            self._news.unread,
        )
