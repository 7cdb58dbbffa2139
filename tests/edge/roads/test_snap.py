"""A place comes to the road it belongs to, and to the right side of it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.messages.geo import distance_m
from edge.roads.classes import CLASS_INDEX, FOOT, TUNNEL, VAN
from edge.roads.segments import segments_of
from edge.roads.snap import SNAP_LIMIT_M, Snapper
from edge.roads.stored.layout import Country
from tests.edge.roads.towns import Street, at, grid_town, town

BIG = (("arc_class", CLASS_INDEX["primary"]), ("arc_speed_kmh", 50))


def one_street(more=(), one_way=False, **country):
    return town(
        [(0, 0), (1000, 0)],
        [Street((0, 1), "High Street", one_way, tuple(more))],
        country=Country(**country),
    )


def test_a_place_comes_to_the_nearest_point_of_the_nearest_road():
    graph = grid_town()
    snap = Snapper(graph).snap(at(130, 8), "van")
    assert snap.away_m == pytest.approx(8, abs=0.01)
    assert distance_m(snap.place, at(130, 0)) < 0.05
    ends = {int(graph.arc_tail[snap.arc]), int(graph.arc_head[snap.arc])}
    assert ends == {1, 2}
    assert snap.other_arc == graph.arc_reverse[snap.arc]


def test_how_far_along_is_counted_in_the_direction_of_the_arc():
    graph = one_street()
    snap = Snapper(graph).snap(at(300, 5), "van")
    fracs = {int(graph.arc_tail[arc]): frac for arc, frac in snap.positions()}
    assert fracs[0] == pytest.approx(0.3, abs=1e-3)
    assert fracs[1] == pytest.approx(0.7, abs=1e-3)


def test_a_one_way_street_has_one_direction():
    snap = Snapper(one_street(one_way=True)).snap(at(300, 5), "van")
    assert len(snap.positions()) == 1


def test_nothing_farther_than_the_limit_is_found():
    snapper = Snapper(one_street())
    assert snapper.snap(at(500, SNAP_LIMIT_M - 1), "van").away_m == pytest.approx(199, abs=0.1)
    assert snapper.snap(at(500, SNAP_LIMIT_M + 1), "van") is None
    assert snapper.snap(at(50_000, 50_000), "van") is None


@pytest.mark.parametrize(("side", "north_m", "tail"), [
    ("right", 12, 1), ("right", -12, 0), ("left", 12, 0), ("left", -12, 1),
])  # fmt: skip
def test_a_big_road_is_served_on_the_side_of_the_stop(side, north_m, tail):
    graph = one_street(BIG, driving_side=side)
    snap = Snapper(graph).snap(at(300, north_m), "van")
    assert graph.arc_tail[snap.arc] == tail
    assert snap.other_arc == -1


def test_the_door_says_the_side_before_the_access_point_does():
    graph = one_street(BIG)
    snap = Snapper(graph).snap(at(300, 5), "van", door=at(300, -20))
    assert graph.arc_tail[snap.arc] == 0
    assert snap.other_arc == -1


def test_a_small_street_is_served_from_both_sides():
    assert Snapper(one_street()).snap(at(300, 12), "van").other_arc >= 0


@pytest.mark.parametrize(("heading_deg", "tail"), [(80, 0), (120, 0), (280, 1), (250, 1)])
def test_a_heading_says_the_direction(heading_deg, tail):
    graph = one_street()
    snap = Snapper(graph).snap(at(300, 4), "van", heading_deg, moving=True)
    assert graph.arc_tail[snap.arc] == tail
    assert snap.other_arc == -1


def test_a_road_in_the_heading_comes_before_a_nearer_one():
    graph = grid_town()
    snap = Snapper(graph).snap(at(108, 6), "van", 2.0, moving=True)
    assert (graph.arc_tail[snap.arc], graph.arc_head[snap.arc]) == (1, 7)


def test_a_heading_that_fits_no_road_is_left_aside():
    snap = Snapper(one_street()).snap(at(300, 4), "van", 5.0, moving=True)
    assert snap.other_arc >= 0


def test_nobody_delivers_on_a_motorway_or_in_a_tunnel():
    for more in ((("arc_class", CLASS_INDEX["motorway"]),), (("arc_flags", TUNNEL),)):
        graph = town(
            [(0, 0), (1000, 0), (0, 60), (1000, 60)],
            [Street((0, 1), "fast", more=more), Street((2, 3), "slow")],
        )
        snapper = Snapper(graph)
        stop, moving = (
            snapper.snap(at(500, 5), "van"),
            snapper.snap(at(500, 5), "van", moving=True),
        )
        assert graph.name(stop.arc) == "slow"
        assert graph.name(moving.arc) == "fast"


def test_a_road_is_for_those_who_may_use_it():
    graph = town(
        [(0, 0), (1000, 0), (0, 60), (1000, 60)],
        [
            Street((0, 1), "path", more=(("arc_access", FOOT),)),
            Street((2, 3), "street", more=(("arc_access", VAN),)),
        ],
    )
    snapper = Snapper(graph)
    assert graph.name(snapper.snap(at(500, 5), "foot").arc) == "path"
    assert graph.name(snapper.snap(at(500, 5), "van").arc) == "street"
    assert snapper.snap(at(500, 5), "bicycle") is None


@settings(max_examples=80, deadline=None)
@given(
    st.floats(-250, 750, allow_nan=False),
    st.floats(-250, 650, allow_nan=False),
)
def test_nothing_nearer_is_overlooked(east_m, north_m):
    graph, place = grid_town(), at(east_m, north_m)
    snap = Snapper(graph).snap(place, "van")
    # Streets lie every 100 m on a rectangle of 500 x 400 m.
    x, y = min(max(east_m, 0), 500), min(max(north_m, 0), 400)
    off_row = math.hypot(x - east_m, 100 * min(4, max(0, round(y / 100))) - north_m)
    off_column = math.hypot(100 * min(5, max(0, round(x / 100))) - east_m, y - north_m)
    nearest = min(off_row, off_column)
    if nearest > SNAP_LIMIT_M + 0.1:
        assert snap is None
    elif nearest < SNAP_LIMIT_M - 0.1:
        assert snap.away_m == pytest.approx(nearest, abs=0.05)


def test_a_long_road_across_many_cells_is_found_everywhere():
    graph = town([(0, 0), (30_000, 20_000)], [Street((0, 1))])
    snapper = Snapper(graph)
    for share in (0.01, 0.37, 0.5, 0.99):
        assert snapper.snap(at(30_000 * share, 20_000 * share), "van").away_m < 5


def test_the_grid_stays_small_whatever_the_extent():
    graph = town([(0, 0), (800_000, 600_000), (800_000, 600_010)], [Street((0, 1, 2))])
    grid = segments_of(graph, "van")
    assert grid.raster.cells <= 4_000_000
    assert grid.found.size <= 8 * 2 + 1000
    assert np.unique(grid.found).size == 2
