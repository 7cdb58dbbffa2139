"""There is always a landing place that can be reached with the reserve left."""

import math
from dataclasses import replace
from random import Random

import pytest

from edge.guard.bounds import Barred
from edge.guard.guard import Guard
from edge.guard.rules.energy import (
    choose,
    cost_j,
    enough,
    homeward,
    not_diverting,
    now,
    reachable,
)
from edge.guard.truth import Charge, WeatherNow
from edge.messages.machines.actuators import FlyPlan, Hold, Land, Launch, Return
from edge.messages.machines.cleared import Passed, Refused, SafeStop
from edge.messages.machines.plans import Climb, GoHome, Via
from edge.vehicles import MACHINES
from tests.edge.guard.flights import Flight
from tests.edge.guard.scene import (
    FINE,
    FULL_J,
    NOW_S,
    ask,
    box,
    drone_bounds,
    drone_truth,
    go,
    here,
    hold,
    lease,
    move,
    place,
    robot_bounds,
    robot_truth,
    site,
)

FIGURES = MACHINES["drone"].machine.energy
CALM = WeatherNow(NOW_S, wind_mps=0.0, wind_from_deg=0.0, gust_mps=0.0)
HIGH_W = 600.0 * (4.8 / 3.8) ** 1.5  # with one kilogram


def charged(left_j, **told):
    return drone_truth(**({"charge": Charge(NOW_S, left_j)} | told))


def test_a6_blocked_sites_and_those_under_zones_do_not_count_and_others_are_gone_round_to():
    wall = Barred("Z", box(100.0, -50.0, 120.0, 50.0), 30.0, 90.0)
    on_it = Barred("Y", box(-205.0, -5.0, -195.0, 5.0), -math.inf, 10.0)
    sites = (
        site("near", 40.0),
        site("behind", 300.0),
        site("under", -200.0),
        site("far", 0, 500),
    )
    bounds = drone_bounds(barred=(wall, on_it), sites=sites)
    question = ask(bounds, drone_truth(blocked_sites=frozenset({"near"})))
    names = [one.site_id for _, one in reachable(question, (0.0, 0.0), 60.0)]
    assert names == ["behind", "far"]
    free = ask(bounds, drone_truth())
    names = [one.site_id for _, one in reachable(free, (0.0, 0.0), 60.0)]
    assert names == ["near", "behind", "far"]
    (straight, *_), (round_it, *_) = (
        [cost for cost, one in reachable(ask(these, drone_truth()), (0.0, 0.0), 60.0)
         if one.site_id == "behind"]
        for these in (drone_bounds(sites=sites), bounds)
    )  # fmt: skip
    assert straight < round_it < straight * 1.2
    above = ask(bounds, drone_truth(height_m=100.0))
    names = [one.site_id for _, one in reachable(above, (0.0, 0.0), 100.0)]
    assert names == ["near", "behind", "far"]
    robot = replace(bounds, kind="robot", figures=MACHINES["robot"].machine)
    assert len(reachable(ask(robot, robot_truth()), (0.0, 0.0), 0.0)) == 4


def test_a6_the_least_risk_that_can_be_afforded_is_chosen_else_the_cheapest():
    sites = (site("field", 50.0, 0.0, risk=5), site("roof", 200.0, 0.0, risk=1),
             site("base", 900.0, 0.0, risk=0))  # fmt: skip
    bounds = drone_bounds(sites=sites)
    costs = {
        one.site_id: cost_j(ask(bounds, drone_truth()), (0.0, 0.0), 60.0, (one.point,))
        for one in sites
    }

    def chosen(left_j, **told):
        soon = told.pop("soon", False)
        found = choose(ask(bounds, charged(left_j, **told)), soon=soon)
        return found.site_id if found else None

    reserve_j = FIGURES.reserve_j
    assert chosen(costs["base"] + reserve_j + 1.0) == "base"
    assert chosen(costs["base"] + reserve_j - 1.0) == "roof"
    assert chosen(costs["roof"] + reserve_j - 1.0) == "field"
    assert chosen(1.0) == "field"
    assert chosen(9e9, soon=True) == "field"
    assert chosen(9e9, blocked_sites=frozenset({"base"})) == "roof"
    assert chosen(9e9, whereabouts=None) is None
    assert chosen(0.0, charge=None) == "field"
    assert chosen(9e9, blocked_sites=frozenset({"base", "roof", "field"})) is None


def test_a6_equal_sites_are_told_apart_by_cost_and_then_by_name():
    bounds = drone_bounds(
        sites=(site("b", 0.0, 50.0), site("a", 0.0, 50.0), site("c", 0.0, 90.0))
    )
    assert choose(ask(bounds, charged(9e9))).site_id == "a"
    assert [one.site_id for _, one in reachable(ask(bounds, charged(9e9)), (0, 0), 9)] == [
        "a", "b", "c",
    ]  # fmt: skip


