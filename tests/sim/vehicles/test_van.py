import math

import pytest

from edge.messages.geo import Place
from sim.chance import chance
from sim.roads.way import Way
from sim.town.streets import Flat
from sim.town.town import Town, TownSize
from sim.vehicles.van import SLOWS_DOWN_MPS2, SPEEDS_UP_MPS2, Van

HERE = Place(lat_deg=52.0, lon_deg=5.0)
FLAT = Flat(HERE)


def straight(length_m, limit_mps=10.0, lasts_s=None):
    return Way((HERE, FLAT.place((length_m, 0.0))), (limit_mps,), lasts_s)


def east_m(van, now_s):
    truth = van.truth(now_s)
    return FLAT.xy(Place(lat_deg=truth.lat_deg, lon_deg=truth.lon_deg))[0]


def test_a_straight_way_takes_what_the_textbook_says():
    up_s, down_s = 10 / SPEEDS_UP_MPS2, 10 / SLOWS_DOWN_MPS2
    expected_s = up_s + down_s + (1000 - 5 * up_s - 5 * down_s) / 10
    van = Van(HERE)
    assert van.drive(straight(1000.0), 100.0) == pytest.approx(100 + expected_s, abs=0.1)
    assert van.truth(130.0).speed_mps == 10.0
    assert van.truth(130.0).heading_deg == pytest.approx(90.0, abs=0.1)
    assert van.truth(1000.0).speed_mps == 0.0
    assert east_m(van, 1000.0) == pytest.approx(1000.0, abs=0.1)
    assert van.driven_m(1000.0) == pytest.approx(1000.0, abs=0.1)


@pytest.mark.parametrize("lasts_s", [3.0, 60.0, 1000.0])
def test_a_way_with_a_known_time_takes_exactly_that(lasts_s):
    van, way = Van(HERE), straight(500.0, lasts_s=lasts_s)
    assert van.drive(way, 50.0) == 50.0 + lasts_s
    assert east_m(van, 50.0 + lasts_s * 0.97) < 500.0
    assert van.halt(50.0 + lasts_s) == way.points[-1]


def test_the_same_place_again_takes_no_time():
    van = Van(HERE)
    assert van.drive(Way((HERE, HERE), (10.0,)), 7.0) == 7.0
    assert van.halt(8.0) == HERE


def test_lower_limits_make_the_way_longer_and_halts_stop_the_van():
    corner = FLAT.place((300.0, 0.0))
    way = Way((HERE, corner, FLAT.place((300.0, 300.0))), (10.0, 10.0))
    free_s = Van(HERE).drive(way, 0.0)
    slow = Way(way.points, (10.0 / 1.5, 10.0 / 1.5))
    assert Van(HERE).drive(slow, 0.0) > 1.3 * free_s
    van = Van(HERE)
    assert van.drive(way, 0.0, halts_s=[30.0]) > free_s + 30
    standing = [t for t in range(10, 80) if van.truth(t).speed_mps == 0.0]
    assert 29 <= len(standing) <= 31
    assert east_m(van, standing[5]) == pytest.approx(300.0, abs=0.1)


def test_a_new_target_on_the_way_starts_from_where_the_van_is():
    van = Van(HERE)
    van.drive(straight(1000.0), 0.0)
    turned = van.halt(40.0)
    assert 300 < FLAT.xy(turned)[0] < 400
    ends_s = van.drive(Way((turned, HERE), (10.0,)), 40.0)
    assert van.halt(ends_s) == HERE
    assert van.driven_m(ends_s) == pytest.approx(2 * FLAT.xy(turned)[0], abs=0.5)


@pytest.mark.parametrize("seed", range(5))
def test_a_van_never_jumps_nor_speeds_up_faster_than_it_can(seed):
    rng = chance(seed, "legs")
    town = Town(TownSize(), chance(seed, "town"))
    van, now_s = Van(town.station), 0.0
    for _ in range(20):
        way = town.ways.way(van.halt(now_s), rng.choice(town.addresses).place)
        halts_s = [rng.choice((0.0, 0.0, 20.0)) for _ in way.points]
        ends_s = van.drive(way, now_s, halts_s=halts_s)
        before = van.truth(now_s)
        while now_s < ends_s + 1:
            now_s += 0.25
            truth = van.truth(now_s)
            moved = math.dist(
                FLAT.xy(Place(lat_deg=before.lat_deg, lon_deg=before.lon_deg)),
                FLAT.xy(Place(lat_deg=truth.lat_deg, lon_deg=truth.lon_deg)),
            )
            assert moved <= 0.25 * max(before.speed_mps, truth.speed_mps) + 0.2
            assert before.speed_mps - 0.56 <= truth.speed_mps <= before.speed_mps + 0.41
            assert truth.speed_mps <= max(way.limits_mps) + 1e-9
            before = truth


def test_points_of_the_way_are_passed_when_the_van_is_there():
    town = Town(TownSize(), chance(1, "town"))
    van = Van(town.station)
    way = town.ways.way(town.station, town.addresses[-1].kerb)
    ends_s = van.drive(way, 10.0, halts_s=[5.0] * (len(way.points) - 2))
    passed = [van.passes_s(point) for point in range(len(way.points))]
    assert passed == sorted(passed)
    assert passed[0] == 10.0
    assert passed[-1] == pytest.approx(ends_s, abs=1e-6)
    for at_s, point in zip(passed, way.points, strict=True):
        truth = van.truth(at_s)
        away = math.dist(
            FLAT.xy(point), FLAT.xy(Place(lat_deg=truth.lat_deg, lon_deg=truth.lon_deg))
        )
        assert away < 0.05
