"""Zones that vehicles keep out of, go round, or need a permit for."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.conditions.areas import Area
from edge.messages.instants import Utc

ZoneKind = Literal["hard", "avoid", "permit"]
"""Never entered; gone round unless that costs far more; entered with a permit only."""
HeightReference = Literal["ground", "AGL", "AMSL"]
Day = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
TimeOfDay = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a zone applies: from one instant to another, and then only at these times of day.

    A span of the day that closes before it opens lasts past midnight and belongs to the day
    on which it opens.
    """

    from_utc: Utc | None = None
    """None: since ever."""
    until_utc: Utc | None = None
    """None: as long as the layer."""
    days: Annotated[tuple[Day, ...], Meta(max_length=7)] = ()
    """(): every day."""
    opens: TimeOfDay = "00:00"
    closes: TimeOfDay = "24:00"
    time_zone: Annotated[str, Meta(max_length=64)] = "UTC"
    """Of `days`, `opens` and `closes`: a name of the IANA's, or `+01:00`."""


class Zone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the air or of the ground with a rule of its own."""

    zone_id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(max_length=120)] = ""
    kind: ZoneKind
    area: Area
    lower_m: Annotated[float, Meta(ge=-1000, le=100_000)] = 0.0
    lower_reference: HeightReference = "ground"
    """`ground`: from the ground up, whatever `lower_m` says."""
    upper_m: Annotated[float, Meta(ge=-1000, le=100_000)] | None = None
    """None: without an upper limit."""
    upper_reference: Literal["AGL", "AMSL"] = "AGL"
    applies_to: Annotated[tuple[str, ...], Meta(max_length=16)] = ()
    """Kinds of vehicle; (): all."""
    windows: Annotated[tuple[Window, ...], Meta(max_length=64)] = ()
    """(): as long as the layer."""
    reason: Annotated[str, Meta(max_length=500)] = ""
