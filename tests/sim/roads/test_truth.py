from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from edge.errors import ConfigError
from edge.messages.geo import Place, distance_m
from sim.chance import chance
from sim.roads.truth import Closed, Roads, Slow, roads_of
from sim.roads.way import OPEN, StraightWays
from sim.scenario import load_scenario
from sim.town.town import Town, TownSize
from sim.trouble.tables import Around, RoadClosed, Traffic
from sim.vehicles.van import Van

TOWN = Town(TownSize(avenues=10, streets=10, bridges=2), chance(1, "town"))
SOUTH, NORTH = TOWN.addresses[0].kerb, TOWN.addresses[-1].kerb
QUIET = datetime(2026, 11, 23, 2, tzinfo=UTC)  # traffic is the same for some hours


def roads(*, closed=(), slow=()):
    return Roads(
        TOWN.ways,
        closed=closed,
        slow=slow,
        local=lambda now_s: QUIET + timedelta(seconds=now_s),
    )


def crossed(way):
    names = {TOWN.ways.graph.name(piece) for piece in way.pieces}
    return next(name for name in names if name.endswith(" Bridge"))


def closing(way, from_s, until_s):
    bridge = crossed(way)
    return Closed(bridge, TOWN.ways.pieces_of(bridge), from_s, until_s, from_s)


def test_a_barrier_stands_where_the_van_meets_a_road_that_is_closed_by_then():
    free = roads().way(SOUTH, NORTH, 0.0)
    van = Van(SOUTH)
    van.drive(free, 0.0)
    bridge = crossed(free)
    at = next(n for n, piece in enumerate(free.pieces) if piece in TOWN.ways.pieces_of(bridge))
    there_s = van.passes_s(at)
    stands = roads(closed=[closing(free, there_s - 1, there_s + 60)])
    piece, reached_s = stands.barrier(free, van.passes_s)
    assert (piece, reached_s) == (free.pieces[at], there_s)
    assert stands.opens_s(piece, there_s) == there_s + 60
    assert stands.closed_with(piece, there_s) == TOWN.ways.pieces_of(bridge)
    assert roads(closed=[closing(free, there_s + 1, 9e9)]).barrier(free, van.passes_s) is None
    assert roads(closed=[closing(free, 0.0, there_s - 1)]).barrier(free, van.passes_s) is None


def test_who_knows_of_a_closed_bridge_takes_another():
    free = roads().way(SOUTH, NORTH, 0.0)
    ground = roads(closed=[closing(free, 0.0, 3600.0)])
    assert ground.closed_pieces(10.0)
    assert ground.closed_pieces(3600.0) == OPEN
    assert crossed(ground.way(SOUTH, NORTH, 10.0)) == crossed(free)
    known = ground.way(SOUTH, NORTH, 10.0, ground.closed_pieces(10.0))
    assert crossed(known) != crossed(free)


def test_traffic_slows_what_lies_in_its_area_as_long_as_it_lasts():
    free = roads().way(SOUTH, NORTH, 0.0)
    everywhere = Slow(100.0, 200.0, Traffic(at="02:00", minutes=2, factor=2.0))
    slow = roads(slow=[everywhere])
    assert slow.way(SOUTH, NORTH, 99.0).limits_mps == free.limits_mps
    assert slow.way(SOUTH, NORTH, 200.0).limits_mps == free.limits_mps
    halved = slow.way(SOUTH, NORTH, 100.0).limits_mps
    assert halved == pytest.approx([limit / 2 for limit in free.limits_mps])
    area = Around(lat_deg=SOUTH.lat_deg, lon_deg=SOUTH.lon_deg, radius_m=400)
    near = roads(slow=[Slow(0.0, 9e9, Traffic(at="02:00", minutes=2, factor=2.0, area=area))])
    way = near.way(SOUTH, NORTH, 0.0)
    for n, (limit, before) in enumerate(zip(way.limits_mps, free.limits_mps, strict=True)):
        a, b = way.points[n], way.points[n + 1]
        middle = Place(lat_deg=(a.lat_deg + b.lat_deg) / 2, lon_deg=(a.lon_deg + b.lon_deg) / 2)
        expected = before / 2 if distance_m(SOUTH, middle) <= 400 else before
        assert limit == pytest.approx(expected)


def test_a_bridge_is_drawn_from_the_seed_and_a_street_is_found_by_its_name():
    day = load_scenario("one_van")
    drawn = replace(day, road_closed=(RoadClosed(at="09:00", minutes=60),))
    found = {roads_of(drawn, TOWN.ways, seed).closed[0].street for seed in range(20)}
    assert found == set(TOWN.ways.bridges())
    street = TOWN.segments[0].street
    named = replace(day, road_closed=(RoadClosed(at="09:00", minutes=60, street=street),))
    (closed,) = roads_of(named, TOWN.ways, 1).closed
    assert closed.pieces == TOWN.ways.pieces_of(street)
    assert closed.known_s - closed.from_s == 600


@pytest.mark.parametrize(
    ("street", "ways", "said"),
    [
        ("Nowhere", TOWN.ways, "there is no 'Nowhere' here"),
        ("", StraightWays(), "no bridge to draw"),
        ("Elm Street", StraightWays(), "there is no 'Elm Street'"),
    ],
)
def test_a_street_that_there_is_not_is_answered(street, ways, said):
    day = replace(
        load_scenario("one_van"),
        road_closed=(RoadClosed(at="09:00", minutes=60, street=street),),
    )
    with pytest.raises(ConfigError, match=said):
        roads_of(day, ways, 1)
