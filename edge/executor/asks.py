"""What the executor may be asked, who waits for the answer, and when it counts as arrived."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from edge.errors import StoreError
from edge.executor.mission.events import Event
from edge.executor.replanning.offering import OfferJudged
from edge.executor.replanning.planning import PlanMade
from edge.messages.commands import AnyDriverAction, Command
from edge.messages.facts import Fact
from edge.messages.view import ActResult
from edge.streams import Mailbox
from edge.vehicles.kind import VehicleKind

log = logging.getLogger(__name__)

LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """When the vehicle counts as being somewhere."""

    radius_m: float
    dwell_s: float
    max_speed_mps: float
    by_position: bool = True
    """False: where it is says not that it has arrived; a drone may hover there."""

    @classmethod
    def of(cls, kind: VehicleKind, radius_m: float | None, dwell_s: float | None) -> "Limits":
        """Take the configured values, or the kind's own."""
        return cls(
            kind.arrival_radius_m if radius_m is None else radius_m,
            kind.arrival_dwell_s if dwell_s is None else dwell_s,
            kind.arrival_max_speed_mps,
            by_position=kind.machine is None,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """Facts that change no mission, with the order that they settle, if they do."""

    facts: tuple[Fact, ...]
    received: tuple[str, int] | None = None
    state: Mapping[str, bytes | None] | None = None
    """Small blobs that go with it."""


@dataclass(frozen=True, slots=True)
class StillThere:
    """Asks nothing; the answer shows that the executor works."""


@dataclass(frozen=True, slots=True)
class ConditionsDue:
    """Something in the conditions begins, ends or expires now."""


Asked = (
    Event
    | AnyDriverAction
    | Command
    | Record
    | StillThere
    | ConditionsDue
    | PlanMade
    | OfferJudged
)


@dataclass(slots=True)
class Ask:
    """One thing to deal with, and who waits for the answer."""

    what: Asked
    answered: asyncio.Future[ActResult] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Asks:
    """What is asked, dealt with one thing at a time."""

    def __init__(self, answer: Callable[[Asked], Awaitable[ActResult]]) -> None:
        self._answer = answer
        self._waiting: Mailbox[Ask] = Mailbox("executor", LIMIT)

    def put(self, what: Asked) -> None:
        """Ask without waiting for the answer."""
        self._waiting.put(Ask(what))

    async def ask(self, what: Asked) -> ActResult:
        """Ask, and return the answer; who stops waiting does not undo it. Raises StoreError."""
        ask = Ask(what)
        self._waiting.put(ask)
        return await asyncio.shield(ask.answered)

    async def deal(self, not_stored: Callable[[], Awaitable[None]]) -> None:
        """Answer for ever; `not_stored` is called after what could not be made durable."""
        while True:
            ask = await self._waiting.get()
            try:
                answer = await self._answer(ask.what)
            except StoreError as error:
                log.exception("cannot be stored, not done", extra={"why": str(error)})
                _refuse(ask, error)
                await not_stored()
            else:
                if not ask.answered.done():
                    ask.answered.set_result(answer)


def _refuse(ask: Ask, error: StoreError) -> None:
    if ask.answered.done():
        return
    if isinstance(ask.what, Command | Record | OfferJudged):
        ask.answered.set_exception(error)
    else:
        ask.answered.set_result(ActResult(accepted=False, why=f"cannot be stored: {error}"))
