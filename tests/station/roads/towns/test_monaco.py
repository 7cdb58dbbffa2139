"""A real city's graph: what must hold of any, and what two other readers see in the extract."""

import itertools
import math

import networkx
import numpy as np
import pytest

from edge.roads.classes import ACCESS_BITS, BICYCLE, MOTOR, VAN
from edge.roads.graph import RoadGraph
from station.roads.countries import rules_of
from station.roads.importer import import_roads
from tests.station.roads.towns.raw import (
    haversine_m,
    leaves,
    restrictions,
    van_network,
    way_ends,
)


@pytest.fixture(scope="module")
def extract_path(shared):
    path = shared / "data" / "roads" / "monaco-osrm.osm.pbf"
    if not path.is_file():
        pytest.skip(f"no {path}: set DOORSTEP_SHARED to the folder with the road extracts")
    return path


@pytest.fixture(scope="module")
def graph(extract_path, tmp_path_factory):
    made, _ = import_roads(extract_path, rules_of("mc"), lambda line: None)
    path = tmp_path_factory.mktemp("roads") / "monaco.roads"
    made.write(path)
    return RoadGraph.open(path)


@pytest.fixture(scope="module")
def raw(extract_path):
    return van_network(extract_path)


@pytest.fixture(scope="module")
def turns(graph):
    """Return (from, to) of every turn."""
    start = np.repeat(np.arange(graph.arcs), np.diff(graph.first_turn))
    return start, np.asarray(graph.turn_to)


def test_every_turn_joins_head_to_tail_for_someone_who_may_use_both(graph, turns):
    start, end = turns

    assert np.array_equal(graph.arc_head[start], graph.arc_tail[end])
    assert (graph.turn_access > 0).all()
    both = graph.arc_access[start] & graph.arc_access[end]
    assert (graph.turn_access & ~both == 0).all()
    keys = start.astype(np.int64) * graph.arcs + end
    assert (np.diff(keys) > 0).all(), "sorted, each once"


def test_shapes_begin_and_end_at_the_nodes_of_their_arc(graph):
    for arc in range(graph.arcs):
        lat_e7, lon_e7 = graph.shape(arc)
        tail, head = graph.arc_tail[arc], graph.arc_head[arc]
        assert (lat_e7[0], lon_e7[0]) == (graph.node_lat_e7[tail], graph.node_lon_e7[tail])
        assert (lat_e7[-1], lon_e7[-1]) == (graph.node_lat_e7[head], graph.node_lon_e7[head])


def test_the_length_is_that_of_the_shape(graph):
    for arc in range(0, graph.arcs, 7):
        lat_e7, lon_e7 = graph.shape(arc)
        places = list(zip(lat_e7 / 1e7, lon_e7 / 1e7, strict=True))
        metres = sum(map(haversine_m, places, places[1:]))
        assert graph.arc_length_dm[arc] / 10 == pytest.approx(metres, rel=5e-3, abs=0.1)


def test_every_pair_of_neighbours_finds_its_arc(graph):
    for arc in range(graph.arcs):
        nodes = graph.osm_nodes(arc)
        pairs = np.stack([nodes[:-1], nodes[1:]], axis=1)
        for found, pair in zip(
            graph.arcs_of_pairs(pairs).tolist(), pairs.tolist(), strict=True
        ):
            on = graph.osm_nodes(found).tolist()
            assert found <= arc
            assert any(list(each) == pair for each in itertools.pairwise(on))


def test_the_reverse_runs_along_the_same_nodes_backwards(graph):
    for arc in np.flatnonzero(graph.arc_reverse >= 0).tolist():
        reverse = int(graph.arc_reverse[arc])
        assert np.array_equal(graph.osm_nodes(reverse), graph.osm_nodes(arc)[::-1])
        assert graph.name(reverse) == graph.name(arc)


def test_nobody_turns_round_but_where_there_is_no_way_on(graph, turns):
    start, end = turns
    round_turns = end == graph.arc_reverse[start]
    for bit in ACCESS_BITS.values():
        may = graph.turn_access & bit != 0
        leads_on = np.bincount(start[may & ~round_turns], minlength=graph.arcs) > 0
        assert not leads_on[start[may & round_turns]].any()


@pytest.mark.parametrize("user", ACCESS_BITS)
def test_each_user_gets_everywhere_and_back_as_networkx_sees_it(graph, turns, user):
    bit = ACCESS_BITS[user]
    may = graph.turn_access & bit != 0
    start, end = (each[may].tolist() for each in turns)
    network = networkx.DiGraph(zip(start, end, strict=True))

    assert networkx.is_strongly_connected(network)
    assert network.number_of_nodes() == np.count_nonzero(graph.arc_access & bit)


def test_no_turn_is_left_that_a_restriction_forbids(graph, turns, extract_path):
    forbidden, only = restrictions(extract_path)
    ways = {way for pair in (*forbidden, *only) for way in (pair[0], pair[2])}
    ends = way_ends(extract_path, ways)
    start, end = turns
    wheels = graph.turn_access & (MOTOR | BICYCLE) != 0
    judged = 0
    for one, two in zip(start[wheels].tolist(), end[wheels].tolist(), strict=True):
        before, after = graph.osm_nodes(one).tolist(), graph.osm_nodes(two).tolist()
        for from_way, via, to_way in forbidden:
            if before[-1] == via and leaves(ends[from_way], before[::-1]):
                judged += 1
                assert not leaves(ends[to_way], after), (from_way, via, to_way)
        for from_way, via, to_way in only:
            if before[-1] == via and leaves(ends[from_way], before[::-1]):
                judged += 1
                assert leaves(ends[to_way], after), (from_way, via, to_way)
    assert judged >= 10


def test_a_plain_reader_finds_the_same_segments_for_vans(graph, raw):
    pairs = np.array(sorted(raw.edges))
    arcs = graph.arcs_of_pairs(pairs)
    found = (arcs >= 0) & (graph.arc_access[arcs] & VAN != 0)
    ours = {
        pair
        for arc in np.flatnonzero(graph.arc_access & VAN).tolist()
        for nodes in [graph.osm_nodes(arc).tolist()]
        for pair in itertools.pairwise(nodes)
    }

    # It knows nothing of turns: some directions of a street can only be entered by turning
    # round. And it stops short of the last few metres before a gate.
    assert np.count_nonzero(~found) <= 0.0015 * len(pairs)
    assert len(ours - set(raw.edges)) <= 10


def test_ways_for_vans_are_as_long_as_networkx_finds_them(graph, raw):
    ours = networkx.DiGraph()
    for arc in np.flatnonzero(graph.arc_access & VAN).tolist():
        nodes = graph.osm_nodes(arc)
        here, there = int(nodes[0]), int(nodes[-1])
        known = ours.get_edge_data(here, there, {"m": math.inf})["m"]
        ours.add_edge(here, there, m=min(known, graph.arc_length_dm[arc] / 10))
    both = sorted(set(ours) & set(raw))
    rng = np.random.default_rng(3)
    for here in rng.choice(both, 8, replace=False).tolist():
        theirs_m = networkx.single_source_dijkstra_path_length(raw, here, weight="m")
        ours_m = networkx.single_source_dijkstra_path_length(ours, here, weight="m")
        for there in rng.choice(both, 200, replace=False).tolist():
            assert ours_m[there] == pytest.approx(theirs_m[there], rel=5e-3, abs=2)
    assert len(both) > 0.99 * len(ours)
