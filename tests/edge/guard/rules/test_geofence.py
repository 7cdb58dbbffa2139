"""Nothing comes to stand outside its fence or inside a zone."""

from dataclasses import replace

import pytest

from edge.guard.bounds import Approval, Barred, Ground, Site, barred_by, shapes_of, site_at
from edge.guard.guard import Guard
from edge.guard.rules.geofence import barring, clear_between, inside, keep_inside, now, way
from edge.guard.shapes import Round
from edge.messages.conditions import Circle, Zone
from edge.messages.machines.actuators import FlyPlan, Land, Launch, Return
from edge.messages.machines.cleared import Clipped, Passed, Refused, SafeStop
from edge.messages.machines.plans import Climb, GoHome, TouchDown, Via
from tests.edge.guard.scene import (
    HOME,
    NOW_S,
    ask,
    box,
    drone_bounds,
    drone_truth,
    go,
    here,
    lease,
    move,
    place,
    robot_bounds,
    robot_truth,
    square,
)

INF = float("inf")
GROUND = Ground(home_m=400.0, lowest_m=380.0, highest_m=450.0)
AHEAD = Barred("Z", box(100.0, -50.0, 200.0, 50.0), 30.0, 90.0)


def zone(**told):
    kept = {"zone_id": "Z", "kind": "hard", "area": Circle(centre=place(9, 9), radius_m=5.0)}
    return Zone(**(kept | told))


@pytest.mark.parametrize(
    ("told", "bottom_m", "top_m"),
    [
        ({}, -INF, INF),
        ({"lower_m": 50.0, "upper_m": 60.0}, -INF, 110.0),
        ({"lower_m": 50.0, "lower_reference": "AGL", "upper_m": 60.0}, 30.0, 110.0),
        ({"lower_m": 450.0, "lower_reference": "AMSL"}, 50.0, INF),
        ({"upper_m": 500.0, "upper_reference": "AMSL"}, -INF, 100.0),
        ({"lower_m": 450.0, "lower_reference": "AMSL", "upper_m": 449.0,
          "upper_reference": "AMSL"}, -INF, INF),
        ({"lower_m": 450.0, "lower_reference": "AMSL", "upper_m": 450.0,
          "upper_reference": "AMSL"}, 50.0, 50.0),
    ],
)  # fmt: skip
def test_a3_heights_are_read_so_that_they_close_most(told, bottom_m, top_m):
    (one,) = barred_by([zone(**told)], "drone", HOME, GROUND)
    assert (one.zone_id, one.bottom_m, one.top_m) == ("Z", bottom_m, top_m)
    assert isinstance(one.shape, Round)
    (unknown,) = barred_by([zone(**told)], "drone", HOME, None)
    assert (unknown.bottom_m, unknown.top_m) == (-INF, INF)


@pytest.mark.parametrize(
    ("told", "permits", "closed"),
    [
        ({}, (), True),
        ({"applies_to": ("drone", "van")}, (), True),
        ({"applies_to": ("van",)}, (), False),
        ({"kind": "avoid"}, (), False),
        ({"kind": "permit"}, (), True),
        ({"kind": "permit"}, ("Y",), True),
        ({"kind": "permit"}, ("Z",), False),
        ({"kind": "hard"}, ("Z",), True),
    ],
)
def test_a3_which_zones_bar_whom(told, permits, closed):
    found = barred_by([zone(**told)], "drone", HOME, GROUND, frozenset(permits))
    assert bool(found) == closed


def test_areas_to_stay_in_are_drawn_about_home():
    (one,) = shapes_of([Circle(centre=HOME, radius_m=80.0)], HOME)
    assert one == Round((0.0, 0.0), 80.0)


@pytest.mark.parametrize(
    ("height_m", "meets"),
    [(24.9, False), (25.0, True), (60.0, True), (95.0, True), (95.1, False)],
)
def test_a3_a_zone_has_heights_and_five_metres_more(height_m, meets):
    question = ask(drone_bounds(barred=(AHEAD,)), drone_truth(height_m=height_m))
    point = ((150.0, 0.0),) * 3
    assert (AHEAD in barring(question, point, height_m, height_m)) == meets
    end = (400.0, 0.0)
    assert clear_between(question, (0.0, 0.0), end, height_m) != meets


def test_a_band_that_only_begins_in_the_zone_meets_it():
    question = ask(drone_bounds(barred=(AHEAD,)), drone_truth())
    point = ((150.0, 0.0),) * 3
    assert AHEAD in barring(question, point, 0.0, 26.0)
    assert AHEAD in barring(question, point, 94.0, 200.0)
    assert AHEAD not in barring(question, point, 0.0, 24.0)
    assert AHEAD not in barring(question, ((90.0, 0.0),) * 3, 60.0, 60.0)
    assert AHEAD in barring(question, ((98.5, 0.0),) * 3, 60.0, 60.0)  # 1 m, 0.55 m of size


