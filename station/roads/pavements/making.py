"""A kerb map and the road file that goes with it: robots' ways lie inside the map."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import RefusedError
from edge.roads.classes import FOOT
from edge.roads.graph import RoadGraph
from edge.roads.stored.kerbs import KerbMap, kerb_map
from station.roads.countries import Rules
from station.roads.importer import graph_of
from station.roads.pavements.areas import WalkedArea
from station.roads.pavements.walks import Walks, lay_pavements
from station.roads.pieces import Pieces
from station.roads.reader import Extract, read_extract

ROOM_M = 0.3  # nearer to the edge of the map no way of a robot is planned


@dataclass(frozen=True, slots=True)
class Made:
    """What of an extract a robot needs."""

    graph: RoadGraph
    kerbs: KerbMap
    laid: int
    """Pavements and crossings that the extract did not have as ways."""
    shut: int
    """Pieces of ways on foot that lie outside the map: nobody mapped where one walks."""


def make_pavements(path: Path, rules: Rules, progress: Callable[[str], None]) -> Made:
    """Return what a robot needs of an extract. Raises RefusedError."""
    return made_of(read_extract(path, rules, progress), rules, progress)


def made_of(extract: Extract, rules: Rules, progress: Callable[[str], None]) -> Made:
    """Return what a robot needs of an extract that was read. Raises RefusedError."""
    walks = lay_pavements(extract, progress)
    area = WalkedArea(walks, progress)
    rings = area.rings()
    if not rings:
        raise RefusedError(
            f"{extract.source.file}: no pavement, footway or square is mapped here; map "
            "`sidewalk=*`, or leave out the kerb map: the robot's fence is a circle then"
        )
    shut = 0

    def walked(pieces: Pieces) -> NDArray[np.bool_]:
        nonlocal shut
        inside = area.covers(_lines(pieces, walks), ROOM_M)
        foot = np.asarray(extract.forward) | np.asarray(extract.backward)
        shut = int(np.count_nonzero(~inside & (foot[pieces.way] & FOOT != 0)))
        return inside

    graph = graph_of(extract, rules, progress, walked)
    return Made(graph, kerb_map(rings, extract.source, graph.digest), walks.made, shut)


def _lines(pieces: Pieces, walks: Walks) -> list[list[tuple[float, float]]]:
    places = list(zip(pieces.point_lat_e7.tolist(), pieces.point_lon_e7.tolist(), strict=True))
    first = pieces.first_shape.tolist()
    points = pieces.shape_point.tolist()
    return [
        [walks.flat.xy(*places[point]) for point in points[begin:end]]
        for begin, end in pairwise(first)
    ]
