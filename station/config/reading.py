"""station.toml read whole: every fault named at once, with what would be right."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace as with_changes

from edge.config.toml_file import Fault, FaultyFileError, fault_at, read_toml
from edge.errors import ConfigError
from edge.handover.proof import VerifyingKey
from station.breaks import BreakError
from station.config.config import StationConfig
from station.ingest.section import EXAMPLE
from station.routes.meeting.place import MACHINES, NO_MACHINE

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
