"""What the vehicle made of its route: an order of stops with times, and why."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import Place
from edge.messages.instants import Utc
from edge.messages.parcels import StopId

Trigger = Literal[
    "route",
    "off_plan",
    "late",
    "stop_added",
    "stop_cancelled",
    "stop_failed",
    "conditions",
    "driver",
    "offer",
    "energy",
    "door_code",
    "custody",
    "break",
]

DropCode = Literal["shift", "worth", "zone", "unreachable", "too_late"]
"""Why a stop is left out: the shift ends; it costs others too much; it lies where the vehicle
may not go; no way leads there; its goods would come after the time they must be handed over."""


class PlannedStop(msgspec.Struct, frozen=True, kw_only=True):
    """A stop in its place in the order."""

    stop_id: StopId
    arrives_utc: Utc
    departs_utc: Utc
    """When it is done; a break may follow before the next leg."""
    late_s: float = 0.0
    """How much after the end of its last promised window [s]; 0 is on time."""
    leg_s: float = 0.0
    """Travel time of the leg to it, before what the day has taught [s]."""
    spread_s: tuple[int, int, int] | None = None
    """P10, P50 and P90 of the arrival, counted from `arrives_utc` [s]."""
    late_chance: float = 0.0
    """That the arrival is after the end of its last promised window."""


class PlannedBreak(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A break of the driver in its place in the order."""

    begins_utc: Utc
    lasts_s: float
    before: StopId | None = None
    """The stop that comes next; None: the way back does."""


class DroppedStop(msgspec.Struct, frozen=True, kw_only=True):
    """A stop the plan leaves out; its parcels go back to the station."""

    stop_id: StopId
    reason: str
    code: DropCode = "worth"
    until_utc: Utc | None = None
    """When it can be served again today."""
    alternative: Place | None = None
    """Nearest place within walking distance where the vehicle may stand."""


class Cause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One layer of the conditions that has changed since the plan before."""

    layer: str
    what: Literal["new", "changed", "expired"]
    closed: tuple[str, ...] = ()
    """Closures it brings, in its words."""


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why the plan is what it is, for the driver's page and the facts."""

    trigger: Trigger
    also: tuple[Trigger, ...] = ()
    """What came together with it."""
    moved: tuple[StopId, ...] = ()
    gained_s: float = 0.0
    """Priced cost of keeping the old order less that of the new one [s]."""
    promises_at_risk: tuple[StopId, ...] = ()
    text: str = ""
    causes: tuple[Cause, ...] = ()
    delay_s: float = 0.0
    """How much longer the ways of the old order take than when it was planned [s]."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The order of the remaining stops."""

    route_id: str
    route_revision: int
    number: Annotated[int, Meta(ge=1)]
    """Counts the plans of this route, from 1."""
    starts_utc: Utc | None = None
    """When the vehicle can set out on it."""
    stops: tuple[PlannedStop, ...]
    dropped: tuple[DroppedStop, ...] = ()
    breaks: tuple[PlannedBreak, ...] = ()
    """Still to be taken; before the stop of the same name, after the one before it is done."""
    back_utc: Utc
    cost_s: float
    why: Why
