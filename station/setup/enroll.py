"""Take a vehicle into the fleet: its key, its table in station.toml, its own file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.errors import ConfigError
from station.config import StationConfig, load_config
from station.keys import load_keys, make_key_file
from station.setup.found import quoted

KEY_FILE = "vehicle.key"

TABLE = """
[[vehicle]]
name = {name}
kind = {kind}
capacity_kg = {capacity_kg:g}
capacity_l = {capacity_l:g}
shift_start = {shift_start}
shift_end = {shift_end}
public_key = "{public_key}"
"""

VEHICLE = """\
# {name} of {station}. Copy this file and {key_file} to the vehicle, and check there:
#     doorstep-edge check {name}.toml

[vehicle]
name = {name_quoted}
org = {org}
kind = {kind}
capacity_kg = {capacity_kg:g}    # for orders that are offered on the way
capacity_l = {capacity_l:g}

[keys]
signing_key_file = "{key_file}"  # private: signs what this vehicle reports
station_keys = ["{station_key}"] # whose orders it obeys

[store]
folder = "data"

[broker]
host = {host}
port = {port}
protocol = {protocol}

[gnss]
{gnss}
[driver_page]
host = "127.0.0.1"
port = 8080
"""

GPSD = """\
source = "gpsd"                  # or "nmea" with device and baud
"""
NMEA = """\
source = "nmea"
device = {device}
baud = {baud}
"""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a vehicle is, and how it will reach the station."""

    name: str
    kind: Literal["van", "contractor", "drone", "robot"] = "van"
    capacity_kg: float = 900.0
    capacity_l: float = 8000.0
    shift_start: str = "08:00"
    shift_end: str = "18:00"
    broker_host: str | None = None
    """As the vehicle sees it; None: as the station does."""
    nmea_device: str | None = None
    """None: gpsd."""
    baud: int = 9600


def enroll(config_path: Path, wanted: Enrolment, folder: Path) -> Path:
    """Write the vehicle's files into `folder` and add it to station.toml.

    Returns the path of its configuration. Raises ConfigError, and then changes nothing.
    """
    config = load_config(config_path)
    station_key = load_keys(config).signing.public.to_hex()
    if any(vehicle.name == wanted.name for vehicle in config.vehicle):
        raise ConfigError(f"{config_path}: there is a vehicle {wanted.name!r} already")
    path = folder / f"{wanted.name}.toml"
    for file in (path, folder / KEY_FILE):
        if file.exists():
            raise ConfigError(f"{file} is there already: name another folder with --out")
    key = make_key_file(folder / KEY_FILE)
    before = config_path.read_text(encoding="utf-8")
    table = TABLE.format(
        name=quoted(wanted.name),
        kind=quoted(wanted.kind),
        capacity_kg=wanted.capacity_kg,
        capacity_l=wanted.capacity_l,
        shift_start=quoted(wanted.shift_start),
        shift_end=quoted(wanted.shift_end),
        public_key=key.public.to_hex(),
    )
    _replace(config_path, before.rstrip("\n") + "\n" + table)
    try:
        load_config(config_path)
    except ConfigError:
        _replace(config_path, before)
        (folder / KEY_FILE).unlink()
        raise
    path.write_text(_vehicle_toml(config, wanted, station_key), encoding="utf-8")
    return path


def _vehicle_toml(config: StationConfig, wanted: Enrolment, station_key: str) -> str:
    gnss = GPSD
    if wanted.nmea_device is not None:
        gnss = NMEA.format(device=quoted(wanted.nmea_device), baud=wanted.baud)
    return VEHICLE.format(
        name=wanted.name,
        station=" ".join(config.station.name.split()),
        key_file=KEY_FILE,
        name_quoted=quoted(wanted.name),
        org=quoted(config.station.org),
        kind=quoted(wanted.kind),
        capacity_kg=wanted.capacity_kg,
        capacity_l=wanted.capacity_l,
        station_key=station_key,
        host=quoted(wanted.broker_host or config.broker.host),
        port=config.broker.port,
        protocol=quoted(config.broker.protocol),
        gnss=gnss,
    )


def _replace(path: Path, text: str) -> None:
    """Write a file so that it is the old or the new one whatever happens."""
    half = path.with_name(f".{path.name}.new")
    half.write_text(text, encoding="utf-8")
    half.chmod(path.stat().st_mode & 0o777)
    half.replace(path)
