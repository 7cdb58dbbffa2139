"""A layer: what one source knows about roads, weather and zones, replaced as a whole."""

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.messages.conditions.areas import Area
from edge.messages.conditions.zones import Zone
from edge.messages.geo import Place
from edge.messages.instants import Utc

OsmNode = Annotated[int, Meta(ge=1, le=2**53)]
RoadClass = Annotated[str, Meta(min_length=1, max_length=32)]
"""A class of `edge.roads.classes`, as OSM's `highway` names it."""
KindName = Annotated[str, Meta(min_length=1, max_length=32)]
"""A kind of vehicle: `van`, `contractor`, `drone`, `robot`."""


class SegmentSpeed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Speed from one OSM node to the next on a way, in this direction."""

    from_node: OsmNode
    to_node: OsmNode
    kmh: Annotated[int, Meta(ge=0, le=300)]
    """0: closed."""


class TrafficFactor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Travel in the area takes `factor` times as long, from one instant to another."""

    from_utc: Utc
    until_utc: Utc
    factor: Annotated[float, Meta(ge=0.2, le=20)]
    area: Area | None = None
    """None: everywhere."""
    road_classes: Annotated[tuple[RoadClass, ...], Meta(max_length=32)] = ()
    """(): all."""
    vehicle_kinds: Annotated[tuple[KindName, ...], Meta(max_length=16)] = ()
    """(): all."""


class Closure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of road that is closed, from one instant to another."""

    from_utc: Utc
    until_utc: Utc
    line: Annotated[tuple[Place, ...], Meta(min_length=2, max_length=2000)]
    """Along the road, in the direction that is closed."""
    both_ways: bool = True
    reason: Annotated[str, Meta(max_length=500)] = ""


class Weather(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Weather in an area, from one instant to another; None is unknown."""

    from_utc: Utc
    until_utc: Utc
    area: Area | None = None
    """None: everywhere."""
    wind_mps: Annotated[float, Meta(ge=0, le=150)] | None = None
    """Mean, ten metres above the ground."""
    wind_from_deg: Annotated[float, Meta(ge=0, le=360)] | None = None
    """Where it blows from, clockwise from true north; None too when it varies."""
    gust_mps: Annotated[float, Meta(ge=0, le=150)] | None = None
    rain_mm_h: Annotated[float, Meta(ge=0, le=500)] | None = None
    snow_cm_h: Annotated[float, Meta(ge=0, le=100)] | None = None
    """New snow on the ground."""
    visibility_m: Annotated[float, Meta(ge=0, le=200_000)] | None = None
    temp_c: Annotated[float, Meta(ge=-90, le=70)] | None = None
    ice: bool | None = None
    """Freezing rain, or known ice on the road."""


class Layer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything one source knows; a higher version replaces a lower one of the same name.

    A big layer travels in parts of the same name, version and expiry: a vehicle uses them
    when it has all of them, and what it had until then.
    """

    name: Annotated[str, Meta(pattern="^[a-z0-9:_#-]{1,64}$")]
    version: Annotated[int, Meta(ge=1, le=2**53)]
    part: Annotated[int, Meta(ge=1, le=64)] = 1
    parts: Annotated[int, Meta(ge=1, le=64)] = 1
    issued_utc: Utc
    expires_utc: Utc
    attribution: Annotated[str, Meta(max_length=200)] = ""
    segments: Annotated[tuple[SegmentSpeed, ...], Meta(max_length=20_000)] = ()
    factors: Annotated[tuple[TrafficFactor, ...], Meta(max_length=2000)] = ()
    closures: Annotated[tuple[Closure, ...], Meta(max_length=2000)] = ()
    weather: Annotated[tuple[Weather, ...], Meta(max_length=2000)] = ()
    zones: Annotated[tuple[Zone, ...], Meta(max_length=2000)] = ()
