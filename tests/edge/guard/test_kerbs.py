"""The kerb map: what it holds, against shapely; and that who leaves it stands inside."""

import math
from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.guard.guard import Guard
from edge.guard.kerbs import grid_of, kerbs_about
from edge.guard.shapes import Round
from edge.messages.machines.cleared import SafeStop
from tests.edge.guard.scene import HOME, NOW_S, here, place, robot_bounds, robot_truth

UNIT_M = 4.0
whole = st.integers(-12, 12)
spot = st.tuples(st.floats(-45, 45), st.floats(-45, 45))
step = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


def e7(corners):
    flat = []
    for east_m, north_m in corners:
        there = place(east_m, north_m)
        flat += [round(there.lat_deg * 1e7), round(there.lon_deg * 1e7)]
    return flat


def rectangle(west_m, south_m, wide_m, high_m, turn_rad=0.0):
    """Return a rectangle, turned about its south-western corner."""
    ahead = math.cos(turn_rad), math.sin(turn_rad)
    return tuple(
        (west_m + x * ahead[0] - y * ahead[1], south_m + x * ahead[1] + y * ahead[0])
        for x, y in ((0, 0), (wide_m, 0), (wide_m, high_m), (0, high_m))
    )


boxes = st.builds(
    lambda x, y, w, h, turn_rad: rectangle(
        x * UNIT_M + 0.3, y * UNIT_M + 0.7, w * UNIT_M, h * UNIT_M, turn_rad
    ),
    whole, whole, st.integers(1, 6), st.integers(1, 6), st.sampled_from([0.0, 0.4, 1.9, 3.5]),
)  # fmt: skip


def area_of(corners):
    return shapely.union_all([shapely.Polygon(one) for one in corners])


def rings_of(area):
    parts = shapely.get_parts(area).tolist()
    return [
        list(ring.coords)[:-1] for part in parts for ring in (part.exterior, *part.interiors)
    ]


def kerbs_of(area, pieces=()):
    grid = grid_of([e7(ring) for ring in rings_of(area)])
    about = [tuple(grid.point(place(*corner)) for corner in piece) for piece in pieces]
    return kerbs_about(grid, HOME, about)


def _touch(corners):
    """Tell whether some edges lie along each other."""
    sides = [shapely.Polygon(one).boundary for one in corners]
    return any(
        shapely.intersection(a.buffer(0.02), b).length > 0.5
        for number, a in enumerate(sides)
        for b in sides[number + 1 :]
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(boxes, min_size=1, max_size=6),
    st.lists(boxes, max_size=3),
    st.lists(st.tuples(spot, step, step), min_size=20, max_size=20),
    st.floats(0.05, 2.0),
)
def test_s2_a_reach_is_held_if_all_of_it_is_inside_by_the_margin(
    areas, pieces, asked, margin_m
):
    known = area_of(areas)
    whole_area = area_of([*areas, *pieces])
    kerbs = kerbs_of(known, pieces)
    for start, one, two in asked:
        reach = (
            start,
            (start[0] + one[0], start[1] + one[1]),
            (start[0] + two[0], start[1] + two[1]),
        )
        triangle = shapely.convex_hull(shapely.MultiPoint(reach))
        away_m = shapely.distance(whole_area.boundary, triangle)
        inside = whole_area.covers(triangle) and away_m > margin_m
        if abs(away_m - margin_m) > 0.01:  # maps are to a centimetre
            said = kerbs.holds(reach, margin_m)
            # Where two pieces only touch, the edge between them is kept.
            assert said == inside or (not said and _touch([*areas, *pieces]))


@settings(max_examples=60, deadline=None)
@given(st.lists(boxes, min_size=1, max_size=5), st.lists(boxes, max_size=3), spot)
def test_s2_what_is_added_opens_nothing_beyond_itself(areas, pieces, point):
    point_at = shapely.Point(point)
    added, known = area_of([*areas, *pieces]), area_of(areas)
    if not added.buffer(0.01).covers(point_at):
        assert not kerbs_of(known, pieces).holds((point, point, point), 0.02)
    if known.buffer(-0.6).covers(point_at):
        assert kerbs_of(known, pieces).holds((point, point, point), 0.5) or pieces


def test_s2_a_piece_that_overlaps_opens_the_edge_between():
    street, door = rectangle(-30.0, -2.0, 60.0, 4.0), rectangle(-1.5, -8.0, 3.0, 7.0)
    across = ((0.0, -6.0), (0.0, 0.0), (0.0, 0.0))
    assert not kerbs_of(area_of([street])).holds(across, 1.0)
    kerbs = kerbs_of(area_of([street]), [door])
    assert kerbs.holds(across, 1.0)
    assert not kerbs.holds(across, 1.6)
    assert not kerbs.holds(((0.0, -6.0), (0.0, -8.5), (0.0, -8.5)), 0.1)
    twice = kerbs_of(area_of([street]), [door, rectangle(-1.5, -8.0, 3.0, 7.0)])
    assert twice.holds(across, 1.0)


