"""station.toml: what it may say, read whole, with every fault named at once."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta
from msgspec.structs import replace as with_changes

from edge.config.toml_file import Fault, FaultyFileError, fault_at, read_toml
from edge.errors import ConfigError
from edge.handover.proof import VerifyingKey
from edge.messages.geo import LatDeg, LonDeg, Place
from edge.messages.routes import DriverBreak
from station.breaks import BreakError, BreakSection, breaks_of
from station.ingest.section import EXAMPLE, IngestSection
from station.routes.meeting.place import MACHINES, NO_MACHINE, MeetsSection

# Shorter than a vehicle's own configuration allows: a route's id carries the name.
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$")]
Port = Annotated[int, Meta(ge=1, le=65535)]
NodeAddress = Annotated[
    str,
    Meta(
        pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):[1-9]\d{0,4}$",
        examples=["node-2.example.org:1883"],
    ),
]
"""HOST:PORT; an IPv6 address stands in brackets."""
TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
PublicKey = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]

SOME_DAY = date(2026, 1, 7)  # breaks are tried on it: no clock changes then

EXAMPLES = {
    "station.name": 'name = "Depot North"',
    "station.org": 'org = "acme"',
    "station.timezone": 'timezone = "Europe/Berlin"',
    "station.lat_deg": "lat_deg = 48.1372",
    "station.lon_deg": "lon_deg = 11.5756",
    "station.data_folder": 'data_folder = "data"',
    "station.signing_key_file": 'signing_key_file = "station.key"',
    "broker.host": 'host = "127.0.0.1"',
    "broker.port": "port = 1883",
    "broker.other_nodes": 'other_nodes = ["node-2.example.org:1883"]',
    "broker.protocol": 'protocol = "5"',
    "broker.subscribe_qos": "subscribe_qos = 1",
    "console.port": "port = 8090",
    "console.tiles": 'tiles = "https://tile.example.org/{z}/{x}/{y}.png"',
    "ingest.database": EXAMPLE,
    "travel.speed_mps": "speed_mps = 8.0",
    "travel.detour": "detour = 1.35",
    "roads.file": 'file = "city.roads"',
    "vehicle.name": 'name = "van-1"',
    "vehicle.kind": 'kind = "van"',
    "vehicle.capacity_kg": "capacity_kg = 900",
    "vehicle.capacity_l": "capacity_l = 8000",
    "vehicle.shift_start": 'shift_start = "08:00"',
    "vehicle.shift_end": 'shift_end = "18:00"',
    "break.after": 'after = "11:00", or "+2:00" after the start of the shift',
    "break.before": 'before = "13:30", or "+4:30" after the start of the shift',
    "break.minutes": "minutes = 30",
    "vehicle.public_key": "what `doorstep-station enroll NAME` wrote: 64 hex digits",
}


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table of the file: an unknown key is an error, not a silence."""


class StationSection(_Section, frozen=True, kw_only=True):
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


class BrokerSection(_Section, frozen=True, kw_only=True):
    """Where the broker is."""

    host: str = "127.0.0.1"
    port: Port = 1883
    other_nodes: tuple[NodeAddress, ...] = ()
    """More nodes of the same cluster: whichever answers will do."""
    protocol: Literal["5", "3.1.1"] = "5"
    subscribe_qos: Literal[0, 1] = 1
    """0 where a subscription with 1 is costly, as on NATS; nothing depends on it."""
    username: str | None = None
    password_file: str | None = None
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 10.0
    keepalive_s: Annotated[int, Meta(ge=5, le=3600)] = 30


class ConsoleSection(_Section, frozen=True, kw_only=True):
    """The console in the browser, and what the commands talk to while `serve` runs."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8090
    """0 takes a free port and logs it."""
    tiles: Annotated[str, Meta(pattern=r"^(https?://[^\s;,'\"]+)?$")] = ""
    """Map tiles below the routes, with {z}/{x}/{y}; empty: none, nothing leaves the house."""
    tiles_credit: str = ""
    """Whom the map thanks for its tiles, if they ask for it."""


class RoadsSection(_Section, frozen=True, kw_only=True):
    """The roads of the town."""

    file: Annotated[str, Meta(min_length=1)]
    """What `roads import` wrote; relative to the file."""


class TravelSection(_Section, frozen=True, kw_only=True):
    """What assignment assumes where no roads are named."""

    speed_mps: Annotated[float, Meta(gt=0, le=60)] = 8.0
    detour: Annotated[float, Meta(ge=1, le=5)] = 1.35
    """Road distance over great-circle distance."""


class VehicleSection(_Section, frozen=True, kw_only=True):
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


class StationConfig(_Section, frozen=True, kw_only=True, rename={"breaks": "break"}):
    """The whole of station.toml."""

    station: StationSection
    broker: BrokerSection = BrokerSection()
    console: ConsoleSection = ConsoleSection()
    travel: TravelSection = TravelSection()
    roads: RoadsSection | None = None
    """Without it assignment reckons with `travel` alone."""
    ingest: IngestSection | None = None
    """Without it there is no `ingest`: `serve` keeps everything itself."""
    vehicle: tuple[VehicleSection, ...] = ()
    breaks: tuple[BreakSection, ...] = ()
    """`[[break]]`: what the law or the house wants of the drivers."""

    @property
    def place(self) -> Place:
        """Where the station is."""
        return Place(lat_deg=self.station.lat_deg, lon_deg=self.station.lon_deg)

    @property
    def timezone(self) -> ZoneInfo:
        """The station's time zone."""
        return ZoneInfo(self.station.timezone)

    @property
    def data_folder(self) -> Path:
        """Where the station keeps its files."""
        return Path(self.station.data_folder)

    @property
    def database_path(self) -> Path:
        """Where the one durable file is."""
        return self.data_folder / "station.db"

    def today(self, utc: datetime) -> date:
        """Return the day at the station."""
        return utc.astimezone(self.timezone).date()

    def instant(self, day: date, time_of_day: str, *, days_later: int = 0) -> datetime:
        """Return when HH:MM of a day at the station is, in UTC."""
        at = time.fromisoformat(time_of_day)
        local = datetime.combine(day + timedelta(days=days_later), at, self.timezone)
        return local.astimezone(UTC)

    def shift(self, vehicle: VehicleSection, day: date) -> tuple[datetime, datetime]:
        """Return a vehicle's working span on a day, in UTC."""
        over_night = vehicle.shift_end <= vehicle.shift_start
        return (
            self.instant(day, vehicle.shift_start),
            self.instant(day, vehicle.shift_end, days_later=int(over_night)),
        )

    def breaks_on(self, vehicle: VehicleSection, day: date) -> tuple[DriverBreak, ...]:
        """Return the breaks of a vehicle's driver on a day."""
        shift, zone = self.shift(vehicle, day), self.timezone
        return breaks_of(self.breaks, vehicle.name, vehicle.kind, shift, day, zone)


