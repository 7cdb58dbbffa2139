"""A way with its roads, and the point ahead that it may go to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.messages.geo import distance_m, east_north_m
from edge.sidewalk.plan import KERB_M, MappedCrossing, UndrivableError, plan_leg
from edge.sidewalk.way import (
    BEND_M,
    BESIDE_M,
    ahead,
    length_m,
    pace_mps,
    place_at,
    spot_on,
    stretches,
    without_spurs,
)
from tests.edge.sidewalk.legs import CORNER, DOOR, HOME, ROAD, WAY, at, leg, leg_home


def test_it_waits_before_the_road_and_is_clear_behind_it():
    (road,) = leg().crossings
    assert (road.wait_m, road.road_m, road.clear_m) == pytest.approx(
        (17.0 - KERB_M, 17.0, 23.0 + KERB_M), abs=0.05
    )
    (back,) = leg_home().crossings
    assert back.road_m == pytest.approx(leg().length_m - 23.0, abs=0.05)


def test_roads_without_room_between_them_are_crossed_as_one():
    near = MappedCrossing(crossing_id="Y", middle=at(27.0, 0.0), reach_m=2.0)
    (both,) = leg(roads=(near, ROAD)).crossings
    assert both.crossing_ids == ("X", "Y")
    assert both.clear_m == pytest.approx(29.0 + KERB_M, abs=0.05)
    far = MappedCrossing(crossing_id="Z", middle=at(36.0, 0.0), reach_m=2.0)
    assert len(leg(roads=(far, ROAD)).crossings) == 2


@pytest.mark.parametrize(
    ("points", "roads", "why"),
    [
        ((HOME,), (), "a way has a start and an end elsewhere"),
        ((HOME, HOME), (), "a way has a start and an end elsewhere"),
        ((HOME, at(21.0, 0.0)), (ROAD,), "it would end on crossing X"),
    ],
)
def test_what_makes_no_leg_is_refused(points, roads, why):
    with pytest.raises(UndrivableError, match=why):
        plan_leg("p", points, roads, speed_mps=1.0, purpose="home")


def test_a_way_to_a_stop_has_a_door():
    with pytest.raises(UndrivableError, match="has a stop and its door"):
        plan_leg("p", WAY, (), speed_mps=1.0)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 65.0))
def test_a_place_on_the_way_is_found_again(along_m):
    place = place_at(WAY, along_m)
    spot = spot_on(WAY, place, along_m)
    assert spot.off_m < 0.05
    assert spot.along_m == pytest.approx(min(along_m, length_m(WAY)), abs=0.05)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 64.0), st.floats(0.5, 5.0), st.floats(1.0, 65.0))
def test_what_is_ahead_is_reached_straight_beside_the_way(along_m, speed_mps, until_m):
    here = place_at(WAY, along_m)
    goal = ahead(WAY, here, along_m, max(until_m, along_m), speed_mps)
    assert beside_m(goal) < 0.05
    if along_m < length_m((HOME, CORNER)) - BEND_M:
        assert east_north_m(HOME, goal)[1] <= 0.05  # not round the corner yet
    middle = place_at((here, goal), distance_m(here, goal) / 2) if here != goal else here
    assert beside_m(middle) <= max(BESIDE_M, BEND_M) + 0.05


def beside_m(place):
    """Return how far a place is from the way, wherever along it."""
    return min(spot_on(WAY, place, float(near_m)).off_m for near_m in range(0, 70, 4))


def test_a_way_that_comes_near_itself_is_followed_in_order():
    loop = (HOME, at(30.0, 0.0), at(30.0, 2.0), at(0.0, 2.0))
    assert spot_on(loop, at(5.0, 1.1), 4.0).along_m == pytest.approx(5.0, abs=0.1)
    assert spot_on(loop, at(5.0, 0.9), 56.0).along_m == pytest.approx(57.0, abs=0.1)


def test_a_stretch_is_found_through_corners():
    (stretch,) = stretches(WAY, CORNER, 5.0)
    assert stretch == pytest.approx((35.0, 45.0), abs=0.05)
    assert not stretches(WAY, at(20.0, 20.0), 5.0)
    assert east_north_m(HOME, DOOR) == pytest.approx((40.0, 25.0), abs=0.01)


def test_s3_at_a_sharp_corner_no_road_is_jumped_over():
    sharp = (HOME, at(30.0, 0.0), at(0.0, 4.0))
    for near_m in (23.0, None):
        assert spot_on(sharp, at(24.0, 0.5), near_m).along_m == pytest.approx(24.0, abs=0.1)


def test_a_way_does_not_go_out_and_back_along_itself():
    spur, corner = at(12.0, 0.0), at(0.0, 20.0)
    assert without_spurs((HOME, spur, HOME, corner)) == (HOME, corner)
    assert without_spurs((HOME, spur, at(8.0, 0.1), corner)) == (HOME, at(8.0, 0.1), corner)
    assert without_spurs((HOME, at(5.0, 0.0), spur, at(5.0, 0.0), HOME, corner)) == (
        HOME,
        corner,
    )
    assert without_spurs(WAY) == tuple(WAY)
    assert without_spurs((HOME, at(30.0, 0.0), at(0.0, 4.0))) == (
        HOME, at(30.0, 0.0), at(0.0, 4.0),
    )  # fmt: skip


BENT = (HOME, at(30.0, 0.0), at(30.0, 30.0))


def test_s2_between_kerbs_it_slows_down_before_a_bend_and_before_the_end():
    paces = [pace_mps(BENT, along_m, 0.4, 1.5) for along_m in range(60)]
    assert paces[20] == paces[40] == 1.5
    assert paces[30] < 0.5
    assert paces[59] < 0.75
    assert paces[27] > paces[28] > paces[29] >= paces[30]
    for along_m, pace in enumerate(paces):
        left_m = (30 if along_m <= 30 else 60) - along_m + 0.4
        assert pace * (0.7 + pace / 3) <= max(left_m, 0.4)
    assert {pace_mps(BENT, along_m, None, 1.5) for along_m in range(60)} == {1.5}


def test_s2_between_kerbs_it_does_not_cut_a_bend_and_never_stands_before_it():
    for east_m in (28.0, 29.2, 29.4, 29.6, 29.9):
        here = at(east_m, 0.0)
        goal = ahead(BENT, here, east_m, 60.0, 1.5, 0.4)
        east, north = east_north_m(here, goal)
        away_m = (east**2 + north**2) ** 0.5
        assert away_m > 0.8
        to_bend = 30.0 - east_m
        cut_m = abs(to_bend * north) / away_m if north > 0 else 0.0
        assert cut_m <= 0.66
