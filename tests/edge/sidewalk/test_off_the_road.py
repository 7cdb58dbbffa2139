"""What holds a robot between the kerbs, and what waits until it has left the road (S3, S8)."""

from dataclasses import replace

import pytest

from edge.guard.guard import Guard
from edge.guard.truth import WeatherNow
from edge.messages.geo import east_north_m
from edge.sidewalk import events as e
from edge.sidewalk.progress import Phase
from edge.vehicles.jurisdictions import JURISDICTIONS
from tests.edge.sidewalk.legs import HOME, ROAD, leg
from tests.edge.sidewalk.pavement import Robot, crossing_bounds, permission

FINE = WeatherNow(0.0, ice=False, dark=False)
FAR_KERB_M = east_north_m(HOME, ROAD.middle)[0] + ROAD.reach_m
BODY_M = 0.35


def half_way():
    """Return a robot in the middle of the road, at speed."""
    bounds = crossing_bounds(ROAD) | {"jurisdiction": JURISDICTIONS["by_daylight"]}
    robot = Robot(leg(), permits=lambda _r: (permission(300.0),), bounds_more=bounds)
    while robot.point.east_m < 19.0:
        robot.run(until=(), within_s=robot.now_s + 0.2)
    return robot


def runs_on(robot, for_s):
    """Go on for some seconds; `Robot.run` counts from its beginning."""
    return robot.run(until=(Phase.AT_DOOR,), within_s=robot.now_s + for_s)


@pytest.mark.parametrize("sort", ["ice", "dark"])
@pytest.mark.parametrize("stands", [False, True], ids=["moving", "standing"])
def test_s8_ice_or_darkness_on_a_road_lets_it_leave_that_first(sort, stands):
    robot = half_way()
    if stands:
        robot.pending = [(0.0, None, None)]
        while robot.rover.body.ground_speed_mps > 0.0:
            robot._drive()
        assert robot.point.east_m < FAR_KERB_M - BODY_M
    robot.weather = replace(FINE, **{sort: True})
    runs_on(robot, 30.0)
    assert FAR_KERB_M + BODY_M < robot.point.east_m < FAR_KERB_M + 6.0
    assert robot.trace[-1][3] == 0.0
    assert robot.progress.phase is Phase.STOPPED
    assert "ice" in robot.facts[-1].why or "dark" in robot.facts[-1].why
    assert Phase.AT_DOOR not in robot.phases


@pytest.mark.parametrize("sort", ["ice", "dark"])
def test_s8_a_guard_that_began_anew_lets_it_off_the_road_by_a_leave(sort):
    robot = half_way()
    robot.weather = replace(FINE, **{sort: True})
    robot.guard = Guard(robot.guard.bounds)
    robot.step(e.Restarted(seen=robot.seen(), why="the daemon started"))
    runs_on(robot, 40.0)
    assert robot.point.east_m > FAR_KERB_M + BODY_M
    assert robot.trace[-1][3] == 0.0
    assert robot.progress.phase is Phase.STOPPED


def test_s8_an_empty_battery_on_a_road_lets_it_leave_that_first():
    robot = half_way()
    robot.charge_j = 1e5  # below the reserve
    runs_on(robot, 20.0)
    assert robot.point.east_m > FAR_KERB_M + BODY_M
    assert robot.progress.phase is Phase.SEEKING or robot.progress.phase is Phase.STOPPED
    assert robot.trace[-1][3] == 0.0


@pytest.mark.parametrize("harm", ["it was lifted", "it is tilted by 40 degrees"])
def test_s3_hands_that_meddle_with_it_hold_it_even_on_a_road(harm):
    robot = half_way()
    robot.harmed = harm
    runs_on(robot, 5.0)
    assert robot.progress.phase is Phase.TAMPERED
    assert robot.point.east_m < FAR_KERB_M
    assert robot.trace[-1][3] == 0.0
