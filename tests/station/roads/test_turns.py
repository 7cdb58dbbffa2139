import pytest

from station.roads.marks import SIGNAL_DS
from tests.station.roads.maps import ACROSS, DOWN, NODES, RING, STREET, WAYS, Town, with_tags

ALL = {"van", "truck", "bicycle", "foot"}
MUSCLES = {"bicycle", "foot"}


def restricted(kind, from_way, via, to_way, **tags):
    members = [("way", from_way, "from"), ("node", via, "via"), ("way", to_way, "to")]
    return {"restriction": kind, **tags}, members


@pytest.mark.parametrize(
    ("kind", "tags", "left", "straight"),
    [
        ("no_left_turn", {}, {"foot"}, ALL),
        ("only_straight_on", {}, {"foot"}, ALL),
        ("no_left_turn", {"except": "bicycle"}, MUSCLES, ALL),
        ("no_left_turn", {"except": "hgv;psv"}, {"truck", "foot"}, ALL),
    ],
)
def test_a_restriction_binds_wheels_but_for_exceptions(tmp_path, kind, tags, left, straight):
    to_way = 102 if "left" in kind else 101
    town = Town(tmp_path, NODES, WAYS, [restricted(kind, 101, 5, to_way, **tags)])

    # Southwards on way 101: straight on is 8, to the left is east, 6.
    assert town.turn(2, 5, 6)[0] == left
    assert town.turn(2, 5, 8)[0] == straight
    assert town.turn(6, 5, 2)[0] == ALL


def test_of_a_way_that_passes_the_node_the_kind_chooses_the_direction(tmp_path):
    town = Town(tmp_path, NODES, WAYS, [restricted("no_right_turn", 101, 5, 102)])

    assert town.turn(2, 5, 4)[0] == {"foot"}  # southwards, right is west
    assert town.turn(8, 5, 6)[0] == {"foot"}  # northwards, right is east
    assert town.turn(2, 5, 6)[0] == ALL
    assert town.turn(8, 5, 4)[0] == ALL


def test_an_only_restriction_leaves_one_way_on(tmp_path):
    ways = [RING, (101, (2, 5), STREET), (104, (5, 8), STREET), (105, (5, 6), STREET)]
    ways.append((106, (4, 5), STREET))
    town = Town(tmp_path, NODES, ways, [restricted("only_right_turn", 101, 5, 106)])

    assert town.turn(2, 5, 4)[0] == ALL
    assert town.turn(2, 5, 8)[0] == {"foot"}
    assert town.turn(2, 5, 6)[0] == {"foot"}
    assert town.turn(4, 5, 8)[0] == ALL


def test_a_restriction_may_bind_lorries_only(tmp_path):
    relation = ({"restriction:hgv": "no_left_turn"}, restricted("", 101, 5, 102)[1])
    town = Town(tmp_path, NODES, WAYS, [relation])

    assert town.turn(2, 5, 6)[0] == ALL - {"truck"}


def test_no_u_turn_forbids_it_even_at_a_dead_end(tmp_path):
    town = Town(tmp_path, NODES, WAYS, [restricted("no_u_turn", 103, 10, 103)])

    # Then no wheels come back from there, so none are let in.
    assert town.users(9, 10) == {"foot"}


def test_no_entry_binds_each_of_several_ways(tmp_path):
    tags, members = restricted("no_entry", 101, 5, 105)
    members.append(("way", 106, "from"))
    ways = [RING, (101, (2, 5), STREET), (104, (5, 8), STREET), (105, (5, 6), STREET)]
    ways.append((106, (4, 5), STREET))
    town = Town(tmp_path, NODES, ways, [(tags, members)])

    assert town.turn(2, 5, 6)[0] == {"foot"}
    assert town.turn(4, 5, 6)[0] == {"foot"}
    assert town.turn(8, 5, 6)[0] == ALL


def test_restrictions_that_cannot_be_kept_are_counted(tmp_path):
    conditional = ({"restriction:conditional": "no_left_turn @ (Mo-Fr)"}, [])
    by_way = ({"restriction": "no_u_turn"}, [("way", 101, "from"), ("way", 102, "via")])
    nowhere = restricted("no_left_turn", 101, 1, 102)
    odd = restricted("no_parking", 101, 5, 102)
    half = ({"restriction": "no_left_turn"}, [("way", 101, "from"), ("node", 5, "via")])
    town = Town(tmp_path, NODES, WAYS, [conditional, by_way, nowhere, odd, half])

    assert town.dropped == {
        "conditional turn restriction": 1,
        "turn restriction by way of another way": 1,
        "turn restriction between no two arcs of the graph": 1,
        "turn restriction of an unknown kind": 1,
        "turn restriction without from, via or to": 1,
    }


def test_turning_across_traffic_costs_more_on_either_side_of_the_road(tmp_path):
    right_hand = Town(tmp_path, NODES, WAYS)
    left_hand = Town(tmp_path, NODES, WAYS, country="gb")

    straight, left, right = (right_hand.turn(2, 5, to)[1] for to in (8, 6, 4))
    assert 0 == straight < right < left
    assert left_hand.turn(2, 5, 6)[1] == right
    assert left_hand.turn(2, 5, 4)[1] == left


def test_where_there_is_no_choice_a_bend_costs_nothing(tmp_path):
    ways = [(100, (1, 2), STREET), (101, (2, 5), STREET), (102, (5, 4, 1), STREET)]
    ways.append((103, (4, 7), STREET))
    town = Town(tmp_path, NODES, ways)

    assert town.turn(1, 2, 5)[1] == 0


def test_signals_are_waited_for_once(tmp_path):
    lights = {"highway": "traffic_signals"}
    ways = [RING, (101, (2, 11, 5, 8), STREET), ACROSS]
    nodes = NODES | {11: (49.9992, 8.001)}
    town = Town(tmp_path, nodes, ways, node_tags={5: lights, 11: lights})

    assert town.turn(2, 11, 5, 8)[1] == SIGNAL_DS
    assert town.turn(4, 5, 6)[1] == SIGNAL_DS
    assert town.turn(5, 8, 7)[1] < SIGNAL_DS  # waited for on the arc before


def test_a_stop_sign_speaks_to_who_nears_the_junction(tmp_path):
    ways = [RING, (101, (2, 11, 5, 8), STREET), ACROSS]
    nodes = NODES | {11: (49.9992, 8.001)}  # nearer to 5 than to 2
    town = Town(tmp_path, nodes, ways, node_tags={11: {"highway": "stop"}})

    assert town.turn(11, 5, 8)[1] == 40
    assert town.turn(5, 11, 2, 1)[1] == town.turn(8, 5, 4)[1]  # a left turn and no stop


def test_a_sign_with_a_direction_speaks_in_that_direction(tmp_path):
    ways = [RING, (101, (2, 11, 5, 8), STREET), ACROSS]
    nodes = NODES | {11: (49.9992, 8.001)}
    sign = {"highway": "give_way", "direction": "backward"}
    town = Town(tmp_path, nodes, ways, node_tags={11: sign})

    assert town.turn(11, 5, 8)[1] == 0
    assert town.turn(5, 11, 2, 1)[1] == town.turn(8, 5, 4)[1] + 20


def test_roads_for_visitors_are_dear_to_enter(tmp_path):
    town = Town(tmp_path, NODES, [RING, with_tags(DOWN, motor_vehicle="destination"), ACROSS])

    assert town.turn(4, 5, 6)[1] == 0
    assert town.turn(1, 2, 5)[1] >= 300
    assert town.turn(2, 5, 8)[1] == 0
