"""Zones of a thousand shapes: no flight enters one, none is much longer than it need be."""

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Point

from edge.air.airframe import Airframe
from edge.air.flights import Flights
from edge.air.level import Level, Question
from edge.air.sightlines import Sightlines
from edge.air.wind import CALM, Wind
from tests.edge.air.zones import MARGIN_M, drawn, shortest_m, thrown

FRAME = Airframe(
    mass_kg=6.0, rotor_area_m2=0.8, drag_area_m2=0.06, battery_j=2.4e6, reserve_j=4e5
)
QUICK, LONG = 200, 1_000
JUDGED_QUICK, JUDGED_LONG = 25, 1_000
WITHIN_M = 20_000.0
CORNER_M = 0.11 * MARGIN_M  # what a corner of sixty degrees costs over an arc
ROUND_SHARE = 0.013  # what sixteen sides cost over a circle


def flights_among(zones, points_m, wind=CALM):
    lines = Sightlines.among(zones, MARGIN_M, WITHIN_M)
    level = Level(60.0, lines, tuple(zones), 10.0)
    return Flights(Question(points_m, np.zeros(len(points_m)), wind, FRAME), [level])


def check_never_enters(seed):
    rng = np.random.default_rng(seed)
    zones = thrown(rng, int(rng.integers(1, 9)))
    points_m = rng.uniform(-2_500, 2_500, (6, 2))
    found = flights_among(zones, points_m, Wind(*rng.uniform(-5, 5, 2)))
    shapes = [drawn(zone.shape) for zone in zones]
    flown = 0
    for start in range(6):
        for end in range(6):
            if start == end:
                continue
            if not found.flown(start, end):
                check_refusal(found.why(start, end), shapes, points_m[[start, end]])
                continue
            flown += 1
            way = LineString(found.flight(start, end).track_m)
            away_m = [shape.distance(way) for shape in shapes]
            assert min(away_m) > MARGIN_M - 0.02, (seed, start, end)
    return flown


def check_refusal(refusal, shapes, ends_m):
    """Ends that are said to be too near to a zone are; the others are not."""
    ends = [Point(end) for end in ends_m]
    if refusal.reason == "zone":
        for name in refusal.zones:
            named = shapes[int(name[1:])]
            assert min(named.distance(end) for end in ends) < MARGIN_M
    else:
        assert refusal.reason == "no way"
        assert min(shape.distance(end) for shape in shapes for end in ends) > MARGIN_M - 0.02
        assert refusal.zones


def test_no_flight_enters_a_zone_of_two_hundred_shapes():
    assert sum(check_never_enters(seed) for seed in range(QUICK)) > 10 * QUICK


@pytest.mark.soak
def test_no_flight_enters_a_zone_of_a_thousand_shapes():
    assert sum(check_never_enters(seed) for seed in range(LONG)) > 10 * LONG


def check_near_the_optimum(seed):
    """Judge one way in calm; return how many times as long as the shortest it is."""
    rng = np.random.default_rng(10_000 + seed)
    zones = thrown(rng, int(rng.integers(1, 6)))
    points_m = rng.uniform(-2_500, 2_500, (2, 2))
    found = flights_among(zones, points_m)
    clear = [
        shapely.union_all([drawn(zone.shape) for zone in zones]).distance(Point(end)) > MARGIN_M
        for end in points_m
    ]
    if not all(clear):
        assert not found.flown(0, 1)
        return None
    best_m = shortest_m(zones, *points_m, MARGIN_M)
    if best_m is None:
        assert found.why(0, 1).reason == "no way"
        return None
    flight = found.flight(0, 1)
    turns = len(flight.track_m) - 2
    assert flight.length_m > best_m - 0.1, seed
    assert flight.length_m < best_m * (1 + ROUND_SHARE) + turns * CORNER_M + 0.1, seed
    return flight.length_m / best_m


def test_flights_are_hardly_longer_than_the_shortest():
    shares = [share for seed in range(JUDGED_QUICK) if (share := check_near_the_optimum(seed))]
    assert len(shares) > JUDGED_QUICK / 3
    assert np.mean(shares) < 1.005


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, JUDGED_LONG, 100))
def test_a_thousand_flights_are_hardly_longer_than_the_shortest(first):
    seeds = range(first, first + 100)
    shares = [share for seed in seeds if (share := check_near_the_optimum(seed))]
    assert len(shares) > 33
    assert np.mean(shares) < 1.005
