"""The arrays of a graph made from simpler ones: ranges, reverse arcs, turns, node pairs."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edge.messages.geo import EQUATOR_M, SQUARED_ECCENTRICITY
from edge.roads.classes import EVERYONE
from edge.roads.stored.layout import ARRAYS, Arrays, Bounds, Country, Header, Names

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]


def firsts(sorted_groups: NDArray[np.integer], groups: int) -> Int32s:
    """Return where each group begins in a rising array of group numbers, and the end."""
    first = np.zeros(groups + 1, dtype=np.int32)
    np.cumsum(np.bincount(sorted_groups, minlength=groups), out=first[1:])
    return first


def all_turns(head: Int32s, first_arc: Int32s) -> tuple[Int64s, Int64s]:
    """Return every pair (arc, arc that leaves where it ends), sorted by both."""
    counts = np.diff(first_arc)[head].astype(np.int64)
    arc_from = np.repeat(np.arange(head.size, dtype=np.int64), counts)
    before = np.cumsum(counts) - counts
    arc_to = np.arange(arc_from.size) - np.repeat(before - first_arc[head], counts)
    return arc_from, arc_to


def node_pairs(
    arc_points: Int32s, first_point: NDArray[np.integer], points: int
) -> tuple[Int64s, Int32s]:
    """Return `pair_key` and `pair_arc` of the shapes of all arcs, one behind the other."""
    arc = np.repeat(np.arange(first_point.size - 1, dtype=np.int32), np.diff(first_point))
    within = arc[1:] == arc[:-1]
    keys = arc_points[:-1][within].astype(np.int64) * points + arc_points[1:][within]
    unique, at = np.unique(keys, return_index=True)  # the first: the lowest arc
    return unique, arc[:-1][within][at]


def segment_lengths_m(
    lat_e7: NDArray[np.integer], lon_e7: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return the distance from each point to the next, (n,) -> (n-1,) [m]."""
    lat_deg, lon_deg = lat_e7 / 1e7, lon_e7 / 1e7
    middle_rad = np.radians((lat_deg[1:] + lat_deg[:-1]) / 2)
    flattening = 1.0 - SQUARED_ECCENTRICITY * np.sin(middle_rad) ** 2
    prime_vertical_m = EQUATOR_M / np.sqrt(flattening)  # as in edge.messages.geo
    meridian_m = prime_vertical_m * (1.0 - SQUARED_ECCENTRICITY) / flattening
    turn_deg = (np.diff(lon_deg) + 180) % 360 - 180  # the short way round the date line
    east_m = np.radians(turn_deg) * prime_vertical_m * np.cos(middle_rad)
    lengths: NDArray[np.float64] = np.hypot(np.radians(np.diff(lat_deg)) * meridian_m, east_m)
    return lengths


def bounds_of(lat_e7: NDArray[np.integer], lon_e7: NDArray[np.integer]) -> Bounds:
    """Return the rectangle round points; there must be one."""
    return Bounds(
        south_deg=int(lat_e7.min()) / 1e7,
        west_deg=int(lon_e7.min()) / 1e7,
        north_deg=int(lat_e7.max()) / 1e7,
        east_deg=int(lon_e7.max()) / 1e7,
    )


def straight_graph(
    node_lat_e7: ArrayLike,
    node_lon_e7: ArrayLike,
    arc_tail: ArrayLike,
    arc_head: ArrayLike,
    *,
    length_dm: ArrayLike | None,
    per_arc: Mapping[str, ArrayLike],
    names: Sequence[str],
    turns: tuple[ArrayLike, ArrayLike, ArrayLike] | None,
    country: Country | None,
) -> tuple[Header, Arrays]:
    """Return header and arrays of a graph of straight arcs: see `RoadGraph.of_arrays`."""
    lat, lon = np.asarray(node_lat_e7, np.int32), np.asarray(node_lon_e7, np.int32)
    given_tail = np.asarray(arc_tail, np.int32)
    order = np.argsort(given_tail, kind="stable")
    tail, head = given_tail[order], np.asarray(arc_head, np.int32)[order]
    ends = np.stack([tail, head], axis=1).reshape(-1)
    if length_dm is None:
        length_m = segment_lengths_m(lat[ends], lon[ends])[::2]
        length = np.maximum(np.rint(length_m * 10), 1).astype(np.int32)
    else:
        length = np.asarray(length_dm, np.int32)[order]
    reverse = _reverse_arcs(tail, head)
    first_arc = firsts(tail, lat.size)
    if turns is None:
        turn_from, turn_to = all_turns(head, first_arc)
        choices = np.diff(first_arc)[head[turn_from]]
        kept = (turn_to != reverse[turn_from]) | (choices == 1)
        turn_from, turn_to = turn_from[kept], turn_to[kept]
        turn_ds = np.zeros(turn_to.size, np.uint16)
    else:
        number = np.empty_like(order)
        number[order] = np.arange(order.size)
        pair = [number[np.asarray(each, np.int64)] for each in turns[:2]]
        by = np.lexsort((pair[1], pair[0]))
        turn_from, turn_to = pair[0][by], pair[1][by]
        turn_ds = np.asarray(turns[2], np.uint16)[by]
    pair_key, pair_arc = node_pairs(ends, np.arange(0, ends.size + 1, 2), lat.size)
    packed = Names.of(names)
    arrays: Arrays = {
        "node_lat_e7": lat,
        "node_lon_e7": lon,
        "first_arc": first_arc,
        "arc_tail": tail,
        "arc_head": head,
        "arc_length_dm": length,
        **{
            name: np.broadcast_to(np.asarray(values), tail.shape)[order]
            for name, values in per_arc.items()
        },
        "arc_reverse": reverse,
        "first_turn": firsts(turn_from, tail.size),
        "turn_to": turn_to,
        "turn_ds": turn_ds,
        "turn_access": np.full(turn_to.size, EVERYONE, np.uint8),
        "arc_piece": np.arange(tail.size),
        "first_shape": np.arange(0, ends.size + 1, 2),
        "shape_point": ends,
        "point_osm": np.arange(1, lat.size + 1),
        "point_lat_e7": lat,
        "point_lon_e7": lon,
        "pair_key": pair_key,
        "pair_arc": pair_arc,
        "name_first": packed.first,
        "name_bytes": packed.content,
    }
    header = Header(bounds=bounds_of(lat, lon), country=country or Country(), attribution="")
    return header, typed(arrays)


def typed(arrays: Arrays) -> Arrays:
    """Return the arrays with the types that the file gives them."""
    return {name: arrays[name].astype(dtype, copy=False) for name, (dtype, _) in ARRAYS.items()}


def _reverse_arcs(tail: Int32s, head: Int32s) -> Int32s:
    """Return for each arc the one the other way: of several, the first goes with the first."""
    reverse = np.full(tail.size, -1, dtype=np.int32)
    waiting: dict[tuple[int, int], list[int]] = {}
    for arc, (here, there) in enumerate(zip(tail.tolist(), head.tolist(), strict=True)):
        if waiting.get((there, here)):
            other = waiting[there, here].pop(0)
            reverse[arc], reverse[other] = other, arc
        else:
            waiting.setdefault((here, there), []).append(arc)
    return reverse
