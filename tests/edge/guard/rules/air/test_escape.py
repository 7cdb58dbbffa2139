"""A zone that comes up round a drone: out by the shortest way that is safe, else down."""

import math
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from edge.guard.bounds import Barred
from edge.guard.guard import Guard
from edge.guard.rules.air.escape import CLEAR_M, down_is_nearer, landing, way_out
from edge.guard.rules.air.ways import way_to
from edge.guard.rules.geofence import around, not_inside
from edge.guard.shapes import Cornered, Round, away_m, meets
from edge.guard.truth import Charge
from edge.messages.machines.actuators import FlyPlan, GoToward, Hold, Land, Return
from edge.messages.machines.cleared import SafeStop
from edge.messages.machines.plans import Via
from tests.edge.guard.scene import (
    NOW_S,
    ask,
    box,
    drone_bounds,
    drone_truth,
    here,
    hold,
    lease,
    place,
    robot_bounds,
    robot_truth,
    site,
)

MARGIN_M = 1.0 + 1.1 / 2
PAD = (site("pad", -900.0, 0.0),)


def barred(shape, name="Z", low_m=0.0, high_m=200.0):
    return Barred(name, shape, low_m, high_m)


def caught(*shapes, at=(0.0, 0.0), sites=PAD, left_j=1_200_000.0, height_m=60.0, **more):
    bounds = drone_bounds(
        barred=tuple(barred(shape, f"Z{n}") for n, shape in enumerate(shapes)), sites=sites
    )
    truth = drone_truth(whereabouts=here(*at, height_m), charge=Charge(NOW_S, left_j), **more)
    return ask(bounds, truth)


def spot_out(question):
    return way_out(question).point


def test_a3_it_leaves_a_circle_away_from_its_middle():
    east_m, north_m = spot_out(caught(Round((100.0, 0.0), 150.0)))
    assert east_m == pytest.approx(-50.0 - MARGIN_M - 3.0 - CLEAR_M)
    assert north_m == pytest.approx(0.0)


def test_a3_it_leaves_a_polygon_by_its_nearest_edge():
    east_m, north_m = spot_out(caught(box(-500.0, -40.0, 500.0, 300.0)))
    assert abs(east_m) < 1.0
    assert -40.0 - CLEAR_M - 10.0 < north_m < -40.0 - CLEAR_M - MARGIN_M


def test_a3_too_near_to_an_edge_it_moves_away_from_it():
    spot = spot_out(caught(box(1.0, -50.0, 80.0, 50.0)))
    assert spot[0] < -CLEAR_M
    assert way_out(caught(box(50.0, -50.0, 80.0, 50.0))) is None  # nothing to leave


def test_a3_it_leaves_no_zone_into_another_and_not_over_the_fence():
    wall = box(-120.0, -400.0, -60.0, 400.0)
    question = caught(Round((40.0, 0.0), 90.0), wall)
    spot = spot_out(question)
    assert spot[0] > -60.0
    assert not around(replace_here(question, spot))
    at_fence = caught(Round((4900.0, 0.0), 300.0), at=(4950.0, 0.0), sites=(site("x", 4000.0),))
    assert math.hypot(*spot_out(at_fence)) < 5000.0


def replace_here(question, spot):
    truth = replace(question.truth, whereabouts=here(*spot, 60.0))
    return ask(question.bounds, truth)


def test_a3_it_goes_on_with_the_way_it_has_begun():
    guard = Guard(caught(Round((10.0, 0.0), 150.0)).bounds)
    (first,) = guard.watch(drone_truth(whereabouts=here(0.0, 0.0, 60.0)), NOW_S).cleared
    (second,) = guard.watch(drone_truth(whereabouts=here(0.0, 30.0, 60.0)), NOW_S).cleared
    assert isinstance(first.command, GoToward)
    assert first.command.place == second.command.place
    assert (first.command.height_m, first.command.speed_mps) == (60.0, 12.0)
    assert guard.watch(drone_truth(whereabouts=here(-300.0, 0.0, 60.0)), NOW_S) is None
    guard.watch(drone_truth(whereabouts=here(0.0, 30.0, 60.0)), NOW_S)
    assert guard.memory.leaving.point != guard.bounds.point(first.command.place)


