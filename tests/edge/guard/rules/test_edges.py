"""On the very edge of the rules: what holds there to the last bit, found by planted faults."""

from edge.guard.bounds import Approval, Crossing, SlowArea
from edge.guard.guard import Guard
from edge.guard.question import Held, Memory
from edge.guard.rules.air.sites import may_land
from edge.guard.rules.limits import allowed
from edge.guard.rules.pavement import crossing as crossings
from edge.guard.rules.weather import CALM_S, look
from edge.guard.truth import Permission
from tests.edge.guard.scene import (
    NOW_S,
    ask,
    box,
    crossing,
    drone_bounds,
    drone_truth,
    go,
    here,
    move,
    robot_bounds,
    robot_truth,
)

ROAD, _ = crossing()
BOUNDS = robot_bounds(crossings=(ROAD,))


def left(seconds):
    return (Permission("X", "signal", NOW_S + seconds),)


def test_s3_a_permission_of_half_a_second_is_too_short_and_not_none_at_all():
    told = robot_truth(whereabouts=here(18.0), permissions=left(0.5))
    assert crossings.permitted(ask(BOUNDS, told, move(1.0))).why.startswith("0 s are left")
    away = ask(BOUNDS, told, None, Memory(crossings=frozenset({"X"})))
    assert crossings.still_on(away) == {"X"}


def test_s3_a_permission_that_lasts_just_as_long_as_it_takes_is_enough():
    short = robot_bounds(crossings=(Crossing("X", box(20.0, -5.0, 26.0, 5.0), 0.9),))
    told = robot_truth(whereabouts=here(18.0), permissions=left(2.5))
    assert crossings.permitted(ask(short, told, move(1.0))) is None
    told = robot_truth(whereabouts=here(18.0), permissions=left(2.25))
    assert crossings.permitted(ask(short, told, move(1.0))).reason == "crossing"


def test_s3_a_road_at_the_end_of_a_long_way_is_met_however_slowly_it_goes():
    question = ask(BOUNDS, robot_truth(whereabouts=here(5.0)), go(30.0, 0.0, speed_mps=0.0))
    assert crossings.permitted(question).why == "no permission for X"


def test_s3_rolling_onto_a_road_is_a_stop_and_not_a_refusal():
    rolling = robot_truth(whereabouts=here(19.0, velocity=(1.0, 0.0, 0.0)))
    assert crossings.now(ask(BOUNDS, rolling)).stop


def test_a6_it_lands_a_drone_s_width_beside_a_pad_and_not_farther():
    question = ask(drone_bounds(approvals=()), drone_truth())
    size_m = question.bounds.figures.motion.size_m
    assert may_land(question, (0.0, size_m))
    assert not may_land(question, (0.0, size_m + 0.001))


def test_a8_it_lands_at_any_of_several_stops_up_to_the_edge_of_their_circles():
    stops = (Approval("S1", (300.0, 0.0), 5.0), Approval("S2", (0.0, 300.0), 5.0))
    question = ask(drone_bounds(approvals=stops), drone_truth())
    assert may_land(question, (0.0, 298.0))
    assert may_land(question, (305.0, 0.0))
    assert not may_land(question, (305.001, 0.0))


def test_a4_it_is_calm_after_five_minutes_to_the_second():
    memory = Memory(held=Held(("wind",), NOW_S - 300.0))
    assert CALM_S == 300.0
    assert look(ask(drone_bounds(), drone_truth(), None, memory)) == Held()
    assert Guard(drone_bounds(), memory).watch(drone_truth(), NOW_S) is None
    memory = Memory(held=Held(("wind",), NOW_S - 299.99))
    assert look(ask(drone_bounds(), drone_truth(), None, memory)).reasons == ("wind",)


def test_s1_a_metre_before_a_slow_area_it_is_still_a_little_faster():
    bounds = robot_bounds(slow=(SlowArea(box(20.0, -5.0, 26.0, 5.0), "shared"),))
    margin_m = ask(bounds, robot_truth()).margin_m
    within_mps, _ = allowed(ask(bounds, robot_truth(whereabouts=here(22.0))))
    near_mps, _ = allowed(ask(bounds, robot_truth(whereabouts=here(19.05 - margin_m))))
    assert within_mps < near_mps
