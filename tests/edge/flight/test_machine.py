"""The machine of a drone's leg: by table, and against any order of events."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.flight import events as e
from edge.flight.change import at_drop
from edge.flight.in_flight import LEAVES_AFTER_S
from edge.flight.machine import IN_FLIGHT, RULES, advance
from edge.flight.progress import AT_DROP, FlightProgress, Phase, Seen
from edge.messages.facts import DropGivenUp, DropIntended, DropMade
from tests.edge.flight.legs import DOOR, leg, way_home

LEG = leg()
OVER = {"distance_m": 1.0, "accuracy_m": 2.0, "height_m": 6.0}
AIR = {"armed": True, "landed": "in_air", "mode": "mission", "part": 2}
GROUND = {"armed": False, "landed": "on_ground", "mode": "hold"}
HOVERS = {**AIR, **OVER, "mode": "hold", "part": LEG.drop_part, "grip": "holding"}

MODES = st.sampled_from(["mission", "hold", "return", "land", "guided", "take_off", None])
SEEN = st.builds(
    Seen,
    now_s=st.floats(0, 500),
    present=st.sampled_from([True, True, True, False]),
    mode=MODES,
    armed=st.sampled_from([True, True, False, None]),
    landed=st.sampled_from(["in_air", "in_air", "on_ground", "landing", None]),
    part=st.none() | st.integers(0, 12),
    distance_m=st.none() | st.floats(0, 20),
    accuracy_m=st.none() | st.floats(0, 8),
    height_m=st.none() | st.floats(-5, 50),
    landing_m=st.none() | st.floats(0, 20),
    grip=st.sampled_from(["holding", "empty", "unknown"]),
    winch=st.sampled_from(["in", "out", "moving", "unknown"]),
    station=st.booleans(),
)


def events_of(manner):
    """Return makers of events that know the progress they meet."""
    seen = SEEN | st.sampled_from(
        [
            Seen(now_s=1.0, **{**HOVERS, "height_m": h, "winch": w})
            for h in (6.0, 12.0)
            for w in ("in", "out")
        ]
        + [Seen(now_s=2.0, **AIR), Seen(now_s=3.0, **GROUND, **OVER, grip="holding")]
    )
    number = st.sampled_from([0, 0, 0, 0, 1])
    return st.one_of(
        st.builds(lambda s: lambda _p: e.Looked(seen=s), seen),
        st.builds(lambda s: lambda _p: e.SetOut(seen=s, plan=leg(manner)), seen),
        st.builds(
            lambda s, r: lambda _p: e.GateAnswered(seen=s, reasons=r),
            seen,
            st.sampled_from([(), (), ("wind",)]),
        ),
        st.builds(
            lambda s, n, d: lambda p: e.Answered(seen=s, number=p.asked - n, done=d),
            seen,
            number,
            st.sampled_from([True, True, True, False]),
        ),
        st.builds(
            lambda s, n, d: lambda p: e.Answered(seen=s, number=p.asked - n, done=d),
            seen,
            number,
            st.just(True),
        ),
        st.builds(
            lambda s, n, c: lambda p: e.ClearChecked(seen=s, number=p.asked - n, clear=c),
            seen,
            number,
            st.booleans(),
        ),
        st.builds(
            lambda s, w, p: lambda _p: e.Ordered(seen=s, what=w, why="so", place=p),
            seen,
            st.sampled_from(["hold", "go_on", "return", "land", "give_up"]),
            st.sampled_from([None, DOOR]),
        ),
        st.builds(
            lambda s: lambda _p: e.Rerouted(seen=s, plan=way_home(manner=manner), why="zone"),
            seen,
        ),
        st.builds(lambda s: lambda _p: e.Restarted(seen=s, why="power"), seen),
    )


class Judge:
    """Follows a leg and knows what must never be asked for."""

    def __init__(self):
        self.proven = None
        self.line_may_be_out = False
        self.intent = False
        self.loading = None

    def look(self, event, before, change):
        after = change.progress
        if isinstance(event, e.Answered) and event.number == before.asked and before.waits:
            self.proven = self.loading if event.done and self.loading else self.proven
            self.loading = None
        if isinstance(event, e.Restarted):
            self.proven = self.loading = None
        if isinstance(event, e.SetOut) and after.phase is Phase.AT_GATE:
            self.intent = False
        self.intent |= any(isinstance(fact, DropIntended) for fact in change.facts)
        if event.seen.winch == "in" and before.phase in (Phase.RAISING, Phase.SYNCING):
            self.line_may_be_out = False
        for action in change.actions:
            self._judge(action, event, before)
        assert before.parcel != "gone" or after.parcel == "gone" or isinstance(event, e.SetOut)

    def _judge(self, action, event, before):
        match action:
            case e.PutOnBoard() | e.ProveOnBoard():
                self.proven, self.loading = None, action.mission
            case e.Start():
                assert action.mission == self.proven
                assert before.phase is Phase.LOADING
            case e.GoOn():
                assert action.mission == self.proven
                assert 0 <= action.part < len(action.mission)
                assert not self.line_may_be_out
            case e.GoHome():
                assert not self.line_may_be_out
            case e.LandThere():
                assert action.place is None or not self.line_may_be_out
            case e.LetDown():
                self._may_let_go(event, before)
                self.line_may_be_out = True
            case e.LetGo() if before.phase is Phase.CLEARING:
                self._may_let_go(event, before)
            case e.LetGo():
                assert self.intent
                assert before.phase in (Phase.LOWERING, Phase.RELEASING)
                if before.phase is Phase.RELEASING:
                    assert event.seen.grip == "holding"

    def _may_let_go(self, event, before):
        assert self.intent
        assert isinstance(event, e.ClearChecked)
        assert event.clear
        assert at_drop(before, event.seen)
        site, seen = before.plan.site, event.seen
        assert seen.distance_m + seen.accuracy_m <= site.radius_m
        assert seen.on_ground or site.lowest_m <= seen.height_m <= site.highest_m


@pytest.mark.parametrize("manner", ["drop", "winch", "land"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a8_no_order_of_events_drops_outside_flies_unproven_or_drags_the_line(manner, data):
    start = data.draw(st.sampled_from([None, *IN_FLIGHT]))
    progress, judge = FlightProgress(), Judge()
    if start is not None:
        progress = FlightProgress(
            phase=start,
            plan=leg(manner),
            asked=7,
            waits=data.draw(st.booleans()),
            proven=start not in (Phase.SYNCING, Phase.RELOADING),
            line_out=manner == "winch"
            and start in (Phase.LOWERING, Phase.RELEASING, Phase.RAISING),
            parcel="letting_go" if start in (Phase.LOWERING, Phase.RELEASING) else "on_board",
        )
        judge.proven = progress.parts if progress.proven else None
        judge.intent = start in (Phase.LOWERING, Phase.RELEASING)
        judge.line_may_be_out = progress.line_out
        waits_for_load = progress.waits and start in (Phase.SYNCING, Phase.RELOADING)
        judge.loading = progress.parts if waits_for_load else None
    for make in data.draw(st.lists(events_of(manner), max_size=40)):
        event = make(progress)
        change = advance(progress, event)
        judge.look(event, progress, change)
        progress = change.progress
        packed = msgspec.msgpack.encode(progress)
        assert msgspec.msgpack.decode(packed, type=FlightProgress) == progress


def at(phase, **fields):
    return FlightProgress(phase=phase, plan=LEG, asked=3, waits=True, proven=True, **fields)


def after(progress, *events):
    facts, actions = [], []
    for event in events:
        change = advance(progress, event)
        progress = change.progress
        facts += change.facts
        actions += change.actions
    return progress, facts, actions


def answered(done=True, number=3, **seen):
    return e.Answered(seen=Seen(now_s=9.0, **seen), number=number, done=done, why="no")


class TestLeg:
    def test_nothing_is_started_before_the_plan_is_proven(self):
        progress, _, actions = after(
            FlightProgress(),
            e.SetOut(seen=Seen(now_s=0, **GROUND), plan=LEG),
            e.GateAnswered(seen=Seen(now_s=1, **GROUND), reasons=("wind", "battery")),
            e.GateAnswered(seen=Seen(now_s=2, **GROUND), reasons=()),
        )
        assert progress.phase is Phase.LOADING
        assert [type(action) for action in actions] == [e.AskGate, e.PutOnBoard]
        progress, _, actions = after(progress, answered(number=2, **GROUND))
        assert isinstance(actions[0], e.Start)
        assert progress.proven

    def test_a_plan_that_cannot_be_loaded_goes_back_to_the_gate(self):
        progress = at(Phase.LOADING, tries=1)
        for number in (3, 4, 5):
            progress, facts, actions = after(progress, answered(False, number, **GROUND))
        assert progress.phase is Phase.AT_GATE
        assert facts[-1].reasons == ("no",)
        assert isinstance(actions[0], e.AskGate)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"distance_m": 4.5},
            {"accuracy_m": 5.5},
            {"height_m": 8.1},
            {"height_m": 3.9},
            {"distance_m": None},
            {"height_m": None},
            {"mode": "mission"},
        ],
    )
    def test_a8_it_looks_again_where_it_may_not_let_go(self, wrong):
        seen = Seen(now_s=5.0, **{**HOVERS, **wrong})
        checked = e.ClearChecked(seen=seen, number=3, clear=True)
        progress, facts, actions = after(at(Phase.CLEARING), checked)
        assert progress.phase is Phase.CLEARING
        assert not facts
        assert isinstance(actions[0], e.LookBelow)

    def test_a8_a_place_that_is_never_clear_sends_the_parcel_back(self):
        progress = at(Phase.CLEARING, since_s=0.0)
        progress, facts, actions = after(progress, e.Looked(seen=Seen(now_s=61.0, **HOVERS)))
        assert progress.phase is Phase.RESUMING
        assert isinstance(actions[0], e.GoOn)
        assert actions[0].part == LEG.home_part
        assert [type(f) for f in facts if not hasattr(f, "phase")] == [DropGivenUp]

    def test_a7_the_line_that_stays_out_is_never_dragged_home(self):
        progress = at(Phase.RAISING, since_s=0.0, line_out=True)
        seen = Seen(now_s=61.0, **{**HOVERS, "winch": "unknown"})
        progress, _, actions = after(progress, e.Looked(seen=seen))
        assert progress.phase is Phase.DIVERTING
        assert actions == [e.LandThere(number=4, place=None)]

    @pytest.mark.parametrize("mode", ["return", "land", "manual"])
    @pytest.mark.parametrize("phase", [Phase.CLIMBING, Phase.CRUISING, Phase.RETURNING])
    def test_after_a_failsafe_somebody_decides(self, phase, mode):
        seen = Seen(now_s=9.0, **{**AIR, "mode": mode})
        progress, facts, actions = after(at(phase), e.Looked(seen=seen))
        assert progress.phase is Phase.DECIDING
        assert mode in facts[0].why
        assert not actions
        progress, _, actions = after(progress, e.Ordered(seen=seen, what="go_on", why="ada"))
        assert isinstance(actions[0], e.ProveOnBoard)

    def test_a10_a_part_that_lies_behind_is_not_flown_again(self):
        progress = at(Phase.RETURNING, parcel="gone")
        seen = Seen(now_s=9.0, **{**AIR, "part": LEG.drop_part})
        progress, _, actions = after(progress, e.Looked(seen=seen))
        assert actions[0].part == LEG.home_part

    def test_a10_another_mission_on_board_is_held_and_not_flown(self):
        progress = at(Phase.SYNCING, then=Phase.CRUISING)
        progress, _, actions = after(progress, answered(False, **AIR))
        assert progress.phase is Phase.HOLDING
        assert isinstance(actions[0], e.Stay)
        assert not progress.proven

    @pytest.mark.parametrize(
        ("grip", "fact", "parcel"),
        [
            ("empty", DropMade, "gone"),
            ("unknown", DropGivenUp, "unknown"),
            ("holding", None, "on_board"),
        ],
    )
    def test_an_open_intent_is_the_grippers_to_tell(self, grip, fact, parcel):
        progress = at(Phase.RELEASING, parcel="letting_go")
        seen = Seen(now_s=1.0, **{**HOVERS, "grip": grip})
        progress, _, actions = after(progress, e.Restarted(seen=seen, why="power"))
        assert [type(action) for action in actions] == [e.ProveOnBoard]
        progress, facts, actions = after(
            progress, answered(number=4, **{**HOVERS, "grip": grip})
        )
        assert progress.parcel == parcel
        assert not any(isinstance(action, e.LetGo) for action in actions)
        assert (fact in map(type, facts)) == (fact is not None)
        assert isinstance(actions[0], e.LookBelow if grip == "holding" else e.GoOn)

    @pytest.mark.parametrize("phase", LEAVES_AFTER_S)
    def test_a7_nobody_hears_it(self, phase):
        """Each sub-state has its own patience; then it leaves, or holds for a way home."""
        line_out = phase in (Phase.LOWERING, Phase.RAISING)
        mode = "mission" if phase in (Phase.CLIMBING, Phase.CRUISING) else "hold"
        part = LEG.drop_part if phase in AT_DROP else 2
        here = {**HOVERS, "mode": mode, "part": part, "station": False, "winch": "out"}
        progress = at(phase, since_s=0.0, unheard_s=0.0, line_out=line_out)
        progress = msgspec.structs.replace(progress, since_s=1000.0)
        limit_s = LEAVES_AFTER_S[phase]
        before, _, actions = after(progress, e.Looked(seen=Seen(now_s=limit_s - 1, **here)))
        assert not [a for a in actions if not isinstance(a, e.LookBelow)]
        gone, _, actions = after(before, e.Looked(seen=Seen(now_s=limit_s, **here)))
        assert gone.phase is not phase or gone.then is Phase.GOING_HOME
        expected = (e.PullUp, e.LandThere) if line_out else (e.GoOn, e.Stay)
        assert isinstance(actions[0], expected)


def test_a_way_without_a_part_is_none():
    nowhere = msgspec.structs.replace(way_home(), parts=())
    rerouted = e.Rerouted(seen=Seen(now_s=1.0, **AIR), plan=nowhere, why="zone")
    assert after(at(Phase.CRUISING), rerouted) == (at(Phase.CRUISING), [], [])


def test_every_phase_takes_every_event():
    """A pair without a rule changes nothing, whatever is seen; none may fall over."""
    kinds = {kind for _, kind in RULES}
    for phase in Phase:
        for seen in (Seen(now_s=1.0, **HOVERS), Seen(now_s=1.0, **GROUND), Seen(now_s=1.0)):
            for event in (
                e.Looked(seen=seen),
                e.SetOut(seen=seen, plan=LEG),
                e.GateAnswered(seen=seen, reasons=()),
                e.Answered(seen=seen, number=3, done=False),
                e.ClearChecked(seen=seen, number=3, clear=True),
                e.Ordered(seen=seen, what="return", why="so"),
                e.Rerouted(seen=seen, plan=way_home(), why="zone"),
                e.Restarted(seen=seen, why="power"),
            ):
                assert type(event) in kinds
                change = advance(at(phase), event)
                if (phase, type(event)) not in RULES and not isinstance(event, e.Looked):
                    assert change.progress == at(phase)
                    assert not change.actions