def test_a3_in_a_zone_nobody_lets_it_stay_or_go_elsewhere():
    guard = Guard(caught(Round((10.0, 0.0), 150.0)).bounds)
    truth = drone_truth(whereabouts=here(0.0, 0.0, 60.0))
    stop = guard.judge(hold(), truth, NOW_S)
    assert isinstance(stop, SafeStop)
    assert (stop.reason, stop.why) == ("zone", "it is in zone Z0")
    assert [type(one.command) for one in stop.cleared] == [GoToward]
    plan = FlyPlan(**lease(2), parts=(Via(place=place(-500.0, 0.0), height_m=60.0),))
    for command in (plan, Return(**lease(3)), Land(**lease(4))):
        assert guard.judge(command, truth, NOW_S).reason in ("zone", "lease")
    assert not_inside(ask(guard.bounds, drone_truth(landed=True), hold())) is None


def test_a3_a_zone_above_or_below_is_not_left():
    high = drone_bounds(barred=(barred(Round((0.0, 0.0), 99.0), "up", 70.0, 90.0),), sites=PAD)
    assert around(ask(high, drone_truth(whereabouts=here(0.0, 0.0, 60.0)))) == ()
    assert around(ask(high, drone_truth(whereabouts=here(0.0, 0.0, 66.0)))) != ()
    assert around(ask(high, drone_truth(whereabouts=None))) == ()


def test_a3_a_robot_in_a_zone_stands():
    bounds = robot_bounds(barred=(barred(Round((0.0, 0.0), 50.0)),))
    stop = Guard(bounds).watch(robot_truth(whereabouts=here(velocity=(0.5, 0.0, 0.0))), NOW_S)
    assert [type(one.command) for one in stop.cleared] == [Hold]


def test_a6_what_cannot_be_left_with_the_reserve_ends_at_the_site_of_least_risk():
    sites = (site("roof", 100.0, 0.0, risk=2), site("field", 50.0, 0.0, risk=6), *PAD)
    question = caught(Round((0.0, 0.0), 2000.0), at=(0.0, 30.0), sites=sites, left_j=275_000.0)
    assert way_out(question) is None
    assert landing(question).site_id == "roof"
    guard = Guard(question.bounds)
    (land,) = guard.watch(question.truth, NOW_S).cleared
    assert guard.bounds.point(land.command.place) == pytest.approx((100.0, 0.0))
    assert guard.memory.diverting.site_id == "roof"
    nowhere = caught(Round((0.0, 0.0), 2000.0), at=(0.0, 30.0), sites=(), left_j=300_000.0)
    (land,) = Guard(nowhere.bounds).watch(nowhere.truth, NOW_S).cleared
    assert (type(land.command), land.command.place) == (Land, None)


def test_a3_over_a_pad_it_lands_if_that_is_sooner_than_out():
    low = caught(Round((0.0, 0.0), 400.0), sites=(site("pad"), site("x", 900.0)), height_m=9.0)
    assert down_is_nearer(low, way_out(low))
    (land,) = Guard(low.bounds).watch(low.truth, NOW_S).cleared
    assert (type(land.command), land.command.place) == (Land, None)
    high = replace(low, truth=replace(low.truth, whereabouts=here(0.0, 0.0, 90.0)))
    assert not down_is_nearer(high, way_out(high))
    occupied = replace(low, truth=replace(low.truth, blocked_sites=frozenset({"pad"})))
    assert not down_is_nearer(occupied, way_out(occupied))
    beside = caught(Round((0.0, 0.0), 400.0), at=(30.0, 0.0), height_m=1.0)
    assert not down_is_nearer(beside, way_out(beside))


def test_the_line_comes_in_before_it_leaves():
    question = caught(Round((0.0, 0.0), 100.0))
    parts = replace(question.truth.parts, winch="out")
    stop = Guard(question.bounds).watch(replace(question.truth, parts=parts), NOW_S)
    assert [type(one.command).__name__ for one in stop.cleared] == ["Hold", "TakeIn"]


def test_a5_a_way_home_leads_round_what_is_between():
    question = caught(Round((-450.0, 0.0), 200.0))
    way = way_to(question, (0.0, 0.0), 60.0, (-900.0, 0.0))
    assert 1 < len(way) <= 5
    assert way[-1] == (-900.0, 0.0)
    assert all(away_m(Round((-450.0, 0.0), 200.0), spot) > MARGIN_M for spot in way)
    two = caught(Round((-450.0, 0.0), 200.0), box(-500.0, 150.0, -400.0, 700.0))
    round_both = way_to(two, (0.0, 0.0), 60.0, (-900.0, 0.0))
    assert min(north_m for _, north_m in round_both) < -200.0
    shut = caught(Cornered((((-950.0, -50.0), (-850.0, -50.0), (-900.0, 50.0)),)))
    assert way_to(shut, (0.0, 0.0), 60.0, (-900.0, 0.0)) is None


