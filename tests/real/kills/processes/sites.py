"""The files of one vehicle and its station, and ports that stay theirs while they are dead."""

import hashlib
import socket
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from edge.handover.proof import SigningKey

VAN = "van-1"
ORG = "acme"
STATION_LAT_DEG, STATION_LON_DEG = 48.1372, 11.5756
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST_PORT = 15_000
KEEPALIVE_S = 5  # the least there is: a dead connection is noticed soon

VEHICLE_TOML = """\
[vehicle]
name = "{van}"
org = "{org}"

[keys]
signing_key_file = "van.key"
station_keys = ["{station_key}"]

[store]
folder = "store"

[broker]
{broker}
timeout_s = 3.0

[gnss]
source = "nmea"
device = "{receiver}"

[arrival]
radius_m = 15
dwell_s = 0.3

[driver_page]
port = {page}
"""

STATION_TOML = """\
[station]
name = "Depot North"
org = "{org}"
timezone = "Europe/Berlin"
lat_deg = {lat_deg}
lon_deg = {lon_deg}
data_folder = "data"
signing_key_file = "station.key"

[broker]
{broker}
timeout_s = 3.0

[console]
port = {console}

[[vehicle]]
name = "{van}"
shift_start = "00:00"
shift_end = "23:59"
public_key = "{van_key}"
"""


def broker_lines(host: str, ports: tuple[int, ...], protocol: str) -> str:
    """Return what stands in [broker] for these nodes."""
    others = ", ".join(f'"{host}:{port}"' for port in ports[1:])
    return (
        f'host = "{host}"\nport = {ports[0]}\nother_nodes = [{others}]\n'
        f"keepalive_s = {KEEPALIVE_S}\n"
        f'protocol = "{protocol}"\nsubscribe_qos = {0 if protocol == "3.1.1" else 1}'
    )


def quiet_port(rng: Random) -> int:
    """Return a free port that the kernel gives nobody while its owner is dead.

    An ephemeral one may become somebody's outgoing connection meanwhile, or even our own to
    itself: a client that keeps calling a port nobody listens on can meet itself.
    """
    first_ephemeral = int(EPHEMERAL.read_text().split()[0])
    assert first_ephemeral > LOWEST_PORT + 1000, f"ephemeral ports from {first_ephemeral} on"
    while True:
        port = rng.randrange(LOWEST_PORT, first_ephemeral)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@dataclass(frozen=True, slots=True)
class Sites:
    """Where everything of one campaign lies."""

    folder: Path
    van_key: SigningKey
    station_key: SigningKey
    broker_host: str
    broker_ports: tuple[int, ...]
    """Of the nodes of one broker; most have one."""
    protocol: Literal["5", "3.1.1"]
    page_port: int
    office_port: int

    @property
    def vehicle_toml(self) -> Path:
        """The vehicle's configuration."""
        return self.folder / "van" / "vehicle.toml"

    @property
    def store(self) -> Path:
        """Folder of the vehicle's durable files."""
        return self.folder / "van" / "store"

    @property
    def receiver(self) -> Path:
        """Stable path of the GNSS receiver."""
        return self.folder / "van" / "receiver"

    @property
    def daemon_log(self) -> Path:
        """What every life of the daemon has logged."""
        return self.folder / "daemon.log"

    @property
    def station_log(self) -> Path:
        """What every life of the station has logged."""
        return self.folder / "station.log"

    @property
    def station_toml(self) -> Path:
        """The station's configuration."""
        return self.folder / "station" / "station.toml"

    @property
    def station_db(self) -> Path:
        """The station's durable file."""
        return self.folder / "station" / "data" / "station.db"


def build(
    folder: Path,
    rng: Random,
    *,
    broker_host: str = "127.0.0.1",
    broker_ports: tuple[int, ...] = (),
    protocol: Literal["5", "3.1.1"] = "5",
) -> Sites:
    """Write every file of a vehicle and its station below `folder`.

    Without `broker_ports` a port is chosen for a broker that somebody starts there.
    """
    sites = Sites(
        folder=folder,
        van_key=SigningKey.from_seed(hashlib.sha256(b"van").digest()),
        station_key=SigningKey.from_seed(hashlib.sha256(b"station").digest()),
        broker_host=broker_host,
        broker_ports=broker_ports or (quiet_port(rng),),
        protocol=protocol,
        page_port=quiet_port(rng),
        office_port=quiet_port(rng),
    )
    broker = broker_lines(broker_host, sites.broker_ports, protocol)
    for file in (sites.vehicle_toml, sites.station_toml):
        file.parent.mkdir(parents=True, exist_ok=True)
    sites.store.mkdir(exist_ok=True)
    for name, key in (("van/van.key", b"van"), ("station/station.key", b"station")):
        (folder / name).write_text(hashlib.sha256(key).hexdigest())
        (folder / name).chmod(0o600)
    sites.vehicle_toml.write_text(
        VEHICLE_TOML.format(
            van=VAN,
            org=ORG,
            station_key=sites.station_key.public.to_hex(),
            broker=broker,
            page=sites.page_port,
            receiver=sites.receiver,
        )
    )
    sites.station_toml.write_text(
        STATION_TOML.format(
            org=ORG,
            van=VAN,
            lat_deg=STATION_LAT_DEG,
            lon_deg=STATION_LON_DEG,
            broker=broker,
            console=quiet_port(rng),
            van_key=sites.van_key.public.to_hex(),
        )
    )
    return sites
