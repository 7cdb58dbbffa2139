"""The C matrix against the numpy one, against known distances, and its refusals."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.native.greatcircle import (
    EARTH_RADIUS_M,
    great_circle_matrix_m,
    great_circle_matrix_reference_m,
)

HALF_ROUND_M = round(math.pi * EARTH_RADIUS_M)

latitudes = st.floats(-90, 90)
longitudes = st.floats(-360, 360)
points = st.lists(st.tuples(latitudes, longitudes), max_size=12)


def columns(pairs):
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@given(points)
@example([(90.0, 0.0), (-90.0, 0.0), (90.0, 180.0)])
@example([(0.0, 0.0), (0.0, 180.0), (0.0, -180.0)])
def test_c_agrees_with_the_textbook_to_a_metre(pairs):
    lat_deg, lon_deg = columns(pairs)
    ours = great_circle_matrix_m(lat_deg, lon_deg)
    oracle = great_circle_matrix_reference_m(lat_deg, lon_deg)
    assert ours.shape == (len(pairs), len(pairs))
    assert ours.dtype == np.int32
    # Rounding may fall either way, and near the antipode both formulas lose half their digits.
    assert np.abs(ours - oracle).max(initial=0) <= 1


@given(points)
def test_matrix_is_symmetric_with_a_zero_diagonal_and_no_way_longer_than_half_round(pairs):
    metres = great_circle_matrix_m(*columns(pairs))
    assert (metres == metres.T).all()
    assert (np.diag(metres) == 0).all()
    assert metres.min(initial=0) >= 0
    assert metres.max(initial=0) <= HALF_ROUND_M


@given(latitudes, longitudes, st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_short_ways_are_exact_after_rounding(lat_deg, lon_deg, north_deg, east_deg):
    lat, lon = columns([(lat_deg, lon_deg), (np.clip(lat_deg + north_deg, -90, 90), lon_deg)])
    metres = great_circle_matrix_m(lat, lon)[0, 1]
    along_the_meridian_m = math.radians(abs(lat[1] - lat[0])) * EARTH_RADIUS_M
    assert abs(metres - along_the_meridian_m) <= 0.501


@pytest.mark.parametrize(
    ("here", "there", "metres"),
    [
        ((0.0, 0.0), (0.0, 1.0), 111_195),
        ((0.0, 0.0), (90.0, 0.0), 10_007_557),
        ((0.0, 0.0), (0.0, 180.0), 20_015_114),
        ((36.12, -86.67), (33.94, -118.40), 2_886_448),  # Nashville to Los Angeles
        ((52.5, 13.4), (52.5, 13.4), 0),
    ],
)
def test_known_distances(here, there, metres):
    assert great_circle_matrix_m(*columns([here, there]))[0, 1] == metres


def test_lists_slices_and_whole_numbers_are_taken_as_they_are():
    strided = np.arange(12, dtype=np.int64).reshape(6, 2)
    expected = great_circle_matrix_reference_m(strided[:, 0], strided[:, 1])
    assert (great_circle_matrix_m(strided[:, 0], strided[:, 1]) == expected).all()


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "words"),
    [
        ([0.0, 1.0], [0.0], "do not pair"),
        ([[0.0]], [[0.0]], "do not pair"),
        ([math.nan], [0.0], "not a finite number"),
        ([0.0], [math.inf], "not a finite number"),
        ([90.5], [0.0], "90.5 lies outside"),
        (np.zeros(20_001), np.zeros(20_001), "20001 points are more than 20000"),
    ],
)
def test_points_that_are_none_are_refused(lat_deg, lon_deg, words):
    with pytest.raises(ValueError, match=words):
        great_circle_matrix_m(np.array(lat_deg), np.array(lon_deg))
