"""The grid in C: for each cell the segments of roads whose box touches it."""

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.native.library import native_function

Int32s = NDArray[np.int32]

_INT32 = ctypes.c_int32
_INT32S = np.ctypeslib.ndpointer(dtype=np.int32, ndim=1, flags="C_CONTIGUOUS")
_OUT = np.ctypeslib.ndpointer(dtype=np.int32, ndim=1, flags=("C_CONTIGUOUS", "WRITEABLE"))


@dataclass(frozen=True, slots=True)
class Raster:
    """Where the cells of a grid lie; what lies outside counts as in the cells at the rim."""

    south_e7: int
    west_e7: int
    cell_lat_e7: int
    cell_lon_e7: int
    rows: int
    columns: int

    @property
    def cells(self) -> int:
        return self.rows * self.columns


def cells_of_segments(
    segments: Int32s,
    shape_point: Int32s,
    point_lat_e7: Int32s,
    point_lon_e7: Int32s,
    raster: Raster,
    most: int,
) -> tuple[Int32s, Int32s] | None:
    """Return where each cell's segments begin, (cells + 1), and the segments of all cells.

    Segment s runs from point shape_point[s] to point shape_point[s + 1]. None if there would
    be more than `most`. Raises ValueError if a segment lies nowhere or the cells are none.
    """
    if not 1 <= raster.cells < 2**31 - 1 or point_lat_e7.size != point_lon_e7.size:
        raise ValueError(f"no grid: {raster}")
    first = np.empty(raster.cells + 1, dtype=np.int32)
    fields = (raster.south_e7, raster.west_e7, raster.cell_lat_e7, raster.cell_lon_e7)
    place = np.array([*fields, raster.rows, raster.columns], dtype=np.int32)
    fill = native_function(
        "doorstep_roads_grid",
        *(_INT32, _INT32, _INT32S, _INT32, _INT32S, _INT32, _INT32S, _INT32S),
        *(_INT32S, _INT32, _OUT, ctypes.c_void_p),
    )
    given = (
        *(segments.size, segments, shape_point.size, shape_point),
        *(point_lat_e7.size, point_lat_e7, point_lon_e7, place, most, first),
    )
    count = fill(*given, None)
    if count < 0:
        raise ValueError(f"a segment lies outside the {shape_point.size} points of all shapes")
    if count > most:
        return None
    found = np.empty(count, dtype=np.int32)
    fill(*given, found.ctypes.data)
    return first, found
