"""Areas and reaches, against shapely."""

import math

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.guard.shapes import (
    Cornered,
    Round,
    away_m,
    holds,
    meets,
    segments_apart_m,
    shape_of,
)
from edge.messages.conditions import Circle, Polygon
from tests.edge.guard.scene import HOME, box, place, square

number = st.integers(-20, 20).map(float)
point = st.tuples(number, number)
reach = st.tuples(point, point, point)
SQUARE = square(0.0, 10.0)
HOLED = Cornered((SQUARE.rings[0], ((4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0))))


@st.composite
def stars(draw):
    """Polygons that do not cross themselves, some with a hole."""
    count = draw(st.integers(3, 8))
    radii = [draw(st.integers(4, 15)) for _ in range(count)]
    centre = draw(point)
    turned = draw(st.sampled_from((1, -1)))
    corners = [
        (
            centre[0] + radius * math.cos(turned * (0.1 + math.tau * index / count)),
            centre[1] + radius * math.sin(turned * (0.1 + math.tau * index / count)),
        )
        for index, radius in enumerate(radii)
    ]
    rings = [tuple(corners)]
    if draw(st.booleans()):
        x, y = centre
        rings.append(((x - 1.0, y - 1.0), (x + 1.0, y - 1.0), (x, y + 1.0)))
    return Cornered(tuple(rings))


def drawn(shape):
    if isinstance(shape, Round):
        return shapely.Point(shape.centre).buffer(shape.radius_m, quad_segs=200)
    return shapely.make_valid(shapely.Polygon(shape.rings[0], shape.rings[1:]))


def spread(corners):
    return shapely.MultiPoint(corners).convex_hull


@settings(max_examples=300, deadline=None)
@given(stars(), reach, st.integers(0, 5))
def test_a_reach_meets_a_polygon_as_far_as_shapely_says(shape, corners, margin_m):
    apart_m = drawn(shape).distance(spread(corners))
    if abs(apart_m - margin_m) > 1e-6 and not (margin_m == 0 and apart_m < 1e-6):
        assert meets(shape, corners, float(margin_m)) == (apart_m < margin_m)


@settings(max_examples=300, deadline=None)
@given(stars(), reach)
def test_a_reach_that_overlaps_a_polygon_meets_it(shape, corners):
    if drawn(shape).intersection(spread(corners)).area > 1e-6:
        assert meets(shape, corners, 0.0)


@settings(max_examples=300, deadline=None)
@given(stars(), point, st.tuples(number, number).map(lambda p: (p[0] / 20, p[1] / 20)))
def test_a_polygon_holds_what_shapely_says_it_contains(shape, at, step):
    corners = (at, (at[0] + step[0], at[1]), (at[0], at[1] + step[1]))
    whole, edge = drawn(shape), drawn(shape).boundary
    inside = whole.contains(spread(corners))
    apart_m = edge.distance(spread(corners))
    if abs(apart_m - 0.5) > 1e-6:
        assert holds(shape, corners, 0.5) == (inside and apart_m > 0.5)


@settings(max_examples=200, deadline=None)
@given(point, point, point, point)
def test_segments_are_as_far_apart_as_shapely_says(a, b, c, d):
    expected = shapely.LineString((a, b)).distance(shapely.LineString((c, d)))
    assert math.isclose(segments_apart_m(a, b, c, d), expected, abs_tol=1e-9)


@settings(max_examples=200, deadline=None)
@given(stars(), point)
def test_a_point_is_as_far_away_as_shapely_says(shape, at):
    expected = drawn(shape).distance(shapely.Point(at))
    assert math.isclose(away_m(shape, at), expected, abs_tol=1e-6)


def at(x, y):
    return ((x, y), (x, y), (x, y))