def needed_j(question, end=(0.0, 0.0), height_m=60.0, flown_s=0.0):
    cost = min(cost_j(question, end, height_m, (one.point,)) for one in question.bounds.sites)
    return HIGH_W * (4.0 + flown_s) + cost + FIGURES.reserve_j


def judged(rule, left_j, command=None, **told):
    return rule(ask(drone_bounds(), charged(left_j, **({"weather": CALM} | told)), command))


def test_a5_it_turns_back_when_just_enough_is_left():
    far = {"whereabouts": here(800.0, 0.0, 60.0)}
    edge_j = needed_j(ask(drone_bounds(), charged(1.0, weather=CALM)), (800.0, 0.0))
    assert judged(now, edge_j + 1.0, **far) is None
    ruling = judged(now, edge_j - 1.0, **far)
    assert (ruling.reason, ruling.stop) == ("energy", True)
    kilojoules = f"{(edge_j - 1) / 1e3:.0f} kJ left, {edge_j / 1e3:.0f} needed"
    assert ruling.why == f"{kilojoules} to land at pad with the reserve"
    # Flying away it goes 0.5 s and three seconds of half-speed braking further.
    away = {"whereabouts": here(800.0, 0.0, 60.0, velocity=(15.0, 0.0, 0.0))}
    further_j = needed_j(ask(drone_bounds(), charged(1.0, weather=CALM)), (852.5, 0.0))
    assert judged(now, further_j + 1.0, **away) is None
    assert judged(now, further_j - 1.0, **away).reason == "energy"
    # And flying home the place where it is counts.
    home = {"whereabouts": here(800.0, 0.0, 60.0, velocity=(-15.0, 0.0, 0.0))}
    assert judged(now, edge_j + 1.0, **home) is None
    assert judged(now, edge_j - 1.0, **home).reason == "energy"


def test_a5_what_is_not_known_of_the_battery_is_not_there():
    for charge, reason in (
        (None, "energy"),
        (Charge(NOW_S - 5.1, FULL_J), "energy"),
        (Charge(NOW_S, float("nan")), "not_a_number"),
    ):
        ruling = now(ask(drone_bounds(), drone_truth(charge=charge)))
        assert (ruling.reason, ruling.stop) == (reason, True)
    assert now(ask(drone_bounds(), drone_truth(charge=Charge(NOW_S - 5.0, FULL_J)))) is None


def test_a5_a_way_is_judged_at_its_end_with_what_it_takes_to_get_there():
    question = ask(drone_bounds(), charged(1.0, weather=CALM))
    slowest_mps = 12.0 - 2.0  # where the wind is calm, and 2 m/s unsure
    asks = [
        (go(900.0, 0.0, 10.0), (900.0, 0.0), 60.0, 900.0 / slowest_mps),
        (FlyPlan(**lease(), parts=(Via(place=place(600.0, 0.0), height_m=60.0),
                                   Via(place=place(600.0, 400.0), height_m=60.0))),
         (600.0, 400.0), 60.0, 1000.0 / slowest_mps),
        (FlyPlan(**lease(), parts=(Climb(height_m=85.0), Via(place=place(90.0, 0.0)),
                                   GoHome())),
         (0.0, 0.0), 85.0, 180.0 / slowest_mps + 25.0 / 2.5),
        (move(15.0, 0.0), (15.0 * 4.0, 0.0), 60.0, 0.0),
        (move(0.0, 0.0, 3.0), (0.0, 0.0), 63.0, 3.0 / 2.5),
        (Launch(**lease(), height_m=100.0), (0.0, 0.0), 100.0, 40.0 / 2.5),
    ]  # fmt: skip
    for command, end, height_m, flown_s in asks:
        edge_j = needed_j(question, end, height_m, flown_s)
        assert judged(enough, edge_j + 5.0, command) is None, command
        assert judged(enough, edge_j - 5.0, command).reason == "energy", command
        assert not judged(enough, edge_j - 5.0, command).stop
    for command in (Land(**lease()), Return(**lease())):
        assert judged(enough, 1.0, command) is None


def test_a5_in_a_wind_that_cannot_be_flown_a_way_takes_for_ever():
    calm = ask(drone_bounds(), charged(1.0, weather=CALM), go(50.0, 0.0))
    strong = replace(CALM, wind_mps=6.5)
    # 12 - 6.5 * 1.45 - 2 m/s are not one: one is reckoned with.
    question = ask(drone_bounds(), charged(1.0, weather=strong))
    edge_j = needed_j(question, (50.0, 0.0), 60.0, 50.0 / 1.0)
    assert judged(enough, edge_j + 5.0, go(50.0, 0.0), weather=strong) is None
    assert judged(enough, edge_j - 5.0, go(50.0, 0.0), weather=strong).reason == "energy"
    assert enough(calm).reason == "energy"


