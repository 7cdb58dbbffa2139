"""Times between places on roads: parts of arcs, closed arcs, turns; networkx agrees."""

import itertools

import numpy as np
import pytest

from edge.native.roads.kernel import UNREACHABLE_MS
from edge.roads.classes import FORBIDDEN_DS
from edge.roads.search import WeightedRoads, matrix_ms
from edge.roads.snap import Snap, Snapper
from edge.roads.weights import base_ms
from station.roads.countries import rules_of
from station.roads.importer import import_roads
from tests.edge.roads.line_graph import reckoned_ms, turn_graph
from tests.edge.roads.towns import Street, arc_between, at, grid_town, town


def roads_of(graph, user="van", closed=()):
    base = base_ms(graph, user)
    weights = base.copy()
    weights[list(closed)] = -1
    return WeightedRoads(graph, user, weights, base)


def on(graph, tail, head, frac):
    return Snap(arc_between(graph, tail, head), frac, 0.0, at(0, 0))


def test_only_the_driven_part_of_the_first_and_last_arc_counts():
    graph = town([(0, 0), (1000, 0), (2000, 0)], [Street((0, 1, 2), one_way=True)])
    roads = roads_of(graph)
    whole = int(roads.weight_ms[0])
    table = roads.matrix_ms([on(graph, 0, 1, 0.25)], [on(graph, 1, 2, 0.5)])
    assert table[0, 0] == pytest.approx(0.75 * whole + 0.5 * whole, abs=2)


def test_a_goal_ahead_on_the_same_arc_is_driven_to_directly():
    graph = town([(0, 0), (1000, 0)], [Street((0, 1))])
    roads = roads_of(graph)
    ahead = roads.matrix_ms([on(graph, 0, 1, 0.2)], [on(graph, 0, 1, 0.6)])[0, 0]
    behind = roads.matrix_ms([on(graph, 0, 1, 0.6)], [on(graph, 0, 1, 0.2)])[0, 0]
    whole = int(roads.weight_ms[0])
    assert ahead == pytest.approx(0.4 * whole, abs=2)
    assert behind == pytest.approx((0.4 + 1.0 + 0.2) * whole, abs=2)  # round both dead ends


def test_a_street_can_be_left_and_entered_in_both_directions():
    graph = grid_town()
    roads = roads_of(graph)
    snap = Snapper(graph).snap(at(330, 5), "van")
    west = Snapper(graph).snap(at(50, 5), "van")
    metres = roads.matrix_ms([snap], [west])[0, 0] / 1000 * (30 * 0.8 / 3.6)
    assert metres == pytest.approx(280, abs=1)


def test_a_forbidden_turn_is_gone_round():
    graph = grid_town(3, 3)
    free = roads_of(graph).matrix_ms([on(graph, 0, 1, 0.5)], [on(graph, 1, 4, 0.5)])[0, 0]
    turns = [
        (tail, head, FORBIDDEN_DS if (tail, head) == banned else 0)
        for banned in [(arc_between(graph, 0, 1), arc_between(graph, 1, 4))]
        for tail in range(graph.arcs)
        for head in graph.turn_to[graph.first_turn[tail] : graph.first_turn[tail + 1]]
    ]
    kept = [turn for turn in turns if turn[2] != FORBIDDEN_DS]
    more = {"turns": tuple(zip(*kept, strict=True))}
    banned = town_again(graph, more)
    long = roads_of(banned).matrix_ms([on(banned, 0, 1, 0.5)], [on(banned, 1, 4, 0.5)])[0, 0]
    block = int(roads_of(graph).weight_ms[0])
    assert free == pytest.approx(block, abs=40)
    assert long >= free + 3.9 * block


def town_again(graph, more):
    """Return the same graph with other turns."""
    return type(graph).of_arrays(
        graph.node_lat_e7, graph.node_lon_e7, graph.arc_tail, graph.arc_head,
        arc_speed_kmh=graph.arc_speed_kmh, arc_class=graph.arc_class, **more,
    )  # fmt: skip


