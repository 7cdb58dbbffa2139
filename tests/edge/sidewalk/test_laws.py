"""What no order of events may ever do to a robot's leg."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.messages.facts import (
    AssistanceBegan,
    AssistanceEnded,
    AssistanceSteered,
    CrossingTaken,
    DoorGivenUp,
    LidIntended,
    MachineTampered,
)
from edge.sidewalk import events as e
from edge.sidewalk.change import in_circle
from edge.sidewalk.machine import RULES, advance
from edge.sidewalk.progress import AT_LID, AT_REST, DriveProgress, Helper, Leave, Phase, Seen
from edge.sidewalk.rules.aside import BEAT_S, HELPED_MPS
from edge.sidewalk.way import spot_on
from tests.edge.sidewalk.legs import DOOR, at, leg, leg_home

LEG = leg("1", "2")
STANDS = {"mode": "hold", "goes_in": "guided", "armed": False, "speed_mps": 0.0}
SHUT = {"lid": "closed", "locks": (("1", "locked"), ("2", "locked"))}
CLOSED = {**SHUT, "doors": (("1", False), ("2", False)), "boot_id": 7}
THERE = {"place": DOOR, "door_m": 0.5, "accuracy_m": 2.0}
AT_DOOR = {**STANDS, **CLOSED, **THERE}
DRIVES = {**STANDS, **CLOSED, "armed": True, "mode": "guided", "accuracy_m": 1.0}

PLACES = st.sampled_from(
    [at(x, 0.0) for x in (0, 5, 13, 14, 16, 20, 24, 30, 39)]
    + [at(40.0, y) for y in (2, 12, 24)]
    + [DOOR, DOOR, at(20.0, 9.0), None]
)
ROUGH = st.builds(
    Seen,
    now_s=st.floats(0, 900),
    present=st.sampled_from([True, True, True, False]),
    mode=st.sampled_from(["guided", "guided", "hold", "mission", "return", None]),
    goes_in=st.sampled_from(["guided", "hold", None]),
    armed=st.sampled_from([True, True, False, None]),
    place=PLACES,
    accuracy_m=st.none() | st.floats(0, 6),
    door_m=st.none() | st.floats(0, 20),
    speed_mps=st.sampled_from([0.0, 0.0, 0.05, 0.3, 1.5, None]),
    lid=st.sampled_from(["closed", "closed", "open", "opening", "unknown"]),
    locks=st.sampled_from([SHUT["locks"], (("1", "unlocked"), ("2", "locked")), ()]),
    doors=st.sampled_from(
        [(("1", False), ("2", False)), (("1", True), ("2", False)), (("1", None), ("2", None))]
    ),
    boot_id=st.sampled_from([7, 7, 8, None]),
    harmed=st.sampled_from([""] * 12 + ["it was lifted"]),
    left_j=st.sampled_from([None, 9e5, 1e5]),
    needed_j=st.sampled_from([None, 2e5]),
    leaves=st.sampled_from([(), (), (Leave(crossing_id="X", source="signal", until_s=950.0),)]),
    helper=st.none()
    | st.builds(
        Helper, operator=st.just("ada"), until_s=st.floats(0, 900), heard_s=st.floats(0, 900)
    ),
)
SMOOTH = st.sampled_from(
    [
        Seen(now_s=1.0, **AT_DOOR),
        Seen(now_s=5.0, **{**AT_DOOR, "lid": "open"}),
        Seen(now_s=9.0, **{**AT_DOOR, "lid": "open", "doors": (("1", True), ("2", False))}),
        *(Seen(now_s=100.0 + x, place=at(x, 0.0), **DRIVES) for x in (0.0, 10.0, 14.5, 30.0)),
        Seen(
            now_s=120.0,
            place=at(14.5, 0.0),
            leaves=(Leave(crossing_id="X", source="human", until_s=150.0),),
            **DRIVES,
        ),
    ]
)
SEEN = st.one_of(SMOOTH, SMOOTH, ROUGH)
NUMBER = st.sampled_from([0, 0, 0, 1])
EVENTS = st.one_of(
    st.builds(lambda s: lambda _p: e.Looked(seen=s), SEEN),
    st.builds(lambda s: lambda _p: e.Looked(seen=s), SEEN),
    st.builds(lambda s: lambda p: e.Answered(seen=s, number=p.asked, done=True), SEEN),
    st.builds(
        lambda s, n, d: lambda p: e.Answered(seen=s, number=p.asked - n, done=d),
        SEEN,
        NUMBER,
        st.booleans(),
    ),
    st.builds(
        lambda s, r: lambda _p: e.Vetoed(seen=s, reason=r, why="no"),
        SEEN,
        st.sampled_from(["people", "crossing", "fence", "energy", "weather", "approval"]),
    ),
    st.builds(lambda s, r: lambda _p: e.CodeShown(seen=s, right=r), SEEN, st.booleans()),
    st.builds(
        lambda s, c, w: lambda _p: e.DoorMoved(seen=s, compartment=c, what=w),
        SEEN,
        st.sampled_from(["1", "2"]),
        st.sampled_from(["opened", "closed", "forced", "jammed"]),
    ),
    st.builds(lambda s: lambda _p: e.HelpCame(seen=s, operator="ada", lasts_s=60.0), SEEN),
    st.builds(
        lambda s, o, p: lambda _p: e.Steered(seen=s, operator=o, place=p, speed_mps=3.0),
        SEEN,
        st.sampled_from(["ada", "ada", "eve"]),
        st.sampled_from([DOOR, DOOR, at(10.0, 0.0), None]),
    ),
    st.builds(lambda s: lambda _p: e.HelpWent(seen=s, operator="ada"), SEEN),
    st.builds(
        lambda s, w: lambda _p: e.Ordered(seen=s, what=w, why="so"),
        SEEN,
        st.sampled_from(["hold", "go_on", "give_up"]),
    ),
    st.builds(lambda s: lambda _p: e.LookedAfter(seen=s, by="bob"), SEEN),
    st.builds(
        lambda s, p: lambda _p: e.Rerouted(seen=s, plan=p, why="zone"),
        SEEN,
        st.sampled_from([leg("1", "2", plan_id="leg-1b"), leg_home(purpose="charge")]),
    ),
    st.builds(lambda s: lambda _p: e.Restarted(seen=s, why="power"), SEEN),
    st.builds(
        lambda s, p: lambda _p: e.SetOut(seen=s, plan=p), SEEN, st.sampled_from([LEG, LEG])
    ),
    st.builds(lambda s: lambda _p: e.GateAnswered(seen=s, reasons=()), SEEN),
)


class Judge:
    """Follows a leg and knows what must never be asked for."""

    def __init__(self):
        self.intended = frozenset()
        self.tries_wrong = 0
        self.helped = False
        self.ended = {}

    def look(self, event, before, change):
        after = change.progress
        for fact in change.facts:
            self._fact(fact, event, before, after)
        for action in change.actions:
            self._action(action, event, before, after)
        begins = isinstance(event, e.SetOut | e.Rerouted) and after.along_m is None
        taken = after.phase is not before.phase or after.plan is not before.plan
        if begins and taken and after.boxes != before.boxes:
            self.intended = frozenset()
        if begins and taken and not after.gives_up:
            self.ended, self.tries_wrong = {}, 5 - after.tries_left
        if isinstance(event, e.CodeShown) and before.phase is Phase.AT_DOOR:
            self.tries_wrong += not event.right
        was = {box.name: box.state for box in before.boxes}
        if after.plan is before.plan and not begins:
            for box in after.boxes:
                assert was[box.name] != "emptied" or box.state == "emptied"
        if after.phase is Phase.SERVED and before.phase is not Phase.SERVED:
            closed = event.seen.is_shut or before.phase in (Phase.AT_DOOR, Phase.DRIVING)
            assert closed, "it leaves the door only once lid and bolts are seen shut"

    def _fact(self, fact, event, before, after):
        match fact:
            case LidIntended():
                assert isinstance(event, e.CodeShown)
                assert event.right
                assert before.phase is Phase.AT_DOOR
                assert in_circle(before, event.seen)
                assert event.seen.speed_mps <= 0.1
                assert event.seen.armed is False
                assert self.tries_wrong < 5
                self.intended = frozenset(fact.compartments)
            case CrossingTaken():
                assert after.phase is Phase.CROSSING
                assert any(one.crossing_id == "X" for one in event.seen.leaves)
                assert fact.left_s > 0
            case AssistanceBegan():
                assert not self.helped
                self.helped = True
            case AssistanceEnded():
                assert self.helped
                self.helped = False
            case AssistanceSteered():
                assert self.helped
                assert isinstance(event, e.Steered)
                assert fact.operator == event.operator == before.operator
            case DoorGivenUp():
                for name in fact.compartments:
                    assert self.ended.setdefault(name, fact) is fact, "given up once"
            case MachineTampered():
                kinds = {type(action) for action in self.last_actions}
                assert {e.Stay, e.SoundSiren, e.BoltAll} <= kinds

    def _action(self, action, event, before, after):
        seen = event.seen
        match action:
            case e.Go():
                assert after.phase in (
                    Phase.DRIVING, Phase.CROSSING, Phase.BACKING_OFF, Phase.YIELDING,
                    Phase.STOPPED,
                )  # fmt: skip
                assert seen.place is not None
                self._not_onto_road(action, after)
            case e.GoHelped():
                assert before.phase is Phase.ASSISTED
                assert after.operator == before.operator == "ada"
                if isinstance(event, e.Steered):
                    assert event.operator == "ada"
                    assert action.place == event.place
                else:
                    assert isinstance(event, e.Looked)
                    assert action.place == before.goal
                assert action.number == after.asked
                assert action.speed_mps <= HELPED_MPS
                if seen.helper:
                    assert seen.now_s < seen.helper.until_s
                    assert seen.now_s - seen.helper.heard_s <= BEAT_S
            case e.MoveLid(opens=True):
                assert before.phase is Phase.OPENING
            case e.Unbolt():
                assert before.phase in (Phase.OPENING, Phase.OPEN)
                assert action.compartment in self.intended
                state = {box.name: box.state for box in before.boxes}
                assert state[action.compartment] == "opening"

    def _not_onto_road(self, action, after):
        """Without a permission it may be told to go no farther than before the road."""
        entered = Phase.CROSSING in (after.phase, after.then)
        road = after.leg.crossings[0] if after.leg.crossings else None
        if road is None or entered or after.along_m is None or after.along_m >= road.clear_m:
            return
        goes_m = spot_on(after.leg.points, action.place).along_m
        assert goes_m <= road.wait_m + 0.1

    @property
    def last_actions(self):
        return self.actions


@settings(max_examples=2000, deadline=None)
@given(data=st.data())
def test_s3_s5_s6_s7_no_order_of_events_breaks_the_laws(data):
    check_laws(data)


@pytest.mark.soak
@settings(max_examples=40_000, deadline=None)
@given(data=st.data())
def test_s3_s5_s6_s7_no_order_of_many_events_breaks_the_laws(data):
    check_laws(data)


def check_laws(data):
    start = data.draw(st.sampled_from([None, *Phase]))
    progress, judge = DriveProgress(), Judge()
    if start is not None and start is not Phase.STANDING:
        began = advance(progress, e.SetOut(seen=Seen(now_s=0.0), plan=LEG)).progress
        opens = start in (Phase.OPENING, Phase.OPEN, Phase.CLOSING)
        boxes = tuple(
            msgspec.structs.replace(box, state="opening" if opens else "held")
            for box in began.boxes
        )
        then = data.draw(st.sampled_from([None, Phase.DRIVING, Phase.CROSSING]))
        progress = msgspec.structs.replace(
            began,
            phase=start,
            boxes=boxes,
            then=then if start in (Phase.STOPPED, Phase.YIELDING, Phase.SYNCING) else None,
            operator="ada" if start is Phase.ASSISTED else "",
            waits=data.draw(st.booleans()),
            since_s=0.0,
            boot_id=7 if opens else None,
        )
        judge.helped = start is Phase.ASSISTED
        judge.intended = frozenset(box.name for box in boxes) if opens else frozenset()
    for make in data.draw(st.lists(EVENTS, max_size=40)):
        event = make(progress)
        change = advance(progress, event)
        judge.actions = change.actions
        judge.look(event, progress, change)
        progress = change.progress
        assert judge.helped == (progress.phase is Phase.ASSISTED)
        assert progress.goal is None or judge.helped, "never the last command"
        packed = msgspec.msgpack.encode(progress)
        assert msgspec.msgpack.decode(packed, type=DriveProgress) == progress


def test_every_phase_takes_every_event():
    """A pair without a rule changes nothing, whatever is seen; none may fall over."""
    kinds = {kind for _, kind in RULES}
    seens = (Seen(now_s=1.0, **AT_DOOR), Seen(now_s=1.0, **DRIVES), Seen(now_s=9e5))
    began = advance(DriveProgress(), e.SetOut(seen=seens[0], plan=LEG)).progress
    for phase in Phase:
        at_phase = msgspec.structs.replace(began, phase=phase, waits=True, operator="ada")
        for seen in seens:
            for event in (
                e.Looked(seen=seen),
                e.SetOut(seen=seen, plan=LEG),
                e.GateAnswered(seen=seen, reasons=()),
                e.Answered(seen=seen, number=at_phase.asked, done=False),
                e.Vetoed(seen=seen, reason="people", why="no"),
                e.CodeShown(seen=seen, right=True),
                e.DoorMoved(seen=seen, compartment="1", what="opened"),
                e.HelpCame(seen=seen, operator="ada", lasts_s=9.0),
                e.Steered(seen=seen, operator="ada", place=DOOR, speed_mps=1.0),
                e.HelpWent(seen=seen, operator="ada"),
                e.Ordered(seen=seen, what="hold", why="so"),
                e.LookedAfter(seen=seen, by="bob"),
                e.Rerouted(seen=seen, plan=LEG, why="zone"),
                e.Restarted(seen=seen, why="power"),
            ):
                assert type(event) in kinds
                change = advance(at_phase, event)
                if (phase, type(event)) not in RULES:
                    assert change.progress == at_phase
                    assert not change.actions
    assert not (AT_REST & AT_LID)
