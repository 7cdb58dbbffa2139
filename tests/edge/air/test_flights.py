"""Flights: heights, wind, range, zones to avoid, and what is said against those refused."""

import math
from dataclasses import replace

import numpy as np
import pytest

from edge.air.airframe import Airframe
from edge.air.airspace import ClosedZone, Ground, Keeping
from edge.air.flights import Flight, Flights, Refusal
from edge.air.level import Question
from edge.air.outline import UNCLEAR, Outline
from edge.air.sky import Sky
from edge.air.wind import CALM, Headwind, Wind
from edge.native.air.ways import CLOSED

FRAME = Airframe(
    mass_kg=6.0, rotor_area_m2=0.8, drag_area_m2=0.06, battery_j=2.4e6, reserve_j=4e5
)
LEVEL_GROUND = Ground(station_m=0, lowest_m=0, highest_m=0)
ENDS = np.array([(-2_000.0, 0.0), (2_000.0, 0.0)])
WALL = np.array([(-50.0, -800.0), (50.0, -800.0), (50.0, 800.0), (-50.0, 800.0)])
BOX = np.array([(-900.0, -900.0), (900.0, -900.0), (900.0, 900.0), (-900.0, 900.0)])


def moved(ring, east_m, north_m):
    return ring + np.array([east_m, north_m])


def closed(name, ring, bottom_m=-math.inf, top_m=math.inf, avoid=False):
    return ClosedZone(name, Outline((ring,)), bottom_m, top_m, avoid)


def asked(zones, points_m=ENDS, wind=CALM, frame=FRAME, heights_m=None, before=None, far=()):
    sky = Sky(zones, Keeping(), LEVEL_GROUND, margin_m=25.0, within_m=20_000.0, before=before)
    heights_m = np.zeros(len(points_m)) if heights_m is None else np.array(heights_m)
    return Flights(Question(points_m, heights_m, wind, frame), sky.levels, far=far)


def test_without_zones_a_flight_goes_up_straight_on_and_down():
    flight = asked([]).flight(0, 1)
    assert isinstance(flight, Flight)
    assert flight.track_m.tolist() == ENDS.tolist()
    assert (flight.start_m, flight.cruise_m, flight.end_m) == (0, 40, 0)
    assert flight.time_ms == round(1000 * (40 / 3 + 4000 / 15 + 40 / 2))
    up_j = FRAME.climb_j(np.array([40.0, -40.0])).sum()
    assert flight.energy_j == pytest.approx(up_j + FRAME.level_w(15) * 4000 / 15, abs=1)


def test_a_low_zone_is_flown_over_where_that_is_quicker():
    over = asked([closed("low", WALL, top_m=45)]).flight(0, 1)
    assert over.track_m.tolist() == ENDS.tolist()
    assert over.cruise_m == 60  # 45 m, and ten between
    small = WALL * 0.02
    around = asked([closed("mast", small, top_m=45)]).flight(0, 1)
    assert around.cruise_m == 40
    assert len(around.track_m) > 2


def test_a_high_zone_is_flown_under_and_one_without_end_round():
    under = asked([closed("approach", WALL * 10, bottom_m=55)]).flight(0, 1)
    assert under.cruise_m == 40
    round_it = asked([closed("wall", WALL)]).flight(0, 1)
    assert round_it.length_m > 4_000
    assert round_it.time_ms > under.time_ms


def test_what_is_flown_over_cannot_be_climbed_through():
    """The zone ends at 45 m: passed above, but not started in."""
    zone = closed("low", WALL, top_m=45)
    inside = asked([zone], np.array([(0.0, 0.0), (2_000.0, 0.0)]))
    assert inside.why(0, 1) == Refusal("zone", ("low",))
    assert inside.why(1, 0) == Refusal("zone", ("low",))
    above = asked([zone], np.array([(0.0, 0.0), (2_000.0, 0.0)]), heights_m=[70.0, 0.0])
    assert above.flown(0, 1)
    assert not above.flown(1, 0) or above.flight(1, 0).end_m == 70


def test_a_zone_overhead_stops_the_climb_through_it():
    """Cruise lies above a slab at 20 to 25 m over the start."""
    slab = closed("slab", WALL, bottom_m=20, top_m=25)
    assert asked([slab]).flown(0, 1)
    assert asked([slab], np.array([(0.0, 0.0), (2e3, 0.0)])).why(0, 1).zones == ("slab",)


def test_from_above_a_slab_one_flies_on_above_it():
    slab = closed("slab", WALL, bottom_m=65, top_m=75)
    points_m = np.array([(0.0, 0.0), (2_000.0, 0.0)])
    assert asked([slab], points_m, heights_m=[100.0, 0.0]).flight(0, 1).cruise_m == 90
    assert asked([slab], points_m).flight(0, 1).cruise_m == 40


def test_ends_inside_and_ends_too_near_are_named():
    near = asked([closed("b", BOX)], np.array([(920.0, 0.0), (0.0, 0.0), (2e3, 0.0)]))
    assert near.why(0, 2) == Refusal("zone", ("b",))
    assert near.why(2, 1) == Refusal("zone", ("b",))
    assert str(near.why(0, 2)) == "not flown: it begins or ends in or too near to zone b"


