import math
from itertools import pairwise

import pytest

from sim.chance import chance
from sim.town.streets import Flat, Segment, Streets
from sim.town.town import MAIN_MPS, Town, TownSize


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
        way = built.way(start.kerb, end.place)
        assert way.points[0] == start.kerb
        assert math.dist(flat.xy(way.points[-1]), flat.xy(end.kerb)) < 10
        assert len(way.limits_mps) == len(way.points) - 1


def test_no_way_drives_against_a_one_way_street():
    built, rng = town(2), chance(2, "pick")
    flat = Flat(built.station)
    one_way = [s for s in built.streets.segments if s.one_way]
    assert len(one_way) > 20
    for _ in range(200):
        start, end = rng.sample(built.addresses, 2)
        for a, b in pairwise(built.way(start.kerb, end.kerb).points[1:-1]):
            (ax, ay), (bx, by) = flat.xy(a), flat.xy(b)
            middle = built._flat.xy(a), built._flat.xy(b)
            on = built.streets.nearest(
                ((middle[0][0] + middle[1][0]) / 2, (middle[0][1] + middle[1][1]) / 2)
            )
            segment = built.streets.segments[on.segment]
            if not segment.one_way or math.dist((ax, ay), (bx, by)) < 1:
                continue
            (sx, sy) = built.streets.junctions[segment.a]
            (tx, ty) = built.streets.junctions[segment.b]
            assert (bx - ax) * (tx - sx) + (by - ay) * (ty - sy) > 0


def test_ways_are_as_quick_as_an_exhaustive_search_finds():
    rng = chance(3, "graph")
    junctions = [(rng.uniform(0, 1000), rng.uniform(0, 1000)) for _ in range(30)]
    segments = [Segment(i, (i + 1) % 30, "ring", 8.0) for i in range(30)]
    segments += [
        Segment(*rng.sample(range(30), 2), "cut", rng.choice((8.0, 14.0)), rng.random() < 0.5)
        for _ in range(40)
    ]
    streets = Streets(junctions, segments)
    best = [[math.inf] * 30 for _ in range(30)]
    for i in range(30):
        best[i][i] = 0.0
    for s in segments:
        cost_s = streets.length_m(s) / s.limit_mps
        best[s.a][s.b] = min(best[s.a][s.b], cost_s)
        if not s.one_way:
            best[s.b][s.a] = min(best[s.b][s.a], cost_s)
    for k in range(30):
        for i in range(30):
            for j in range(30):
                best[i][j] = min(best[i][j], best[i][k] + best[k][j])
    for i in range(30):
        for j in range(30):
            assert streets._quickest(i, j)[0] == pytest.approx(best[i][j])


def test_the_nearest_street_is_the_nearest():
    built, rng = town(6), chance(6, "pick")
    for _ in range(100):
        xy = (rng.uniform(-1200, 1200), rng.uniform(-1000, 1000))
        found = built.streets.nearest(xy)
        every = [
            built.streets._project(number, xy).off_m
            for number in range(len(built.streets.segments))
        ]
        if found is None:
            assert min(every) > 400
        else:
            assert found.off_m == pytest.approx(min(every))


def test_the_way_to_a_place_without_streets_is_straight():
    built = town()
    far = Flat(built.station).place((90_000.0, 0.0))
    assert built.way(built.station, far).points == (built.station, far)


def test_a_long_way_uses_main_streets():
    built = town()
    flat = Flat(built.station)
    far = max(built.addresses, key=lambda a: math.dist((0, 0), flat.xy(a.kerb)))
    assert MAIN_MPS in built.way(built.station, far.kerb).limits_mps
