"""What the vehicle made of its route: an order of stops with times, and why."""

from typing import Literal

import msgspec

from edge.messages.instants import Utc
from edge.messages.parcels import StopId

Trigger = Literal[
    "route", "off_plan", "stop_added", "stop_cancelled", "stop_failed", "conditions", "driver"
]


class PlannedStop(msgspec.Struct, frozen=True, kw_only=True):
    """A stop in its place in the order."""

    stop_id: StopId
    arrives_utc: Utc
    departs_utc: Utc
    late_s: float = 0.0
    """How much after the end of its last promised window [s]; 0 is on time."""


class DroppedStop(msgspec.Struct, frozen=True, kw_only=True):
    """A stop the plan leaves out; its parcels go back to the station."""

    stop_id: StopId
    reason: str


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why the plan is what it is, for the driver's page and the facts."""

    trigger: Trigger
    moved: tuple[StopId, ...] = ()
    gained_s: float = 0.0
    """Priced cost of keeping the old order less that of the new one [s]."""
    promises_at_risk: tuple[StopId, ...] = ()
    text: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The order of the remaining stops."""

    route_id: str
    route_revision: int
    number: int
    """Counts the plans of this route, from 1."""
    stops: tuple[PlannedStop, ...]
    dropped: tuple[DroppedStop, ...] = ()
    back_utc: Utc
    cost_s: float
    why: Why
