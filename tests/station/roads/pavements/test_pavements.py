"""A kerb map and its road file, of small maps, of a town, and of a city."""

import math
from random import Random

import numpy as np
import pytest
import shapely

from edge.errors import RefusedError
from edge.messages.geo import Place, east_north_m
from edge.roads.classes import FOOT
from sim.town.pavements import PAVEMENT_M, extract_of
from sim.town.town import Town, TownSize
from station.roads.access import access_of
from station.roads.countries import rules_of
from station.roads.pavements.ground import FOOT_M, ground_of
from station.roads.pavements.making import ROOM_M, made_of, make_pavements
from tests.station.roads.maps import xml

ORIGIN = (47.0, 8.0)
NORTH_M, EAST_M = 111_171.0, 76_056.0


def off(east_m, north_m):
    return ORIGIN[0] + north_m / NORTH_M, ORIGIN[1] + east_m / EAST_M


def made(folder, nodes, ways, node_tags=None):
    path = folder / "town.osm"
    places = {node: off(*xy) for node, xy in nodes.items()}
    path.write_text(xml(places, ways, node_tags=node_tags), encoding="utf-8")
    return make_pavements(path, rules_of(None), lambda _: None)


def area(kerbs):
    """Return the map as shapely reads it: in an odd number of rings is inside."""
    whole = shapely.Polygon()
    for ring in kerbs.rings:
        corners = [
            ((lon / 1e7 - ORIGIN[1]) * EAST_M, (lat / 1e7 - ORIGIN[0]) * NORTH_M)
            for lat, lon in zip(ring[::2], ring[1::2], strict=True)
        ]
        whole = whole.symmetric_difference(shapely.Polygon(corners))
    return whole


def holds(kerbs, east_m, north_m):
    return area(kerbs).covers(shapely.Point(east_m, north_m))


CROSS = {
    1: (0, 0),
    2: (100, 0),
    3: (-100, 0),
    4: (0, 100),
    5: (0, -100),
    6: (20, 0),
    7: (0, 20),
}
CROSSING = {6: {"highway": "crossing"}, 7: {"highway": "crossing"}}
BOTH = {"highway": "residential", "sidewalk": "both", "sidewalk:both:width": "3", "width": "6"}
CROSSROADS = [(10, (3, 1, 6, 2), BOTH), (11, (5, 1, 7, 4), BOTH)]


def test_s2_pavements_lie_beside_streets_and_meet_round_corners_and_over_crossings(tmp_path):
    made_here = made(tmp_path, CROSS, CROSSROADS, CROSSING)
    kerbs, graph = made_here.kerbs, made_here.graph
    assert made_here.laid == 8 + 2
    for there in [(50, 4.5), (-50, -4.5), (4.5, 50), (4.5, 4.5), (20, 0), (0, 20)]:
        assert holds(kerbs, *there), there
    for road in [(50, 0), (0, 0), (50, 2.9), (10, 0), (0, -20), (50, 6.1)]:
        assert not holds(kerbs, *road), road
    assert kerbs.roads == graph.digest
    foot = graph.arc_access & FOOT != 0
    assert set(graph.arc_class[foot].tolist()) == {17}  # footways: no street is open on foot


def test_s2_what_has_no_pavement_is_no_place_and_its_street_is_shut(tmp_path):
    one_side = BOTH | {"sidewalk": "right", "sidewalk:right:width": "2.4"}
    del one_side["sidewalk:both:width"]
    kerbs = made(
        tmp_path, CROSS, [(10, (3, 2), one_side), (11, (5, 4), {"highway": "residential"})]
    ).kerbs
    assert holds(kerbs, 50, -4.2)
    assert not holds(kerbs, 50, 4.2)
    assert not holds(kerbs, 0, 50)
    assert not holds(kerbs, 0, -4.2)  # over the other street


