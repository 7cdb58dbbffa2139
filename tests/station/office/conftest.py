"""A small station of its own for each test."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from edge.handover.proof import SigningKey
from station.config import load_config
from station.keys import load_keys
from station.office import Office
from station.store.database import Database

STATION_SEED = bytes(range(32))
VANS = ("van-1", "van-2")

HEAD = """
[station]
name = "Depot North"
org = "acme"
timezone = "Europe/Berlin"
lat_deg = 48.1372
lon_deg = 11.5756
data_folder = "data"
signing_key_file = "station.key"
"""


class FixedClock:
    """A clock that a test sets."""

    source = "simulated"

    def __init__(self, utc=datetime(2026, 11, 23, 5, 0, tzinfo=UTC)):
        self.now = utc

    def now_s(self):
        return self.now.timestamp()

    def utc(self):
        return self.now

    def correct(self, utc, source):
        return None


def van_key(name):
    return SigningKey.from_seed(name.encode().ljust(32, b"."))


def van_table(name, **keys):
    values = {"name": name, "kind": "van", "public_key": van_key(name).public.to_hex(), **keys}
    lines = (f"{key} = {value!r}".replace("'", '"') for key, value in values.items())
    return "[[vehicle]]\n" + "\n".join(lines) + "\n"


@pytest.fixture
def home(tmp_path):
    """The folder of a station with two vans: its file, its key."""
    (tmp_path / "station.key").write_text(STATION_SEED.hex())
    (tmp_path / "station.key").chmod(0o600)
    vans = "\n".join(van_table(name) for name in VANS)
    (tmp_path / "station.toml").write_text(HEAD + vans)
    return tmp_path


@pytest.fixture
def station(home):
    config = load_config(home / "station.toml")
    return SimpleNamespace(
        home=home, config=config, keys=load_keys(config), clock=FixedClock(), van_key=van_key
    )


@pytest.fixture
async def office(station):
    database = await Database.open(station.config.database_path)
    station.database = database
    office = Office(database, station.config, station.keys, station.clock)
    yield office
    await database.close()