def test_a5_it_lands_over_the_corners_of_the_way():
    question = caught(Round((-450.0, 0.0), 200.0), left_j=330_000.0)
    guard = Guard(question.bounds)
    (land,) = guard.watch(question.truth, NOW_S).cleared
    assert guard.memory.diverting.site_id == "pad"
    assert land.command.via
    past = replace(question.truth, whereabouts=here(-800.0, 0.0, 60.0))
    assert guard.watch(past, NOW_S).cleared[0].command.via == ()


def test_a5_a_zone_that_it_is_only_near_to_is_not_cut_through_on_the_way_to_land():
    zone = Round((-450.0, 0.0), 200.0)
    question = caught(zone, at=(-249.2, 0.0), left_j=330_000.0)
    assert 0 < away_m(zone, question.point) < MARGIN_M
    way = way_to(question, question.point, 60.0, PAD[0].point, around(question))
    assert way is not None
    for start, end in pairwise((question.point, *way)):
        assert not meets(zone, (start, end, end), 0.5)
    inside = caught(zone, at=(-300.0, 0.0))  # out of one that it is in, it may go
    assert way_to(inside, inside.point, 60.0, PAD[0].point, around(inside)) is not None


def test_a3_a_gap_between_the_arms_of_a_zone_is_nearer_than_beyond_them():
    arms = ((-60.0, -300.0), (9.0, -300.0), (9.0, 280.0), (60.0, 280.0), (60.0, -300.0),
            (400.0, -300.0), (400.0, 300.0), (-60.0, 300.0))  # fmt: skip
    spot = spot_out(caught(Cornered((arms,))))
    assert 9.0 + MARGIN_M < spot[0] < 60.0 - MARGIN_M


def any_zone(rng):
    if rng.random() < 0.5:
        return Round((rng.uniform(-150, 150), rng.uniform(-150, 150)), rng.uniform(20, 250))
    middle = rng.uniform(-120, 120), rng.uniform(-120, 120)
    turns = sorted(rng.uniform(0, math.tau) for _ in range(rng.randint(3, 9)))
    return Cornered(
        (
            tuple(
                (middle[0] + (far := rng.uniform(30, 300)) * math.sin(turn),
                 middle[1] + far * math.cos(turn))
                for turn in turns
            ),
        )
    )  # fmt: skip


def shortest_m(question):
    """Return the shortest way out that many tries find."""
    best_m = math.inf
    for number in range(72):
        turn = math.tau * number / 72
        for far_m in range(2, 600, 8):
            spot = (far_m * math.sin(turn), far_m * math.cos(turn))
            if far_m >= best_m:
                break
            if not around(replace_here(question, spot)):
                best_m = far_m
    return best_m


def check_geometries(seeds):
    left = landed = 0
    for seed in seeds:
        rng = Random(seed)
        shapes = [any_zone(rng) for _ in range(rng.randint(1, 3))]
        question = caught(*shapes)
        if not around(question):
            continue
        guard, flown_m, truth = Guard(question.bounds), 0.0, question.truth
        for _ in range(400):
            stop = guard.watch(truth, NOW_S)
            if stop is None or isinstance(stop.cleared[0].command, Land):
                break
            point = guard.bounds.point(truth.whereabouts.place)
            target = guard.bounds.point(stop.cleared[0].command.place)
            step_m = min(4.0, math.dist(point, target))
            assert step_m > 0, seed
            share = step_m / math.dist(point, target)
            point = tuple(p + (t - p) * share for p, t in zip(point, target, strict=True))
            flown_m += step_m
            truth = replace(truth, whereabouts=here(*point, 60.0))
        if stop is not None:  # in a pocket between zones: it lands by a way with corners
            landed += 1
            continue
        assert not around(ask(guard.bounds, truth)), seed
        others = len([shape for shape in shapes if away_m(shape, (0.0, 0.0)) > 0])
        if not others:  # else the shortest may lead over another zone
            assert flown_m <= 2.0 * shortest_m(question) + CLEAR_M + 10.0, seed
        left += 1
    assert landed <= 2 + left / 20
    return left


def test_a3_thirty_geometries_that_come_up_round_it_are_left_by_a_short_way():
    assert check_geometries((*range(40), 126)) > 25


@pytest.mark.soak
def test_a3_a_thousand_geometries_that_come_up_round_it_are_left_by_a_short_way():
    assert check_geometries(range(1500)) > 1000
