"""What one item of the conditions does to the arcs of one user: kept apart from all others.

An effect is made of the graph and the item alone, so that taking the item away undoes exactly
what it did, and the same item never has to be looked at twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.messages.conditions import Area, Closure, SegmentSpeed, TrafficFactor, Zone
from edge.roads.assemble import segment_lengths_m
from edge.roads.classes import ROAD_CLASSES
from edge.roads.segments import Int32s, Segments
from edge.roads.weights.areas import piece_shares, pieces_touched
from edge.roads.weights.closures import closed_arcs

Floats = NDArray[np.float64]

AVOIDED = (
    5.0  # a zone to be avoided is gone round where that takes less than five times as long
)


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """Arcs, each once, and how many times as long they take; infinity closes one."""

    arcs: Int32s
    stretch: Floats


NOTHING = Effect(np.zeros(0, dtype=np.int32), np.zeros(0))


def of_closure(segments: Segments, closure: Closure) -> Effect:
    """Return what a closure does: the arcs along its line are closed."""
    arcs = closed_arcs(segments, closure)
    return Effect(arcs, np.full(arcs.size, np.inf))


def of_zone(segments: Segments, zone: Zone) -> Effect:
    """Return what a zone on the ground does to every road that touches it.

    A zone that needs a permit is closed: nobody on the road holds one.
    """
    if not on_the_ground(zone):
        return NOTHING
    arcs = _arcs_of(segments, pieces_touched(segments, zone.area))
    return Effect(arcs, np.full(arcs.size, AVOIDED if zone.kind == "avoid" else np.inf))


def of_factor(segments: Segments, factor: TrafficFactor) -> Effect:
    """Return what a factor does: an arc is stretched by as much of it as lies in the area."""
    arcs, share = arcs_and_shares(segments, factor.area)
    if factor.road_classes:
        names = set(factor.road_classes)
        classes = [index for index, name in enumerate(ROAD_CLASSES) if name in names]
        fits = np.isin(segments.graph.arc_class[arcs], classes)
        arcs, share = arcs[fits], share[fits]
    return Effect(arcs, 1.0 + share * (factor.factor - 1.0))


def of_segments(
    segments: Segments, speeds: Sequence[SegmentSpeed], arc_kmh: Floats, most_kmh: float
) -> Effect:
    """Return what speeds between OSM nodes do: the rest of an arc stays as it is.

    A speed of 0 anywhere on an arc closes it. Pairs the graph does not know do nothing.
    """
    graph = segments.graph
    pairs = np.array([(s.from_node, s.to_node) for s in speeds], dtype=np.int64).reshape(-1, 2)
    kmh = np.minimum(np.array([s.kmh for s in speeds], dtype=np.float64), most_kmh)
    arcs = graph.arcs_of_pairs(pairs)
    known = arcs >= 0
    arcs, pairs, kmh = arcs[known], pairs[known], kmh[known]
    if not arcs.size:
        return NOTHING
    points = np.searchsorted(graph.point_osm, pairs).reshape(-1)
    length_m = segment_lengths_m(graph.point_lat_e7[points], graph.point_lon_e7[points])[::2]
    share = np.minimum(length_m / (graph.arc_length_dm[arcs] / 10.0), 1.0)
    with np.errstate(divide="ignore"):
        more = share * (arc_kmh[arcs] / kmh - 1.0)
    more[kmh == 0] = np.inf
    affected, of = np.unique(arcs, return_inverse=True)
    return Effect(affected, np.maximum(1.0 + np.bincount(of, more, affected.size), 0.01))


def on_the_ground(zone: Zone) -> bool:
    """Tell whether a zone reaches down to the road; what begins above it is for aircraft."""
    return zone.lower_reference == "ground" or zone.lower_m <= 0.0


def arcs_and_shares(segments: Segments, area: Area | None) -> tuple[Int32s, Floats]:
    """Return a user's arcs in an area and which part of each lies in it; None: everywhere."""
    if area is None:
        arcs = segments.piece_arcs[segments.piece_arcs >= 0]
        return arcs, np.ones(arcs.size)
    pieces, share = piece_shares(segments, area)
    both = segments.piece_arcs[pieces]
    shares = np.repeat(share, 2)
    usable = both.reshape(-1) >= 0
    return both.reshape(-1)[usable], shares[usable]


def _arcs_of(segments: Segments, pieces: Int32s) -> Int32s:
    arcs = segments.piece_arcs[pieces].reshape(-1)
    return arcs[arcs >= 0]
