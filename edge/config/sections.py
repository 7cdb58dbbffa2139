"""The tables of vehicle.toml that every vehicle may have."""

from typing import Annotated, Literal

from msgspec import Meta

from edge.config.broker import Port
from edge.config.toml_file import Section

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]


class VehicleSection(Section, frozen=True, kw_only=True):
    """Who this is."""

    name: Name
    org: Name
    kind: Literal["van", "contractor", "drone", "robot"] = "van"
    capacity_kg: Annotated[float, Meta(gt=0, le=40_000)] | None = None
    capacity_l: Annotated[float, Meta(gt=0, le=100_000)] | None = None
    """What fits on board; unset: orders offered on the way are not judged by their load."""


class KeysSection(Section, frozen=True, kw_only=True):
    """Signing key of the vehicle, public keys of the station."""

    signing_key_file: str
    """64 hex digits: an Ed25519 seed; readable by the daemon only."""
    station_keys: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Ed25519 public keys, 64 hex digits each, whose commands are obeyed."""


class StoreSection(Section, frozen=True, kw_only=True):
    """Where the durable files are."""

    folder: str
    track_max_mb: Annotated[int, Meta(ge=1, le=100_000)] = 256
    keep_days: Annotated[int, Meta(ge=1, le=365)] = 14
    """How long acknowledged facts and media stay on board."""


class GnssSection(Section, frozen=True, kw_only=True):
    """The receiver: gpsd, NMEA on a serial port, or the one behind the autopilot."""

    source: Literal["gpsd", "nmea", "autopilot"]
    host: str = "127.0.0.1"
    port: Port = 2947
    device: str = ""
    """gpsd: which device, empty for any. nmea: stable path, /dev/serial/by-id/…"""
    baud: Annotated[int, Meta(ge=1200, le=4_000_000)] = 9600
    silent_after_s: Annotated[float, Meta(ge=0.5, le=60)] = 2.5
    latency_s: Annotated[float, Meta(ge=0, le=2)] = 0.11
    """How old a fix is when its last byte comes; counts where wheels say how far it moved."""


class ArrivalSection(Section, frozen=True, kw_only=True):
    """When the vehicle counts as being at a stop; unset: the vehicle kind's own."""

    radius_m: Annotated[float, Meta(ge=3, le=500)] | None = None
    dwell_s: Annotated[float, Meta(ge=0, le=600)] | None = None


class PlannerSection(Section, frozen=True, kw_only=True):
    """How re-planning works, and what it assumes where no roads are known."""

    budget_ms: Annotated[int, Meta(ge=1, le=60_000)] = 50
    max_iterations: Annotated[int, Meta(ge=1)] | None = None
    """Set: stop after so many rounds instead of by time (reproducible)."""
    replanning: bool = True
    """False: keep the order of the first plan, whatever the day brings (for comparison)."""
    speed_mps: Annotated[float, Meta(gt=0, le=60)] = 8.0
    detour: Annotated[float, Meta(ge=1, le=5)] = 1.35
    """Road distance over great-circle distance."""
    travel_table: str | None = None
    """JSON file of travel times between known places; others are estimated."""
    roads: str | None = None
    """Road file (`doorstep-station roads import`); set: it counts instead of estimates."""


class RecordSection(Section, frozen=True, kw_only=True):
    """What came in, kept to live a day again (`doorstep-sim replay`)."""

    days: Annotated[int, Meta(ge=0, le=30)] | None = None
    """Tapes of so many days stay; 0 records nothing. Unset: 3; a contractor's car: 0."""
    max_mb: Annotated[int, Meta(ge=1, le=100_000)] = 256
    """All tapes together. The oldest make room; a life that is longer stops being recorded."""

    def days_of(self, kind: str) -> int:
        """Return for how many days tapes of this kind of vehicle stay."""
        if self.days is not None:
            return self.days
        return 0 if kind == "contractor" else 3  # his own ways are nobody's business


class PageSection(Section, frozen=True, kw_only=True):
    """The driver's page."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    """0 takes a free port and logs it."""
    access_code: Annotated[str, Meta(min_length=8, max_length=64)] | None = None
    """What a phone enters once; unset: none on loopback, else one that is logged at start."""
    names: tuple[str, ...] = ()
    """Host names by which phones may call this vehicle, besides its addresses."""
