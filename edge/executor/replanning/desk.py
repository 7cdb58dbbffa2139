"""What becomes of a plan that was made, of an offer, and of news that were read."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec

from edge.clock import Clock
from edge.executor.keeper import Keeper
from edge.executor.mission.events import Planned
from edge.executor.mission.machine import EventRefusedError, Step, advance
from edge.executor.replanning.news import to_blob
from edge.executor.replanning.offering import MOST_TRIES, TOO_BUSY, OfferJudged, Offers
from edge.executor.replanning.planning import PlanMade, Planning, Situation, same_order
from edge.executor.replanning.replanner import Replanner, Settled
from edge.messages.broker.wire import content_hash, to_json
from edge.messages.commands import AcknowledgePlan, Command
from edge.messages.facts import PlanAcknowledged
from edge.messages.plan import Plan
from edge.messages.routes import Offer
from edge.messages.view import ActResult

log = logging.getLogger(__name__)

ACCEPTED = ActResult(accepted=True)
STALE = "the mission has moved on"
QUIET = ("off_plan", "late", "break")
"""Plans for these that keep the order are no news: only times have moved."""


class Settle(Protocol):
    """Make a step durable, start its actions and show them."""

    async def __call__(
        self,
        step: Step,
        *,
        plan: Plan,
        received: tuple[str, int] | None = None,
        also: Mapping[str, bytes | None] | None = None,
    ) -> None:
        """Return when it is durable. Raises StoreError, and then nothing has changed."""
        ...


class PlanDesk:
    """Between the replanner, which works beside the executor's loop, and that loop."""

    def __init__(
        self,
        planning: Planning,
        keeper: Keeper,
        clock: Clock,
        *,
        situation: Callable[[], Situation],
        ask: Callable[[PlanMade | OfferJudged], Awaitable[ActResult]],
        settle: Settle,
    ) -> None:
        """`ask` puts something before the loop; the loop calls the methods named in it."""
        self._keeper = keeper
        self._ask = ask
        self._settle = settle
        self._situation = situation
        self.replanner = Replanner(planning, clock, situation, self._take_over)
        self.offers = Offers(planning, self.replanner, clock, situation)

    async def consider(self, command: Command, offer: Offer) -> None:
        """Try an offer beside the loop; return when the answer is committed.

        Raises StoreError, and then the offer is not answered.
        """
        for _ in range(MOST_TRIES):
            judged = await self.offers.judged(command, offer)
            if (await self._ask(judged)).why != STALE:
                return
        await self._ask(OfferJudged(command, offer, self._situation(), TOO_BUSY))

    async def _take_over(self, situation: Situation, plan: Plan) -> Settled:
        answer = await self._ask(PlanMade(situation, plan))
        if answer.accepted:
            return "done"
        return "stale" if answer.why == STALE else "failed"

    async def use_plan(self, made: PlanMade) -> ActResult:
        """Put a plan in force, if the mission is still the one it was made for."""
        mission, plan, before = self._keeper.mission, made.plan, made.situation.plan
        if not made.situation.still_holds(mission):
            return ActResult(accepted=False, why=STALE)
        quiet = plan.why.trigger in QUIET and same_order(before, plan)
        if quiet and before is not None:
            plan = msgspec.structs.replace(plan, number=before.number, why=before.why)
        try:
            step = advance(mission, Planned(plan, content_hash(plan), quiet))
        except EventRefusedError as error:  # nothing is left to plan in this phase
            log.info("plan not needed", extra={"why": str(error)})
            return ACCEPTED
        await self._settle(step, plan=plan)
        log.info("plan made", extra={"trigger": plan.why.trigger, "number": plan.number})
        return ACCEPTED

    async def answer_offer(self, judged: OfferJudged) -> ActResult:
        """Commit the answer to an offer; one that was answered before is only acknowledged."""
        offer, received = judged.offer, (judged.command.epoch, judged.command.seq)
        if self.offers.known(offer):
            await self._keeper.commit([], received=received)
            return ACCEPTED
        if not judged.still_holds(self._keeper.mission):
            return ActResult(accepted=False, why=STALE)
        state = {"offers": self.offers.blob(offer)}
        no = ""
        if judged.made is not None:
            try:
                step = advance(self._keeper.mission, judged.taken())
                await self._settle(step, plan=judged.made.plan, received=received, also=state)
            except EventRefusedError as error:
                no = str(error)
        if judged.made is None or no:
            await self._keeper.commit([judged.declined(no)], received=received, state=state)
        self.offers.answered(offer)
        return ACCEPTED

    async def acknowledge(self, action: AcknowledgePlan) -> ActResult:
        """Note that the driver has read what was changed."""
        news = self._keeper.news
        unread = news.without(action.number)
        facts = [PlanAcknowledged(number=action.number)] if unread != news.unread else []
        await self._keeper.commit(
            facts,
            state={"news": to_blob(unread)},
            answer=(action.action_id, to_json(ACCEPTED)),
        )
        news.unread = unread
        return ACCEPTED
