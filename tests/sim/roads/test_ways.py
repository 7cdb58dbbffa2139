import math
from itertools import pairwise

import numpy as np
import pytest

from edge.messages.geo import Place
from edge.roads.classes import EVERYONE, FOOT, VAN
from edge.roads.graph import RoadGraph
from sim.chance import chance
from sim.roads.ways import GraphWays

LAT_E7, LON_E7 = 524600000, 55800000
NODES, ARCS = 25, 70


def random_graph(seed):
    """Return a ring with chords, some turns forbidden and each with a cost, and its turns."""
    rng = chance(seed, "graph")
    arcs = [(i, (i + 1) % NODES) for i in range(NODES)]
    arcs += [((i + 1) % NODES, i) for i in range(NODES)]
    arcs += [tuple(rng.sample(range(NODES), 2)) for _ in range(ARCS - 2 * NODES)]
    turns = [
        (a, b, rng.randrange(0, 200))
        for a, (tail, head) in enumerate(arcs)
        for b, (out, to) in enumerate(arcs)
        if out == head and (to != tail) and rng.random() < 0.9
    ]
    return RoadGraph.of_arrays(
        [LAT_E7 + rng.randrange(90_000) for _ in range(NODES)],
        [LON_E7 + rng.randrange(150_000) for _ in range(NODES)],
        [tail for tail, _ in arcs],
        [head for _, head in arcs],
        arc_speed_kmh=[rng.choice((20, 30, 50)) for _ in arcs],
        turns=tuple(zip(*turns, strict=True)),
    )


def lasts_s(graph, way):
    """Return what a way costs by the graph alone, or fail if it makes a turn that is none."""
    arcs = [a for at, a in enumerate(way.pieces) if at == 0 or way.pieces[at - 1] != a]
    total_s = 0.0
    for a, b in pairwise(arcs):
        turns = range(graph.first_turn[a], graph.first_turn[a + 1])
        (ds,) = [graph.turn_ds[t] for t in turns if graph.turn_to[t] == b]
        total_s += ds / 10
    for arc in arcs:
        total_s += graph.arc_length_dm[arc] / 10 / (graph.arc_speed_kmh[arc] / 3.6)
    return total_s


@pytest.mark.parametrize("seed", range(8))
def test_ways_are_as_quick_as_an_exhaustive_search_finds(seed):
    graph = random_graph(seed)
    ways, rng = GraphWays(graph), chance(seed, "pairs")
    seconds = graph.arc_length_dm / 10 / (graph.arc_speed_kmh / 3.6)
    best = np.full((graph.arcs, graph.arcs), math.inf)  # from the end of one arc to another's
    np.fill_diagonal(best, 0.0)
    for a in range(graph.arcs):
        for turn in range(graph.first_turn[a], graph.first_turn[a + 1]):
            to = graph.turn_to[turn]
            best[a, to] = min(best[a, to], graph.turn_ds[turn] / 10 + seconds[to])
    for k in range(graph.arcs):
        best = np.minimum(best, best[:, k : k + 1] + best[k : k + 1, :])
    for _ in range(60):
        start, end = (
            Place(
                lat_deg=(LAT_E7 + rng.randrange(90_000)) / 1e7,
                lon_deg=(LON_E7 + rng.randrange(150_000)) / 1e7,
            )
            for _ in range(2)
        )
        starts, ends = ways.nearest(start), ways.nearest(end)
        if not starts or not ends:
            continue
        costs = [math.inf]
        for on in starts:
            left_s = (1 - on.along_frac) * seconds[on.arc]
            for to in ends:
                ahead_s = (to.along_frac - on.along_frac) * seconds[on.arc]
                costs.append(ahead_s if to.arc == on.arc and ahead_s >= 0 else math.inf)
                costs.append(leave_s(graph, best, seconds, on.arc, to) + left_s)
        way = ways.way(start, end)
        if math.isinf(min(costs)):
            assert way.pieces == ()
            continue
        first = next(on for on in starts if on.arc == way.pieces[0])
        last = next(on for on in ends if on.arc == way.pieces[-1])
        if len(set(way.pieces)) > 1:
            cut_s = first.along_frac * seconds[first.arc]
            cut_s += (1 - last.along_frac) * seconds[last.arc]
            assert lasts_s(graph, way) - cut_s == pytest.approx(min(costs), abs=0.05)


def leave_s(graph, best, seconds, arc, to):
    """Return the time from the end of an arc to a point on another, by at least one turn."""
    found = math.inf
    for onto in range(graph.arcs):
        for turn in range(graph.first_turn[onto], graph.first_turn[onto + 1]):
            if graph.turn_to[turn] == to.arc:
                into_s = graph.turn_ds[turn] / 10 + to.along_frac * seconds[to.arc]
                found = min(found, best[arc, onto] + into_s)
    return found


def test_what_a_van_may_not_use_is_not_used_and_what_is_closed_only_in_need():
    #  0 -- 1 -- 2, and on foot straight from 0 to 2; the long way round by 3
    graph = RoadGraph.of_arrays(
        [LAT_E7, LAT_E7 + 3000, LAT_E7, LAT_E7 - 40_000],
        [LON_E7, LON_E7 + 10_000, LON_E7 + 20_000, LON_E7 + 10_000],
        [0, 1, 1, 2, 0, 0, 3, 3, 2],
        [1, 0, 2, 1, 2, 3, 0, 2, 3],
        arc_access=[EVERYONE] * 4 + [FOOT] + [VAN] * 4,
        arc_name=[1, 1, 2, 2, 3, 0, 0, 0, 0],
        names=["", "Elm Bridge", "Oak Street", "Steps"],
    )
    ways = GraphWays(graph)
    start = Place(lat_deg=LAT_E7 / 1e7, lon_deg=LON_E7 / 1e7)
    end = Place(lat_deg=LAT_E7 / 1e7, lon_deg=(LON_E7 + 20_000) / 1e7)

    def streets(closed=frozenset()):
        return {graph.name(piece) for piece in ways.way(start, end, closed).pieces}

    assert "Steps" not in streets()
    assert streets() <= {"Elm Bridge", "Oak Street", ""}
    assert ways.bridges() == ("Elm Bridge",)
    assert len(ways.pieces_of("Oak Street")) == 2
    assert ways.line(int(min(ways.pieces_of("Elm Bridge"))))[0] == start


def test_a_place_far_from_every_street_is_reached_in_a_straight_line():
    ways = GraphWays(random_graph(1))
    here, far = Place(lat_deg=52.46, lon_deg=5.58), Place(lat_deg=53.0, lon_deg=5.58)
    assert ways.nearest(far) == ()
    assert ways.way(here, far).points == (here, far)
