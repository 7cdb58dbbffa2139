from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.executor.mission.events import (
    ArrivedAtStation,
    CancelOrdered,
    DebriefEnded,
    DriveHome,
    DriveTo,
    LoadingBegun,
    LoadingEnded,
    ParcelScanned,
    Replan,
    ReturnScanned,
    Serve,
)
from edge.executor.mission.machine import NEXT, EventRefusedError, advance, mermaid, resume
from edge.executor.mission.progress import Mission, Phase
from edge.handover.pin import make_pin_hash
from edge.messages.facts import (
    AttemptFailed,
    DayClosed,
    LegStarted,
    LoadingFinished,
    ParcelEnded,
    PinRefused,
    ScanRefused,
    StopClosed,
)
from edge.messages.parcels import FailureCode, HandoverRequirements, Outcome
from tests.edge.executor.day import (
    AWAY,
    STATION,
    arrive,
    cannot,
    hand_over,
    loaded,
    offered,
    planned,
    play,
    route,
    stop,
)

PIN_KEY = "00112233445566778899aabbccddeeff"


def ends(facts):
    return {f.parcel_id: f.outcome for f in facts if isinstance(f, ParcelEnded)}


def test_a_day_from_offer_to_books():
    mission, facts = loaded(route())
    mission, more = play(
        mission,
        arrive("s1"),
        hand_over("s1", "a"),
        arrive("s2"),
        hand_over("s2", "b"),
        cannot("s2", "c"),
        arrive("s3"),
        hand_over("s3", "d", outcome=Outcome.SAFE_PLACE),
        ArrivedAtStation("position"),
        ReturnScanned("c"),
        DebriefEnded(),
    )
    facts += more
    assert mission.phase is Phase.CLOSED
    assert ends(facts) == {
        "a": Outcome.DELIVERED,
        "b": Outcome.DELIVERED,
        "c": Outcome.RETURNED,
        "d": Outcome.SAFE_PLACE,
    }
    closed = next(f for f in facts if isinstance(f, DayClosed))
    assert closed.balanced
    assert closed.outcomes == {"DELIVERED": 2, "RETURNED": 1, "SAFE_PLACE": 1}
    assert [f.stop_id for f in facts if isinstance(f, LegStarted)] == ["s1", "s2", "s3"]
    assert [f.stop_id for f in facts if isinstance(f, StopClosed)] == ["s1", "s2", "s3"]


def test_a_stop_stays_open_until_its_last_parcel():
    mission, _ = loaded(route())
    mission, _ = play(mission, arrive("s1"), hand_over("s1", "a"), arrive("s2"))
    mission, facts = play(mission, hand_over("s2", "b"))
    assert mission.phase is Phase.AT_STOP
    assert not any(isinstance(f, StopClosed) for f in facts)


def test_d3_a_missing_parcel_is_found_before_departure_and_its_stop_is_not_driven_to():
    mission, facts = loaded(route(), "b", "c")
    finished = next(f for f in facts if isinstance(f, LoadingFinished))
    assert finished.missing == ("b", "c")
    assert ends(facts) == {"b": Outcome.FAILED, "c": Outcome.FAILED}
    mission, facts = play(mission, arrive("s1"), hand_over("s1", "a"))
    assert mission.progress.stop_id == "s3"


def test_d3_an_extra_or_doubled_scan_is_refused_and_recorded():
    mission, _ = play(Mission(), offered(route()), LoadingBegun("ada"), ParcelScanned("a"))
    for parcel, reason in (("zz", "not on this route"), ("a", "scanned twice")):
        step = advance(mission, ParcelScanned(parcel))
        assert step.refused
        assert step.facts == (ScanRefused(parcel_id=parcel, reason=reason),)
        assert step.mission.progress.parcels == mission.progress.parcels


def test_a_wrong_pin_costs_one_of_five_tries_and_the_right_one_then_fits():
    needs = HandoverRequirements(pin_hash=make_pin_hash("493817", PIN_KEY), pin_key=PIN_KEY)
    mission, _ = loaded(route(stop("s1", "a"), a=needs))
    mission, _ = play(mission, arrive("s1"))
    with pytest.raises(EventRefusedError, match="PIN"):
        advance(mission, hand_over("s1", "a"))
    step = advance(mission, hand_over("s1", "a", pin="000000"))
    assert step.facts == (PinRefused(parcel_id="a", tries_left=4),)
    assert step.mission.phase is Phase.AT_STOP
    step = advance(step.mission, hand_over("s1", "a", pin="493 817"))
    assert ends(step.facts) == {"a": Outcome.DELIVERED}
    assert step.facts[0].pin_verified