def test_a_ring_of_zones_leaves_no_way_and_is_named():
    walls = [
        closed("east", np.array([(900.0, -1e3), (1e3, -1e3), (1e3, 1e3), (900.0, 1e3)])),
        closed("west", np.array([(-1e3, -1e3), (-900.0, -1e3), (-900.0, 1e3), (-1e3, 1e3)])),
        closed("north", np.array([(-1e3, 900.0), (1e3, 900.0), (1e3, 1e3), (-1e3, 1e3)])),
        closed("south", np.array([(-1e3, -1e3), (1e3, -1e3), (1e3, -900.0), (-1e3, -900.0)])),
    ]
    shut = asked(walls, np.array([(0.0, 0.0), (2_000.0, 0.0)]))
    assert shut.why(0, 1) == Refusal("no way", ("east",))
    assert shut.time_ms[0, 1] == shut.energy_j[0, 1] == CLOSED


def test_wind_makes_there_and_back_differ_and_too_much_of_it_is_said():
    breezy = asked([], wind=Wind(6.0, 0.0))
    assert breezy.time_ms[0, 1] < asked([]).time_ms[0, 1] < breezy.time_ms[1, 0]
    stormy = asked([], wind=Wind(14.0, 0.0))
    assert stormy.flown(0, 1)
    assert stormy.why(1, 0) == Refusal("wind")
    assert asked([], wind=Headwind(14.0)).why(0, 1) == Refusal("wind")


def test_beyond_the_battery_is_said():
    weak = replace(FRAME, battery_j=4.5e5)
    assert asked([], frame=weak).why(0, 1) == Refusal("range")


def test_the_nearer_side_of_a_zone_is_taken():
    assert asked([closed("wall", moved(WALL, 0.0, 30.0))]).flight(0, 1).track_m[1, 1] < 0
    assert asked([closed("wall", moved(WALL, 0.0, -30.0))]).flight(0, 1).track_m[1, 1] > 0


def test_zones_to_avoid_are_entered_only_where_there_is_no_other_way():
    wall = closed("homes", WALL, avoid=True)
    around = asked([wall]).flight(0, 1)
    assert around.avoided == ()
    assert len(around.track_m) > 2
    inside = asked([closed("homes", BOX, avoid=True)], np.array([(0.0, 0.0), (2e3, 0.0)]))
    assert inside.flight(0, 1).avoided == ("homes",)
    both = [closed("homes", BOX, avoid=True), closed("wall", moved(WALL, 1_500.0, 0.0))]
    careful = asked(both, np.array([(0.0, 0.0), (2e3, 0.0)])).flight(0, 1)
    assert careful.avoided == ("homes",)
    assert len(careful.track_m) > 2


def test_an_unclear_zone_closes_everything():
    nothing = asked([ClosedZone("lost", UNCLEAR, -math.inf, math.inf)])
    assert nothing.why(0, 1) == Refusal("zone", ("lost",))


def test_a_flight_of_more_than_three_weeks_is_out_of_range():
    away = asked([], np.array([(0.0, 0.0), (4e7, 0.0)]), wind=Headwind(14.4))
    assert away.time_ms[0, 1] == CLOSED
    assert away.why(0, 1) == Refusal("range")


def test_one_place_is_reached_without_taking_off():
    twice = asked([closed("b", BOX)], np.array([(0.0, 0.0), (0.5, 0.0)]))
    assert twice.time_ms.tolist() == [[0, 0], [0, 0]]
    assert twice.flight(0, 1).cruise_m == 0


def test_far_points_and_ground_without_room_are_said():
    assert asked([], far=[False, True]).why(0, 1) == Refusal("far")
    question = Question(ENDS, np.zeros(2), CALM, FRAME)
    assert Flights(question, ()).why(0, 1) == Refusal("height")
    assert Flights(question, (), crowded=True).why(0, 1) == Refusal("crowded")


def test_a_sky_that_grew_answers_like_one_made_anew():
    rng = np.random.default_rng(4)
    points_m = rng.uniform(-3e3, 3e3, (5, 2))
    zones = [
        closed(
            f"z{k}", WALL * 0.4 + rng.uniform(-2e3, 2e3, 2), top_m=float(rng.choice([45, 200]))
        )
        for k in range(8)
    ]
    before = None
    for count in (3, 4, 8, 5):
        grown = Sky(
            zones[:count], Keeping(), LEVEL_GROUND, margin_m=25.0, within_m=2e4, before=before
        )
        question = Question(points_m, np.zeros(5), Wind(3, 1), FRAME)
        fresh = asked(zones[:count], points_m, Wind(3, 1))
        assert Flights(question, grown.levels).time_ms.tolist() == fresh.time_ms.tolist()
        before = grown


def test_only_heights_where_something_changes_are_searched():
    levels = Sky(
        [closed("low", WALL, top_m=45), closed("tall", moved(WALL, 900.0, 0.0))],
        Keeping(),
        LEVEL_GROUND,
        margin_m=25.0,
        within_m=2e4,
    ).levels
    assert [level.cruise_m for level in levels] == [40, 60]
