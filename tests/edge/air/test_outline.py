"""A zone's shape: what is inside, and that its corners stand where flights turn."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely.geometry import Point

from edge.air.chart import Chart
from edge.air.outline import (
    MOST_CORNERS_A_ZONE,
    ROUND_CORNERS,
    UNCLEAR,
    Outline,
    outline,
    sixteen_sides,
)
from edge.messages.conditions import Circle, Polygon
from edge.messages.geo import Place
from tests.edge.air.zones import drawn

PORTO = Place(lat_deg=41.15, lon_deg=-8.61)
CHART = Chart(PORTO)
metres = st.integers(-50, 50).map(float)
rings = st.lists(st.tuples(metres, metres), min_size=3, max_size=8).map(np.array)


def ring_of(*points_m):
    return tuple(CHART.place(east_m, north_m) for east_m, north_m in points_m)


SQUARE = ring_of((0, 0), (100, 0), (100, 100), (0, 100))
HOLE = ring_of((40, 40), (60, 40), (60, 60), (40, 60))


@given(rings, st.lists(rings, max_size=2), st.tuples(metres, metres))
@example(np.array([(0, 0), (9, 9), (9, 0), (0, 9.0)]), [], (2.0, 5.0))  # a bowtie
@example(np.array([(0, 0), (9, 0), (9, 9), (0, 9.0)]), [], (2.0, 5.0))
@example(np.array([(0, 0), (9, 9), (3, 3.0)]), [], (2.0, 5.0))  # no area
def test_inside_is_what_any_reading_of_the_rings_says(outer, holes, point):
    """Within a hair of a line the walls decide, not the shape."""
    shape = Outline((outer, *holes))
    spot = Point(point)
    lines = [shapely.linearrings(ring) for ring in (outer, *holes)]
    if min(line.distance(spot) for line in lines) < 1e-6:
        return
    assert shape.holds(np.array([point]))[0] == (drawn(shape).distance(spot) == 0)


def test_a_hole_is_open_and_its_filling_is_not():
    shape = outline(CHART, Polygon(outer=SQUARE, holes=(HOLE,)))
    assert shape.holds(np.array([(50.0, 50.0), (20.0, 50.0)])).tolist() == [False, True]


def test_a_hole_that_can_be_read_as_none_is_closed():
    """The middle of a five-pointed star is gone round twice: outside by the even-odd rule."""
    angles = np.arange(5) * (4 * math.pi / 5)
    star = 100 * np.column_stack([np.cos(angles), np.sin(angles)])
    wide = np.array([(-200.0, -200.0), (200.0, -200.0), (200.0, 200.0), (-200.0, 200.0)])
    middle, tip = (0.0, 0.0), (90.0, 0.0)
    assert Outline((wide, star)).holds(np.array([middle, tip])).tolist() == [True, False]
    assert Outline((star,)).holds(np.array([middle, tip])).all()


def test_a_circle_is_a_point_with_a_wide_wall():
    shape = outline(CHART, Circle(centre=PORTO, radius_m=100.0))
    assert shape.walls(30.0).tolist() == [[0, 0, 0, 0, pytest.approx(131, abs=0.01)]]
    assert shape.holds(np.array([(100.0, 0.0), (0.0, 102.0)])).tolist() == [True, False]


@pytest.mark.parametrize(
    "area",
    [
        Polygon(outer=(PORTO, Place(lat_deg=1, lon_deg=100), Place(lat_deg=1, lon_deg=1))),
        Circle(centre=Place(lat_deg=89.9, lon_deg=0), radius_m=50_000),
        Polygon(
            outer=SQUARE,
            holes=((PORTO, Place(lat_deg=1, lon_deg=100), Place(lat_deg=1, lon_deg=1)),),
        ),
    ],
)
def test_what_cannot_be_drawn_is_everywhere(area):
    shape = outline(CHART, area)
    assert shape is UNCLEAR
    assert shape.holds(np.array([(0.0, 0.0), (1e6, 1e6)])).all()
    assert shape.walls(30.0).shape == (0, 5)
    assert shape.corners_m(30.0).shape == (0, 2)


def test_a_zone_of_very_many_corners_becomes_its_hull_of_sixteen_sides():
    angles = np.linspace(0, 2 * math.pi, MOST_CORNERS_A_ZONE + 1, endpoint=False)
    wavy = 500 + 30 * np.sin(20 * angles)
    many = ring_of(*np.column_stack([wavy * np.cos(angles), wavy * np.sin(angles)]).tolist())
    shape = outline(CHART, Polygon(outer=many, holes=(HOLE,)))
    assert [len(ring) for ring in shape.rings_m] == [ROUND_CORNERS]
    assert shape.holds(0.999 * CHART.points_m(many)).all()
    assert shape.holds(CHART.points_m(HOLE)).all()


@given(rings)
def test_sixteen_sides_hold_the_ring(ring):
    hull = shapely.MultiPoint(sixteen_sides(ring)).convex_hull.buffer(1e-6)
    assert all(hull.covers(Point(corner)) for corner in ring)


@given(rings, st.sampled_from([1.0, 30.0]))
def test_a_corner_stands_hardly_farther_off_than_the_margin(ring, margin_m):
    """At most as far as two tangents sixty degrees apart meet; never nearer to its own."""
    shape = Outline((ring,))
    corners = shape.corners_m(margin_m)
    assert len(corners) <= 3 * len(ring)
    for corner in corners:
        away = np.hypot(*(ring - corner).T)
        assert away.min() <= margin_m / math.cos(math.radians(30)) + 1e-9


def test_flights_round_a_square_turn_at_two_corners_each():
    square = Outline((np.array([(0, 0), (100, 0), (100, 100), (0, 100.0)]),))
    corners = square.corners_m(30.0)
    assert len(corners) == 8
    hull = shapely.MultiPoint(corners).convex_hull
    assert hull.boundary.distance(shapely.box(0, 0, 100, 100)) == pytest.approx(30)


def test_round_a_needle_and_a_dot_flights_turn_all_the_way():
    needle = Outline((np.array([(0, 0), (100.0, 0)]),))
    assert len(needle.corners_m(30.0)) == 6
    dot = Outline((np.zeros((1, 2)),))
    assert np.hypot(*dot.corners_m(30.0).T).min() > 30