def test_a3_a_way_through_a_zone_is_refused_and_one_past_it_is_not():
    bounds, truth = drone_bounds(barred=(AHEAD,)), drone_truth()
    for command, reason in [
        (go(300.0, 0.0, 10.0), "zone"),
        (go(300.0, 0.0, 10.0, height_m=110.0), "zone"),  # it climbs on the way
        (go(0.0, 300.0, 10.0), None),
        (go(3000.0, 6000.0, 10.0), "fence"),
        (go(0.0, 0.0, 10.0), None),
        (Return(**lease()), None),
        (Land(**lease(), place=place(300.0, 0.0)), "zone"),
        (Land(**lease()), None),
    ]:
        ruling = way(ask(bounds, truth, command))
        assert (ruling.reason if ruling else None) == reason, command
    beyond = drone_truth(whereabouts=here(300.0, 0.0, 60.0))
    assert way(ask(bounds, beyond, Return(**lease()))).why == "it would come into zone Z"
    above = drone_truth(whereabouts=here(300.0, 0.0, 110.0))
    assert way(ask(bounds, above, Return(**lease()))) is None


def test_a3_every_part_of_a_plan_is_looked_at_at_all_its_heights():
    bounds = drone_bounds(barred=(AHEAD,))
    truth = drone_truth(landed=True)

    def plan(*parts):
        return way(ask(bounds, truth, FlyPlan(**lease(), parts=parts)))

    aside, beyond = (
        Via(place=place(0, 200), height_m=60.0),
        Via(place=place(300, 0), height_m=60.0),
    )
    assert plan(Climb(height_m=60.0), aside, GoHome()) is None
    assert plan(aside, Via(place=place(300, 200), height_m=60.0), beyond) is None
    assert (
        plan(aside, Via(place=place(300, 200), height_m=60.0), beyond, GoHome()).reason
        == "zone"
    )
    assert plan(aside, TouchDown(place=place(300, -200))).reason == "zone"
    # It comes down to the ground at the end: low zones count too.
    low = drone_bounds(barred=(replace(AHEAD, bottom_m=-INF, top_m=20.0),))
    over = FlyPlan(**lease(), parts=(Via(place=place(300, 0), height_m=60.0),))
    assert way(ask(low, drone_truth(), over)).reason == "zone"
    assert way(ask(low, drone_truth(), go(300.0, 0.0, 10.0))) is None


def test_a3_it_does_not_take_off_under_a_zone():
    over = replace(AHEAD, shape=square(-20.0, 20.0))
    truth = drone_truth(landed=True)
    for height_m, fine in ((24.0, True), (26.0, False)):
        command = Launch(**lease(), height_m=height_m)
        assert (way(ask(drone_bounds(barred=(over,)), truth, command)) is None) == fine
    low = drone_bounds(barred=(replace(over, bottom_m=-INF, top_m=2.0),))
    lifted = drone_truth(landed=True, whereabouts=here(height_m=8.0))
    assert way(ask(low, lifted, Launch(**lease(), height_m=30.0))).reason == "zone"


def test_s2_what_it_reaches_before_it_stands_must_be_inside():
    # 1.8 m/s for 0.5 + 0.2 s and 0.6 s of half-speed braking: 2.34 m, and 1.35 m of margin.
    bounds = robot_bounds(stay_in=(box(-100.0, -10.0, 20.0, 10.0),))
    for east_m, fine in ((16.30, True), (16.32, False)):
        truth = robot_truth(whereabouts=here(east_m))
        question = ask(bounds, truth, move(1.8))
        assert (inside(question, (1.8, 0.0, 0.0), 0.5) is None) == fine
        assert (keep_inside(question) is None) == fine


def test_s2_it_is_slowed_before_the_kerb_and_refused_at_it():
    bounds = robot_bounds(stay_in=(box(-100.0, -10.0, 20.0, 10.0),))
    found = []
    for east_m in (17.0, 18.3, 18.48, 18.6):
        verdict = Guard(bounds).judge(move(1.6), robot_truth(whereabouts=here(east_m)), NOW_S)
        if isinstance(verdict, Clipped):
            (clip,) = verdict.clips
            assert clip.why == "or else it would leave where it must stay"
            found.append(verdict.cleared.command.east_mps)
        else:
            assert isinstance(verdict, Refused)
            found.append(verdict.reason)
    assert found == [pytest.approx(0.8), pytest.approx(0.4), pytest.approx(0.2), "fence"]


