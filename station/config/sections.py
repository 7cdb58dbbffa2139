"""The tables of station.toml, each by itself."""

from typing import Annotated, Literal

from msgspec import Meta

from edge.config import broker
from edge.config.toml_file import Section
from edge.messages.geo import LatDeg, LonDeg
from station.routes.meeting.place import MeetsSection

# Shorter than a vehicle's own configuration allows: a route's id carries the name.
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$")]
TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
PublicKey = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class StationSection(Section, frozen=True, kw_only=True):
    """Who and where this is."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    org: Name
    timezone: str
    lat_deg: LatDeg
    lon_deg: LonDeg
    data_folder: str
    """Holds station.db and the console's token; relative to the file."""
    signing_key_file: str
    """64 hex digits: an Ed25519 seed; readable by the station only."""


class BrokerSection(broker.BrokerSection, frozen=True, kw_only=True):
    """Where the broker is; unset: on this machine."""

    host: str = "127.0.0.1"


class ConsoleSection(Section, frozen=True, kw_only=True):
    """The console in the browser, and what the commands talk to while `serve` runs."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8090
    """0 takes a free port and logs it."""
    tiles: Annotated[str, Meta(pattern=r"^(https?://[^\s;,'\"]+)?$")] = ""
    """Map tiles below the routes, with {z}/{x}/{y}; empty: none, nothing leaves the house."""
    tiles_credit: str = ""
    """Whom the map thanks for its tiles, if they ask for it."""


class RoadsSection(Section, frozen=True, kw_only=True):
    """The roads of the town."""

    file: Annotated[str, Meta(min_length=1)]
    """What `roads import` wrote; relative to the file."""


class TravelSection(Section, frozen=True, kw_only=True):
    """What assignment assumes where no roads are named."""

    speed_mps: Annotated[float, Meta(gt=0, le=60)] = 8.0
    detour: Annotated[float, Meta(ge=1, le=5)] = 1.35
    """Road distance over great-circle distance."""


class VehicleSection(Section, frozen=True, kw_only=True):
    """One vehicle of the fleet."""

    name: Name
    kind: Literal["van", "contractor", "drone", "robot"] = "van"
    capacity_kg: Annotated[float, Meta(gt=0, le=40_000)] = 900.0
    capacity_l: Annotated[float, Meta(gt=0, le=100_000)] = 8000.0
    shift_start: TimeOfDay = "08:00"
    shift_end: TimeOfDay = "18:00"
    """Earlier than the start: on the next day."""
    public_key: PublicKey
    """The vehicle's Ed25519 key: signs its facts."""
    former_keys: tuple[PublicKey, ...] = ()
    """Keys it had before; facts signed by them still verify."""
    meets: MeetsSection | None = None
    """Of a drone or robot that does not start at the station."""
