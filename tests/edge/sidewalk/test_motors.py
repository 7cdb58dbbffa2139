"""Starts anew in the midst of a leg: nothing moves before the motors are on again."""

from dataclasses import replace

import pytest

from edge.guard.guard import Guard
from edge.messages.facts import CrossingTaken, HelpWanted, MachineTampered
from edge.sidewalk import events as e
from edge.sidewalk.change import HELP_AFTER_S, changed
from edge.sidewalk.machine import advance
from edge.sidewalk.progress import DriveProgress, Leave, Phase, Seen
from tests.edge.sidewalk.legs import ROAD, at, leg
from tests.edge.sidewalk.pavement import Robot, crossing_bounds, permission

SOAK = pytest.mark.soak
ROAD_MIDDLE_M = 19.5
FOR_A_MOMENT = {Phase.YIELDING: "lease", Phase.STOPPED: "approval"}
"""What the guard says to bring it there."""
STEPS = [Phase.DRIVING, Phase.YIELDING, Phase.STOPPED, Phase.AT_CROSSING, Phase.CROSSING]
MIDST = sorted(
    {Phase.DRIVING, Phase.YIELDING, Phase.AT_CROSSING, Phase.CROSSING, Phase.BACKING_OFF}
    | {Phase.SEEKING, Phase.PREPARING, Phase.SETTING_OUT},
    key=lambda phase: phase.value,
)


def seen(now_s=100.0, **more):
    kept = {
        "mode": "hold",
        "goes_in": "hold",
        "armed": False,
        "speed_mps": 0.0,
        "place": at(10.0, 0.0),
        "accuracy_m": 1.0,
        "lid": "closed",
        "locks": (("1", "locked"),),
        "doors": (("1", False),),
    }
    return Seen(now_s=now_s, **(kept | more))


def begun_anew(phase, **fields):
    """Return a leg in whose midst the autopilot began anew, its state known again."""
    before = (Phase.PREPARING, Phase.SETTING_OUT, Phase.YIELDING)
    then = Phase.DRIVING if phase in before else None
    was = DriveProgress(phase=phase, plan=leg(), along_m=10.0, then=then, **fields)
    doubted = advance(was, e.Restarted(seen=seen(), why="the autopilot is back")).progress
    return advance(doubted, e.Looked(seen=seen(102.0)))


@pytest.mark.parametrize("phase", MIDST)
def test_an_autopilot_that_began_anew_is_armed_before_anything_is_driven(phase):
    """Seed 2: it was told to go with its motors off, gave up after five times and stood."""
    change = begun_anew(phase)
    assert [type(action) for action in change.actions] == [e.AskGate]
    progress, actions = change.progress, []
    for event in (e.GateAnswered, e.Answered, e.Answered):
        about = {"reasons": ()} if event is e.GateAnswered else {"done": True}
        if event is e.Answered:
            about["number"] = progress.asked
        after = advance(progress, event(seen=seen(103.0), **about))
        progress, actions = after.progress, [*actions, *after.actions]
    assert [type(action) for action in actions] == [e.ClearBoard, e.WakeMotors]
    assert (progress.phase, progress.then) == (Phase.DRIVING, None)
    drives = advance(progress, e.Looked(seen=seen(104.0, armed=True)))
    assert [type(action) for action in drives.actions] == [e.Go]


def test_one_that_is_held_back_on_its_way_is_watched_and_calls_for_a_person():
    waits = begun_anew(Phase.DRIVING).progress
    late = advance(waits, e.Looked(seen=seen(103.0 + HELP_AFTER_S)))
    assert [type(fact) for fact in late.facts] == [HelpWanted]
    assert advance(late.progress, e.Looked(seen=seen(200.0 + HELP_AFTER_S))).facts == ()
    lifted = advance(waits, e.Looked(seen=seen(103.0, harmed="it was lifted")))
    assert lifted.progress.phase is Phase.TAMPERED
    assert isinstance(lifted.facts[0], MachineTampered)


def test_s3_between_the_kerbs_it_calls_at_once_and_needs_leave_for_what_is_left():
    """It is woken through the gate, and then asks for a leave: that of before has run out."""
    on_road = seen(103.0, place=at(20.0, 0.0), armed=True)
    waits = begun_anew(Phase.CROSSING).progress
    called = advance(waits, e.Looked(seen=seen(106.5, place=at(20.0, 0.0))))
    assert [type(fact) for fact in called.facts] == [HelpWanted]
    awake = changed(waits, phase=Phase.DRIVING, then=None)
    asks = advance(awake, e.Looked(seen=on_road))
    assert asks.progress.phase is Phase.AT_CROSSING
    assert [type(action) for action in asks.actions] == [e.Stay, e.AskLeave]
    leave = Leave(crossing_id="X", source="gap", until_s=113.0)
    goes = advance(asks.progress, e.Looked(seen=replace(on_road, leaves=(leave,))))
    assert goes.progress.phase is Phase.CROSSING
    beyond = advance(awake, e.Looked(seen=seen(103.0, place=at(26.0, 0.0), armed=True)))
    assert [type(action) for action in beyond.actions] == [e.Go]


def test_at_the_gate_half_way_it_is_held_or_gives_up_where_it_is_watched():
    waits = begun_anew(Phase.DRIVING).progress
    for what, then in (("hold", Phase.DRIVING), ("give_up", None)):
        told = advance(waits, e.Ordered(seen=seen(), what=what, why="ada decided"))
        assert (told.progress.phase, told.progress.then) == (Phase.STOPPED, then)
        assert [type(action) for action in told.actions] == [e.Stay]


def test_at_the_station_it_may_be_lifted_and_calls_for_nobody():
    plan = leg()
    waits = advance(DriveProgress(), e.SetOut(seen=seen(), plan=plan)).progress
    assert advance(waits, e.Looked(seen=seen(900.0, harmed="it was lifted"))).facts == ()


def test_a_stop_that_is_tried_again_wakes_the_motors_first():
    stopped = DriveProgress(
        phase=Phase.STOPPED, plan=leg(), then=Phase.DRIVING, since_s=90.0, again_s=95.0
    )
    for event in (
        e.Looked(seen=seen()),
        e.Ordered(seen=seen(), what="go_on", why="somebody wants it"),
    ):
        change = advance(stopped, event)
        assert change.progress.phase is Phase.AT_GATE
        assert [type(action) for action in change.actions] == [e.AskGate]


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
