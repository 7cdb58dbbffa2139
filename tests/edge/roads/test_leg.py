"""The driver is told what to do where, from bearings, classes and names."""

import pytest

from edge.messages.geo import distance_m
from edge.roads.classes import CLASS_INDEX, ROUNDABOUT
from edge.roads.leg import leg
from edge.roads.snap import Snapper
from tests.edge.roads.test_search import on, roads_of
from tests.edge.roads.towns import Street, at, grid_town, town


def told(graph, start, end, door=None, user="van"):
    found = leg(roads_of(graph, user), start, end, door=door)
    return [(step.manoeuvre, step.street) for step in found.steps]


def crossing(x_m, y_m):
    """Return a street from the west and one that leaves their crossing for a point."""
    nodes = [(0, 0), (200, 0), (200 + x_m, y_m), (400, 0)]
    return town(nodes, [Street((0, 1, 3), "High Street"), Street((1, 2), "Side Street")])


@pytest.mark.parametrize(
    ("x_m", "y_m", "manoeuvre"),
    [
        (170, 100, "slight_left"),
        (170, -100, "slight_right"),
        (0, 100, "left"),
        (0, -100, "right"),
        (-100, 60, "sharp_left"),
        (-100, -60, "sharp_right"),
    ],
)
def test_a_turn_is_named_by_its_angle(x_m, y_m, manoeuvre):
    graph = crossing(x_m, y_m)
    steps = told(graph, on(graph, 0, 1, 0.5), on(graph, 1, 2, 0.5))
    assert steps == [
        ("depart", "High Street"),
        (manoeuvre, "Side Street"),
        ("arrive", "Side Street"),
    ]


def test_nothing_is_said_of_driving_straight_on():
    graph = crossing(0, 100)
    steps = told(graph, on(graph, 0, 1, 0.5), on(graph, 1, 3, 0.5))
    assert [manoeuvre for manoeuvre, _ in steps] == ["depart", "arrive"]


def test_a_street_that_changes_its_name_is_said():
    graph = town([(0, 0), (200, 0), (400, 10)], [Street((0, 1), "Old"), Street((1, 2), "New")])
    steps = told(graph, on(graph, 0, 1, 0.5), on(graph, 1, 2, 0.5))
    assert steps == [("depart", "Old"), ("continue", "New"), ("arrive", "New")]


def test_a_bend_without_a_choice_is_no_turn():
    graph = town([(0, 0), (200, 0), (200, 200)], [Street((0, 1, 2), "Bend")])
    steps = told(graph, on(graph, 0, 1, 0.5), on(graph, 1, 2, 0.5))
    assert [manoeuvre for manoeuvre, _ in steps] == ["depart", "arrive"]


def test_a_dead_end_is_turned_round_in():
    graph = town([(0, 0), (200, 0)], [Street((0, 1), "Dead End")])
    steps = told(graph, on(graph, 0, 1, 0.5), on(graph, 1, 0, 0.5))
    assert [manoeuvre for manoeuvre, _ in steps] == ["depart", "u_turn", "arrive"]


@pytest.mark.parametrize(("leaves_at", "exit_number"), [(5, 1), (6, 2), (7, 3)])
def test_exits_of_a_roundabout_are_counted(leaves_at, exit_number):
    # Anticlockwise round (0, 0): south 0, east 1, north 2, west 3, and an arm at each.
    nodes = [(0, -20), (20, 0), (0, 20), (-20, 0), (0, -120), (120, 0), (0, 120), (-120, 0)]
    circle = Street((0, 1, 2, 3, 0), "", one_way=True, more=(("arc_flags", ROUNDABOUT),))
    arms = [Street((node, node + 4), f"arm {node}") for node in range(4)]
    graph = town(nodes, [circle, *arms])
    found = leg(roads_of(graph), on(graph, 4, 0, 0.2), on(graph, leaves_at - 4, leaves_at, 0.5))
    assert [step.manoeuvre for step in found.steps] == ["depart", "roundabout", "arrive"]
    assert found.steps[1].exit == exit_number
    assert found.steps[1].street == f"arm {leaves_at - 4}"


def test_a_slip_road_is_a_ramp_and_then_a_merge():
    motorway = (("arc_class", CLASS_INDEX["motorway"]),)
    link = (("arc_class", CLASS_INDEX["motorway_link"]),)
    nodes = [(0, 0), (300, 0), (600, -30), (900, -40), (1200, -40), (600, 0), (300, -40)]
    graph = town(
        nodes,
        [
            Street((0, 1, 5), "Road"),
            Street((1, 2, 3), "", one_way=True, more=link),
            Street((6, 3, 4), "A 1", one_way=True, more=motorway),
        ],
    )
    steps = told(graph, on(graph, 0, 1, 0.5), on(graph, 3, 4, 0.5))
    assert steps[1:3] == [("ramp", ""), ("merge", "A 1")]


@pytest.mark.parametrize(
    ("door", "manoeuvre"),
    [((350, 10), "arrive_left"), ((350, -10), "arrive_right"), ((350, 1), "arrive")],
)
def test_the_door_is_on_the_left_or_on_the_right(door, manoeuvre):
    graph = crossing(0, 100)
    steps = told(graph, on(graph, 0, 1, 0.5), on(graph, 1, 3, 0.75), door=at(*door))
    assert steps[-1] == (manoeuvre, "High Street")


def test_steps_and_line_add_up_to_the_leg():
    graph = grid_town()
    snapper = Snapper(graph)
    found = leg(
        roads_of(graph), snapper.snap(at(20, 5), "van"), snapper.snap(at(480, 395), "van")
    )
    assert sum(step.length_m for step in found.steps) == pytest.approx(found.length_m, abs=0.5)
    assert sum(step.lasts_s for step in found.steps) == pytest.approx(found.lasts_s, abs=0.5)
    drawn_m = sum(
        distance_m(here, there)
        for here, there in zip(found.points, found.points[1:], strict=False)
    )
    assert drawn_m == pytest.approx(found.length_m, rel=0.005)
    assert distance_m(found.points[0], at(20, 0)) < 0.1
    assert distance_m(found.points[-1], at(480, 400)) < 0.1
    assert found.steps[0].manoeuvre == "depart"
    assert found.steps[-1].length_m == 0


def test_on_foot_nothing_but_the_way_counts():
    graph = crossing(0, 100)
    steps = told(graph, on(graph, 0, 1, 0.5), on(graph, 1, 2, 0.5), user="foot")
    assert steps[1] == ("left", "Side Street")


def test_without_a_way_there_is_no_leg():
    graph = town([(0, 0), (100, 0), (0, 500), (100, 500)], [Street((0, 1)), Street((2, 3))])
    assert leg(roads_of(graph), on(graph, 0, 1, 0.5), on(graph, 2, 3, 0.5)) is None
