"""What people and services give us as files."""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from edge.conditions.layers import NO_LAYERS
from edge.config.settings import load_settings
from edge.config.toml_file import FaultyFileError
from edge.errors import ConfigError, RefusedError
from edge.messages.geo import Place
from edge.roads.graph import RoadGraph
from station.conditions.formats.auto import read_conditions
from station.conditions.splitting import layer_parts
from station.config import load_config
from station.stops.intake import read_orders
from station.stops.rows import Context
from tests.edge.config.test_settings import GOOD as VEHICLE_TOML
from tests.edge.config.test_settings import SEED
from tests.edge.roads.stored.test_file import SIDE, opened, use_all
from tests.fuzz.driver import Parser, TryOne
from tests.station.conditions.formats.ask import NOW_UTC
from tests.station.conditions.formats.samples import CIFS_JSON, SAMPLES
from tests.station.office.sheets import text_file, workbook
from tests.station.office.test_config import GOOD as STATION_TOML

MEMORY = Path("/dev/shm")
CONTEXT = Context(
    date(2026, 11, 23), ZoneInfo("Europe/Berlin"), Place(lat_deg=48.1, lon_deg=11.5), b"s" * 32
)
HEADERS = ("Order ID", "Name", "Address", "Lat", "Lon", "From", "To", "Weight", "PIN", "Phone")
ROWS = (
    ("A-1", "Ada", "1 High St", 48.1, 11.5, "08:00", "10:30", 2.5, "1234", "+49 89 123"),
    ("A-2", "Bob", "2 High St", "48,2", "11,6", "1:30 PM", "", "1.2 kg", "", ""),
    ("A-2", "Bob", "2 High St", 91, 11.6, "25:00", "24:00", -3, "x", "0"),
)
SHEETS = (
    text_file(HEADERS, *ROWS),
    text_file(HEADERS, *ROWS, delimiter=";", encoding="cp1252"),
    text_file(HEADERS, *ROWS, delimiter="\t", encoding="utf-16"),
    text_file(("Address",), ("1 High St",)),
)


def scratch() -> Path:
    """Return a folder in memory that goes when the process does."""
    held = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
    HELD.append(held)
    return Path(held.name)


HELD: list[tempfile.TemporaryDirectory[str]] = []


def named(told: bool) -> bool:
    """Return that an input was refused; it must have been told by what."""
    assert told, "refused without a reason"
    return False


def toml_reader(load, key: str) -> TryOne:
    folder = scratch()
    (folder / key).write_text(SEED)
    (folder / key).chmod(0o600)
    file = folder / "some.toml"

    def try_one(content: bytes) -> bool:
        file.write_bytes(content)
        try:
            load(file)
        except FaultyFileError as error:
            return named(all(fault.line >= 0 and fault.what for fault in error.faults))
        except ConfigError as error:
            return named(bool(str(error)))
        return True

    return try_one


def sheet_reader(name: str) -> TryOne:
    def try_one(content: bytes) -> bool:
        try:
            read_orders(name, content, CONTEXT)
        except RefusedError as error:
            return named(name in str(error))
        return True

    return try_one


def conditions_reader() -> TryOne:
    def try_one(content: bytes) -> bool:
        try:
            kind, found = read_conditions(
                "a.file", content, "auto", NOW_UTC, timedelta(hours=3)
            )
            parts = layer_parts(f"{kind}:fuzz", 1, found)
        except RefusedError:
            return False
        layers = NO_LAYERS
        for part in parts:
            assert layers.refusal(part, NOW_UTC) == ""
            layers = layers.take(part, NOW_UTC)
        return True

    return try_one


def road_reader() -> TryOne:
    file = scratch() / "x.roads"

    def try_one(content: bytes) -> bool:
        file.write_bytes(content)
        graph = opened(file)
        file.unlink()  # what is still mapped is not written over
        if graph is None:
            return False
        use_all(graph)
        return True

    return try_one


def road_files() -> list[bytes]:
    """Return a grid of streets and one street, as they are written."""
    nodes = np.arange(SIDE * SIDE)
    pairs = [(int(n), int(n) + 1) for n in nodes if n % SIDE < SIDE - 1]
    file, found = scratch() / "seed.roads", []
    for some in (pairs, pairs[:1]):
        tails, heads = zip(*some, *((b, a) for a, b in some), strict=True)
        count = max((*tails, *heads)) + 1
        graph = RoadGraph.of_arrays(
            480_000_000 - nodes[:count] // SIDE * 9_000,
            110_000_000 + nodes[:count] % SIDE * 13_000,
            tails,
            heads,
            arc_name=[n % 3 for n in range(len(tails))],
            names=("", "Hauptstraße", "Am Bach"),
        )
        graph.write(file)
        found.append(file.read_bytes())
    return found


FILES = (
    Parser(
        "vehicle-toml",
        lambda: toml_reader(load_settings, "van-1.key"),
        lambda: [VEHICLE_TOML.encode()],
    ),
    Parser(
        "station-toml",
        lambda: toml_reader(load_config, "station.key"),
        lambda: [STATION_TOML.encode()],
    ),
    Parser("csv", lambda: sheet_reader("stops.csv"), lambda: SHEETS),
    Parser("xlsx", lambda: sheet_reader("stops.xlsx"), lambda: [workbook(HEADERS, *ROWS)]),
    Parser(
        "conditions",
        conditions_reader,
        lambda: [*(text.encode() for _, text in SAMPLES.values()), CIFS_JSON.encode()],
    ),
    Parser("roads", road_reader, road_files),
)