def test_nobody_drives_into_a_closed_arc_but_whoever_stands_there_gets_out():
    graph = town([(0, 0), (1000, 0), (2000, 0)], [Street((0, 1, 2))])
    closed = [arc_between(graph, 0, 1), arc_between(graph, 1, 0)]
    roads = roads_of(graph, closed=closed)
    here, there = on(graph, 0, 1, 0.5), on(graph, 1, 2, 0.5)
    assert roads.matrix_ms([there], [here])[0, 0] == UNREACHABLE_MS
    assert roads.matrix_ms([here], [there])[0, 0] == pytest.approx(
        int(roads.base_ms[closed[0]]), abs=2
    )
    assert roads.way(there, here) is None
    assert roads.way(here, there).arcs.tolist() == [closed[0], there.arc]


def test_what_could_not_be_snapped_is_unreachable():
    graph = grid_town()
    roads, snap = roads_of(graph), on(grid_town(), 0, 1, 0.5)
    table = matrix_ms(roads, [snap, None])
    assert table.tolist() == [[0, UNREACHABLE_MS], [UNREACHABLE_MS, 0]]
    assert roads.to_one_ms([snap], None).tolist() == [UNREACHABLE_MS]


@pytest.fixture(scope="module", name="monaco")
def _monaco(shared):
    path = shared / "data/roads/monaco-osrm.osm.pbf"
    return import_roads(path, rules_of("mc"), lambda said: None)[0]


@pytest.mark.parametrize(("user", "sources"), [("van", 40), ("truck", 10), ("bicycle", 10)])
def test_two_thousand_pairs_in_monaco_are_those_of_networkx(monaco, user, sources):
    rng = np.random.default_rng(7)
    arcs = np.flatnonzero(base_ms(monaco, user) >= 0)
    roads = roads_of(monaco, user, closed=rng.choice(arcs, arcs.size // 50))
    open_arcs = np.flatnonzero(roads.weight_ms >= 0)
    snaps = [
        Snap(int(arc), float(frac), 0.0, at(0, 0))
        for arc, frac in zip(
            rng.choice(open_arcs, 90, replace=False), rng.random(90), strict=True
        )
    ]
    starts, goals = snaps[:sources], snaps[sources : sources + 50]
    table = roads.matrix_ms(starts, goals)
    turns = turn_graph(monaco, roads)
    expected = [reckoned_ms(turns, roads, start, goals) for start in starts]
    assert table.size == sources * 50
    assert (table == np.array(expected)).all()
    backward = np.stack([roads.to_one_ms(starts, goal) for goal in goals], axis=1)
    assert (backward == table).all()


def test_a_way_on_foot_in_monaco_is_as_long_as_the_table_says(monaco):
    rng = np.random.default_rng(7)
    roads = roads_of(monaco, "foot")
    arcs = rng.choice(np.flatnonzero(roads.weight_ms >= 0), 40)
    snaps = [Snap(int(arc), float(rng.random()), 0.0, at(0, 0)) for arc in arcs]
    table = matrix_ms(roads, snaps)
    for row, column in itertools.combinations(range(40), 2):
        way = roads.way(snaps[row], snaps[column])
        assert (way is None) == (table[row, column] == UNREACHABLE_MS)
        if way is None:
            continue
        assert way.lasts_ms == table[row, column]
        driven = roads.weight_ms[way.arcs].astype(float)
        if way.arcs.size > 1:
            driven[0] *= 1 - way.from_frac
            driven[-1] *= way.to_frac
        else:
            driven[0] *= way.to_frac - way.from_frac
        assert driven.sum() == pytest.approx(way.lasts_ms, abs=2)
        for before, after in itertools.pairwise(way.arcs.tolist()):
            assert monaco.arc_head[before] == monaco.arc_tail[after]
