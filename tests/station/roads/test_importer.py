import numpy as np
import pytest

from edge.errors import RefusedError
from edge.roads.classes import FORBIDDEN_DS, ROAD_CLASSES, ROUNDABOUT
from edge.roads.graph import RoadGraph
from station.roads.countries import rules_of
from station.roads.importer import import_roads
from tests.station.roads.maps import (
    ACROSS,
    DOWN,
    NODES,
    RING,
    STREET,
    WAYS,
    Town,
    with_tags,
)

ALL = {"van", "truck", "bicycle", "foot"}
WHEELS = ALL - {"foot"}
MUSCLES = {"bicycle", "foot"}


def test_junctions_cut_ways_and_bends_do_not(tmp_path):
    town = Town(tmp_path, NODES, WAYS)
    graph = town.graph

    # 2, 4, 5, 6, 8, 9, 10 and the ring's own end, 1.
    assert graph.nodes == 8
    assert town.arc(2, 3) == town.arc(3, 6)
    assert town.arc(1, 2) != town.arc(2, 3)
    assert graph.osm_nodes(town.arc(2, 3)).tolist() == [2, 3, 6]
    assert graph.osm_nodes(town.arc(6, 3)).tolist() == [6, 3, 2]
    assert graph.arc_reverse[town.arc(2, 3)] == town.arc(6, 3)


def test_arcs_keep_name_class_length_and_shape(tmp_path):
    town = Town(tmp_path, NODES, WAYS)
    graph = town.graph
    arc = town.arc(2, 3)

    assert graph.name(arc) == "Ringstraße"
    assert graph.name(town.arc(4, 5)) == "K 7"
    assert graph.name(town.arc(9, 10)) == ""
    assert ROAD_CLASSES[graph.arc_class[arc]] == "residential"
    assert graph.arc_length_dm[arc] == pytest.approx(716 + 1112, abs=3)  # east and south
    lat_e7, lon_e7 = graph.shape(arc)
    assert lat_e7.tolist() == [500000000, 500000000, 499990000]
    assert lon_e7.tolist() == [80010000, 80020000, 80020000]


def test_a_one_way_street_has_no_way_back_but_on_foot(tmp_path):
    town = Town(tmp_path, NODES, [RING, with_tags(DOWN, oneway="yes"), ACROSS])

    assert town.users(2, 5) == ALL
    assert town.users(5, 2) == {"foot"}


def test_a_contrary_one_way_runs_against_its_nodes(tmp_path):
    town = Town(tmp_path, NODES, [RING, with_tags(DOWN, oneway="-1"), ACROSS])

    assert town.users(2, 5) == {"foot"}
    assert town.users(8, 5) == ALL


def test_a_roundabout_is_one_way_and_flagged(tmp_path):
    circle = (104, (5, 6, 9, 8, 5), {"highway": "tertiary", "junction": "roundabout"})
    town = Town(
        tmp_path, NODES, [(100, (1, 2, 3, 6), STREET), (101, (8, 7, 4, 1), STREET), circle]
    )

    assert town.users(5, 6) == ALL
    assert town.users(6, 5) == {"foot"}
    assert town.graph.arc_flags[town.arc(5, 6)] & ROUNDABOUT
    assert town.turn(3, 6, 9)[0] == ALL  # onto it
    assert town.turn(3, 6, 9)[1] > town.turn(5, 6, 9)[1] == 0  # giving way, but not on it


def test_a_bollard_stops_motors_in_the_middle_of_a_street(tmp_path):
    town = Town(tmp_path, NODES, WAYS, node_tags={3: {"barrier": "bollard"}})

    assert town.arc(2, 3) != town.arc(3, 6)
    assert town.users(2, 3) == ALL
    assert town.turn(2, 3, 6)[0] == MUSCLES
    assert town.turn(2, 3, 6)[1] == FORBIDDEN_DS
    assert town.turn(2, 3, 3, 2)[0] == {"van", "truck"}  # they turn round before it


def test_a_locked_gate_on_a_stub_closes_what_lies_behind(tmp_path):
    town = Town(tmp_path, NODES, WAYS, node_tags={9: {"barrier": "gate", "locked": "yes"}})

    assert town.arc(9, 10) == -1
    assert town.users(6, 9) == ALL
    assert town.turn(6, 9, 8)[0] == set()


def test_dead_ends_are_where_one_turns_round(tmp_path):
    town = Town(tmp_path, NODES, WAYS)

    assert town.turn(9, 10, 10, 9)[0] == ALL
    assert town.turn(4, 5, 5, 4)[0] == set()


def test_who_cannot_go_on_turns_round_though_others_can(tmp_path):
    path = (104, (10, 3), {"highway": "footway"})
    town = Town(tmp_path, NODES, [*WAYS, path])

    assert town.turn(9, 10, 10, 9)[0] == WHEELS
    assert town.turn(9, 10, 3)[0] == {"foot"}


def test_an_island_is_closed_to_who_cannot_reach_it(tmp_path):
    island = (104, (11, 12), STREET)
    bridge = (105, (10, 11), {"highway": "footway"})
    nodes = NODES | {11: (49.998, 8.004), 12: (49.998, 8.005)}
    town = Town(tmp_path, nodes, [*WAYS, island, bridge])

    assert town.users(11, 12) == {"foot"}
    assert town.users(9, 10) == ALL


