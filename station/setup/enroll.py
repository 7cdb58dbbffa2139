"""Take a vehicle into the fleet: its key, its table in station.toml, its own file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.errors import ConfigError
from station.config import StationConfig, load_config
from station.keys import load_keys, make_key_file
from station.setup.found import quoted
from station.setup.texts import AUTOPILOT, DRONE, GPSD, NMEA, ROBOT, TABLE, VEHICLE

KEY_FILE = "vehicle.key"
HOLDS = {
    "van": (900.0, 8000.0),
    "contractor": (900.0, 8000.0),
    "drone": (2.0, 20.0),
    "robot": (20.0, 60.0),
}
"""What fits into a vehicle of a kind, if nobody says [kg, l]."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a vehicle is, and how it will reach the station."""

    name: str
    kind: Literal["van", "contractor", "drone", "robot"] = "van"
    capacity_kg: float | None = None
    capacity_l: float | None = None
    """None: what a vehicle of its kind holds."""
    shift_start: str = "08:00"
    shift_end: str = "18:00"
    broker_host: str | None = None
    """As the vehicle sees it; None: as the station does."""
    nmea_device: str | None = None
    """None: gpsd."""
    baud: int = 9600
    autopilot: str = "serial:/dev/doorstep/autopilot"
    """Of a drone or robot: where its autopilot is."""
    mcu: str = "serial:/dev/doorstep/mcu"
    lookout: str = "serial:/dev/doorstep/lookout"
    """Of a robot: its controller, and what sees people and takes codes."""

    @property
    def holds(self) -> tuple[float, float]:
        """What fits in [kg, l]."""
        usual_kg, usual_l = HOLDS[self.kind]
        return (
            usual_kg if self.capacity_kg is None else self.capacity_kg,
            usual_l if self.capacity_l is None else self.capacity_l,
        )


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
    capacity_kg, capacity_l = wanted.holds
    table = TABLE.format(
        name=quoted(wanted.name),
        kind=quoted(wanted.kind),
        capacity_kg=capacity_kg,
        capacity_l=capacity_l,
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
    capacity_kg, capacity_l = wanted.holds
    return VEHICLE.format(
        name=wanted.name,
        station=" ".join(config.station.name.split()),
        key_file=KEY_FILE,
        name_quoted=quoted(wanted.name),
        org=quoted(config.station.org),
        kind=quoted(wanted.kind),
        capacity_kg=capacity_kg,
        capacity_l=capacity_l,
        station_key=station_key,
        host=quoted(wanted.broker_host or config.broker.host),
        port=config.broker.port,
        protocol=quoted(config.broker.protocol),
        devices=_devices(wanted),
    )


def _devices(wanted: Enrolment) -> str:
    """Return the tables of what hangs on the vehicle's ports."""
    if wanted.kind in ("drone", "robot"):
        devices = AUTOPILOT.format(autopilot=quoted(wanted.autopilot))
        if wanted.kind == "drone":
            return devices + DRONE
        return devices + ROBOT.format(mcu=quoted(wanted.mcu), lookout=quoted(wanted.lookout))
    if wanted.nmea_device is not None:
        return NMEA.format(device=quoted(wanted.nmea_device), baud=wanted.baud)
    return GPSD


def _replace(path: Path, text: str) -> None:
    """Write a file so that it is the old or the new one whatever happens."""
    half = path.with_name(f".{path.name}.new")
    half.write_text(text, encoding="utf-8")
    half.chmod(path.stat().st_mode & 0o777)
    half.replace(path)