def test_a5_nowhere_to_land_is_nowhere_to_go():
    bounds = drone_bounds(sites=())
    ruling = now(ask(bounds, drone_truth()))
    assert (ruling.reason, ruling.why) == ("site", "no landing place can be reached from there")
    stop = Guard(bounds).watch(drone_truth(), NOW_S)
    assert [one.command.place for one in stop.cleared] == [None]
    assert isinstance(stop.cleared[0].command, Land)


def test_a5_on_the_way_to_land_nobody_talks_it_out_of_it():
    guard = Guard(drone_bounds())
    low = charged(240_000.0, whereabouts=here(800.0, 0.0, 60.0))
    stop = guard.watch(low, NOW_S)
    assert (stop.reason, guard.memory.diverting.site_id) == ("energy", "pad")
    (land,) = stop.cleared
    assert land.command == Land(
        number=0,
        issued_s=NOW_S,
        expires_s=NOW_S + 0.5,
        place=guard.memory.diverting.place,
        height_m=60.0,
    )
    full = drone_truth(whereabouts=here(700.0, 0.0, 60.0))
    for number, command in enumerate(
        (move(1.0), go(0.0, 0.0), hold(), Return(**lease()), Land(**lease())), start=1
    ):
        verdict = guard.judge(replaced(command, number), full, NOW_S)
        assert isinstance(verdict, SafeStop)
        assert verdict.why == "it is on the way to land at pad"
        assert [type(one.command) for one in verdict.cleared] == [Land]
    assert guard.watch(full, NOW_S).why == "it is on the way to land at pad"
    guard.watch(drone_truth(landed=True), NOW_S)
    assert guard.memory.diverting is None
    assert not_diverting(ask(drone_bounds(), full)) is None


def replaced(command, number):
    return type(command)(**{name: getattr(command, name) for name in command.__struct_fields__}
                         | {"number": number})  # fmt: skip


def test_a6_a_site_that_becomes_blocked_is_given_up_for_another():
    bounds = drone_bounds(sites=(site("pad"), site("field", 300.0, 0.0, risk=5)))
    guard = Guard(bounds)
    low = charged(220_000.0, whereabouts=here(200.0, 0.0, 60.0))
    guard.watch(low, NOW_S)
    first = guard.memory.diverting.site_id
    other = {"pad": "field", "field": "pad"}[first]
    stop = guard.watch(replace(low, blocked_sites=frozenset({first})), NOW_S)
    assert guard.memory.diverting.site_id == other
    assert stop.cleared[0].command.place == guard.memory.diverting.place
    both = replace(low, blocked_sites=frozenset({"pad", "field"}))
    guard.watch(both, NOW_S)
    assert guard.memory.diverting.site_id == other  # nothing better is known


def test_s8_a_robot_with_little_left_may_only_go_home():
    bounds = robot_bounds(sites=(site("depot", -90.0),))
    low = robot_truth(charge=Charge(NOW_S, 210_000.0))
    assert isinstance(Guard(bounds).judge(move(-1.0), low, NOW_S), Passed)
    assert isinstance(Guard(bounds).judge(go(-50.0, 0.0), low, NOW_S), Passed)
    for command in (move(1.0), go(50.0, 0.0)):
        verdict = Guard(bounds).judge(command, low, NOW_S)
        assert isinstance(verdict, Refused)
        assert verdict.reason == "energy"
    assert isinstance(Guard(bounds).judge(move(1.0), robot_truth(), NOW_S), Passed)
    assert homeward(ask(bounds, low, move(-1.0)))
    assert not homeward(ask(bounds, low, move(0.0)))
    assert not homeward(ask(robot_bounds(sites=()), low, move(-1.0)))
    assert not homeward(ask(bounds, low, go(-185.0, 0.0)))


def fly(seed):
    """One flight with a planner that wants anything but to land; returns it when it has."""
    flight = Flight(Random(seed))
    flight.run()
    return flight


def check_flights(seeds):
    diverted = 0
    for seed in seeds:
        flight = fly(seed)
        assert flight.landed, seed
        assert flight.left_j >= FIGURES.reserve_j, (seed, flight.left_j)
        assert flight.farthest_out_m <= 0, seed
        diverted += flight.diverted
    return diverted


@pytest.mark.parametrize("part", range(20))
def test_a5_twenty_five_flights_twenty_times_and_none_lands_under_its_reserve(part):
    assert check_flights(range(part * 25, part * 25 + 25)) > 15


@pytest.mark.soak
def test_a5_ten_thousand_flights_and_none_lands_under_its_reserve():
    assert check_flights(range(10_000)) > 5_000


def test_nobody_holds_it_in_the_air_until_it_falls():
    assert isinstance(
        Guard(drone_bounds()).judge(Hold(**lease()), drone_truth(), NOW_S), Passed
    )
    assert FINE.wind_mps == 2.0