def test_f4_five_wrong_pins_lock_the_parcel_for_the_right_one_too():
    needs = HandoverRequirements(pin_hash=make_pin_hash("493817", PIN_KEY), pin_key=PIN_KEY)
    mission, _ = loaded(route(stop("s1", "a"), a=needs))
    mission, _ = play(mission, arrive("s1"))
    for _ in range(5):
        mission = advance(mission, hand_over("s1", "a", pin="111111")).mission
    with pytest.raises(EventRefusedError, match="locked"):
        advance(mission, hand_over("s1", "a", pin="493817"))
    mission, _facts = play(mission, cannot("s1", "a", code=FailureCode.WRONG_PIN))
    assert mission.phase is Phase.RETURNING


def test_a_handover_far_from_the_stop_is_marked_off_site():
    mission, _ = loaded(route())
    mission, _ = play(mission, arrive("s1"))
    _, facts = play(mission, hand_over("s1", "a", where=AWAY))
    assert facts[0].off_site
    _, facts = play(mission, hand_over("s1", "a"))
    assert not facts[0].off_site


def test_a_photo_that_is_required_and_missing_refuses_the_handover_whole():
    mission, _ = loaded(route(stop("s1", "a", "b"), a=HandoverRequirements(photo=True)))
    mission, _ = play(mission, arrive("s1"))
    with pytest.raises(EventRefusedError, match="photo"):
        advance(mission, hand_over("s1", "a", "b"))


def test_a_cancelled_stop_is_not_driven_to_and_its_parcel_comes_back():
    mission, _ = loaded(route())
    step = advance(mission, CancelOrdered("r1", ("s1", "s3"), "customer called"))
    assert step.mission.progress.stop_id == "s2"
    assert Replan("stop_cancelled") in step.actions
    failed = [f for f in step.facts if isinstance(f, AttemptFailed)]
    assert {f.code for f in failed} == {FailureCode.CANCELLED}
    mission, facts = play(
        step.mission,
        arrive("s2"),
        hand_over("s2", "b", "c"),
        ArrivedAtStation("position"),
        ReturnScanned("a"),
        ReturnScanned("d"),
        DebriefEnded(),
    )
    assert facts[-1].balanced


def test_a_parcel_cancelled_before_it_is_loaded_ends_as_cancelled():
    mission, _ = play(Mission(), offered(route()), LoadingBegun("ada"), ParcelScanned("b"))
    mission, facts = play(mission, CancelOrdered("r1", ("s2",), "shop closed"))
    assert ends(facts) == {"c": Outcome.CANCELLED}
    assert mission.on_board() == ("b",)


def test_a_parcel_that_is_not_scanned_in_at_the_debrief_is_lost_and_named():
    mission, _ = loaded(route())
    mission, _ = play(mission, cannot("s1", "a"), cannot("s2", "b", "c"), cannot("s3", "d"))
    mission, facts = play(
        mission, ArrivedAtStation("driver"), ReturnScanned("a"), DebriefEnded()
    )
    lost = [f.parcel_id for f in facts if isinstance(f, ParcelEnded) and f.custody == "lost"]
    assert lost == ["b", "c", "d"]
    assert facts[-1].outcomes == {"FAILED": 3, "RETURNED": 1}


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (route(stop("s1", "a"), stop("s1", "b")), "stop is listed twice"),
        (route(stop("s1", "a"), stop("s2", "a")), "parcel is listed twice"),
        (route(stop("s1")), "only deliveries, pickups and meetings with parcels"),
    ],
)
def test_no_route_is_half_accepted(bad, why):
    with pytest.raises(EventRefusedError, match=why):
        advance(Mission(), offered(bad))


def test_a_later_revision_replaces_the_offer_and_an_older_one_is_refused():
    mission, _ = play(Mission(), offered(route(revision=2)))
    with pytest.raises(EventRefusedError, match="not newer"):
        advance(mission, offered(route(revision=2)))
    mission, _ = play(mission, offered(route(stop("s9", "z"), revision=3)))
    assert mission.progress.order == ("s9",)


def test_a_revision_may_not_forget_a_loaded_parcel():
    mission, _ = play(Mission(), offered(route()), LoadingBegun("ada"), ParcelScanned("d"))
    with pytest.raises(EventRefusedError, match="loaded parcels: d"):
        advance(mission, offered(route(stop("s1", "a"), revision=2)))


def test_each_moving_phase_resumes_its_own_sub_step():
    mission, _ = loaded(route())
    assert resume(mission) == (DriveTo(mission.stop_of("s1")),)
    mission, _ = play(mission, arrive("s1"))
    assert resume(mission) == (Serve(mission.stop_of("s1")),)
    mission, _ = play(mission, hand_over("s1", "a"), cannot("s2", "b", "c"), cannot("s3", "d"))
    assert resume(mission) == (DriveHome(STATION),)
    assert resume(Mission()) == ()