def test_circles_meet_and_hold():
    shape = Round((3.0, 4.0), 5.0)
    assert meets(shape, at(3.0, 10.0), 1.0)
    assert not meets(shape, at(3.0, 10.1), 1.0)
    assert holds(shape, ((3.0, 4.0), (3.0, 7.9), (5.0, 4.0)), 1.0)
    assert not holds(shape, ((3.0, 4.0), (5.0, 4.0), (3.0, 8.0)), 1.0)
    assert away_m(shape, (3.0, 14.0)) == 5.0
    assert away_m(shape, (3.0, 8.0)) == 0.0
    # The circle lies inside the reach, away from its edges.
    assert meets(Round((0.0, 0.0), 1.0), ((-50.0, -50.0), (50.0, -50.0), (0.0, 50.0)), 0.0)
    assert meets(Round((0.0, 0.0), 1.0), ((0.0, 50.0), (50.0, -50.0), (-50.0, -50.0)), 0.0)
    # Each side of the reach counts.
    triangle = ((0.0, 0.0), (10.0, 0.0), (0.0, 10.0))
    for centre in ((5.0, -2.0), (-2.0, 5.0), (7.0, 7.0)):
        assert meets(Round(centre, 1.9), triangle, 1.0)
        assert not meets(Round(centre, 0.9), triangle, 1.0)


def test_the_margin_itself_is_too_near_and_no_more_is_held():
    assert meets(SQUARE, at(12.0, 5.0), 2.0)
    assert not meets(SQUARE, at(12.0, 5.0), 1.99)
    assert holds(SQUARE, at(2.0, 5.0), 1.99)
    assert not holds(SQUARE, at(2.0, 5.0), 2.0)
    assert not holds(SQUARE, at(15.0, 5.0), 1.0)


def test_a_hole_is_outside():
    assert not meets(HOLED, at(5.0, 5.0), 0.5)
    assert meets(HOLED, at(2.0, 5.0), 0.5)
    assert not holds(HOLED, at(5.0, 5.0), 0.5)
    assert holds(HOLED, at(2.0, 5.0), 0.5)
    assert away_m(HOLED, (5.0, 5.0)) == 1.0


def test_a_shape_inside_the_reach_is_met_whichever_way_round():
    wide = ((-50.0, -50.0), (50.0, -50.0), (0.0, 80.0))
    assert meets(SQUARE, wide, 0.0)
    assert meets(SQUARE, wide[::-1], 0.0)
    assert not holds(SQUARE, wide, 0.0)


def test_an_outline_that_crosses_itself_closes_what_either_rule_calls_inside():
    # A five-pointed star: the middle is wound twice, even-odd calls it outside.
    star = Cornered((((0.0, 10.0), (6.0, -8.0), (-9.5, 3.0), (9.5, 3.0), (-6.0, -8.0)),))
    assert meets(star, at(0.0, 0.0), 0.1)
    assert not holds(star, at(0.0, 0.0), 0.1)
    # And as a hole it leaves nothing open in the middle, in a zone …
    outer = ((-30.0, -30.0), (30.0, -30.0), (30.0, 30.0), (-30.0, 30.0))
    holed = Cornered((outer, star.rings[0]))
    assert meets(holed, at(0.0, 0.0), 0.1)
    # … and keeps nothing in, in an area to stay in.
    assert not holds(holed, at(0.0, 0.0), 0.1)
    assert holds(holed, at(20.0, 20.0), 0.1)


def test_areas_of_messages_are_drawn_about_home():
    circle = shape_of(Circle(centre=place(30.0, -40.0), radius_m=7.0), HOME)
    assert math.dist(circle.centre, (30.0, -40.0)) < 1e-6
    assert circle.radius_m == 7.0
    outer = (place(0, 0), place(50, 0), place(50, 60), place(0, 60))
    hole = (place(10, 10), place(20, 10), place(20, 20))
    shape = shape_of(Polygon(outer=outer, holes=(hole,)), HOME)
    expected = (((0, 0), (50, 0), (50, 60), (0, 60)), ((10, 10), (20, 10), (20, 20)))
    for ring, corners in zip(shape.rings, expected, strict=True):
        for corner, wanted in zip(ring, corners, strict=True):
            assert math.dist(corner, wanted) < 1e-6


def test_segments_that_only_touch_lines_of_each_other_are_apart():
    assert segments_apart_m((0.0, 0.0), (1.0, 0.0), (3.0, -1.0), (3.0, 1.0)) == 2.0
    assert segments_apart_m((0.0, 0.0), (4.0, 0.0), (3.0, -1.0), (3.0, 1.0)) == 0.0
    assert segments_apart_m((0.0, 0.0), (0.0, 0.0), (3.0, 4.0), (3.0, 4.0)) == 5.0
    assert box(0.0, 0.0, 1.0, 2.0).rings[0][2] == (1.0, 2.0)
