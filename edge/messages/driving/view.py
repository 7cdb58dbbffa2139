"""What the driver is shown of his own driving, before anybody else sees it."""

from typing import Literal

import msgspec

from edge.messages.instants import Utc

BehaviourKind = Literal[
    "braking", "cornering", "acceleration", "belt_off", "reversing", "speeding"
]


class DrivingMark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as it counts: all that the score is made of."""

    at_utc: Utc
    kind: BehaviourKind
    worst: float
    """In the unit of `limit`: m/s2, m/s or m."""
    limit: float
    lasts_s: float
    driver: str = ""


class DrivingView(msgspec.Struct, frozen=True, kw_only=True):
    """The driver's own events of seven days, the newest first, and what they come to."""

    score: int
    """100 to 850, by `edge.behaviour.score`."""
    events: tuple[DrivingMark, ...] = ()
    learning: bool = False
    """The accelerometer's mounting is not known yet; speeds alone are looked at."""
