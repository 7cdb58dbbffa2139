"""Towns, tags and files that nobody would draw: whatever comes, the graph's laws hold."""

import random

import networkx
import numpy as np
import osmium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.errors import RefusedError
from edge.roads.classes import ACCESS_BITS, EVERYONE, ROAD_CLASSES
from edge.roads.graph import RoadGraph
from station.roads.access import access_of
from station.roads.countries import COUNTRIES, rules_of
from station.roads.importer import import_roads
from station.roads.marks import mark_of
from station.roads.speed import MOST_KMH, speeds_of
from tests.station.roads.maps import Town, grid, xml

NODES = grid((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16))
HIGHWAYS = ("residential", "primary", "motorway", "footway", "cycleway", "track", "steps")
KEYS = ("access", "vehicle", "motor_vehicle", "hgv", "bicycle", "foot", "oneway", "junction")
VALUES = ("yes", "no", "private", "destination", "-1", "roundabout", "designated", "")
MARKS = (
    {"barrier": "bollard"},
    {"barrier": "gate", "access": "private"},
    {"highway": "traffic_signals"},
    {"highway": "stop", "direction": "forward"},
)
KINDS = ("no_left_turn", "no_u_turn", "only_straight_on", "only_right_turn", "no_entry")

TAGS = st.dictionaries(
    st.sampled_from((*KEYS, "maxspeed", "maxheight", "barrier", "direction", "highway"))
    | st.text(max_size=8),
    st.sampled_from((*VALUES, "50", "3'", "bollard")) | st.text(max_size=8),
    max_size=8,
)


@st.composite
def contents(draw):
    """Draw ways along neighbours of a grid, restrictions and marks."""
    ways = []
    for number in range(draw(st.integers(4, 14))):
        node = draw(st.integers(1, 16))
        refs = [node]
        for step in draw(st.lists(st.sampled_from((1, -1, 4, -4)), min_size=1, max_size=6)):
            refs.append(min(max(refs[-1] + step, 1), 16))
        tags = draw(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=1))
        ways.append((100 + number, refs, {"highway": draw(st.sampled_from(HIGHWAYS)), **tags}))
    numbers = st.sampled_from([way for way, _, _ in ways])
    relations = [
        (
            {"restriction": draw(st.sampled_from(KINDS))},
            [
                ("way", draw(numbers), "from"),
                ("node", draw(st.integers(1, 16)), "via"),
                ("way", draw(numbers), "to"),
            ],
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    marks = draw(st.dictionaries(st.integers(1, 16), st.sampled_from(MARKS), max_size=4))
    return ways, relations, marks


@given(contents())
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_town_keeps_the_laws_of_a_graph(tmp_path, drawn):
    ways, relations, marks = drawn
    try:
        graph = Town(tmp_path, NODES, ways, relations, node_tags=marks).graph
    except RefusedError as error:
        assert "town.osm: no " in str(error)  # noqa: PT017
        return
    path = tmp_path / "town.roads"
    graph.write(path)
    graph = RoadGraph.open(path)  # which checks sizes, ranges and joints
    start = np.repeat(np.arange(graph.arcs), np.diff(graph.first_turn))
    for bit in ACCESS_BITS.values():
        may = graph.turn_access & bit != 0
        edges = zip(start[may].tolist(), graph.turn_to[may].tolist(), strict=True)
        network = networkx.DiGraph(edges)
        assert network.number_of_nodes() == np.count_nonzero(graph.arc_access & bit)
        assert not network or networkx.is_strongly_connected(network)
    for arc in range(graph.arcs):
        lat_e7, lon_e7 = graph.shape(arc)
        tail, head = graph.arc_tail[arc], graph.arc_head[arc]
        assert (lat_e7[0], lon_e7[0]) == (graph.node_lat_e7[tail], graph.node_lon_e7[tail])
        assert (lat_e7[-1], lon_e7[-1]) == (graph.node_lat_e7[head], graph.node_lon_e7[head])


@given(TAGS, st.sampled_from(ROAD_CLASSES), st.sampled_from([None, *COUNTRIES]))
def test_any_tags_are_read(tags, road_class, country):
    access = access_of(tags, road_class)
    speeds = speeds_of(tags, road_class, rules_of(country))
    mark = mark_of(tags)

    assert 0 <= access.forward <= EVERYONE
    assert 0 <= access.backward <= EVERYONE
    assert 1 <= speeds.forward_kmh <= MOST_KMH
    assert 1 <= speeds.backward_kmh <= MOST_KMH
    assert mark is None or 0 <= mark.passes <= EVERYONE


def try_damaged(folder, rounds, seed):
    """Import damaged extracts; return how many were refused."""
    street = {"highway": "residential", "name": "Gasse"}
    ways = [(100, (1, 2, 3, 7, 6, 5, 1), street), (101, (2, 6, 10), street)]
    town = folder / "town.osm"
    town.write_text(xml(NODES, ways), encoding="utf-8")
    binary = folder / "town.osm.pbf"
    with osmium.SimpleWriter(str(binary)) as writer:
        for each in osmium.FileProcessor(str(town)):
            writer.add(each)
    rng, refused = random.Random(seed), 0
    for number in range(rounds):
        sound = (town, binary)[number % 2]
        content = bytearray(sound.read_bytes())
        for _ in range(rng.choice((1, 4))):
            content[rng.randrange(len(content))] = rng.randrange(256)
        if rng.random() < 0.2:
            del content[rng.randrange(len(content)) :]
        path = folder / f"damaged{''.join(sound.suffixes)}"
        path.write_bytes(content)
        try:
            graph, _ = import_roads(path, rules_of(None), lambda line: None)
        except RefusedError:
            refused += 1
        else:
            graph.write(folder / "damaged.roads")
            RoadGraph.open(folder / "damaged.roads")
    return refused


def test_a_damaged_extract_is_refused_or_read(tmp_path):
    assert try_damaged(tmp_path, 100, seed=5) > 10


@pytest.mark.fuzz
def test_damaged_extracts_by_the_thousand(tmp_path):
    assert try_damaged(tmp_path, 20_000, seed=6) > 2_000
