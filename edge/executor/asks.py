"""What the executor may be asked, who waits for the answer, and when it counts as arrived."""

import asyncio
from dataclasses import dataclass, field

from edge.executor.mission.events import Event
from edge.executor.replanning.offering import OfferJudged
from edge.executor.replanning.planning import PlanMade
from edge.messages.commands import AnyDriverAction, Command
from edge.messages.facts import Fact
from edge.messages.view import ActResult
from edge.vehicles.kind import VehicleKind


@dataclass(frozen=True, slots=True)
class Limits:
    """When the vehicle counts as being somewhere."""

    radius_m: float
    dwell_s: float
    max_speed_mps: float

    @classmethod
    def of(cls, kind: VehicleKind, radius_m: float | None, dwell_s: float | None) -> "Limits":
        """Take the configured values, or the kind's own."""
        return cls(
            kind.arrival_radius_m if radius_m is None else radius_m,
            kind.arrival_dwell_s if dwell_s is None else dwell_s,
            kind.arrival_max_speed_mps,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A fact that changes no mission, with the order that it settles, if it does."""

    fact: Fact
    received: tuple[str, int] | None = None


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
