"""Where a way on foot goes over a road."""

import pytest

from edge.messages.geo import Place
from edge.roads.classes import CLASS_INDEX, EVERYONE, FOOT
from edge.roads.crossings import Crossings
from edge.roads.graph import RoadGraph

LAT = [474000000 + 9000 * y for y in (0, 0, 0, 0, 1, -1, 1)]
LON = [85000000 + 13000 * x for x in (0, 1, 2, 3, 1, 1, 2)]
EDGES = (
    (0, 1, "footway"),
    (1, 2, "footway"),
    (2, 3, "residential"),
    (1, 4, "secondary"),
    (5, 1, "secondary"),
    (2, 6, "service"),
)
"""A path 0-1-2 over a road 5-1-4, then along a street 2-3 past a driveway 2-6."""


def town():
    tails, heads, classes, access = [], [], [], []
    for tail, head, name in EDGES:
        for a, b in ((tail, head), (head, tail)):
            tails.append(a)
            heads.append(b)
            classes.append(CLASS_INDEX[name])
            access.append(FOOT if name == "footway" else EVERYONE)
    return RoadGraph.of_arrays(LAT, LON, tails, heads, arc_class=classes, arc_access=access)


def line(*nodes):
    return tuple(Place(lat_deg=LAT[n] / 1e7, lon_deg=LON[n] / 1e7) for n in nodes)


@pytest.mark.parametrize(
    ("way", "crossed"),
    [
        ((0, 1, 2, 3), [1]),
        ((3, 2, 1, 0), [1]),
        ((0, 1), []),
        ((5, 1, 4), []),
        ((5, 1, 2), [1]),
        ((1, 2, 3), []),
    ],
)
def test_a_way_crosses_what_it_does_not_follow(way, crossed):
    found = Crossings(town()).of(line(*way))
    assert [one.osm_node - 1 for one in found] == crossed
    assert all(one.reach_m == 6.0 for one in found)


def test_points_between_nodes_are_none():
    between = Place(lat_deg=47.4, lon_deg=8.50005)
    assert len(Crossings(town()).of((between, *line(1, 2)))) == 1
    assert len(Crossings(town()).of((*line(0), between, *line(1, 2)))) == 1
    assert not Crossings(town()).of((*line(0), between))


def test_a_way_that_begins_on_a_road_follows_it():
    along = Place(lat_deg=47.4004, lon_deg=8.5013)
    assert not Crossings(town()).of((along, *line(1, 5)))
    assert len(Crossings(town()).of((along, *line(1, 2)))) == 1
