"""Ways cut at junctions into pieces of road, and each direction of a piece into an arc."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.roads.assemble import firsts, segment_lengths_m
from edge.roads.classes import EVERYONE
from station.roads.marks import Mark
from station.roads.reader import Extract

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Uint8s = NDArray[np.uint8]
Floats = NDArray[np.float64]

LOOK_M = 15.0  # a junction's direction is taken this far out: its own few metres may be askew
MOST_DELAY_DS = 6_000  # a wait of ten minutes at one junction is a mistake in the map


@dataclass(slots=True)
class Pieces:
    """Pieces and points of an extract; nodes are points yet: whatever is cut at."""

    point_osm: Int64s
    point_lat_e7: Int32s
    point_lon_e7: Int32s
    point_passes: Uint8s
    """Bits of who gets through a point."""
    first_shape: Int64s
    shape_point: Int32s
    way: Int32s
    """The extract's number of the way a piece is of."""
    length_m: Floats
    out_deg: tuple[Floats, Floats]
    """Heading at the first end and at the last end, each away from the piece's end."""
    delay_ds: tuple[Int32s, Int32s]
    """What signals and signs cost along the piece and against it, its far end included."""


@dataclass(slots=True)
class Arcs:
    """Arcs of pieces, sorted by tail; `tail` and `head` are numbers of nodes."""

    node_point: Int32s
    tail: Int32s
    head: Int32s
    piece: Int32s
    """The piece p, or ~p against it."""
    access: Uint8s
    first_arc: Int32s

    @property
    def shape(self) -> Int32s:
        """Return the piece of each arc, whichever way it runs."""
        return np.where(self.piece >= 0, self.piece, ~self.piece)

    @property
    def reverse(self) -> Int32s:
        """Return the arc the other way along the same piece, or -1."""
        return reverse_of(self.piece)


def cut(extract: Extract) -> Pieces:
    """Cut every way where ways meet or end, and where a barrier stops anybody."""
    ref = np.asarray(extract.ref, np.int64)
    first_ref = np.asarray(extract.first_ref, np.int64)
    point_osm, once, point = np.unique(ref, return_index=True, return_inverse=True)
    lat = np.asarray(extract.lat_e7, np.int32)[once]
    lon = np.asarray(extract.lon_e7, np.int32)[once]
    passes = np.full(point_osm.size, EVERYONE, np.uint8)
    marked = [node for node in extract.marks if _known(point_osm, node)]
    for node in marked:
        passes[np.searchsorted(point_osm, node)] = extract.marks[node].passes
    ends = np.zeros(ref.size, np.bool_)
    ends[first_ref[:-1]] = ends[first_ref[1:] - 1] = True
    met = np.bincount(point) >= 2
    split = ends | met[point] | (passes[point] != EVERYONE)
    last = np.zeros(ref.size, np.bool_)
    last[first_ref[1:] - 1] = True
    starts = np.flatnonzero(split & ~last)
    stops = np.flatnonzero(split)
    stops = stops[np.searchsorted(stops, starts) + 1]
    counts = stops - starts + 1
    first_shape = np.concatenate([[0], np.cumsum(counts)])
    within = np.arange(first_shape[-1]) - np.repeat(first_shape[:-1], counts)
    shape_ref = np.repeat(starts, counts) + within
    shape_point = point[shape_ref].astype(np.int32)
    steps_m = segment_lengths_m(lat[shape_point], lon[shape_point])
    along_m = np.concatenate([[0.0], np.cumsum(steps_m)])
    way = np.searchsorted(first_ref, starts, side="right") - 1
    pieces = Pieces(
        point_osm=point_osm,
        point_lat_e7=lat,
        point_lon_e7=lon,
        point_passes=passes,
        first_shape=first_shape,
        shape_point=shape_point,
        way=way.astype(np.int32),
        length_m=along_m[first_shape[1:] - 1] - along_m[first_shape[:-1]],
        out_deg=(np.zeros(0), np.zeros(0)),
        delay_ds=(np.zeros(0, np.int32), np.zeros(0, np.int32)),
    )
    pieces.out_deg = _headings(pieces, along_m)
    pieces.delay_ds = _delays(pieces, extract, marked, along_m)
    return pieces


def arcs_of(pieces: Pieces, extract: Extract) -> Arcs:
    """Return the arcs that anybody may use; nodes lie along a curve, neighbours close by."""
    way = pieces.way
    forward = np.asarray(extract.forward, np.uint8)[way]
    backward = np.asarray(extract.backward, np.uint8)[way]
    number = np.arange(way.size, dtype=np.int32)
    piece = np.concatenate([number, ~number])
    access = np.concatenate([forward, backward])
    return numbered(pieces, piece[access != 0], access[access != 0])


