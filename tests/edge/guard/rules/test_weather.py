"""Weather holds at once, lets go after calm, and on the way asks to return or to land."""

from dataclasses import replace

import pytest

from edge.guard.guard import Guard
from edge.guard.question import Held, Memory
from edge.guard.rules.weather import CALM_S, look, may_set_out, now, on_the_way
from edge.messages.machines.actuators import Launch
from edge.messages.machines.cleared import Passed, Refused, SafeStop
from edge.vehicles.jurisdictions import JURISDICTIONS
from tests.edge.guard.scene import (
    FINE,
    NOW_S,
    ask,
    drone_bounds,
    drone_truth,
    here,
    lease,
    move,
    robot_bounds,
    robot_truth,
    site,
)

LIMITS = [
    # what, at the limit, beyond it, near it, well within, so far beyond that it lands
    ("wind", {"wind_mps": 9.0}, {"wind_mps": 9.1}, {"wind_mps": 7.3}, {"wind_mps": 7.2},
     {"wind_mps": 11.3}),
    ("gust", {"gust_mps": 12.0}, {"gust_mps": 12.1}, {"gust_mps": 9.7}, {"gust_mps": 9.5},
     {"gust_mps": 15.1}),
    ("rain", {"rain_mm_h": 1.0}, {"rain_mm_h": 1.1}, {"rain_mm_h": 0.81}, {"rain_mm_h": 0.8},
     {"rain_mm_h": 1.3}),
    ("visibility", {"visibility_m": 2000.0}, {"visibility_m": 1999.0}, {"visibility_m": 2499.0},
     {"visibility_m": 2500.0}, {"visibility_m": 1599.0}),
    ("temperature", {"temp_c": -5.0}, {"temp_c": -5.1}, {"temp_c": -3.1}, {"temp_c": -2.9},
     {"temp_c": -7.6}),
    ("temperature", {"temp_c": 40.0}, {"temp_c": 40.1}, {"temp_c": 38.1}, {"temp_c": 37.9},
     {"temp_c": 42.6}),
]  # fmt: skip


def looked(told, held=None, at_s=NOW_S):
    truth = drone_truth(at_s, weather=replace(FINE, at_s=at_s, **told))
    return look(ask(drone_bounds(), truth, None, Memory(held=held or Held()), now_s=at_s))


@pytest.mark.parametrize(("sort", "at", "beyond", "near", "within", "worse"), LIMITS)
def test_a4_a_limit_holds_and_lets_go_well_within_it(sort, at, beyond, near, within, worse):
    assert looked(at) == Held()
    held = looked(beyond)
    assert held == Held((sort,))
    assert looked(near) == Held()  # near a limit only keeps what is held
    assert looked(near, held) == held
    assert looked(near, replace(held, calm_since_s=NOW_S - 9.0)) == held
    calm = looked(within, held)
    assert calm == Held((sort,), NOW_S)
    assert looked(within, calm, NOW_S + CALM_S - 1.0) == calm
    assert looked(within, calm, NOW_S + CALM_S) == Held()
    assert looked(beyond, calm) == held  # the calm begins anew
    bounds, flying = drone_bounds(), {"weather": replace(FINE, **beyond)}
    assert on_the_way(ask(bounds, drone_truth(**flying))) == "return"
    flying = {"weather": replace(FINE, **worse)}
    assert on_the_way(ask(bounds, drone_truth(**flying))) == "land"
    flying = {"weather": replace(FINE, **at)}
    assert on_the_way(ask(bounds, drone_truth(**flying))) == "go_on"


def test_a4_another_reason_joins_and_one_far_away_leaves():
    held = looked({"wind_mps": 10.0, "rain_mm_h": 2.0})
    assert held == Held(("rain", "wind"))
    assert looked({"wind_mps": 10.0, "rain_mm_h": 0.9}, held) == held
    assert looked({"wind_mps": 10.0, "rain_mm_h": 0.1}, held) == Held(("wind",))


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"wind_mps": None}, "wind"),
        ({"gust_mps": None}, "gust"),
        ({"rain_mm_h": None}, "rain"),
        ({"visibility_m": None}, "visibility"),
        ({"temp_c": None}, "temperature"),
        ({"ice": None}, None),
        ({"dark": None}, None),
        ({"dark": True}, None),
        ({"ice": True}, "ice"),
        ({"at_s": NOW_S - 1200.0}, None),
    ],
)
def test_a4_what_must_be_known_and_is_not_holds_a_drone(told, reason):
    truth = drone_truth(landed=True, weather=replace(FINE, **told))
    held = look(ask(drone_bounds(), truth))
    assert held.reasons == ((reason,) if reason else ())
    verdict = Guard(drone_bounds()).judge(Launch(**lease(), height_m=30.0), truth, NOW_S)
    assert isinstance(verdict, Refused if reason else Passed)
    if reason:
        assert (verdict.reason, verdict.why) == ("weather", f"held by {reason}")
        # Unknown weather lets nobody out of a hold either.
        again = look(ask(drone_bounds(), truth, None, Memory(held=Held((reason,), 1.0))))
        assert again == Held((reason,))


