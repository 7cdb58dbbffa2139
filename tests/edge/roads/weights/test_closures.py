"""A closed line closes the road that it runs along, and no other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.messages.conditions import Closure
from edge.roads.segments import segments_of
from edge.roads.weights.closures import closed_arcs
from tests.edge.roads.towns import Street, arc_between, at, grid_town, town
from tests.edge.roads.weights.test_weighing import FROM, UNTIL

TOWN = grid_town()
SEGMENTS = segments_of(TOWN, "van")


def closure(*line, both_ways=True):
    return Closure(
        from_utc=FROM,
        until_utc=UNTIL,
        line=tuple(at(*place) for place in line),
        both_ways=both_ways,
    )


def closed(*line, both_ways=True, segments=SEGMENTS):
    graph = segments.graph
    arcs = closed_arcs(segments, closure(*line, both_ways=both_ways))
    return {(int(graph.arc_tail[arc]), int(graph.arc_head[arc])) for arc in arcs}


def test_the_street_under_the_line_is_closed_and_its_neighbours_are_not():
    assert closed((100, 8), (200, 8)) == {(1, 2), (2, 1)}


def test_one_direction_is_closed_alone():
    assert closed((100, 8), (200, 8), both_ways=False) == {(1, 2)}
    assert closed((200, 8), (100, 8), both_ways=False) == {(2, 1)}


def test_a_line_round_a_corner_closes_both_streets():
    assert closed((100, 0), (200, 0), (200, 100), both_ways=False) == {(1, 2), (2, 8)}


def test_a_line_across_streets_closes_none():
    assert closed((150, -50), (150, 450)) == set()


def test_a_line_too_far_away_closes_none():
    assert closed((100, 27), (200, 27)) == set()
    assert closed((100, 24), (200, 24)) == {(1, 2), (2, 1)}


def test_a_line_that_turns_too_far_closes_none():
    assert closed((110, -22), (150, 22), both_ways=False) == set()


def test_a_short_work_closes_a_long_road():
    long = segments_of(town([(0, 0), (3000, 0)], [Street((0, 1))]), "van")
    assert closed((1000, 2), (1030, 2), segments=long) == {(0, 1), (1, 0)}
    assert closed((1000, 2), (1008, 2), segments=long) == {(0, 1), (1, 0)}


def test_of_two_carriageways_the_nearer_is_meant():
    nodes = [(0, 0), (500, 0), (0, 14), (500, 14)]
    divided = town(nodes, [Street((0, 1), one_way=True), Street((3, 2), one_way=True)])
    segments = segments_of(divided, "van")
    assert closed((0, -2), (500, -2), both_ways=False, segments=segments) == {(0, 1)}
    assert closed((500, 16), (0, 16), both_ways=False, segments=segments) == {(3, 2)}
    assert closed((0, 7), (500, 7), segments=segments) == {(0, 1), (3, 2)}


def test_a_line_of_one_point_closes_nothing_far():
    assert closed((140, 3), (140, 3)) <= {(1, 2), (2, 1)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-500, 900), st.floats(-500, 900)), min_size=2, max_size=9))
def test_any_line_closes_arcs_of_the_town_or_none(line):
    arcs = closed_arcs(SEGMENTS, closure(*line))
    assert np.unique(arcs).size == arcs.size
    assert not arcs.size or (arcs.min() >= 0 and arcs.max() < TOWN.arcs)


@pytest.mark.parametrize("step", [1, 2])
def test_a_line_along_a_whole_row_closes_every_block_of_it(step):
    row = [(column * 100, 200 + column % 2) for column in range(0, 6, step)]
    expected = {(12 + column, 13 + column) for column in range(5 if step == 1 else 4)}
    assert closed(*row, both_ways=False) == expected
    assert arc_between(TOWN, 12, 13) >= 0
