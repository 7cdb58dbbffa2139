"""Orders offered while driving: tried in a plan, answered by a fact, once each."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from edge.clock import VOUCHED, Clock
from edge.executor.mission.change import RuleError
from edge.executor.mission.events import OfferTaken, Planned
from edge.executor.mission.machine import NEXT
from edge.executor.mission.plans import taken_on
from edge.executor.mission.progress import Mission
from edge.executor.replanning.planning import Planning, Situation
from edge.executor.replanning.replanner import Replanner
from edge.messages.broker.wire import UndecodableError, content_hash, from_json, to_json
from edge.messages.commands import Command
from edge.messages.facts import OfferAnswered
from edge.messages.routes import Offer
from edge.planner.offers import Verdict, judge
from edge.planner.plan import Made

log = logging.getLogger(__name__)

MOST_KEPT = 64  # answers remembered; the station's own numbers keep older ones from coming back
MOST_TRIES = 3  # a mission that changes under each try is no place for one more order
KEPT, TRIED = 0.5, 1.5  # budgets of a plan: for the day without the offer, and with it


TOO_BUSY = Verdict(
    accepted=False,
    reason="too much is changing at this moment",
    slack_s=None,
    added_s=0.0,
)


class _Kept(msgspec.Struct, frozen=True):
    answered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferJudged:
    """What to answer to an offer, for a mission as it stood."""

    command: Command
    offer: Offer
    situation: Situation
    verdict: Verdict
    made: Made | None = None

    def still_holds(self, mission: Mission) -> bool:
        """Tell whether the answer is still right; a no without a plan always is."""
        return self.made is None or self.situation.still_holds(mission)

    def taken(self) -> OfferTaken:
        """Return the event of an offer that is accepted."""
        assert self.made is not None, "accepted without a plan"
        plan, mission = self.made.plan, taken_on(self.situation.mission, self.offer)
        assert mission.route is not None, "an offer without a route"
        return OfferTaken(
            self.offer,
            content_hash(mission.route),
            Planned(plan, content_hash(plan)),
            self.verdict.reason,
            self.verdict.slack_s,
            self.verdict.added_s,
        )

    def declined(self, why: str = "") -> OfferAnswered:
        """Return the fact of an offer that is not taken on."""
        return OfferAnswered(
            offer_id=self.offer.offer_id,
            accepted=False,
            reason=why or self.verdict.reason,
            slack_s=self.verdict.slack_s,
            added_s=self.verdict.added_s,
        )


class Offers:
    """Tries offers one after the other; the executor commits the answers."""

    def __init__(
        self,
        planning: Planning,
        replanner: Replanner,
        clock: Clock,
        situation: Callable[[], Situation],
    ) -> None:
        self._planning = planning
        self._replanner = replanner
        self._clock = clock
        self._situation = situation
        self._answered: tuple[str, ...] = ()

    def load(self, blob: bytes | None) -> None:
        """Take up which offers were answered."""
        try:
            self._answered = from_json(blob, _Kept).answered if blob is not None else ()
        except UndecodableError:
            log.exception("answered offers cannot be read")

    def known(self, offer: Offer) -> bool:
        """Tell whether the offer was answered before."""
        return offer.offer_id in self._answered

    def blob(self, offer: Offer) -> bytes:
        """Return what to keep once the offer is answered."""
        return to_json(_Kept((*self._answered, offer.offer_id)[-MOST_KEPT:]))

    def answered(self, offer: Offer) -> None:
        """Note that the answer is durable."""
        self._answered = (*self._answered, offer.offer_id)[-MOST_KEPT:]

    async def judged(self, command: Command, offer: Offer) -> OfferJudged:
        """Plan with the offer and without it, and say what to answer."""
        situation = self._situation()
        no = self._no_at_once(offer, situation.mission)
        if no:
            verdict = Verdict(accepted=False, reason=no, slack_s=None, added_s=0.0)
            return OfferJudged(command, offer, situation, verdict)
        return await self._replanner.alone(lambda stop: self._tried(command, offer, stop))

    def _tried(
        self, command: Command, offer: Offer, interrupted: Callable[[], bool]
    ) -> Awaitable[OfferJudged]:
        async def tried() -> OfferJudged:
            situation = self._situation()  # anew: the turn may have come late
            no = self._no_at_once(offer, situation.mission)
            if no:
                verdict = Verdict(accepted=False, reason=no, slack_s=None, added_s=0.0)
                return OfferJudged(command, offer, situation, verdict)
            make = self._planning.make
            keeping = await make(situation, ("offer",), interrupted, budget_frac=KEPT)
            mission = taken_on(situation.mission, offer)
            assert mission.route is not None, "an offer without a route"
            asked = Situation(
                mission, situation.plan, situation.layers, situation.state, situation.paces
            )
            taking = await make(asked, ("offer",), interrupted, budget_frac=TRIED)
            verdict = judge(offer, mission.route, keeping, taking)
            made = taking if verdict.accepted else None
            return OfferJudged(command, offer, situation, verdict, made)

        return tried()

    def _no_at_once(self, offer: Offer, mission: Mission) -> str:
        """Return why an offer need not even be tried."""
        if self._clock.source in VOUCHED and self._clock.utc() > offer.answer_by_utc:
            return "it came too late to be answered"
        if (mission.phase, OfferTaken) not in NEXT:
            return f"not possible now: the vehicle is {mission.phase.value}"
        try:
            taken_on(mission, offer)
        except RuleError as error:
            return str(error)
        return ""
