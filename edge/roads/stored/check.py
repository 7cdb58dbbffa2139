"""Whether the arrays of a graph file fit each other: sizes, bounds and every index."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.roads.classes import EVERYONE, ROAD_CLASSES
from edge.roads.stored.layout import ALIGNMENT, ARRAYS, Arrays, GraphFileError, Header

# Which arrays are ranges, rising from 0 to the number of what they open onto.
RANGES = {
    "first_arc": "arcs",
    "first_turn": "turns",
    "first_shape": "shapes",
    "name_first": "letters",
}
# Which arrays are numbers of what, and the lowest they may hold.
INDICES = {
    "arc_tail": ("nodes", 0),
    "arc_head": ("nodes", 0),
    "arc_name": ("names", 0),
    "arc_reverse": ("arcs", -1),
    "turn_to": ("arcs", 0),
    "shape_point": ("points", 0),
    "pair_arc": ("arcs", 0),
}

Law = tuple[str, bool]
"""What is wrong unless it is true."""


def checked_arrays(path: Path, header: Header, content: mmap.mmap, begin: int) -> Arrays:
    """Return the arrays as views of the mapped file. Raises GraphFileError."""
    arrays = _views(path, header, content, begin)
    sizes = _sizes(arrays)
    # In this order: what comes later indexes by what was checked before.
    for laws in (_size_laws, _index_laws, _joint_laws):
        for what, holds in laws(arrays, sizes):
            if not holds:
                raise GraphFileError(path, f"is damaged: {what}")
    return arrays


def _views(path: Path, header: Header, content: mmap.mmap, begin: int) -> Arrays:
    arrays: Arrays = {}
    for entry in header.arrays:
        dtype = ARRAYS.get(entry.name, ("", ""))[0]
        if entry.dtype != dtype or entry.name in arrays:
            raise GraphFileError(path, f"is damaged: array {entry.name!r} of {entry.dtype!r}")
        offset = begin + entry.offset
        ends = offset + entry.items * np.dtype(dtype).itemsize
        if ends > len(content) or offset % ALIGNMENT:
            raise GraphFileError(path, f"is cut or damaged: {entry.name} ends at byte {ends}")
        arrays[entry.name] = np.frombuffer(content, dtype, entry.items, offset)
    missing = ARRAYS.keys() - arrays.keys()
    if missing:
        raise GraphFileError(path, f"is damaged: without {', '.join(sorted(missing))}")
    return arrays


def _sizes(arrays: Arrays) -> dict[str, int]:
    """Return how many there are of everything, as the first array that counts it says."""
    sizes: dict[str, int] = {}
    for name, (_, counted) in ARRAYS.items():
        what, _, more = counted.partition("+")
        sizes.setdefault(what, arrays[name].size - int(more or 0))
    return sizes


def _size_laws(arrays: Arrays, sizes: dict[str, int]) -> Iterator[Law]:
    for name, (_, counted) in ARRAYS.items():
        what, _, more = counted.partition("+")
        expected = sizes[what] + int(more or 0)
        yield f"{name} holds {arrays[name].size}, not {expected}", arrays[name].size == expected
    yield "there is no empty first name", sizes["names"] > 0


def _index_laws(arrays: Arrays, sizes: dict[str, int]) -> Iterator[Law]:
    for name, what in RANGES.items():
        values = arrays[name]
        ends = bool(values.size) and values[0] == 0 and values[-1] == sizes[what]
        yield f"{name} does not rise from 0 to {sizes[what]}", ends and _rises(values)
    for name, (what, lowest) in INDICES.items():
        yield f"{name} points outside the {what}", _within(arrays[name], lowest, sizes[what])
    pieces = sizes["pieces"]
    yield "arc_piece points outside the pieces", _within(arrays["arc_piece"], -pieces, pieces)
    yield "arc_class is not a class", _within(arrays["arc_class"], 0, len(ROAD_CLASSES))
    yield "arc_access has unknown bits", _within(arrays["arc_access"], 0, EVERYONE + 1)
    yield "turn_access has unknown bits", _within(arrays["turn_access"], 0, EVERYONE + 1)
    yield "arc_length_dm is not positive", _within(arrays["arc_length_dm"], 1, 2**31)
    yield "arc_speed_kmh is not positive", _within(arrays["arc_speed_kmh"], 1, 256)
    for point in ("node", "point"):
        for axis, most in (("lat", 900_000_000), ("lon", 1_800_000_000)):
            name = f"{point}_{axis}_e7"
            yield f"{name} is off the globe", _within(arrays[name], -most, most + 1)
    yield "point_osm does not rise", _rises(arrays["point_osm"], strictly=True)
    yield "pair_key does not rise", _rises(arrays["pair_key"], strictly=True)


def _joint_laws(arrays: Arrays, sizes: dict[str, int]) -> Iterator[Law]:
    """Yield what holds between arrays that are sound in themselves."""
    tail, head = arrays["arc_tail"], arrays["arc_head"]
    leaving = np.repeat(np.arange(sizes["nodes"], dtype=np.int32), np.diff(arrays["first_arc"]))
    yield "first_arc does not agree with arc_tail", np.array_equal(leaving, tail)
    at = np.repeat(head, np.diff(arrays["first_turn"]))
    yield "a turn does not join its arcs", np.array_equal(at, tail[arrays["turn_to"]])
    reverse = arrays["arc_reverse"]
    there = np.flatnonzero(reverse >= 0)
    paired = np.array_equal(reverse[reverse[there]], there)
    opposed = np.array_equal(head[reverse[there]], tail[there])
    yield "arc_reverse does not agree with the arcs", paired and opposed
    yield "a piece has no two points", bool((np.diff(arrays["first_shape"]) >= 2).all())


def _within(values: NDArray[Any], lowest: int, end: int) -> bool:
    return not values.size or (int(values.min()) >= lowest and int(values.max()) < end)


def _rises(values: NDArray[Any], *, strictly: bool = False) -> bool:
    steps = values[1:] > values[:-1] if strictly else values[1:] >= values[:-1]
    return bool(steps.all())
