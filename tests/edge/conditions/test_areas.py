"""Areas: what lies in them, and which part of a way."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.conditions.areas import contains, share_inside
from edge.conditions.checks import flat
from edge.messages.conditions import Circle, Polygon
from edge.messages.geo import Place
from tests.edge.conditions.some import east

STAR = [2 * math.pi * 2 * corner / 5 for corner in range(5)]
CIRCLE = Circle(centre=east(0), radius_m=100)
SQUARE = Polygon(outer=(east(-100, -100), east(100, -100), east(100, 100), east(-100, 100)))
HOLED = Polygon(
    outer=SQUARE.outer, holes=((east(-50, -50), east(-50, 50), east(50, 50), east(50, -50)),)
)
BACKWARDS = Polygon(outer=SQUARE.outer[::-1], holes=(HOLED.holes[0][::-1],))


@pytest.mark.parametrize(
    ("start", "end", "share"),
    [
        (east(-200), east(200), 0.5),  # through the middle
        (east(-200), east(0), 0.5),  # ends in it
        (east(-50), east(50), 1.0),  # wholly in it
        (east(-200), east(-150), 0.0),  # on a line with it, but short of it
        (east(-200, 150), east(200, 150), 0.0),  # past it
        (east(-200, 60), east(200, 60), 0.4),  # off the middle
        (east(20), east(20), 1.0),  # stands in it
        (east(300), east(300), 0.0),  # stands elsewhere
    ],
)
def test_the_part_of_a_way_inside_a_circle(start, end, share):
    found = share_inside(CIRCLE, [start, end])
    assert found[0, 1] == pytest.approx(share, abs=0.005)
    assert found[1, 0] == pytest.approx(share, abs=0.005)


def points():
    metres = st.floats(-5000, 5000)
    return st.lists(st.builds(east, metres, metres), min_size=1, max_size=5)


@given(points(), points())
def test_a_share_is_between_nothing_and_all(some, others):
    share = share_inside(CIRCLE, [*some, *others])
    assert ((share >= 0) & (share <= 1)).all()
    assert share == pytest.approx(share.T, abs=1e-6)


@pytest.mark.parametrize(
    ("area", "start", "end", "share"),
    [
        (SQUARE, east(-200), east(200), 0.5),
        (HOLED, east(-200), east(200), 0.25),
        (BACKWARDS, east(-200), east(200), 0.25),
        (SQUARE, east(-200, 100.0), east(200, 300), 0.0),
        (SQUARE, east(0), east(0, 400), 0.25),
        (HOLED, east(0), east(0, 400), 0.125),
        (SQUARE, east(-90), east(90), 1.0),
        (SQUARE, east(10), east(10), 1.0),
        (HOLED, east(10), east(10), 0.0),
        (SQUARE, east(-200, -200), east(200, 200), 0.5),  # through two corners
    ],
)
def test_the_part_of_a_way_inside_a_polygon(area, start, end, share):
    found = share_inside(area, [start, end])
    assert found[0, 1] == pytest.approx(share, abs=0.005)
    assert found[1, 0] == pytest.approx(share, abs=0.005)


metres = st.integers(-900, 900)
corners = st.lists(st.tuples(metres, metres), min_size=3, max_size=3, unique=True)
SAMPLES = 200


@settings(derandomize=True)  # a way along an edge is in or out by a centimetre
@given(metres, metres, metres, metres, corners)
def test_a_share_of_a_triangle_is_what_samples_say(x_m, y_m, to_x_m, to_y_m, triangle):
    area = Polygon(outer=tuple(east(*corner) for corner in triangle))
    assume(not flat(area))
    start, end = (x_m + 0.37, y_m + 0.41), (to_x_m + 0.37, to_y_m + 0.41)
    share = share_inside(area, [east(*start), east(*end)])[0, 1]
    inside = 0
    for step in range(SAMPLES):
        t = (step + 0.5) / SAMPLES
        way = [a + t * (b - a) for a, b in zip(start, end, strict=True)]
        inside += contains(area, east(*way))
    assert share == pytest.approx(inside / SAMPLES, abs=0.03)


@pytest.mark.parametrize(
    ("area", "place", "inside"),
    [
        (None, east(9e5), True),
        (CIRCLE, east(99), True),
        (CIRCLE, east(101), False),
        (SQUARE, east(99, 99), True),
        (SQUARE, east(101, 0), False),
        (SQUARE, east(100, 0), True),  # on the edge
        (HOLED, east(0), False),
        (HOLED, east(50, 0), True),  # on the edge of the hole
        (HOLED, east(75, 0), True),
    ],
)
def test_what_lies_in_an_area(area, place, inside):
    assert contains(area, place) == inside


def test_a_hole_that_crosses_itself_is_no_bigger_than_any_reading_makes_it():
    star = tuple(east(90 * math.sin(turn), 90 * math.cos(turn)) for turn in STAR)
    pierced = Polygon(outer=SQUARE.outer, holes=(star,))
    assert contains(Polygon(outer=star), east(0))  # turned round twice, crossed twice
    assert contains(pierced, east(0))
    assert not contains(pierced, east(0, 80))


def test_an_area_on_the_date_line_is_one_area():
    def fiji(lon_deg):
        return tuple(Place(lat_deg=lat, lon_deg=lon_deg) for lat in (-17.0, -16.0))

    box = Polygon(outer=(*fiji(179.5), *fiji(-179.5)[::-1]))
    inside, outside = (Place(lat_deg=-16.5, lon_deg=lon) for lon in (-179.9, 179.0))
    assert contains(box, inside)
    assert not contains(box, outside)
    assert share_inside(box, [outside, inside])[0, 1] == pytest.approx(0.6 / 1.1, abs=0.01)
