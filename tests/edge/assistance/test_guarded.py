"""What the guard lets a person from afar do (S6): neither road nor haste nor open lid."""

from dataclasses import replace

from edge.messages.facts import AssistanceSteered
from edge.sidewalk import events as e
from edge.sidewalk.plan import plan_leg
from edge.sidewalk.progress import Helper, Phase
from tests.edge.sidewalk.legs import HOME, ROAD, at
from tests.edge.sidewalk.pavement import SHUT, Robot, crossing_bounds, permission

KERB_M, FAR_KERB_M = 17.0, 23.0


def helped(**more):
    """Return a robot before a road, in a person's hands."""
    way = plan_leg("walk", (HOME, at(40.0, 0.0)), (), speed_mps=1.5, purpose="home")
    robot = Robot(way, bounds_more=crossing_bounds(ROAD), **more).run(until=(), within_s=5.0)

    def beat(robot):
        robot.helper = Helper(operator="ada", until_s=900.0, heard_s=robot.now_s)

    robot.look = beat
    beat(robot)
    robot.step(e.HelpCame(seen=robot.seen(), operator="ada", lasts_s=600.0))
    robot.run(until=(), within_s=robot.now_s + 3.0)
    assert robot.progress.phase is Phase.ASSISTED
    return robot


def steer(robot, east_m, speed_mps=3.0, lasts_s=30.0):
    place = at(east_m, 0.0)
    robot.step(e.Steered(seen=robot.seen(), operator="ada", place=place, speed_mps=speed_mps))
    before_s = robot.now_s
    robot.run(until=(), within_s=before_s + lasts_s)
    return [row for row in robot.trace if row[0] > before_s]


def test_s6_no_road_without_leave():
    robot = helped()
    steps = steer(robot, 30.0)
    assert max(row[1] for row in steps) < KERB_M
    assert robot.progress.goal is None
    assert robot.progress.refused == "no permission for X"
    assert [fact.place for fact in robot.told(AssistanceSteered)] == [at(30.0, 0.0)]


def test_s6_with_leave_it_goes_over_and_never_faster_than_a_person_from_afar_may():
    robot = helped(permits=lambda _r: (permission(900.0),))
    steps = steer(robot, 28.0, lasts_s=60.0)
    assert max(row[1] for row in steps) > FAR_KERB_M
    assert max(row[3] for row in steps) <= 1.05
    assert robot.progress.phase is Phase.ASSISTED


def test_s6_not_with_the_lid_open():
    robot = helped()
    truth = robot.truth
    robot.truth = lambda: _with_lid_open(truth())
    steps = steer(robot, robot.rover.body.east_m + 4.0, lasts_s=5.0)
    assert max(row[3] for row in steps) < 0.1
    assert robot.progress.goal is None
    assert robot.progress.refused


def _with_lid_open(truth):
    parts = replace(truth.parts, lid="open", locks=SHUT["locks"])
    return replace(truth, parts=parts)
