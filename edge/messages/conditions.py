"""Traffic, weather, closures and zones: versioned, and nothing without an expiry."""

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.messages.geo import Place
from edge.messages.instants import Utc


class Circle(msgspec.Struct, frozen=True, kw_only=True):
    """A round area."""

    centre: Place
    radius_m: Annotated[float, Meta(gt=0, le=100_000)]


class TrafficFactor(msgspec.Struct, frozen=True, kw_only=True):
    """Travel in the area takes `factor` times as long, from one instant to another."""

    from_utc: Utc
    until_utc: Utc
    factor: Annotated[float, Meta(ge=0.2, le=20)]
    area: Circle | None = None
    """None: everywhere."""


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known about the roads; a higher version replaces a lower one as a whole."""

    version: Annotated[int, Meta(ge=1)]
    issued_utc: Utc
    expires_utc: Utc
    traffic: tuple[TrafficFactor, ...] = ()
