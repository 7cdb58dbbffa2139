"""A restart at every step of a robot's way: it goes on, or stands and says so."""

from dataclasses import replace

import pytest

from edge.guard.guard import Guard
from edge.messages.facts import CrossingTaken, HelpWanted
from edge.sidewalk import events as e
from edge.sidewalk.machine import advance
from edge.sidewalk.progress import DriveProgress, Phase
from tests.edge.sidewalk.legs import ROAD, leg
from tests.edge.sidewalk.pavement import Robot, crossing_bounds, permission
from tests.edge.sidewalk.test_motors import seen

SOAK = pytest.mark.soak
ROAD_MIDDLE_M = 19.5
FOR_A_MOMENT = {Phase.YIELDING: "lease", Phase.STOPPED: "approval"}
"""What the guard says to bring it there."""
STEPS = [Phase.DRIVING, Phase.YIELDING, Phase.STOPPED, Phase.AT_CROSSING, Phase.CROSSING]


class Restarting(Robot):
    """A robot with an autopilot that has motors and a mode, and may begin anew."""

    armed, mode, goes_in = True, "hold", "guided"
    told_unarmed = False

    def seen(self):
        return replace(super().seen(), armed=self.armed, mode=self.mode, goes_in=self.goes_in)

    def halt(self):
        self.mode = "hold"
        super().halt()

    def act(self, action):
        match action:
            case e.AskGate():
                self.step(e.GateAnswered(seen=self.seen(), reasons=()))
            case e.ClearBoard():
                self.step(self._done(self.progress))
            case e.Go() if not self.armed:
                self.told_unarmed = True
            case _:
                if isinstance(action, e.WakeMotors | e.RestMotors):
                    self.armed = isinstance(action, e.WakeMotors)
                if isinstance(action, e.Go):
                    self.mode = self.goes_in
                super().act(action)

    def autopilot_begins_anew(self):
        self.armed, self.mode = False, "hold"
        self.pending = [(self.now_s, None, None)]
        self.step(e.Restarted(seen=self.seen(), why="the autopilot is back"))

    def daemon_begins_anew(self):
        self.guard = Guard(self.guard.bounds)
        self.step(e.Restarted(seen=self.seen(), why="the daemon started"))


def drives_until(step, goes_in):
    """Return a robot that has come to this step; the road opens at the second asking."""
    opens_s = {Phase.AT_CROSSING: 25.0, Phase.BACKING_OFF: 125.0}.get(step, 0.0)

    def permits(robot):
        return (permission(robot.now_s + 30.0),) if robot.now_s >= opens_s else ()

    robot = Restarting(leg(), permits=permits, bounds_more=crossing_bounds(ROAD))
    robot.goes_in = goes_in
    robot.run(until=(), within_s=4.0)
    if step in FOR_A_MOMENT:
        robot.step(e.Vetoed(seen=robot.seen(), reason=FOR_A_MOMENT[step], why="for a moment"))
        assert robot.progress.phase is step
        return robot
    robot.run(until=(step,), within_s=150.0)
    if step is Phase.CROSSING:
        while robot.point.east_m < ROAD_MIDDLE_M:
            robot.run(until=(), within_s=robot.now_s + 0.2)
    assert robot.progress.phase is step
    return robot


@pytest.mark.parametrize("goes_in", ["guided", "hold"], ids=["ardupilot", "px4"])
@pytest.mark.parametrize("side", ["autopilot", pytest.param("daemon", marks=SOAK)])
@pytest.mark.parametrize(
    "step",
    [*STEPS, pytest.param(Phase.BACKING_OFF, marks=SOAK)],
    ids=lambda step: step.value,
)
@pytest.mark.parametrize("times", [1, pytest.param(2, marks=SOAK)])
def test_s3_a_restart_at_any_step_of_its_way_ends_at_the_door(step, side, goes_in, times):
    robot = drives_until(step, goes_in)
    begins_anew = getattr(robot, f"{side}_begins_anew")
    taken = len(robot.told(CrossingTaken))
    for _ in range(times):  # the second time while it finds out how things stand
        begins_anew()
        assert robot.progress.phase is Phase.SYNCING
    robot.run(within_s=robot.now_s + 180.0)
    assert robot.progress.phase is Phase.AT_DOOR
    assert not robot.told_unarmed
    assert len(robot.told(CrossingTaken)) == taken + 1, "by a leave that was asked for anew"


@pytest.mark.parametrize("goes_in", ["guided", "hold"], ids=["ardupilot", "px4"])
def test_s3_begun_anew_half_way_without_a_leave_it_stands_and_calls(goes_in):
    robot = drives_until(Phase.CROSSING, goes_in)
    robot.permits = lambda _robot: ()
    robot.autopilot_begins_anew()
    robot.run(within_s=robot.now_s + 8.0)
    assert robot.progress.phase is Phase.AT_CROSSING
    assert robot.trace[-1][3] == 0.0
    assert robot.told(HelpWanted)


def refused(change):
    """Return which actions begin, each refused at once, as without a route."""
    begun = []
    for action in change.actions:
        progress = change.progress
        if action.number == progress.asked:
            begun.append(type(action))
            answer = e.Answered(seen=seen(), number=action.number, done=False, why="no route")
            change = advance(progress, answer)
    return begun


@pytest.mark.parametrize(
    "event",
    [
        e.Restarted(seen=seen(), why="the daemon started"),
        e.Looked(seen=seen(harmed="it was lifted")),
    ],
    ids=["restarted", "lifted"],
)
def test_s7_bolts_are_driven_out_even_if_it_is_not_let_stand_first(event):
    """An answer to the first of several actions takes none of the others away."""
    phase = Phase.TAMPERED if isinstance(event, e.Restarted) else Phase.DRIVING
    change = advance(DriveProgress(phase=phase, plan=leg(), along_m=10.0), event)
    assert refused(change)[-1] is e.BoltAll
