"""What a vehicle knows of itself, and what it shows on the live lane."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import AccuracyM, HeadingDeg, Place, SpeedMps
from edge.messages.instants import Utc

FixKind = Literal["none", "gnss", "dead_reckoning"]
"""`dead_reckoning`: by wheels and gyro since the last fix, as accurate as it says."""


class VehicleState(msgspec.Struct, frozen=True, kw_only=True):
    """Best knowledge of where the vehicle is, at one instant."""

    at_s: float
    """Monotonic instant this is true for [s]."""
    fix: FixKind
    place: Place | None = None
    accuracy_m: AccuracyM | None = None
    speed_mps: SpeedMps | None = None
    speed_accuracy_mps: SpeedMps | None = None
    """95 % accuracy of the speed."""
    heading_deg: HeadingDeg | None = None
    doubtful: str = ""
    """Why the position should not be trusted; empty when it may."""


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What waits on board for the station's acknowledgement."""

    facts: int
    track: int
    proof: int


class Live(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Newest position and state (`up/live`): newest wins, may be lost."""

    vehicle: str
    utc: Utc
    time_source: str
    fix: FixKind
    place: Place | None = None
    accuracy_m: AccuracyM | None = None
    speed_mps: SpeedMps | None = None
    heading_deg: HeadingDeg | None = None
    doubtful: str = ""
    phase: str = "idle"
    stop_id: str | None = None
    stops_left: int = 0
    next_arrival_utc: Utc | None = None
    backlog: Backlog | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Presence (`up/status`, retained; `offline` is the last will)."""

    vehicle: str
    state: Literal["online", "offline", "asleep"]
    utc: Utc | None = None
    """None in a last will: nobody knows when it will be sent."""
    version: str = ""
    epoch: str = ""
    route_id: str | None = None
    plan_number: int | None = None
    plan_hash: str | None = None


class TrackPoint(msgspec.Struct, frozen=True, array_like=True):
    """One position of the track, scaled to integers to compress well."""

    t_ms: int
    """Since the batch's `from_utc`."""
    lat_1e7: Annotated[int, Meta(ge=-900_000_000, le=900_000_000)]
    lon_1e7: Annotated[int, Meta(ge=-1_800_000_000, le=1_800_000_000)]
    accuracy_dm: int
    speed_cmps: int | None
    heading_cdeg: int | None


class TrackBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Positions of a span of time (`up/track`); msgpack, then zstd."""

    vehicle: str
    from_utc: Utc
    time_source: str
    route_id: str | None
    driver: str | None
    points: tuple[TrackPoint, ...]
    thinned: int = 0
    """Positions left out of this span under pressure."""