def numbered(pieces: Pieces, piece: Int32s, access: Uint8s) -> Arcs:
    """Return these arcs in order, their nodes numbered without gaps."""
    first = pieces.shape_point[pieces.first_shape[:-1]]
    last = pieces.shape_point[pieces.first_shape[1:] - 1]
    shape = np.where(piece >= 0, piece, ~piece)
    tail = np.where(piece >= 0, first[shape], last[shape])
    head = np.where(piece >= 0, last[shape], first[shape])
    used = np.unique(np.concatenate([tail, head]))
    curve = _along_a_curve(pieces.point_lat_e7[used], pieces.point_lon_e7[used])
    node_point = used[np.lexsort((used, curve))].astype(np.int32)
    node = np.full(pieces.point_osm.size, -1, np.int32)
    node[node_point] = np.arange(node_point.size, dtype=np.int32)
    order = np.lexsort((piece < 0, shape, node[tail]))
    tail, head = node[tail[order]], node[head[order]]
    return Arcs(
        node_point=node_point,
        tail=tail,
        head=head,
        piece=piece[order],
        access=access[order],
        first_arc=firsts(tail, node_point.size),
    )


def reverse_of(piece: Int32s) -> Int32s:
    """Return for each arc the number of the one the other way along its piece, or -1."""
    order = np.argsort(piece, kind="stable")
    at = np.minimum(np.searchsorted(piece[order], ~piece), max(piece.size - 1, 0))
    found = order[at] if piece.size else at
    return np.where(piece[found] == ~piece, found, -1).astype(np.int32)


def _headings(pieces: Pieces, along_m: Floats) -> tuple[Floats, Floats]:
    """Return where the road leads, seen from its first and from its last point."""
    first, last = pieces.first_shape[:-1], pieces.first_shape[1:] - 1
    ahead = np.searchsorted(along_m, along_m[first] + LOOK_M, side="left")
    behind = np.searchsorted(along_m, along_m[last] - LOOK_M, side="right") - 1
    ahead = np.clip(ahead, first + 1, last)
    behind = np.clip(behind, first, last - 1)
    return _bearing_deg(pieces, first, ahead), _bearing_deg(pieces, last, behind)


def _bearing_deg(pieces: Pieces, here: Int64s, there: Int64s) -> Floats:
    lat, lon = pieces.point_lat_e7 / 1e7, pieces.point_lon_e7 / 1e7
    start, end = pieces.shape_point[here], pieces.shape_point[there]
    east = ((lon[end] - lon[start] + 180) % 360 - 180) * np.cos(np.radians(lat[start]))
    degrees: Floats = np.degrees(np.arctan2(east, lat[end] - lat[start])) % 360.0
    return degrees


def _delays(
    pieces: Pieces, extract: Extract, marked: list[int], along_m: Floats
) -> tuple[Int32s, Int32s]:
    """Return the waits along each piece, in both directions.

    At the far end of an arc and between its ends they count; at its near end they were waited
    for on the arc before. One set of signals counts once.
    """
    count = pieces.way.size
    others = np.zeros((2, count), np.int64)
    signals = np.zeros((2, count), np.int64)
    at_point: dict[int, list[int]] = _occurrences(pieces, marked)
    for node in marked:
        mark = extract.marks[node]
        if not mark.delay_ds:
            continue
        totals = signals if mark.signal else others
        for shape in at_point.get(node, ()):
            piece = int(np.searchsorted(pieces.first_shape, shape, side="right")) - 1
            for against in _heard(pieces, piece, shape, mark, along_m):
                totals[against, piece] = (
                    max(totals[against, piece], mark.delay_ds)
                    if mark.signal
                    else totals[against, piece] + mark.delay_ds
                )
    total = np.minimum(others + signals, MOST_DELAY_DS).astype(np.int32)
    return total[0], total[1]


def _occurrences(pieces: Pieces, marked: list[int]) -> dict[int, list[int]]:
    """Return where in the shapes each marked node stands."""
    wanted = np.zeros(pieces.point_osm.size, np.bool_)
    wanted[np.searchsorted(pieces.point_osm, marked)] = True
    found: dict[int, list[int]] = {}
    for shape in np.flatnonzero(wanted[pieces.shape_point]).tolist():
        node = int(pieces.point_osm[pieces.shape_point[shape]])
        found.setdefault(node, []).append(shape)
    return found


def _heard(pieces: Pieces, piece: int, shape: int, mark: Mark, along_m: Floats) -> list[int]:
    """Return which directions of a piece (0 along, 1 against) a mark on it speaks to."""
    first, last = int(pieces.first_shape[piece]), int(pieces.first_shape[piece + 1]) - 1
    directions = {"forward": [0], "backward": [1], "both": [0, 1]}[mark.direction]
    if shape == first:
        directions = [each for each in directions if each == 1]
    elif shape == last:
        directions = [each for each in directions if each == 0]
    elif mark.sign and mark.direction == "both":
        nearer_last = along_m[last] - along_m[shape] <= along_m[shape] - along_m[first]
        directions = [0] if nearer_last else [1]
    return directions


def _known(point_osm: Int64s, node: int) -> bool:
    at = int(np.searchsorted(point_osm, node))
    return at < point_osm.size and int(point_osm[at]) == node


def _along_a_curve(lat_e7: Int32s, lon_e7: Int32s) -> Int64s:
    """Return a place on Morton's curve: what is close there is close on the map."""
    place = np.zeros(lat_e7.size, np.int64)
    for values, shift in ((lat_e7, 1), (lon_e7, 0)):
        level = (values.astype(np.int64) - int(values.min(initial=0))) >> 11  # 2e-4 deg: 20 m
        for bit in range(21):
            place |= ((level >> bit) & 1) << (2 * bit + shift)
    return place
