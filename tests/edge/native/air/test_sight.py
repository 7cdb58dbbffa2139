"""Lines and walls: the C test against the numpy one, and its refusals."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.native.air.sight import (
    CLEAR,
    Walls,
    blocking_zones,
    blocking_zones_reference,
    distances_m,
)

metres = st.integers(-40, 40).map(float)
points = st.tuples(metres, metres)
walls = st.tuples(metres, metres, metres, metres, st.sampled_from([0.25, 0.5, 3.0, 11.0]))
zones = st.lists(st.lists(walls, max_size=4), max_size=4)


def as_walls(drawn):
    return Walls([np.array(zone, dtype=np.float64).reshape(-1, 5) for zone in drawn])


def every_pair(count):
    return np.array([(a, b) for a in range(count) for b in range(count)], np.int32).reshape(
        -1, 2
    )


@given(st.lists(points, min_size=1, max_size=6), zones)
@example([(0.0, 0.0), (10.0, 0.0)], [[(5.0, -5.0, 5.0, 5.0, 0.5)]])  # across
@example([(0.0, 0.0), (10.0, 0.0)], [[(3.0, 0.0, 20.0, 0.0, 0.5)]])  # along
@example([(0.0, 0.0), (10.0, 0.0)], [[(5.0, 0.0, 5.0, 0.0, 0.5)]])  # a point on it
@example([(0.0, 0.0), (10.0, 0.0)], [[(5.0, 3.0, 5.0, 3.0, 3.0)]])  # touching a disc
def test_c_agrees_with_numpy(drawn_points, drawn_zones):
    points_m, standing = np.array(drawn_points), as_walls(drawn_zones)
    pairs = every_pair(len(points_m))
    ours = blocking_zones(points_m, pairs, standing)
    oracle = blocking_zones_reference(points_m, pairs, standing)
    # Both compute the same distance another way: they may differ only where it is just met.
    for pair in np.flatnonzero(ours != oracle):
        a, b = points_m[pairs[pair, :1]], points_m[pairs[pair, 1:]]
        slack = [
            abs(distances_m(a, b, wall[:2], wall[2:4])[0] - wall[4])
            for zone in standing.of_zone
            for wall in zone
        ]
        assert min(slack) < 1e-9


@given(points, points, walls)
def test_a_line_is_as_clear_there_as_back_and_not_clearer_than_its_ends(start, end, wall):
    standing = Walls([np.array([wall])])
    there, back, at_start, at_end = blocking_zones(
        np.array([start, end]), np.array([(0, 1), (1, 0), (0, 0), (1, 1)], np.int32), standing
    )
    assert there == back
    if there == CLEAR:
        assert at_start == at_end == CLEAR


def test_the_first_zone_in_the_way_is_named():
    wall = (5.0, -5.0, 5.0, 5.0, 1.0)
    standing = as_walls([[], [(90.0, 0.0, 90.0, 1.0, 1.0)], [wall], [wall]])
    line = np.array([(0.0, 0.0), (10.0, 0.0)])
    assert blocking_zones(line, np.array([(0, 1)], np.int32), standing).tolist() == [2]


def test_nothing_stands_in_the_way_where_nothing_is():
    line = np.array([(0.0, 0.0), (10.0, 0.0)])
    assert blocking_zones(line, np.array([(0, 1)], np.int32), Walls([])).tolist() == [CLEAR]
    assert blocking_zones(line, np.empty((0, 2), np.int32), Walls([])).tolist() == []


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_no_number_is_refused(number):
    pair, far = np.array([(0, 1)], np.int32), np.array([(0.0, 0.0), (number, 0.0)])
    with pytest.raises(ValueError, match="not a finite number"):
        blocking_zones(far, pair, Walls([]))
    with pytest.raises(ValueError, match="not a finite number"):
        blocking_zones(np.zeros((2, 2)), pair, as_walls([[(0.0, 0.0, 1.0, number, 1.0)]]))


@pytest.mark.parametrize("clear_m", [0.0, -1.0])
def test_a_wall_keeps_some_distance(clear_m):
    with pytest.raises(ValueError, match="no distance is to be kept"):
        blocking_zones(
            np.zeros((2, 2)), every_pair(2), as_walls([[(0.0, 0.0, 1.0, 0.0, clear_m)]])
        )


@pytest.mark.parametrize("row", [-1, 2])
def test_a_pair_of_no_point_is_refused(row):
    with pytest.raises(ValueError, match="outside the 2"):
        blocking_zones(np.zeros((2, 2)), np.array([(0, row)], np.int32), Walls([]))