def drives(heading_rad, speed_mps, start, kerbs, turns_rad):
    """Drive on whatever the guard says, until it stops it; return where it stands."""
    bounds = replace(robot_bounds(), kerbs=kerbs, stay_in=(Round((0.0, 0.0), 500.0),))
    guard, motion = Guard(bounds), robot_bounds().figures.motion
    east_m, north_m, now_s = *start, NOW_S
    stopped_s, dt_s = None, 0.05
    for tick in range(2000):
        velocity = (speed_mps * math.sin(heading_rad), speed_mps * math.cos(heading_rad), 0.0)
        if tick % 2 == 0 and stopped_s is None:
            where = here(east_m, north_m, velocity=velocity, accuracy_m=0.3, at_s=now_s)
            stop = guard.watch(robot_truth(now_s, whereabouts=where), now_s)
            if stop is not None:
                assert isinstance(stop, SafeStop)
                assert stop.reason == "fence"
                stopped_s = now_s + motion.reaction_s - 0.1
        if stopped_s is not None and now_s >= stopped_s:
            speed_mps = max(0.0, speed_mps - motion.braking_mps2 * dt_s)
        elif stopped_s is None:
            heading_rad += turns_rad
        if speed_mps == 0.0:
            return east_m, north_m
        east_m += velocity[0] * dt_s
        north_m += velocity[1] * dt_s
        now_s += dt_s
    return None


@settings(max_examples=20, deadline=None)
@given(
    st.floats(0, 6.2),
    st.floats(0.6, 1.8),
    st.floats(-20, 20),
    st.sampled_from([0.0, 0.01, -0.02]),
)
def test_s2_steering_outwards_ends_inside_the_kerbs(heading_rad, speed_mps, east_m, turns_rad):
    area = area_of([rectangle(-40.0, -4.0, 80.0, 8.0), rectangle(-4.0, -40.0, 8.0, 80.0)])
    stands = drives(heading_rad, speed_mps, (east_m, 0.0), kerbs_of(area), turns_rad)
    assert stands is not None or turns_rad
    if stands is not None:
        assert area.boundary.distance(shapely.Point(stands)) > 0.35
        assert area.covers(shapely.Point(stands))


def test_a_place_of_the_grid_is_where_its_point_is():
    grid = kerbs_of(area_of([rectangle(3.0, 5.0, 40.0, 30.0)])).grid
    for corner in [(0.0, 0.0), (12.0, -7.0), (500.0, 300.0)]:
        there = place(*corner)
        back = grid.place(grid.point(there))
        assert back.lat_deg == pytest.approx(there.lat_deg, abs=1e-9)
        assert back.lon_deg == pytest.approx(there.lon_deg, abs=1e-9)


def test_the_nearest_edge_is_found_only_within_reach():
    kerbs = kerbs_of(area_of([rectangle(0.0, 0.0, 40.0, 30.0), rectangle(60.0, 0.0, 9.0, 9.0)]))
    grid = kerbs.grid

    def nearest(east_m, north_m, within_m):
        found = grid.nearest(grid.point(place(east_m, north_m)), within_m)
        return None if found is None else kerbs.home_point(grid.place(found))

    assert nearest(20.0, -6.0, 8.0) == pytest.approx((20.0, 0.0), abs=0.02)
    assert nearest(47.0, 4.0, 30.0) == pytest.approx((40.0, 4.0), abs=0.02)
    assert nearest(53.0, 4.0, 30.0) == pytest.approx((60.0, 4.0), abs=0.02)
    assert nearest(46.0, 36.0, 8.0) is None
    assert nearest(46.0, 36.0, 8.6) == pytest.approx((40.0, 30.0), abs=0.02)


def test_it_is_asked_about_any_home():
    far = place(4000.0, 9000.0)
    grid = kerbs_of(area_of([rectangle(0.0, 0.0, 40.0, 30.0)])).grid
    kerbs = kerbs_about(grid, far)
    inside, outside = (kerbs.home_point(place(*spot)) for spot in ((20.0, 15.0), (20.0, 32.0)))
    assert kerbs.holds((inside,) * 3, 14.5)
    assert not kerbs.holds((inside,) * 3, 15.5)
    assert not kerbs.holds((outside,) * 3, 0.1)


@pytest.mark.bench
def test_a_look_on_a_city_takes_less_than_a_millisecond():
    import time

    streets = [rectangle(-2000.0, 40.0 * n, 4000.0, 4.0) for n in range(-50, 50)]
    streets += [rectangle(40.0 * n, -2000.0, 4.0, 4000.0) for n in range(-50, 50)]
    kerbs = kerbs_of(area_of(streets))
    reach = ((2.0, 2.0), (3.0, 2.0), (2.0, 3.0))
    began = time.process_time()
    assert all(kerbs.holds(reach, 0.6) for _ in range(1000))
    assert time.process_time() - began < 1.0
