"""Parcels from vehicle to vehicle: the taker commits first, the giver goes by its receipt."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.executor.mission.events import (
    ArrivedAtStation,
    DebriefEnded,
    LoadingBegun,
    LoadingEnded,
    ParcelScanned,
    ReturnScanned,
)
from edge.executor.mission.machine import EventRefusedError, advance
from edge.executor.mission.meetings import shown_codes
from edge.executor.mission.progress import Mission, Phase
from edge.handover.meeting import offer_code, receipt_code
from edge.messages.facts import DayClosed, ParcelEnded, ParcelLoaded
from edge.messages.parcels import FailureCode, Outcome
from edge.messages.routes import Meeting
from tests.edge.executor.day import (
    T0,
    arrive,
    cannot,
    hand_over,
    loaded,
    offered,
    play,
    route,
    stop,
)

PARCELS = ("a", "b")
SIDE = Meeting(
    meeting_id="m1",
    vehicle="robot-1",
    gives=True,
    key="0123456789abcdef" * 2,
    waits_until_utc=T0 + timedelta(hours=2),
)
VANS = msgspec.structs.replace(stop("meet", *PARCELS), kind="rendezvous", meeting=SIDE)


def van(*more):
    return route(VANS, stop("s9", "z"), *more)


def robot():
    side = msgspec.structs.replace(SIDE, vehicle="van-1", gives=False)
    takes = [
        msgspec.structs.replace(stop(f"take-{p}", p), kind="rendezvous", meeting=side)
        for p in PARCELS
    ]
    made = route(*(stop(f"door-{p}", p) for p in PARCELS))
    return msgspec.structs.replace(
        made, vehicle="robot-1", route_id="r2", stops=(*takes, *made.stops)
    )


def van_there() -> Mission:
    mission, _ = loaded(van())
    return play(mission, arrive("meet"))[0]


def robot_there() -> Mission:
    start = play(Mission(), offered(robot()), LoadingBegun("x"), LoadingEnded())[0]
    return play(start, arrive("take-a"))[0]


def gives(parcel_id: str, receipt: str | None):
    asked = hand_over("meet", parcel_id, outcome=Outcome.HANDED_OVER)
    action = msgspec.structs.replace(asked.action, receipt=receipt)
    return type(asked)(action, asked.where, asked.utc, asked.arrival_radius_m)


def refused(mission: Mission, event, why: str) -> None:
    with pytest.raises(EventRefusedError, match=why):
        advance(mission, event)


def test_l1_a_parcel_goes_from_van_to_robot_to_customer_and_both_books_balance():
    giver, taker = van_there(), robot_there()
    assert giver.route is not None
    assert taker.route is not None
    told = {"van": [], "robot": []}
    for n, parcel in enumerate(PARCELS):
        offer = shown_codes(giver, giver.route)[parcel]
        taker, facts = play(taker, ParcelScanned(parcel, offer))
        told["robot"] += facts
        receipt = shown_codes(taker, taker.route)[parcel]
        giver, facts = play(giver, gives(parcel, receipt))
        told["van"] += facts
        if n == 0:
            taker = play(taker, arrive("take-b"))[0]
    took = [f for f in told["robot"] if isinstance(f, ParcelLoaded)]
    gave = [f for f in told["van"] if isinstance(f, ParcelEnded)]
    assert [(f.parcel_id, f.from_vehicle, f.meeting) for f in took] == [
        (p, "van-1", "m1") for p in PARCELS
    ]
    assert [(f.parcel_id, f.outcome, f.custody, f.to_vehicle) for f in gave] == [
        (p, Outcome.HANDED_OVER, "vehicle", "robot-1") for p in PARCELS
    ]
    assert (giver.phase, giver.progress.stop_id) == (Phase.UNDERWAY, "s9")
    giver, facts = play(
        giver, arrive("s9"), hand_over("s9", "z"), ArrivedAtStation("driver"), DebriefEnded()
    )
    assert facts[-1].balanced
    taker, facts = play(
        taker,
        *(event for p in PARCELS for event in (arrive(f"door-{p}"), hand_over(f"door-{p}", p))),
        ArrivedAtStation("driver"),
        DebriefEnded(),
    )
    assert isinstance(facts[-1], DayClosed)
    assert facts[-1].balanced
    assert facts[-1].outcomes == {"DELIVERED": 2}


def test_nothing_moves_without_the_right_code():
    giver, taker = van_there(), robot_there()
    refused(taker, ParcelScanned("a"), "scan the code that van-1 shows")
    for wrong in (receipt_code(SIDE, "a"), offer_code(SIDE, "b"), "", "000000"):
        refused(taker, ParcelScanned("a", wrong), "not van-1's code")
    refused(giver, gives("a", None), "scan the receipt that robot-1 shows")
    for wrong in (offer_code(SIDE, "a"), receipt_code(SIDE, "b"), "000000"):
        refused(giver, gives("a", wrong), "not the receipt")
    other = msgspec.structs.replace(SIDE, meeting_id="m2")
    refused(giver, gives("a", receipt_code(other, "a")), "not the receipt")
    refused(giver, hand_over("meet", "a"), "one parcel after the other")
    refused(robot_there(), hand_over("take-a", "a"), "scan what comes on board")
    elsewhere = play(loaded(route())[0], arrive("s1"))[0]
    refused(elsewhere, hand_over("s1", "a", outcome=Outcome.HANDED_OVER), "at a meeting only")


def test_a_parcel_that_is_refused_or_missing_stays_with_the_van_and_comes_back():
    giver = van_there()
    giver, _ = play(giver, cannot("meet", *PARCELS, code=FailureCode.DAMAGED), arrive("s9"))
    giver, facts = play(
        giver,
        hand_over("s9", "z"),
        ArrivedAtStation("driver"),
        *(ReturnScanned(p) for p in PARCELS),
        DebriefEnded(),
    )
    assert facts[-1].outcomes == {"DELIVERED": 1, "RETURNED": 2}
    taker, facts = play(robot_there(), cannot("take-a", "a", code=FailureCode.MISSING))
    ended = [(f.outcome, f.custody) for f in facts if isinstance(f, ParcelEnded)]
    assert ended == [(Outcome.FAILED, "vehicle")]
    assert taker.progress.stop_id == "take-b"  # its delivery is closed with it
    assert "door-a" in taker.progress.closed


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"meeting": None}, "a rendezvous alone has a meeting"),
        ({"kind": "delivery"}, "a rendezvous alone has a meeting"),
        ({"meeting": msgspec.structs.replace(SIDE, vehicle="van-1")}, "cannot meet itself"),
        ({"parcels": ()}, "with parcels can be served"),
    ],
)
def test_a_route_with_a_meeting_that_makes_no_sense_is_refused_whole(changed, why):
    made = msgspec.structs.replace(van(), stops=(msgspec.structs.replace(VANS, **changed),))
    refused(Mission(), offered(made), why)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["give", "take", "kill van", "kill robot", "again"]),
        st.sampled_from(PARCELS),
    ),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_is_tried_and_killed_a_parcel_is_never_in_nobodys_custody(steps):
    giver, taker = van_there(), robot_there()
    for what, parcel in steps:
        if what == "kill van":  # what the store has is what it goes on with
            giver = msgspec.msgpack.decode(msgspec.msgpack.encode(giver), type=Mission)
        elif what == "kill robot":
            taker = msgspec.msgpack.decode(msgspec.msgpack.encode(taker), type=Mission)
        elif what == "give":
            receipt = shown_codes(taker, taker.route).get(parcel)
            giver = tried(giver, gives(parcel, receipt))
        else:
            offer = shown_codes(giver, giver.route).get(parcel)
            if taker.phase is Phase.UNDERWAY and taker.progress.stop_id == f"take-{parcel}":
                taker = tried(taker, arrive(f"take-{parcel}"))
            taker = tried(taker, ParcelScanned(parcel, offer))
        for each in PARCELS:
            left = giver.progress.parcels[each].outcome is Outcome.HANDED_OVER
            assert taker.progress.parcels[each].loaded or not left, "a gap"


def tried(mission: Mission, event) -> Mission:
    try:
        return advance(mission, event).mission
    except EventRefusedError:
        return mission
