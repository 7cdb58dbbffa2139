"""The straight segments of all roads that a user may use, found by where they lie.

A grid over the extract holds for each cell the segments whose box touches it. It is built once
for a user, in memory: some bytes a segment, and some tens of milliseconds for a city.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.messages.geo import metres_per_degree
from edge.native.roads.grid import Raster, cells_of_segments
from edge.roads.classes import ACCESS_BITS, RoadUser
from edge.roads.graph import RoadGraph

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

CELL_M = 80.0
MOST_CELLS = 4_000_000
ENTRIES_PER_SEGMENT = 8  # more on average, and the cells are made larger


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Segment s runs from point shape_point[s] of the graph to point shape_point[s + 1]."""

    graph: RoadGraph
    user: RoadUser
    piece_arcs: Int32s
    """(P, 2): the arcs along and against a piece's shape that the user may use, or -1."""
    raster: Raster
    first: Int32s
    """[cells + 1] where a cell's segments begin in `found`."""
    found: Int32s

    def in_box(
        self, south_deg: float, west_deg: float, north_deg: float, east_deg: float
    ) -> Int32s:
        """Return every segment that touches a box, some near it, and some of these twice."""
        raster = self.raster
        bottom, top = (
            (round(deg * 1e7) - raster.south_e7) // raster.cell_lat_e7
            for deg in (south_deg, north_deg)
        )
        left, right = (
            (round(deg * 1e7) - raster.west_e7) // raster.cell_lon_e7
            for deg in (west_deg, east_deg)
        )
        bottom, left = max(bottom, 0), max(left, 0)
        top, right = min(top, raster.rows - 1), min(right, raster.columns - 1)
        if bottom > top or left > right:
            return self.found[:0]
        rows = range(bottom * raster.columns, top * raster.columns + 1, raster.columns)
        slices = [
            self.found[self.first[row + left] : self.first[row + right + 1]] for row in rows
        ]
        return np.concatenate(slices)

    def near(self, lat_deg: float, lon_deg: float, radius_m: float) -> Int32s:
        """Return every segment that comes so near to a place, and some that do not."""
        north_m, east_m = metres_per_degree(lat_deg)
        up, aside = radius_m / north_m, radius_m / max(east_m, 1.0)
        return self.in_box(lat_deg - up, lon_deg - aside, lat_deg + up, lon_deg + aside)

    def all(self) -> Int32s:
        """Return every segment once."""
        return np.unique(self.found)

    def piece_of(self, segments: Int32s) -> Int64s:
        """Return the pieces of road that segments belong to."""
        return np.searchsorted(self.graph.first_shape, segments, side="right") - 1

    def ends_deg(self, segments: Int32s) -> tuple[Floats, Floats, Floats, Floats]:
        """Return latitude and longitude of the segments' begins, then of their ends."""
        graph = self.graph
        begin, end = graph.shape_point[segments], graph.shape_point[segments + 1]
        return (
            graph.point_lat_e7[begin] / 1e7,
            graph.point_lon_e7[begin] / 1e7,
            graph.point_lat_e7[end] / 1e7,
            graph.point_lon_e7[end] / 1e7,
        )

    def ends_m(
        self, segments: Int32s, lat_deg: float, lon_deg: float
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Return x and y of begins, then of ends, east and north of a place near by [m]."""
        north_m, east_m = metres_per_degree(lat_deg)
        lat_a, lon_a, lat_b, lon_b = self.ends_deg(segments)
        return (
            (lon_a - lon_deg) * east_m,
            (lat_a - lat_deg) * north_m,
            (lon_b - lon_deg) * east_m,
            (lat_b - lat_deg) * north_m,
        )


def piece_arcs(graph: RoadGraph, user: RoadUser) -> Int32s:
    """Return (P, 2): the arcs along and against each piece that a user may use, or -1.

    Where the two directions of a street are pieces of their own, the first has both arcs and
    the second none.
    """
    arcs = np.full((graph.first_shape.size - 1, 2), -1, dtype=np.int32)
    usable = np.flatnonzero(graph.arc_access & ACCESS_BITS[user]).astype(np.int32)
    piece = graph.arc_piece[usable]
    along = piece >= 0
    arcs[piece[along], 0] = usable[along]
    arcs[~piece[~along], 1] = usable[~along]
    single = np.flatnonzero((arcs[:, 0] >= 0) & (arcs[:, 1] < 0))
    back = graph.arc_reverse[arcs[single, 0]]
    may_return = (back >= 0) & (graph.arc_access[back] & ACCESS_BITS[user] != 0)
    single, back = single[may_return], back[may_return]
    partner = graph.arc_piece[back]
    arcs[single, 1] = np.where(partner > single, back, -1)
    arcs[single[partner < single]] = -1
    return arcs


def segments_of(graph: RoadGraph, user: RoadUser) -> Segments:
    """Build the grid of the roads that a user may use."""
    arcs = piece_arcs(graph, user)
    used = (arcs >= 0).any(axis=1)
    sizes = np.diff(graph.first_shape)
    in_use = np.repeat(used, sizes)
    in_use[graph.first_shape[1:][sizes > 0] - 1] = False  # the last point begins no segment
    segments = np.flatnonzero(in_use).astype(np.int32)
    cell_m, most = CELL_M, ENTRIES_PER_SEGMENT * segments.size + 1000
    while True:
        raster = _raster(graph, cell_m)
        cells = None
        if raster.cells <= MOST_CELLS:
            shapes = (graph.shape_point, graph.point_lat_e7, graph.point_lon_e7)
            cells = cells_of_segments(segments, *shapes, raster, most)
        if cells is not None:
            return Segments(graph, user, arcs, raster, *cells)
        cell_m *= 2.0


def _raster(graph: RoadGraph, cell_m: float) -> Raster:
    bounds = graph.bounds
    north_m, east_m = metres_per_degree((bounds.south_deg + bounds.north_deg) / 2)
    cell_lat_e7 = max(1, round(cell_m / north_m * 1e7))
    cell_lon_e7 = max(1, round(cell_m / max(east_m, 1.0) * 1e7))
    return Raster(
        south_e7=round(bounds.south_deg * 1e7),
        west_e7=round(bounds.west_deg * 1e7),
        cell_lat_e7=cell_lat_e7,
        cell_lon_e7=cell_lon_e7,
        rows=round((bounds.north_deg - bounds.south_deg) * 1e7) // cell_lat_e7 + 1,
        columns=round((bounds.east_deg - bounds.west_deg) * 1e7) // cell_lon_e7 + 1,
    )
