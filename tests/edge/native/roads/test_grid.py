"""Every segment is in each cell that its box touches, and in no other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.native.roads.grid import Raster, cells_of_segments


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_cells_hold_the_segments_whose_boxes_touch_them(seed):
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 1000, (2, 30)).astype(np.int32)
    shape = rng.integers(0, 30, 25).astype(np.int32)
    segments = np.sort(rng.choice(24, 15, replace=False)).astype(np.int32)
    raster = Raster(0, 0, *rng.integers(30, 400, 2).tolist(), rows=8, columns=9)
    first, found = cells_of_segments(segments, shape, *points, raster, 10_000)
    for cell in range(raster.cells):
        row, column = divmod(cell, raster.columns)
        expected = [
            segment
            for segment in segments
            if _within(points[0], shape, segment, raster.cell_lat_e7, raster.rows, row)
            and _within(points[1], shape, segment, raster.cell_lon_e7, raster.columns, column)
        ]
        assert found[first[cell] : first[cell + 1]].tolist() == expected


def _within(values, shape, segment, cell_e7, cells, number):
    ends = sorted(
        min(int(values[shape[segment + end]]) // cell_e7, cells - 1) for end in (0, 1)
    )
    return ends[0] <= number <= ends[1]


def test_too_many_are_not_laid_out():
    shape, lat = np.array([0, 1], dtype=np.int32), np.array([0, 999], dtype=np.int32)
    given_ = (np.array([0], dtype=np.int32), shape, lat, lat, Raster(0, 0, 100, 100, 10, 10))
    assert cells_of_segments(*given_, 99) is None
    assert cells_of_segments(*given_, 100)[1].size == 100


@pytest.mark.parametrize("segment", [-1, 1, 2**31 - 1])
def test_a_segment_that_lies_nowhere_is_refused(segment):
    shape = np.array([0, 0], dtype=np.int32)
    with pytest.raises(ValueError, match="outside the 2 points"):
        cells_of_segments(
            np.array([segment], dtype=np.int32),
            shape,
            shape,
            shape,
            Raster(0, 0, 1, 1, 1, 1),
            9,
        )


def test_a_grid_without_cells_is_refused():
    none = np.zeros(0, dtype=np.int32)
    with pytest.raises(ValueError, match="no grid"):
        cells_of_segments(none, none, none, none, Raster(0, 0, 1, 1, 0, 5), 9)
    with pytest.raises(ValueError, match="outside"):
        cells_of_segments(none, none, none, none, Raster(0, 0, 0, 1, 1, 1), 9)