def test_every_phase_refuses_what_the_table_does_not_name():
    made = route()
    missions = {Phase.IDLE: Mission()}
    missions[Phase.OFFERED], _ = play(Mission(), offered(made))
    missions[Phase.LOADING], _ = play(missions[Phase.OFFERED], LoadingBegun("ada"))
    missions[Phase.UNDERWAY], _ = loaded(made)
    missions[Phase.AT_STOP], _ = play(missions[Phase.UNDERWAY], arrive("s1"))
    back = [cannot("s1", "a"), cannot("s2", "b", "c"), cannot("s3", "d")]
    missions[Phase.RETURNING], _ = play(missions[Phase.UNDERWAY], *back)
    missions[Phase.DEBRIEFING], _ = play(missions[Phase.RETURNING], ArrivedAtStation("driver"))
    missions[Phase.CLOSED], _ = play(missions[Phase.DEBRIEFING], DebriefEnded())
    assert set(missions) == set(Phase)
    every = [
        offered(made),
        CancelOrdered("r1", ("s1",), ""),
        LoadingBegun("ada"),
        ParcelScanned("a"),
        LoadingEnded(),
        arrive("s1"),
        hand_over("s1", "a"),
        cannot("s1", "a"),
        ArrivedAtStation("driver"),
        ReturnScanned("a"),
        DebriefEnded(),
    ]
    for phase, mission in missions.items():
        for event in every:
            if (phase, type(event)) in NEXT:
                continue
            with pytest.raises(EventRefusedError, match="not possible now"):
                advance(mission, event)


def test_the_diagram_names_every_phase():
    assert all(phase.value in mermaid() for phase in Phase)


EVENTS = st.one_of(
    st.just(offered(route())),
    st.just(offered(route(revision=2))),
    st.builds(
        CancelOrdered, st.just("r1"), st.sampled_from([("s1",), ("s2", "s3")]), st.just("")
    ),
    st.just(LoadingBegun("ada")),
    st.builds(ParcelScanned, st.sampled_from(["a", "b", "c", "d", "zz"])),
    st.just(LoadingEnded()),
    st.builds(arrive, st.sampled_from(["s1", "s2", "s3"])),
    st.sampled_from(
        [hand_over("s1", "a"), hand_over("s2", "b"), hand_over("s2", "c"), hand_over("s3", "d")]
    ),
    st.sampled_from([cannot("s1", "a"), cannot("s2", "b", "c"), cannot("s3", "d")]),
    st.just(ArrivedAtStation("driver")),
    st.builds(ReturnScanned, st.sampled_from(["a", "b", "c", "d"])),
    st.just(DebriefEnded()),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(EVENTS, max_size=80))
def test_c3_any_order_of_events_gives_each_parcel_at_most_one_outcome(sequence):
    mission, ended = Mission(), Counter()
    for event in sequence:
        try:
            step = advance(mission, event)
        except EventRefusedError:
            continue
        if step.mission.phase is Phase.OFFERED and mission.phase is not Phase.OFFERED:
            ended.clear()
        mission = step.mission
        ended.update(f.parcel_id for f in step.facts if isinstance(f, ParcelEnded))
        assert not ended or max(ended.values()) == 1
        if mission.phase in (Phase.UNDERWAY, Phase.AT_STOP):
            assert mission.due(mission.stop.stop_id)
        if mission.phase is Phase.CLOSED:
            closed = next(f for f in step.facts if isinstance(f, DayClosed))
            assert closed.balanced
            assert set(ended) == {"a", "b", "c", "d"}


def test_a_plan_made_at_a_stop_is_about_the_stops_after_it():
    mission, _ = loaded(route())
    mission, _ = play(mission, arrive("s1"))
    assert mission.to_plan() == ("s2", "s3")
    mission, _ = play(mission, planned(mission, "s3", "s2"))
    assert mission.progress.order == ("s1", "s3", "s2")
    mission, _ = play(mission, hand_over("s1", "a"))
    assert mission.progress.stop_id == "s3"


def test_a_plan_that_forgets_a_stop_is_refused():
    mission, _ = loaded(route())
    with pytest.raises(EventRefusedError, match="stops that remain"):
        advance(mission, planned(mission, "s1", "s3"))


def test_stops_the_plan_leaves_out_come_back_as_out_of_time():
    mission, _ = loaded(route())
    mission, _ = play(mission, planned(mission, "s1", "s2", dropped=("s3",)))
    mission, facts = play(mission, cannot("s1", "a"), cannot("s2", "b", "c"))
    assert mission.phase is Phase.RETURNING
    assert [f.code for f in facts if isinstance(f, AttemptFailed)][
        -1
    ] is FailureCode.OUT_OF_TIME
    assert set(mission.on_board()) == {"a", "b", "c", "d"}
