import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.roads.classes import BICYCLE, CLASS_INDEX, EVERYONE
from edge.roads.graph import RoadGraph
from edge.roads.stored.layout import Country, Names

# 0 -> 1 <-> 2, in a line eastwards on the equator, and a way back 2 -> 0.
TAILS, HEADS = [2, 0, 1, 2], [1, 1, 2, 0]


def line(**more):
    return RoadGraph.of_arrays([0, 0, 0], [0, 10_000, 20_000], TAILS, HEADS, **more)


def test_arcs_are_sorted_by_tail():
    graph = line(arc_name=[1, 2, 3, 4], names=("", "a", "b", "c", "d"))

    assert graph.arc_tail.tolist() == [0, 1, 2, 2]
    assert graph.arc_head.tolist() == [1, 2, 1, 0]
    assert [graph.name(arc) for arc in range(graph.arcs)] == ["b", "c", "a", "d"]
    assert graph.first_arc.tolist() == [0, 1, 2, 4]
    assert graph.arc_reverse.tolist() == [-1, 2, 1, -1]


def test_lengths_are_those_of_straight_lines():
    assert line().arc_length_dm.tolist() == [1113, 1113, 1113, 2226]
    assert line(arc_length_dm=[1, 2, 3, 4]).arc_length_dm.tolist() == [2, 3, 1, 4]


def test_without_turns_every_one_is_free_but_turning_round():
    graph = line()
    turns = [
        graph.turn_to[slice(*graph.first_turn[arc : arc + 2])].tolist() for arc in range(4)
    ]

    assert turns == [[1], [3], [1], [0]]
    assert graph.turn_ds.tolist() == [0] * 4
    assert graph.turn_access.tolist() == [EVERYONE] * 4


def test_turns_are_given_in_the_numbers_of_the_arcs_as_given():
    graph = line(turns=([0, 2, 1], [2, 0, 2], [5, 7, 9]))

    assert graph.first_turn.tolist() == [0, 1, 2, 3, 3]
    assert graph.turn_to.tolist() == [1, 2, 1]
    assert graph.turn_ds.tolist() == [9, 7, 5]


def test_a_scalar_counts_for_every_arc():
    graph = line(arc_access=BICYCLE, arc_class=CLASS_INDEX["cycleway"], arc_speed_kmh=20)

    assert set(graph.arc_access.tolist()) == {BICYCLE}
    assert set(graph.arc_class.tolist()) == {CLASS_INDEX["cycleway"]}
    assert set(graph.arc_speed_kmh.tolist()) == {20}


def test_shapes_are_the_nodes_of_an_arc_in_its_direction():
    graph = line()
    lat_e7, lon_e7 = graph.shape(3)

    assert lat_e7.tolist() == [0, 0]
    assert lon_e7.tolist() == [20_000, 0]
    assert graph.osm_nodes(3).tolist() == [3, 1]


def test_node_pairs_find_their_arc_in_one_direction():
    pairs = np.array([[1, 2], [2, 1], [3, 2], [3, 1], [1, 3], [7, 8], [-1, 2]])

    assert line().arcs_of_pairs(pairs).tolist() == [0, -1, 2, 3, -1, -1, -1]
    assert line().arcs_of_pairs(np.empty((0, 2), np.int64)).tolist() == []


def test_of_two_arcs_along_the_same_nodes_the_first_is_found():
    graph = RoadGraph.of_arrays([0, 0], [0, 9], [0, 0, 1], [1, 1, 0])

    assert graph.arcs_of_pairs(np.array([[1, 2]])).tolist() == [0]
    assert graph.arc_reverse.tolist() == [2, -1, 0]


def test_a_graph_has_no_file_and_no_attribution_of_its_own():
    graph = line(country=Country(code="gb", driving_side="left", speed_unit="mph"))

    assert graph.country.driving_side == "left"
    assert graph.attribution == graph.imported_from.file == ""
    assert (graph.bounds.west_deg, graph.bounds.east_deg) == (0.0, 0.002)


def test_name_0_is_the_empty_one():
    with pytest.raises(ValueError, match="must be empty"):
        Names.of(["Ringstraße"])


@given(st.lists(st.text(max_size=12)))
def test_names_come_back_as_they_were(texts):
    names = Names.of(["", *texts])

    assert list(names) == ["", *texts]
    assert names[-1] == (texts or [""])[-1]
    assert names[1:] == texts
    with pytest.raises(IndexError):
        names[len(names)]
