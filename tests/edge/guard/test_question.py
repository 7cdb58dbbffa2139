"""Where a command wants to go."""

import pytest

from edge.guard.question import Wish, wish_of
from edge.messages.machines.actuators import FlyPlan, Land, Launch, Return
from edge.messages.machines.plans import Climb, Cruise, GoHome, TouchDown, Via
from tests.edge.guard.scene import (
    ask,
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
)

NOWHERE = (0.0, 0.0, 0.0)


def wish(command, **told):
    truth = drone_truth(**({"whereabouts": here(10.0, 20.0, 60.0)} | told))
    return wish_of(ask(drone_bounds(), truth, command))


def near(*points):
    return [pytest.approx(point, abs=1e-6) for point in points]


def test_a_velocity_goes_up_or_down_for_a_second():
    assert wish(move(1.0, 2.0, 3.0)) == Wish((1.0, 2.0, 3.0), (), 60.0, 63.0)
    assert wish(move(1.0, 2.0, -2.0)) == Wish((1.0, 2.0, -2.0), (), 58.0, 60.0)
    robot = ask(robot_bounds(), robot_truth(), move(0.0, 0.0, 2.0))
    assert wish_of(robot).high_m == pytest.approx(1.4)
    assert Wish() == Wish(NOWHERE, (), 0.0, 0.0)


def test_a_target_is_gone_to_straight_and_between_two_heights():
    found = wish(go(13.0, 24.0, 5.0, height_m=80.0))
    assert found.velocity_enu_mps == pytest.approx((3.0, 4.0, 0.0), abs=1e-6)
    assert list(found.way) == near((10.0, 20.0), (13.0, 24.0))
    assert (found.low_m, found.high_m) == (60.0, 80.0)
    assert wish(go(10.0, 21.0, 5.0, height_m=9.0)).low_m == 9.0
    short = wish(go(10.0, 20.5, 5.0))
    assert short.velocity_enu_mps == pytest.approx((0.0, 5.0, 0.0), abs=1e-6)
    robot = wish_of(ask(robot_bounds(), robot_truth(), go(5.0, 0.0, height_m=60.0)))
    assert (robot.low_m, robot.high_m) == (0.0, 0.0)


def test_ways_up_down_and_home():
    launch = wish(Launch(**lease(), height_m=90.0))
    assert (launch.velocity_enu_mps, launch.low_m, launch.high_m) == (NOWHERE, 60.0, 90.0)
    home = wish(Return(**lease()))
    assert home.velocity_enu_mps == NOWHERE
    assert list(home.way) == near((10.0, 20.0), (0.0, 0.0))
    assert (home.low_m, home.high_m) == (60.0, 60.0)
    there = wish(Land(**lease(), place=place(50.0, 60.0)))
    assert there.velocity_enu_mps == NOWHERE
    assert list(there.way) == near((10.0, 20.0), (50.0, 60.0))
    for command in (Land(**lease()), hold()):
        stays = wish(command)
        assert stays.velocity_enu_mps == NOWHERE
        assert list(stays.way) == near((10.0, 20.0))
        assert (stays.low_m, stays.high_m) == (60.0, 60.0)


def test_a_plan_is_all_its_places_heights_and_its_highest_speed():
    parts = (
        Climb(height_m=70.0),
        Cruise(speed_mps=9.0),
        Via(place=place(1.0, 2.0), height_m=50.0),
        Cruise(speed_mps=8.0),
        TouchDown(place=place(3.0, 4.0)),
        GoHome(),
    )
    found = wish(FlyPlan(**lease(), parts=parts))
    assert found.velocity_enu_mps == (9.0, 0.0, 0.0)
    assert list(found.way) == near((10.0, 20.0), (1.0, 2.0), (3.0, 4.0), (0.0, 0.0))
    assert (found.low_m, found.high_m) == (50.0, 70.0)
    assert wish(FlyPlan(**lease(), parts=(GoHome(),))).velocity_enu_mps == NOWHERE
