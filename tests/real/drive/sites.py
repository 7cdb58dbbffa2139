"""The files of two vehicles and their station, and the drive as their day."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from edge.handover.proof import SigningKey
from tests.real.drive.recorded import Cut, Recording
from tests.real.kills.processes.sites import quiet_port

ORG = "acme"
RADIUS_M, DWELL_S = 20, 8.0
HOUR_S = 3600
BY_GPSD, BY_SERIAL = "van-1", "car-1"
SIZE = {BY_GPSD: (40, 1), BY_SERIAL: (2, 100)}
"""Kilograms and litres of each parcel: neither vehicle can take one of the other's."""
KIND = {BY_GPSD: "van", BY_SERIAL: "contractor"}

VEHICLE_TOML = """\
[vehicle]
name = "{name}"
org = "{org}"
kind = "{kind}"

[keys]
signing_key_file = "vehicle.key"
station_keys = ["{station_key}"]

[store]
folder = "store"

[broker]
host = "127.0.0.1"
port = {broker}

[gnss]
{gnss}

[arrival]
radius_m = {radius_m}
dwell_s = {dwell_s}

[planner]
travel_table = "travel.json"

[driver_page]
port = {page}
"""

STATION_TOML = """\
[station]
name = "Depot North"
org = "{org}"
timezone = "America/Los_Angeles"
lat_deg = {lat_deg}
lon_deg = {lon_deg}
data_folder = "data"
signing_key_file = "station.key"

[broker]
host = "127.0.0.1"
port = {broker}

[console]
port = {console}
"""

FLEET_TOML = """
[[vehicle]]
name = "{name}"
kind = "{kind}"
capacity_kg = {capacity_kg}
capacity_l = {capacity_l}
shift_start = "00:00"
shift_end = "23:59"
public_key = "{public_key}"
"""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Where one vehicle's files lie, and what it is to do."""

    name: str
    folder: Path
    key: SigningKey
    page_port: int
    route_id: str
    parcels: frozenset[str]

    @property
    def toml(self) -> Path:
        """Its configuration."""
        return self.folder / "vehicle.toml"

    @property
    def store(self) -> Path:
        """Folder of its durable files."""
        return self.folder / "store"


@dataclass(frozen=True, slots=True)
class Sites:
    """Everything that lies on disk before the day begins."""

    station_toml: Path
    sheet: Path
    day: date
    vehicles: tuple[Vehicle, ...]

    @property
    def station_db(self) -> Path:
        """The station's durable file."""
        return self.station_toml.parent / "data" / "station.db"


def build(
    folder: Path, recording: Recording, cut: Cut, gnss: dict[str, str], broker_port: int
) -> Sites:
    """Write every file; `gnss` is the table of that name of each vehicle."""
    day = datetime.now(UTC).date() + timedelta(days=1)  # its shift is still to come
    station_key, station = _seed("station"), folder / "station"
    rng = Random()
    station.mkdir()
    _write_key(station / "station.key", "station")
    home = recording.places[cut.station.epoch]
    text = STATION_TOML.format(
        org=ORG,
        lat_deg=home.lat_deg,
        lon_deg=home.lon_deg,
        broker=broker_port,
        console=quiet_port(rng),
    )
    rows = ["Order ID,Parcel ID,Name,Address,Lat,Lon,Weight (kg),Volume (l),Photo,Signature"]
    vehicles = []
    for name, (weight_kg, volume_l) in SIZE.items():
        parcels = [f"{name}-{number}-p" for number in range(len(cut.stops))]
        for number, (parcel, stop) in enumerate(zip(parcels, cut.stops, strict=True)):
            place = recording.places[stop.epoch]
            where = f"{place.lat_deg:.7f},{place.lon_deg:.7f},{weight_kg},{volume_l},no,no"
            rows.append(f"{name}-{number},{parcel},{number},{number} {name} Street,{where}")
        key = SigningKey.from_seed(_seed(name))
        text += FLEET_TOML.format(
            name=name,
            kind=KIND[name],
            capacity_kg=weight_kg * len(parcels),
            capacity_l=volume_l * len(parcels),
            public_key=key.public.to_hex(),
        )
        route_id = f"{day}-{name}"
        site = Vehicle(name, folder / name, key, quiet_port(rng), route_id, frozenset(parcels))
        site.store.mkdir(parents=True)
        _write_key(site.folder / "vehicle.key", name)
        (site.folder / "travel.json").write_text(_travel_table(recording, cut))
        site.toml.write_text(
            VEHICLE_TOML.format(
                name=name,
                org=ORG,
                kind=KIND[name],
                station_key=SigningKey.from_seed(station_key).public.to_hex(),
                broker=broker_port,
                gnss=gnss[name],
                radius_m=RADIUS_M,
                dwell_s=DWELL_S / cut.faster,  # as long as ever, by the recording
                page=site.page_port,
            )
        )
        vehicles.append(site)
    (station / "station.toml").write_text(text)
    sheet = folder / "stops.csv"
    sheet.write_text("\r\n".join(rows) + "\r\n")
    return Sites(station / "station.toml", sheet, day, tuple(vehicles))


def _travel_table(recording: Recording, cut: Cut) -> str:
    """Return the times the recorded car took; against its way it takes an hour more."""
    nodes = [(f"stop {number}", stop.epoch) for number, stop in enumerate(cut.stops)]
    places = [*nodes, ("station", cut.station.epoch)]
    last = len(places) - 1
    seconds = []
    for row, (_, there) in enumerate(places):
        leaves = cut.first if row == last else there
        times = [float(to - leaves + HOUR_S * (to < leaves)) for _, to in places]
        times[row] = 0.0
        seconds.append(times)
    known = [
        {
            "id": name,
            "lat_deg": recording.places[epoch].lat_deg,
            "lon_deg": recording.places[epoch].lon_deg,
        }
        for name, epoch in places
    ]
    return json.dumps({"places": known, "seconds": seconds})


def _seed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def _write_key(file: Path, name: str) -> None:
    file.write_text(_seed(name).hex())
    file.chmod(0o600)