def test_s2_footways_squares_and_areas_count_with_their_widths(tmp_path):
    nodes = {
        1: (0, 0),
        2: (50, 0),
        3: (50, 50),
        4: (0, 50),
        5: (0, 60),
        6: (80, 60),
        7: (100, 0),
        8: (120, 0),
        9: (120, 30),
    }
    ways = [
        (10, (1, 2, 3, 4, 1), {"highway": "pedestrian", "area": "yes"}),
        (11, (4, 5, 6), {"highway": "footway", "width": "3.5"}),
        (12, (7, 8, 9, 7), {"area:highway": "footway"}),
    ]
    kerbs = made(tmp_path, nodes, ways).kerbs
    for there in [(25, 25), (40, 61.6), (115, 10)]:
        assert holds(kerbs, *there), there
    for outside in [(40, 62), (-2, 25), (102, 10)]:
        assert not holds(kerbs, *outside), outside


def test_s2_a_footway_over_a_road_without_a_crossing_is_cut(tmp_path):
    nodes = {1: (-50, 0), 2: (0, 0), 3: (50, 0), 4: (0, -50), 5: (0, 50)}
    ways = [
        (10, (1, 2, 3), {"highway": "footway"}),
        (11, (4, 2, 5), {"highway": "residential"}),
    ]
    kerbs = made(tmp_path, nodes, ways).kerbs
    assert holds(kerbs, 10, 0)
    assert not holds(kerbs, 1, 0)
    ways[0] = (10, (1, 2, 3), {"highway": "footway", "footway": "crossing"})
    assert holds(made(tmp_path, nodes, ways).kerbs, 1, 0)


def test_a_place_without_any_pavement_is_refused(tmp_path):
    with pytest.raises(RefusedError, match="no pavement, footway or square is mapped"):
        made(tmp_path, CROSS, [(10, (3, 1, 2), {"highway": "residential"})])


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"sidewalk": "both"}, (FOOT_M, FOOT_M)),
        ({"sidewalk": "left", "sidewalk:left:width": "1.5 m"}, (1.5, 0.0)),
        ({"sidewalk:right": "yes", "sidewalk:left": "no"}, (0.0, FOOT_M)),
        ({"sidewalk": "separate"}, (0.0, 0.0)),
        ({"sidewalk:both": "yes", "sidewalk:both:width": "250"}, (FOOT_M, FOOT_M)),
        ({}, (0.0, 0.0)),
    ],
)
def test_tags_say_on_which_side_a_pavement_is_and_how_wide(tags, expected):
    ground = ground_of(tags, "residential", access_of(tags, "residential"))
    assert (ground.left_m, ground.right_m) == expected


def lines(graph):
    for arc in np.flatnonzero(graph.arc_access & FOOT).tolist():
        yield graph.shape(arc)


def test_s2_every_way_on_foot_of_a_town_lies_inside_its_map_and_any_two_are_joined():
    town = Town(TownSize(avenues=4, streets=4), Random(3))
    extract = extract_of(town._flat, town.junctions, town.segments)
    made_here = made_of(extract, rules_of(None), lambda _: None)
    again = made_of(
        extract_of(town._flat, town.junctions, town.segments), rules_of(None), lambda _: None
    )
    assert again.kerbs == made_here.kerbs
    assert again.graph.digest == made_here.graph.digest
    middle = town.station
    whole = shapely.Polygon()
    for ring in made_here.kerbs.rings:
        corners = [xy(middle, lat, lon) for lat, lon in zip(ring[::2], ring[1::2], strict=True)]
        whole = whole.symmetric_difference(shapely.Polygon(corners))
    walked = whole.buffer(-ROOM_M + 0.02)
    shapely.prepare(walked)
    for lat_e7, lon_e7 in lines(made_here.graph):
        line = [xy(middle, lat, lon) for lat, lon in zip(lat_e7, lon_e7, strict=True)]
        assert walked.covers(shapely.LineString(line))
    pavement_m = 2 * sum(town._length_m(one) for one in town.segments)
    assert whole.area > 0.8 * pavement_m * PAVEMENT_M


def xy(middle, lat_e7, lon_e7):
    return east_north_m(middle, Place(lat_deg=int(lat_e7) / 1e7, lon_deg=int(lon_e7) / 1e7))


@pytest.mark.soak
def test_a_city_is_made_in_some_seconds(shared):
    extract = shared / "data/roads/monaco-osrm.osm.pbf"
    told = []
    made_here = make_pavements(extract, rules_of("mc"), told.append)
    assert made_here.kerbs.corners > 10_000
    assert len(told) >= 6
    assert not math.isnan(made_here.graph.bounds.south_deg)