def test_s2_leaving_the_kerb_map_stops_it():
    bounds = robot_bounds(stay_in=(box(-100.0, -10.0, 20.0, 10.0),))
    guard = Guard(bounds)
    # 1.8 m/s, 0.2 s and 0.6 s of braking: 1.44 m, and 1.35 m of margin.
    for east_m, stopped in ((17.2, False), (17.22, True)):
        truth = robot_truth(whereabouts=here(east_m, velocity=(1.8, 0.0, 0.0)))
        ruling = now(ask(bounds, truth))
        assert (ruling is not None) == stopped
        answer = guard.watch(truth, NOW_S)
        assert isinstance(answer, SafeStop) == stopped
    assert (ruling.reason, ruling.stop) == ("fence", True)


def test_the_present_velocity_counts_as_much_as_the_wished_one():
    bounds = robot_bounds(stay_in=(box(-100.0, -10.0, 20.0, 10.0),))
    sliding = robot_truth(whereabouts=here(17.0, velocity=(1.8, 0.0, 0.0)))
    assert keep_inside(ask(bounds, sliding, move(-1.0))).reason == "fence"
    north = robot_truth(whereabouts=here(0.0, 6.5, velocity=(0.0, 1.8, 0.0)))
    assert keep_inside(ask(bounds, north, move(0.0, -1.0))).reason == "fence"
    standing = robot_truth(whereabouts=here(17.0))
    assert keep_inside(ask(bounds, standing, move(-1.0))) is None


def test_the_doubt_of_the_fix_and_its_size_are_margin():
    bounds = robot_bounds(stay_in=(box(-100.0, -10.0, 20.0, 10.0),))
    for accuracy_m, fine in ((3.6, True), (3.7, False)):
        truth = robot_truth(whereabouts=here(16.0, accuracy_m=accuracy_m))
        assert (keep_inside(ask(bounds, truth, move(0.0))) is None) == fine


def test_one_of_several_parts_of_a_kerb_map_must_hold_it_whole():
    parts = (box(-100.0, -10.0, 10.0, 10.0), box(4.0, -10.0, 100.0, 10.0))
    bounds = robot_bounds(stay_in=parts)
    for east_m in (0.0, 5.0, 9.0):
        truth = robot_truth(whereabouts=here(east_m))
        assert keep_inside(ask(bounds, truth, move(0.5))) is None
    assert way(ask(bounds, robot_truth(), go(30.0, 0.0))).reason == "fence"
    assert keep_inside(ask(robot_bounds(stay_in=()), robot_truth(), move())).reason == "fence"


def test_a3_a_climb_into_a_zone_above_is_refused_and_a_descent_onto_one_below():
    over = replace(AHEAD, shape=square(-50.0, 50.0))
    for height_m, up_mps, fine in [
        (21.0, 3.0, True),
        (22.5, 3.0, False),
        (99.0, -2.0, True),
        (97.0, -2.0, False),
    ]:
        truth = drone_truth(height_m=height_m)
        question = ask(drone_bounds(barred=(over,)), truth, move(0.0, 0.0, up_mps))
        assert (keep_inside(question) is None) == fine, height_m
    rising = drone_truth(whereabouts=here(height_m=24.0, velocity=(0.0, 0.0, 3.0)))
    assert now(ask(drone_bounds(barred=(over,)), rising)).reason == "zone"
    sinking = drone_truth(whereabouts=here(height_m=96.0, velocity=(0.0, 0.0, -2.0)))
    assert now(ask(drone_bounds(barred=(over,)), sinking)).reason == "zone"
    level = drone_truth(whereabouts=here(height_m=24.0))
    assert now(ask(drone_bounds(barred=(over,)), level)) is None


def test_s2_a_robot_goes_where_its_kerb_map_holds_the_whole_way():
    holed = robot_bounds(
        stay_in=(box(-50.0, -5.0, 50.0, 5.0),),
        barred=(Barred("works", box(20.0, -1.0, 22.0, 1.0), -INF, INF),),
    )
    assert isinstance(Guard(holed).judge(go(10.0, 0.0), robot_truth(), NOW_S), Passed)
    verdict = Guard(holed).judge(go(30.0, 0.0), robot_truth(), NOW_S)
    assert (verdict.reason, verdict.why) == ("zone", "it would come into zone works")


def test_a_site_is_a_pad_and_an_approval_is_at_the_ground_unless_said():
    pad = site_at("pad", place(3.0, 4.0), HOME)
    assert (pad.risk, pad.place) == (0, place(3.0, 4.0))
    assert pad.point == pytest.approx((3.0, 4.0), abs=1e-6)
    assert Site("pad", HOME, (0.0, 0.0)).risk == 0
    approval = Approval("S1", (0.0, 0.0), 5.0)
    assert (approval.lowest_m, approval.highest_m) == (0.0, 0.0)
