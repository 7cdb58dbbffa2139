import math

import pytest

from sim.chance import chance
from sim.town.streets import Flat
from sim.town.town import MAIN_KMH, Town, TownSize


def town(seed=1, **size):
    return Town(TownSize(**size), chance(seed, "town"))


def test_the_same_seed_builds_the_same_town():
    assert town(4).addresses == town(4).addresses
    assert town(4).addresses != town(5).addresses


def test_every_house_has_an_address_of_its_own_and_stands_beside_its_street():
    built = town()
    assert len({address.text for address in built.addresses}) == len(built.addresses) > 2000
    flat = Flat(built.station)
    for address in built.addresses:
        assert 8 < math.dist(flat.xy(address.place), flat.xy(address.kerb)) < 10


@pytest.mark.parametrize("seed", range(4))
def test_there_is_a_way_between_any_two_houses(seed):
    built, rng = town(seed), chance(seed, "pick")
    flat = Flat(built.station)
    for _ in range(100):
        start, end = rng.sample(built.addresses, 2)
        way = built.ways.way(start.kerb, end.place)
        assert way.points[0] == start.kerb
        assert math.dist(flat.xy(way.points[-1]), flat.xy(end.kerb)) < 10
        assert len(way.limits_mps) == len(way.points) - 1


def test_no_way_drives_against_a_one_way_street():
    built, rng = town(2), chance(2, "pick")
    one_way = {(s.a, s.b) for s in built.segments if s.one_way}
    assert len(one_way) > 20
    graph, driven = built.ways.graph, set()
    for _ in range(200):
        start, end = rng.sample(built.addresses, 2)
        driven |= set(built.ways.way(start.kerb, end.kerb).pieces)
    ways = {(int(graph.arc_tail[arc]), int(graph.arc_head[arc])) for arc in driven}
    assert ways & one_way
    assert not {(b, a) for a, b in ways - one_way} & one_way


def test_the_town_without_a_river_has_no_bridge_and_with_one_only_bridges_cross_it():
    assert town().ways.bridges() == ()
    built = town(bridges=3)
    bridges = [s for s in built.segments if s.bridge]
    assert len(bridges) == 3
    assert built.ways.bridges() == tuple(sorted(s.street for s in bridges))
    assert not any(" Bridge " in address.text for address in built.addresses)
    north = {n: n // 16 >= 7 for n in range(len(built.junctions))}
    across = [s for s in built.segments if north[s.a] != north[s.b]]
    assert across == bridges


@pytest.mark.parametrize("seed", range(6))
def test_a_closed_bridge_is_driven_round(seed):
    built, rng = town(seed, avenues=10, streets=10, bridges=2), chance(seed, "pick")
    ways = built.ways
    for name in ways.bridges():
        closed = ways.pieces_of(name)
        assert len(closed) == 2
        for _ in range(30):
            start, end = rng.sample(built.addresses, 2)
            assert not closed & set(ways.way(start.kerb, end.kerb, closed).pieces)
    everything = frozenset().union(*map(ways.pieces_of, ways.bridges()))
    south, north = built.addresses[0].kerb, built.addresses[-1].kerb
    assert set(ways.way(south, north, everything).pieces) & everything


def test_the_way_to_a_place_without_streets_is_straight():
    built = town()
    far = Flat(built.station).place((90_000.0, 0.0))
    assert built.ways.way(built.station, far).points == (built.station, far)


def test_a_long_way_uses_main_streets():
    built = town()
    flat = Flat(built.station)
    far = max(built.addresses, key=lambda a: math.dist((0, 0), flat.xy(a.kerb)))
    limits_mps = built.ways.way(built.station, far.kerb).limits_mps
    assert max(limits_mps) == pytest.approx(MAIN_KMH / 3.6)