def test_a_street_that_only_leads_out_of_the_map_is_left_out(tmp_path):
    out = (104, (10, 11), {"highway": "motorway"})
    town = Town(tmp_path, NODES | {11: (49.998, 8.004)}, [*WAYS, out])

    assert town.arc(10, 11) == -1
    assert town.turn(9, 10, 10, 9)[0] == ALL  # and before it one turns round


@pytest.mark.parametrize("reason", ["steps", "proposed", "construction", "bridleway"])
def test_what_no_wheel_can_use_is_counted(tmp_path, reason):
    town = Town(tmp_path, NODES, [*WAYS, (104, (10, 3), {"highway": reason})])

    assert town.arc(10, 3) == -1
    assert [count for what, count in town.dropped.items() if reason in what] == [1]


def test_a_ferry_is_dropped_and_counted(tmp_path):
    ferry = (104, (10, 3), {"route": "ferry", "motor_vehicle": "yes"})
    town = Town(tmp_path, NODES, [*WAYS, ferry])

    assert town.arc(10, 3) == -1
    assert town.dropped == {"ferry (way without highway)": 1}


def test_steps_with_a_ramp_for_wheels_are_a_footway(tmp_path):
    steps = (104, (10, 3), {"highway": "steps", "ramp:wheelchair": "yes"})

    assert Town(tmp_path, NODES, [*WAYS, steps]).users(10, 3) == {"foot"}


def test_limits_are_posted_per_direction_or_come_from_the_country(tmp_path):
    down = with_tags(DOWN, maxspeed="30 mph", maxspeed__backward="20")
    motorway = (104, (4, 5, 6), {"highway": "motorway"})
    town = Town(tmp_path, NODES, [RING, down, motorway], country="pt")
    speed = town.graph.arc_speed_kmh

    assert speed[town.arc(2, 5)] == 48
    assert speed[town.arc(5, 2)] == 20
    assert speed[town.arc(4, 5)] == 115
    assert town.graph.country.code == "pt"


def test_nodes_that_the_extract_lacks_part_a_way(tmp_path):
    way = (104, (3, 99, 6, 10), STREET)
    town = Town(tmp_path, NODES, [*WAYS, way])

    assert town.dropped == {"node of a way outside the extract": 1}
    assert town.users(6, 10) == ALL


def test_the_same_node_twice_in_a_row_is_one(tmp_path):
    town = Town(tmp_path, NODES, [RING, (101, (2, 5, 5, 8), STREET), ACROSS])

    assert town.graph.osm_nodes(town.arc(2, 5)).tolist() == [2, 5]


def test_a_way_that_crosses_itself_is_cut_there(tmp_path):
    town = Town(tmp_path, NODES, [(100, (1, 2, 5, 4, 1, 7), STREET)])

    assert town.turn(4, 1, 7)[0] == ALL
    assert town.turn(4, 1, 2)[0] == ALL


def test_conditional_tags_are_counted(tmp_path):
    down = with_tags(DOWN, **{"maxspeed:conditional": "30 @ (22:00-06:00)"})

    assert Town(tmp_path, NODES, [RING, down]).dropped == {"conditional tag on a way": 1}


def test_the_same_extract_makes_the_same_bytes(tmp_path):
    first, second = (Town(tmp_path, NODES, WAYS).graph for _ in range(2))
    first.write(tmp_path / "first.roads")
    second.write(tmp_path / "second.roads")

    assert (tmp_path / "first.roads").read_bytes() == (tmp_path / "second.roads").read_bytes()
    assert RoadGraph.open(tmp_path / "first.roads").digest == second.digest


def test_a_map_without_roads_is_refused_with_a_cure(tmp_path):
    with pytest.raises(RefusedError, match=r"town\.osm: no way with `highway`.*osmium sort"):
        Town(tmp_path, NODES, [])


def test_roads_that_never_join_are_refused(tmp_path):
    with pytest.raises(RefusedError, match="no two roads join"):
        Town(tmp_path, NODES, [(100, (1, 2), {"highway": "motorway"})])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("no.osm.pbf", b""),
        ("no.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7f"),
        ("no.osm", b"<osm version='0.6'><node id='1'"),
        ("no.xlsx", b"PK"),
    ],
)
def test_what_is_no_extract_is_refused_by_name(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(RefusedError, match=f"{name}: is no OpenStreetMap"):
        import_roads(path, rules_of(None), lambda line: None)


def test_a_missing_extract_is_refused_by_name(tmp_path):
    with pytest.raises(RefusedError, match=r"gone\.osm\.pbf: No such file"):
        import_roads(tmp_path / "gone.osm.pbf", rules_of(None), lambda line: None)


def test_progress_is_told(tmp_path):
    assert len(Town(tmp_path, NODES, WAYS).told) == 3


def test_points_hold_every_node_of_a_road_once(tmp_path):
    graph = Town(tmp_path, NODES, WAYS).graph

    assert graph.point_osm.tolist() == sorted(NODES)
    assert np.array_equal(np.unique(graph.shape_point), np.arange(len(NODES)))
