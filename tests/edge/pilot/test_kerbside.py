"""Ways from the kerb map to doors: short, straight, over no road; and whether a way fits."""

import pytest

from edge.guard.kerbs import grid_of
from edge.pilot.robots.kerbside import Kerbside
from edge.roads.classes import CLASS_INDEX
from edge.roads.graph import RoadGraph
from edge.roads.roadways import Roadways
from tests.edge.guard.scene import HOME, place
from tests.edge.guard.test_kerbs import e7, rectangle

NORTH, SOUTH = rectangle(-100.0, 3.0, 200.0, 3.5), rectangle(-100.0, -6.5, 200.0, 3.5)
"""Pavements of a street along the equator of our world, six metres wide."""


def kerbside(*rings, road_class="residential"):
    ends = [place(-100.0, 0.0), place(100.0, 0.0)]
    graph = RoadGraph.of_arrays(
        [round(end.lat_deg * 1e7) for end in ends],
        [round(end.lon_deg * 1e7) for end in ends],
        [0, 1],
        [1, 0],
        arc_class=CLASS_INDEX[road_class],
    )
    return Kerbside(grid_of([e7(ring) for ring in rings]), Roadways(graph))


def line(*spots):
    return [place(*spot) for spot in spots]


def test_s2_a_door_beside_the_pavement_is_reached_straight():
    here = kerbside(NORTH, SOUTH)
    door = place(20.0, 12.0)
    kerbs = here.fence(HOME, (door,))
    east_m, north_m = kerbs.home_point(here.foot_of(door))
    assert (east_m, north_m) == pytest.approx((20.0, 4.8), abs=0.05)
    way = line((20.0, 12.0), (20.0, 4.8), (60.0, 4.8))
    assert here.room_m(way, 0.9) == 0.6
    assert here.start(door) == here.foot_of(door)
    assert here.start(place(40.0, 4.8)) == place(40.0, 4.8)
    assert not kerbs.holds(((22.5, 12.0),) * 3, 0.1)  # beside the way to the door
    assert not kerbs.holds(((20.0, 0.0),) * 3, 0.1)


@pytest.mark.parametrize(
    ("rings", "door", "why"),
    [
        ((NORTH,), (20.0, -9.0), "the nearest pavement is on the other side of a road"),
        ((NORTH,), (20.0, 60.0), "no pavement is mapped within 30 m of there"),
        ((rectangle(-100.0, 3.0, 200.0, 1.0),), (20.0, 9.0), "is too narrow to turn onto"),
    ],
)
def test_s2_a_door_without_a_pavement_of_its_own_is_refused(rings, door, why):
    here = kerbside(*rings)
    here.fence(HOME, (place(*door),))
    assert why in here.foot_of(place(*door))


def test_s2_among_cars_at_walking_pace_no_road_is_between():
    here = kerbside(NORTH, road_class="living_street")
    assert not isinstance(here.foot_of(place(20.0, -2.0)), str)


def test_s2_who_stands_in_the_middle_of_a_street_leaves_it_to_either_side():
    here = kerbside(NORTH, SOUTH)
    here.fence(HOME, ())
    _, north_m = here._kerbs.home_point(here.foot_of(HOME))
    assert abs(north_m) == pytest.approx(4.7, abs=0.2)


def test_s2_a_way_off_the_map_or_too_narrow_is_refused_with_its_place():
    here = kerbside(NORTH, SOUTH)
    here.fence(HOME, ())
    straight = line((-50.0, 4.75), (50.0, 4.75), (80.0, 4.75))
    assert here.room_m(straight, 1.0) == 0.6
    assert here.room_m(straight, 1.4) == 0.25
    assert "near 47.0" in here.room_m(straight, 1.7)
    assert "would leave the kerb map" in here.room_m(line((0, 4.75), (5, 4.75), (5, -4.7)), 0.5)
