"""Which roads an area touches, and how much of each; dense sampling agrees."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.conditions.areas import contains
from edge.messages.conditions import Circle, Polygon
from edge.roads.segments import segments_of
from edge.roads.weights.areas import piece_shares, pieces_touched
from tests.edge.roads.towns import at, grid_town

TOWN = segments_of(grid_town(), "van")
COORDINATE = st.floats(-150, 650, allow_nan=False)


def ends_of(graph, piece):
    arc = int(TOWN.piece_arcs[piece].max())
    lat, lon = graph.shape(arc)
    return (lat[0] / 1e7, lon[0] / 1e7), (lat[-1] / 1e7, lon[-1] / 1e7)


def sampled(area, piece, count=200):
    """Return which share of a piece lies in an area, by asking for many points."""
    (lat_a, lon_a), (lat_b, lon_b) = ends_of(TOWN.graph, piece)
    hits = 0
    for t in (np.arange(count) + 0.5) / count:
        place = at(0, 0)
        place = type(place)(
            lat_deg=lat_a + t * (lat_b - lat_a), lon_deg=lon_a + t * (lon_b - lon_a)
        )
        hits += contains(area, place)
    return hits / count


def star(centre_east, centre_north, radii):
    """Return a polygon with corners at distances from its middle: any shape, never crossed."""
    corners = [
        at(
            centre_east + radius * math.cos(2 * math.pi * turn / len(radii)),
            centre_north + radius * math.sin(2 * math.pi * turn / len(radii)),
        )
        for turn, radius in enumerate(radii)
    ]
    return Polygon(outer=tuple(corners))


AREAS = st.one_of(
    st.builds(
        lambda x, y, r: Circle(centre=at(x, y), radius_m=r), COORDINATE, COORDINATE,
        st.floats(1, 300),
    ),
    st.builds(
        star, COORDINATE, COORDINATE, st.lists(st.floats(5, 250), min_size=3, max_size=9)
    ),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(AREAS)
def test_shares_are_those_of_many_points(area):
    pieces, shares = piece_shares(TOWN, area)
    found = dict(zip(pieces.tolist(), shares.tolist(), strict=True))
    touched = set(pieces_touched(TOWN, area).tolist())
    for piece in np.flatnonzero((TOWN.piece_arcs >= 0).any(axis=1)).tolist():
        expected = sampled(area, piece, 40)
        assert found.get(piece, 0.0) == pytest.approx(expected, abs=0.25)
        if expected > 0:
            assert piece in touched


@settings(max_examples=60, deadline=None)
@given(AREAS)
def test_what_has_a_share_is_touched(area):
    pieces, shares = piece_shares(TOWN, area)
    assert (shares > 0).all()
    assert (shares <= 1 + 1e-9).all()
    assert set(pieces.tolist()) <= set(pieces_touched(TOWN, area).tolist())


def test_a_narrow_zone_across_a_street_touches_it():
    zone = Polygon(outer=(at(149, -20), at(151, -20), at(151, 20), at(149, 20)))
    touched = pieces_touched(TOWN, zone)
    assert touched.size == 1
    assert piece_shares(TOWN, zone)[0].size <= 1


def test_a_road_in_a_hole_is_outside():
    hole = (at(-50, -50), at(550, -50), at(550, 450), at(-50, 450))
    outer = (at(-900, -900), at(1400, -900), at(1400, 1300), at(-900, 1300))
    assert pieces_touched(TOWN, Polygon(outer=outer)).size == 49
    assert pieces_touched(TOWN, Polygon(outer=outer, holes=(hole,))).size == 0
    assert piece_shares(TOWN, Polygon(outer=outer, holes=(hole,)))[0].size == 0


def test_an_area_elsewhere_touches_nothing():
    assert pieces_touched(TOWN, Circle(centre=at(90_000, 0), radius_m=5000)).size == 0
    assert piece_shares(TOWN, Circle(centre=at(90_000, 0), radius_m=5000))[0].size == 0
