"""What a road graph's file holds: its arrays by name, its header, its errors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, overload

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from edge.errors import ConfigError
from edge.messages.geo import LatDeg, LonDeg

ALIGNMENT = 64  # a cache line; also a multiple of every item's size
MOST_ITEMS = 2**31 - 1  # every index is an int32
ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"

IMPORT_CURE = "import it again: doorstep-station roads import FILE.osm.pbf"

# Name: type of the items, and what they are counted in (see `check.py`).
ARRAYS: dict[str, tuple[str, str]] = {
    "node_lat_e7": ("<i4", "nodes"),
    "node_lon_e7": ("<i4", "nodes"),
    "first_arc": ("<i4", "nodes+1"),
    "arc_tail": ("<i4", "arcs"),
    "arc_head": ("<i4", "arcs"),
    "arc_length_dm": ("<i4", "arcs"),
    "arc_class": ("|u1", "arcs"),
    "arc_speed_kmh": ("|u1", "arcs"),
    "arc_access": ("|u1", "arcs"),
    "arc_flags": ("|u1", "arcs"),
    "arc_name": ("<i4", "arcs"),
    "arc_reverse": ("<i4", "arcs"),
    "first_turn": ("<i4", "arcs+1"),
    "turn_to": ("<i4", "turns"),
    "turn_ds": ("<u2", "turns"),
    "turn_access": ("|u1", "turns"),
    "arc_piece": ("<i4", "arcs"),
    "first_shape": ("<i4", "pieces+1"),
    "shape_point": ("<i4", "shapes"),
    "point_osm": ("<i8", "points"),
    "point_lat_e7": ("<i4", "points"),
    "point_lon_e7": ("<i4", "points"),
    "pair_key": ("<i8", "pairs"),
    "pair_arc": ("<i4", "pairs"),
    "name_first": ("<i4", "names+1"),
    "name_bytes": ("|u1", "letters"),
}

Arrays = dict[str, NDArray[Any]]


class GraphFileError(ConfigError):
    """The file is no road graph that can be used; the message says what, and the cure."""

    def __init__(self, path: Path, what: str, cure: str = IMPORT_CURE) -> None:
        super().__init__(f"{path}: {what}; {cure}")


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rectangle in which all roads lie."""

    south_deg: LatDeg
    west_deg: LonDeg
    north_deg: LatDeg
    east_deg: LonDeg


class Country(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the traffic rules of a country change for who reads the graph."""

    code: Annotated[str, Meta(pattern="^[a-z]{2}$", description="ISO 3166-1; zz = none")] = "zz"
    driving_side: Literal["right", "left"] = "right"
    speed_unit: Literal["km/h", "mph"] = "km/h"


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the graph was made of."""

    file: str = ""
    sha256: str = ""
    timestamp_utc: str = ""
    """As the extract's own header says it; empty if it does not."""


class ArrayEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one array lies."""

    name: str
    dtype: str
    items: Annotated[int, Meta(ge=0, le=MOST_ITEMS)]
    offset: Annotated[int, Meta(ge=0, le=2**50)]


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file says about itself."""

    bounds: Bounds
    country: Country = Country()
    source: Source = Source()
    attribution: str = ATTRIBUTION
    arrays: tuple[ArrayEntry, ...] = ()


class Names(Sequence[str]):
    """Street names, each decoded when it is asked for; number 0 is the empty name."""

    def __init__(self, first: NDArray[np.int32], content: NDArray[np.uint8]) -> None:
        self.first = first
        self.content = content

    @classmethod
    def of(cls, names: Sequence[str]) -> "Names":
        """Pack names; the first must be the empty one."""
        if not names or names[0]:
            raise ValueError("name 0 must be empty: it stands for no name")
        encoded = [name.encode() for name in names]
        first = np.zeros(len(names) + 1, dtype=np.int32)
        np.cumsum([len(name) for name in encoded], out=first[1:])
        return cls(first, np.frombuffer(b"".join(encoded), dtype=np.uint8))

    def __len__(self) -> int:
        return self.first.size - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"name {index} of {len(self)}")
        index %= len(self)
        content = self.content[self.first[index] : self.first[index + 1]].tobytes()
        return content.decode("utf-8", "replace")
