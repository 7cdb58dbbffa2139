"""Which format a file has, and what it says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from station.conditions.formats.cifs import read_cifs
from station.conditions.formats.geojson import read_geojson
from station.conditions.formats.metar_text import read_metar
from station.conditions.formats.open_meteo import read_open_meteo
from station.conditions.formats.reading import (
    FaultyConditionsError,
    FaultyRecordError,
    Found,
    Record,
    json_of,
    text_of,
)
from station.conditions.formats.traffic_csv import read_traffic_csv
from station.conditions.formats.uas_zones import read_ed269, read_ed318

FileKind = Literal[
    "traffic-csv", "cifs", "geojson", "metar", "open-meteo", "ed318", "ed269", "auto"
]
FILE_KINDS: tuple[str, ...] = get_args(FileKind)


@dataclass(frozen=True, slots=True)
class Format:
    """How a kind of file is read, called and kept."""

    read: Callable[[str, Found], None]
    prefix: str
    """Of the layer's name."""
    expires_in: timedelta
    """If nobody says otherwise."""


FORMATS: Mapping[str, Format] = {
    "traffic-csv": Format(read_traffic_csv, "traffic", timedelta(hours=1)),
    "cifs": Format(read_cifs, "closures", timedelta(hours=24)),
    "geojson": Format(read_geojson, "own", timedelta(hours=24)),
    "metar": Format(read_metar, "weather", timedelta(minutes=90)),
    "open-meteo": Format(read_open_meteo, "weather", timedelta(hours=24)),
    "ed318": Format(read_ed318, "zones", timedelta(days=28)),  # an AIRAC cycle
    "ed269": Format(read_ed269, "zones", timedelta(days=28)),
}


def read_conditions(
    file: str, content: bytes, kind: str, utc: datetime, expires_in: timedelta | None = None
) -> tuple[str, Found]:
    """Return the kind of a file and what it says.

    Nothing is half-taken: raises FaultyConditionsError with every fault.
    """
    text = text_of(file, content)
    try:
        known = kind_of(file, text) if kind == "auto" else kind
        form = FORMATS[known]
        until_utc = utc + (form.expires_in if expires_in is None else expires_in)
        found = Found(utc, until_utc)
        form.read(text, found)
    except FaultyRecordError as error:
        raise FaultyConditionsError(file, [str(error)]) from error
    if found.faults:
        raise FaultyConditionsError(file, found.faults)
    return known, found


def kind_of(file: str, text: str) -> str:
    """Guess a file's kind from what is in it. Raises FaultyRecordError."""
    start = text.lstrip()[:1]
    if start == "<":
        return "cifs"
    if start in ("{", "["):
        return _kind_of_json(json_of(text))
    first = next((line for line in text.splitlines() if line.strip()), "")
    if file.lower().endswith(".csv") or first.replace(";", ",").count(",") >= 2:
        return "traffic-csv"
    return "metar"


def _kind_of_json(whole: object) -> str:
    one = whole[0] if isinstance(whole, list) and whole else whole
    record = Record.of(one, "the file")
    if "incidents" in record.values or "incident" in record.values:
        return "cifs"
    if "latitude" in record.values and "longitude" in record.values:
        return "open-meteo"
    features = record.get("features")
    if isinstance(whole, list):
        features = whole
    first = features[0] if isinstance(features, list) and features else {}
    inside = Record.of(first, "feature").values
    volumes = inside.get("geometry")
    if isinstance(volumes, list):
        return "ed269"
    properties = Record.of(inside.get("properties") or {}, "properties").values
    if "zoneauthority" in properties or {"identifier", "variant"} <= properties.keys():
        return "ed318"
    if isinstance(volumes, dict) and "layer" in volumes:
        return "ed318"
    if "features" in record.values or record.text("type") == "Feature":
        return "geojson"
    kinds = ", ".join(FILE_KINDS[:-1])
    raise FaultyRecordError("the file", sorted(record.values), f"say its --kind: {kinds}")