def load_config(path: Path) -> StationConfig:
    """Read station.toml; file names in it become absolute, from the file's own folder.

    Raises FaultyFileError that names every fault with file, line, key, value and cure.
    """
    if not path.exists():
        raise ConfigError(
            f"{path} does not exist: make a station with `doorstep-station init FOLDER`, "
            "or name another file with --config"
        )
    try:
        config = read_toml(path, StationConfig)
    except FaultyFileError as error:
        raise FaultyFileError([_with_example(fault) for fault in error.faults]) from error
    faults = list(_meaning_faults(config, path))
    if faults:
        raise FaultyFileError(faults)
    return _with_absolute_paths(config, path.absolute().parent)


def _with_example(fault: Fault) -> Fault:
    """Show what would be right, where the type alone says too little."""
    example = EXAMPLES.get(re.sub(r"\[\d+\]", "", fault.key))
    if example is None or fault.what == "is not known":
        return fault
    return replace(fault, cure=f"For example: {example}")


def _meaning_faults(config: StationConfig, path: Path) -> Iterator[Fault]:
    """Yield what is well formed and yet cannot be meant."""
    zone = config.station.timezone
    zone_is_known = True
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone_is_known = False
        cure = f"For example: {EXAMPLES['station.timezone']}"
        yield fault_at(path, "station.timezone", zone, "is no time zone", cure)
    names: set[str] = set()
    owners: dict[str, str] = {}
    for number, vehicle in enumerate(config.vehicle):
        name_key, key_key = f"vehicle[{number}].name", f"vehicle[{number}].public_key"
        if vehicle.name in names:
            cure = "Give each vehicle a name of its own."
            yield fault_at(path, name_key, vehicle.name, "another vehicle has this name", cure)
        names.add(vehicle.name)
        if vehicle.meets is not None and vehicle.kind not in MACHINES:
            yield fault_at(path, f"vehicle[{number}].meets", vehicle.kind, *NO_MACHINE)
        for key in (vehicle.public_key, *vehicle.former_keys):
            if owners.setdefault(key, vehicle.name) != vehicle.name:
                cure = "Enroll the vehicle anew."
                yield fault_at(path, key_key, key, f"{owners[key]} has this key too", cure)
            try:
                VerifyingKey.from_hex(key)
            except ValueError as error:
                yield fault_at(path, key_key, key, str(error), "Enroll the vehicle anew.")
    for number, rule in enumerate(config.breaks):
        for name in sorted(set(rule.vehicles) - names):
            cure = "Name vehicles of this file, or leave the key out: then it is everybody's."
            yield fault_at(path, f"break[{number}].vehicles", name, "is no vehicle here", cure)
    if zone_is_known:
        yield from _break_faults(config, path)


def _break_faults(config: StationConfig, path: Path) -> Iterator[Fault]:
    """Yield the first break that does not fit into some vehicle's shift."""
    for vehicle in config.vehicle:
        for number, rule in enumerate(config.breaks):
            some = with_changes(config, breaks=config.breaks[: number + 1])
            try:
                some.breaks_on(vehicle, SOME_DAY)
            except BreakError as error:
                why = f"{error}, in the shift of {vehicle.name}"
                cure = "Let `after` come before `before`, and each break after the one before."
                yield fault_at(path, f"break[{number}].before", rule.before, why, cure)
                return


def _with_absolute_paths(config: StationConfig, folder: Path) -> StationConfig:
    def absolute(name: str) -> str:
        return str(folder / Path(name).expanduser())

    station = with_changes(
        config.station,
        data_folder=absolute(config.station.data_folder),
        signing_key_file=absolute(config.station.signing_key_file),
    )
    files = {
        name: absolute(value)
        for name in ("password_file", "ca_file", "certificate_file", "key_file")
        if (value := getattr(config.broker, name)) is not None
    }
    broker = with_changes(config.broker, **files)
    roads = config.roads and with_changes(config.roads, file=absolute(config.roads.file))
    ingest = config.ingest and config.ingest.beside(folder)
    return with_changes(config, station=station, broker=broker, roads=roads, ingest=ingest)
