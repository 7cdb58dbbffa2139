"""The import: an OpenStreetMap extract becomes a road graph."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import RefusedError
from edge.roads.assemble import bounds_of, firsts, node_pairs, typed
from edge.roads.classes import ACCESS_BITS
from edge.roads.graph import RoadGraph
from edge.roads.stored.layout import Arrays, Header, Names
from station.roads.countries import Rules
from station.roads.parts import largest_part
from station.roads.pieces import Arcs, Pieces, arcs_of, cut, numbered
from station.roads.reader import Extract, read_extract
from station.roads.turns import Turns, turns_of


def import_roads(
    path: Path, rules: Rules, progress: Callable[[str], None]
) -> tuple[RoadGraph, Extract]:
    """Return the graph, the same for the same file, and what was read and left out.

    Raises RefusedError.
    """
    extract = read_extract(path, rules, progress)
    return graph_of(extract, rules, progress), extract


def graph_of(
    extract: Extract,
    rules: Rules,
    progress: Callable[[str], None],
    walked: Callable[[Pieces], NDArray[np.bool_]] | None = None,
) -> RoadGraph:
    """Return the graph of an extract; `walked` tells which pieces are open on foot at all.

    Raises RefusedError.
    """
    name = extract.source.file
    progress(f"{name}: {len(extract.way_id):,} ways read; cutting them at junctions")
    pieces = cut(extract)
    all_arcs = arcs_of(pieces, extract)
    if walked is not None:
        all_arcs.access[~walked(pieces)[all_arcs.shape]] &= ~np.uint8(ACCESS_BITS["foot"])
    arcs = _joined(pieces, all_arcs)
    progress(f"{name}: {arcs.tail.size:,} arcs; joining them by turns")
    side = rules.country.driving_side
    turns = turns_of(arcs, pieces, extract, side, extract.dropped)
    arcs, turns = _reachable(pieces, arcs, turns, extract)
    if not arcs.tail.size:
        raise RefusedError(f"{name}: no two roads join; name an extract of a whole place")
    header = Header(
        bounds=bounds_of(
            pieces.point_lat_e7[arcs.node_point], pieces.point_lon_e7[arcs.node_point]
        ),
        country=rules.country,
        source=extract.source,
    )
    return RoadGraph.of_parts(header, _arrays(pieces, arcs, turns, extract))


def _joined(pieces: Pieces, arcs: Arcs) -> Arcs:
    """Leave to each user the roads between which there are ways, whatever the turns.

    Before turns are made: where the only way on leads out of the map for good, who comes there
    has to turn round.
    """
    access = arcs.access.copy()
    tail, head = arcs.tail.astype(np.int64), arcs.head.astype(np.int64)
    for bit in ACCESS_BITS.values():
        own = access & bit != 0
        part = largest_part(tail[own], head[own], arcs.node_point.size)
        access[own & ~(part[tail] & part[head])] &= ~np.uint8(bit)
    return numbered(pieces, arcs.piece[access != 0], access[access != 0])


def _reachable(
    pieces: Pieces, arcs: Arcs, turns: Turns, extract: Extract
) -> tuple[Arcs, Turns]:
    """Leave to each user the largest part that turns join: no way leads onto an island."""
    access = arcs.access.copy()
    for user, bit in ACCESS_BITS.items():
        own = turns.access & bit != 0
        part = largest_part(turns.start[own], turns.end[own], access.size)
        lost = (access & bit != 0) & ~part
        access[lost] &= ~np.uint8(bit)
        extract.dropped[f"arc on an island for {user}"] += int(np.count_nonzero(lost))
    turns.access &= access[turns.start] & access[turns.end]
    kept = numbered(pieces, arcs.piece[access != 0], access[access != 0])
    number = np.full(2 * pieces.way.size, -1, np.int64)
    number[kept.piece] = np.arange(kept.piece.size)  # ~p counts from the end
    turns = turns.kept(turns.access != 0)
    start, end = number[arcs.piece[turns.start]], number[arcs.piece[turns.end]]
    order = np.lexsort((end, start))
    return kept, Turns(start[order], end[order], turns.ds[order], turns.access[order])


def _arrays(pieces: Pieces, arcs: Arcs, turns: Turns, extract: Extract) -> Arrays:
    """Return the file's arrays: only pieces, points and names that an arc needs."""
    shape = arcs.shape
    used, new_piece = np.unique(shape, return_inverse=True)
    counts = np.diff(pieces.first_shape)[used]
    first_shape = np.concatenate([[0], np.cumsum(counts)])
    shape_point = pieces.shape_point[_ranges(pieces.first_shape[:-1][used], counts)]
    used_points, new_point = np.unique(shape_point, return_inverse=True)
    way = pieces.way[shape]
    used_names, name = np.unique(
        np.concatenate([[0], np.asarray(extract.name)[way]]), return_inverse=True
    )
    all_names = list(extract.names)
    names = Names.of([all_names[number] for number in used_names.tolist()])
    along = np.where(
        arcs.piece >= 0,
        np.asarray(extract.forward_kmh, np.uint8)[way],
        np.asarray(extract.backward_kmh, np.uint8)[way],
    )
    pair_key, pair_arc = _pairs(arcs, new_piece, first_shape, new_point, used_points.size)
    return typed(
        {
            "node_lat_e7": pieces.point_lat_e7[arcs.node_point],
            "node_lon_e7": pieces.point_lon_e7[arcs.node_point],
            "first_arc": arcs.first_arc,
            "arc_tail": arcs.tail,
            "arc_head": arcs.head,
            "arc_length_dm": np.maximum(np.rint(pieces.length_m[shape] * 10), 1),
            "arc_class": np.asarray(extract.road_class, np.uint8)[way],
            "arc_speed_kmh": along,
            "arc_access": arcs.access,
            "arc_flags": np.asarray(extract.flags, np.uint8)[way],
            "arc_name": name[1:],
            "arc_reverse": arcs.reverse,
            "first_turn": firsts(turns.start, arcs.tail.size),
            "turn_to": turns.end,
            "turn_ds": turns.ds,
            "turn_access": turns.access,
            "arc_piece": np.where(arcs.piece >= 0, new_piece, ~new_piece),
            "first_shape": first_shape,
            "shape_point": new_point,
            "point_osm": pieces.point_osm[used_points],
            "point_lat_e7": pieces.point_lat_e7[used_points],
            "point_lon_e7": pieces.point_lon_e7[used_points],
            "pair_key": pair_key,
            "pair_arc": pair_arc,
            "name_first": names.first,
            "name_bytes": names.content,
        }
    )


def _pairs(
    arcs: Arcs,
    piece: NDArray[np.int64],
    first_shape: NDArray[np.int64],
    shape_point: NDArray[np.int64],
    points: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the lookup of neighbouring OSM nodes along every arc."""
    counts = np.diff(first_shape)[piece]
    first_point = np.concatenate([[0], np.cumsum(counts)])
    forward = arcs.piece >= 0
    begin = np.where(forward, first_shape[:-1][piece], first_shape[1:][piece] - 1)
    within = np.arange(first_point[-1]) - np.repeat(first_point[:-1], counts)
    step = np.repeat(np.where(forward, 1, -1), counts)
    places = np.repeat(begin, counts) + within * step
    return node_pairs(shape_point[places].astype(np.int32), first_point, points)


def _ranges(begin: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return begin[0] … begin[0]+counts[0]-1, then those of begin[1], and so on."""
    before = np.cumsum(counts) - counts
    places: NDArray[np.int64] = np.arange(int(counts.sum())) + np.repeat(begin - before, counts)
    return places