def test_a4_old_weather_is_unknown():
    truth = drone_truth(landed=True, weather=replace(FINE, at_s=NOW_S - 1201.0))
    all_of_it = ("gust", "rain", "temperature", "visibility", "wind")
    assert look(ask(drone_bounds(), truth)).reasons == all_of_it
    assert look(ask(drone_bounds(), replace(truth, weather=None))).reasons == all_of_it
    flying = drone_truth(weather=None)
    assert on_the_way(ask(drone_bounds(), flying)) == "go_on"


@pytest.mark.parametrize(
    ("told", "law", "reason"),
    [
        ({}, "walking_pace", None),
        ({"ice": True}, "walking_pace", "ice"),
        ({"ice": None}, "walking_pace", "ice"),
        ({"dark": True}, "walking_pace", None),
        ({"dark": None}, "walking_pace", None),
        ({"dark": True}, "by_daylight", "darkness"),
        ({"dark": None}, "by_daylight", "darkness"),
        ({"wind_mps": None, "rain_mm_h": None}, "walking_pace", None),
        ({"wind_mps": 18.0}, "walking_pace", "wind"),
        ({"rain_mm_h": 11.0}, "walking_pace", "rain"),
    ],
)
def test_s8_ice_darkness_and_storms_hold_a_robot(told, law, reason):
    bounds = robot_bounds(jurisdiction=JURISDICTIONS[law])
    truth = robot_truth(weather=replace(FINE, **told))
    verdict = Guard(bounds).judge(move(1.0), truth, NOW_S)
    assert isinstance(verdict, Refused if reason else Passed)
    if reason:
        assert verdict.why == f"held by {reason}"


def test_s8_what_is_already_on_its_way_is_not_held_on_the_road():
    memory = Memory(held=Held(("ice", "wind")))
    standing, driving = robot_truth(), robot_truth(whereabouts=here(velocity=(1.0, 0.0, 0.0)))
    assert may_set_out(ask(robot_bounds(), standing, move(1), memory)).reason == "weather"
    held = may_set_out(ask(robot_bounds(), standing, move(1), memory))
    assert held.why == "held by ice, wind"
    assert may_set_out(ask(robot_bounds(), driving, move(1), memory)) is None
    assert may_set_out(ask(drone_bounds(), drone_truth(), move(1), memory)) is None
    hovering = drone_truth(whereabouts=here(height_m=9.0))
    assert may_set_out(ask(drone_bounds(), hovering, move(1), memory)) is None
    landed = drone_truth(landed=True)
    assert may_set_out(ask(drone_bounds(), landed, move(1), memory)).reason == "weather"


def test_a4_in_flight_it_goes_on_returns_or_lands_by_rule():
    bounds = drone_bounds()
    assert now(ask(bounds, drone_truth())) is None
    strong = drone_truth(weather=replace(FINE, gust_mps=12.5))
    ruling = now(ask(bounds, strong))
    assert (ruling.reason, ruling.why, ruling.stop) == ("weather", "gust: it must return", True)
    stop = Guard(bounds).watch(strong, NOW_S)
    assert isinstance(stop, SafeStop)
    (land,) = stop.cleared
    assert land.command.place == bounds.sites[0].place
    worse = drone_truth(weather=replace(FINE, gust_mps=15.5, rain_mm_h=1.2))
    assert now(ask(bounds, worse)).why == "gust, rain: it must land"


def test_a4_a_return_goes_where_the_risk_is_least_and_a_landing_where_it_is_near():
    bounds = drone_bounds(sites=(site("near", 30.0, 0.0, risk=5), site("base", 400.0)))
    for gust_mps, expected in ((12.5, "base"), (15.5, "near")):
        guard = Guard(bounds)
        guard.watch(drone_truth(weather=replace(FINE, gust_mps=gust_mps)), NOW_S)
        assert guard.memory.diverting.site_id == expected
