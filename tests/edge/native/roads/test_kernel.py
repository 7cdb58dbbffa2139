"""The search in C agrees with networkx, keeps its bounds and refuses what is no network."""

import itertools

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.native.roads.kernel import (
    UNREACHABLE_MS,
    many_ms,
    reversed_network,
    turn_network,
    way,
)
from tests.edge.native.roads.nets import line_graph, node_graph, places, random_arcs

SEEDS = st.integers(0, 2**32 - 1)


def expected(graph, starts, goals):
    """Return the table that networkx makes of places."""
    rows = []
    for start in starts:
        whole = networkx.DiGraph(graph)
        for at, ms in start:
            known = whole.get_edge_data("start", at)
            whole.add_edge("start", at, ms=min(ms, known["ms"]) if known else ms)
        lengths = (
            networkx.single_source_dijkstra_path_length(whole, "start", weight="ms")
            if start
            else {}
        )
        rows.append(
            [
                min(
                    (max(0, lengths[at] + ms) for at, ms in goal if at in lengths),
                    default=UNREACHABLE_MS,
                )
                for goal in goals
            ]
        )
    return np.array(rows, dtype=np.int32).reshape(len(starts), len(goals))


def random_points(rng, states, count, lowest_ms=0):
    return [
        [
            (int(rng.integers(states)), int(rng.integers(lowest_ms, 5000)))
            for _ in range(rng.integers(0, 4))
        ]
        for _ in range(count)
    ]


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_times_with_turns_are_those_of_the_line_graph(seed):
    rng = np.random.default_rng(seed)
    longest_ms = int(rng.choice([3, 600, 20_000, 5_000_000]))
    arcs = random_arcs(rng, int(rng.integers(2, 40)), int(rng.integers(1, 120)), longest_ms)
    bit, ms_per_ds = int(rng.choice([1, 2])), int(rng.choice([0, 100]))
    network = arcs.turn_network(bit, ms_per_ds)
    starts = random_points(rng, arcs.tail.size, 6)
    goals = random_points(rng, arcs.tail.size, 5, -5000)
    table = many_ms(network, places(*starts), places(*goals))
    assert (table == expected(line_graph(arcs, bit, ms_per_ds), starts, goals)).all()


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_times_without_turns_are_those_of_the_node_graph(seed):
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(2, 60))
    arcs = random_arcs(rng, nodes, int(rng.integers(1, 150)))
    network = arcs.node_network()
    starts, goals = random_points(rng, nodes, 6), random_points(rng, nodes, 5)
    table = many_ms(network, places(*starts), places(*goals))
    assert (table == expected(node_graph(arcs), starts, goals)).all()


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_a_search_backwards_finds_the_same_times(seed):
    rng = np.random.default_rng(seed)
    arcs = random_arcs(rng, 30, 90)
    network = arcs.turn_network()
    starts, goals = random_points(rng, 90, 7), random_points(rng, 90, 4)
    forward = many_ms(network, places(*starts), places(*goals))
    backward = many_ms(reversed_network(network), places(*goals), places(*starts))
    assert (forward == backward.T).all()


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_a_way_costs_what_the_table_says(seed):
    rng = np.random.default_rng(seed)
    arcs = random_arcs(rng, 25, 80)
    network = arcs.turn_network()
    start, goal = (random_points(rng, 80, 1, low)[0] for low in (0, 0))
    time = int(many_ms(network, places(start), places(goal))[0, 0])
    found = way(network, places(start), places(goal))
    if found is None:
        assert time == UNREACHABLE_MS
        return
    states = [int(state) for state in found.states]
    assert states[0] == start[found.start][0]
    assert states[-1] == goal[found.goal][0]
    graph = line_graph(arcs)
    driven = sum(graph.edges[pair]["ms"] for pair in itertools.pairwise(states))
    assert start[found.start][1] + driven + goal[found.goal][1] == time == found.lasts_ms


def test_what_lies_beyond_the_buckets_is_found():
    arcs = random_arcs(np.random.default_rng(5), 40, 160, longest_ms=30_000_000, closed=0)
    starts = [[(state, 0)] for state in range(0, 160, 10)]
    table = many_ms(arcs.turn_network(), places(*starts), places(*starts))
    assert (table == expected(line_graph(arcs), starts, starts)).all()
    assert table[table < UNREACHABLE_MS].max() > 8192 << 9


def test_nothing_takes_longer_than_the_longest_leg():
    arcs = random_arcs(np.random.default_rng(5), 40, 60, longest_ms=390_000_000, closed=0)
    starts = [[(state, 0)] for state in range(60)]
    table = many_ms(arcs.turn_network(), places(*starts), places(*starts))
    assert table.max() == UNREACHABLE_MS
    assert table.min() == 0


def test_an_empty_network_has_no_ways():
    arcs = random_arcs(np.random.default_rng(1), 1, 0)
    assert many_ms(arcs.turn_network(), places([]), places([])).tolist() == [[UNREACHABLE_MS]]
    assert way(arcs.turn_network(), places([]), places([])) is None


@pytest.mark.parametrize("at", [-1, 9, 2**31 - 1])
def test_a_place_outside_the_network_is_refused(at):
    network = random_arcs(np.random.default_rng(1), 4, 9).turn_network()
    with pytest.raises(ValueError, match="outside the 9 states"):
        many_ms(network, places([(at, 0)]), places([(0, 0)]))
    with pytest.raises(ValueError, match="outside the 9 states"):
        way(network, places([(0, 0)]), places([(at, 0)]))


def test_a_start_before_its_time_is_refused():
    network = random_arcs(np.random.default_rng(1), 4, 9).turn_network()
    with pytest.raises(ValueError, match="outside"):
        many_ms(network, places([(0, -1)]), places([(0, 0)]))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("turn_to", lambda values: np.where(values == values[0], 99, values)),
        ("turn_to", lambda values: np.where(values == values[0], -5, values)),
        ("first_turn", lambda values: values[::-1]),
        ("first_turn", lambda values: values + 1),
        ("weight_ms", lambda values: values[:-1]),
        ("turn_ds", lambda values: values[:-1]),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name, damage):
    arcs = random_arcs(np.random.default_rng(1), 4, 9)
    arrays = {
        key: getattr(arcs, key)
        for key in ("first_turn", "turn_to", "turn_ds", "turn_access", "weight_ms")
    }
    arrays[name] = np.ascontiguousarray(damage(arrays[name]), dtype=arrays[name].dtype)
    with pytest.raises(ValueError, match=r"do not fit|differ in size"):
        turn_network(**arrays, access_bit=1, ms_per_ds=100)
