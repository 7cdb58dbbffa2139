"""The file of a kerb map: where a robot may be, as rings of places; JSON with a digest."""

import hashlib
import logging
import os
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.errors import ConfigError
from edge.messages.geo import Place, distance_m
from edge.roads.stored.layout import ATTRIBUTION, Source

log = logging.getLogger(__name__)

KEPT = "kerbs.good"
"""In the store's folder: the last map that could be used."""
MOST_BYTES = 32_000_000
MOST_CORNERS = 400_000
LONGEST_EDGE_M = 3000.0
"""Of a ring: nothing that one walks along is straight for so long."""
CURE = "make it again: doorstep-station roads pavements FILE.osm.pbf"

Ring = Annotated[tuple[int, ...], Meta(min_length=6, max_length=200_000)]
"""Latitude and longitude of each corner by turns, in ten millionths of a degree."""


class KerbMap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds. A place is inside if it lies in an odd number of rings."""

    format: Literal["doorstep-kerbs"] = "doorstep-kerbs"
    version: Literal[1] = 1
    source: Source = Source()
    roads: str = ""
    """Digest of the road file that was made with it."""
    attribution: str = ATTRIBUTION
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    rings: Annotated[tuple[Ring, ...], Meta(min_length=1, max_length=100_000)]

    @property
    def corners(self) -> int:
        """How many there are."""
        return sum(map(len, self.rings)) // 2


class KerbFileError(ConfigError):
    """The file is no kerb map that can be used; the message says what, where, and the cure."""

    def __init__(self, path: Path, what: str, cure: str = CURE) -> None:
        super().__init__(f"{path}: {what}; {cure}")


def kerb_map(
    rings: Iterable[Iterable[tuple[int, int]]], source: Source, roads: str = ""
) -> KerbMap:
    """Return the map of rings of (latitude, longitude) in e7."""
    flat = tuple(tuple(chain.from_iterable(ring)) for ring in rings)
    return KerbMap(source=source, roads=roads, digest=_digest(flat), rings=flat)


def write_kerbs(path: Path, kerbs: KerbMap) -> None:
    """Write the file whole or not at all. Raises KerbFileError."""
    content = msgspec.json.encode(kerbs)
    if faults := _faults(kerbs) or _size_fault(len(content)):
        raise KerbFileError(path, faults, "take a smaller extract")
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise KerbFileError(path, f"cannot be written: {error.strerror}") from error


def read_kerbs(path: Path) -> KerbMap:
    """Read a file and check all of it. Raises KerbFileError, which names the place."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise KerbFileError(path, f"cannot be opened ({error.strerror})") from error
    if fault := _size_fault(size):
        raise KerbFileError(path, fault)
    try:
        kerbs = msgspec.json.decode(content, type=KerbMap)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KerbFileError(path, f"is no kerb map, or damaged ({error})") from error
    if fault := _faults(kerbs):
        raise KerbFileError(path, fault)
    if kerbs.digest != _digest(kerbs.rings):
        raise KerbFileError(path, "is damaged: its rings do not fit its digest")
    return kerbs


def last_good(path: Path, folder: Path) -> KerbMap:
    """Read a map and keep a copy of it; where it is damaged, read the copy of the last one.

    Raises KerbFileError if there is no copy either.
    """
    kept = folder / KEPT
    try:
        kerbs = read_kerbs(path)
    except KerbFileError as error:
        try:
            kerbs = read_kerbs(kept)
        except KerbFileError:
            raise error from None
        log.warning("kerb map refused, the last good one holds", extra={"why": str(error)})
        return kerbs
    try:
        same = kept.is_file() and read_kerbs(kept).digest == kerbs.digest
    except KerbFileError:
        same = False
    if not same:
        folder.mkdir(parents=True, exist_ok=True)
        write_kerbs(kept, kerbs)
    return kerbs


def _size_fault(size: int) -> str:
    return f"has {size} bytes, {MOST_BYTES} at most" if size > MOST_BYTES else ""


def _faults(kerbs: KerbMap) -> str:
    """Return what is absurd in the first ring that is; empty if none is."""
    if kerbs.corners > MOST_CORNERS:
        return f"has {kerbs.corners} corners, {MOST_CORNERS} at most"
    for number, ring in enumerate(kerbs.rings):
        if what := _absurd(ring):
            return f"$.rings[{number}] {what}"
    return ""


def _absurd(ring: Sequence[int]) -> str:
    """Return what no ring round a place to walk on can be."""
    if len(ring) % 2:
        return "has a latitude without a longitude"
    for at in range(0, len(ring), 2):
        if abs(ring[at]) > 850_000_000 or abs(ring[at + 1]) > 1_800_000_000:
            return f"[{at}] is at {ring[at] / 1e7}, {ring[at + 1] / 1e7}: no place to walk on"
    places = [
        Place(lat_deg=ring[at] / 1e7, lon_deg=ring[at + 1] / 1e7)
        for at in range(0, len(ring), 2)
    ]
    for at, (a, b) in enumerate(pairwise((*places, places[0]))):
        if distance_m(a, b) > LONGEST_EDGE_M:
            return f"[{2 * at}] is {distance_m(a, b) / 1000:.0f} km from the next corner"
    return ""


def _digest(rings: Iterable[Sequence[int]]) -> str:
    digest = hashlib.sha256()
    for ring in rings:
        digest.update(b";".join(str(number).encode() for number in ring) + b"\n")
    return digest.hexdigest()
