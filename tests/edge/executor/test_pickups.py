"""Orders taken on while driving: parcels that come on board on the way, and their books."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.executor.mission.events import (
    ArrivedAtStation,
    CancelOrdered,
    DebriefEnded,
    LoadingBegun,
    LoadingEnded,
    OfferTaken,
    ParcelScanned,
    ReturnScanned,
)
from edge.executor.mission.machine import EventRefusedError, advance
from edge.executor.mission.progress import Mission, Phase
from edge.messages.facts import (
    DayClosed,
    OfferAnswered,
    ParcelEnded,
    ParcelLoaded,
    RouteAccepted,
    StopClosed,
)
from edge.messages.parcels import FailureCode, Outcome, Parcel
from edge.messages.plan import DroppedStop
from edge.messages.routes import Offer
from tests.edge.executor.day import (
    T0,
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

OFFER = Offer(
    offer_id="o1",
    route_id="r1",
    stops=(
        msgspec.structs.replace(stop("shop", "x", "y"), kind="pickup"),
        stop("door", "x"),
    ),
    parcels=(Parcel(parcel_id="x"), Parcel(parcel_id="y")),  # y goes to the station
    answer_by_utc=T0,
)


def taken(mission: Mission, *order: str) -> OfferTaken:
    plan = planned(mission, *order).plan
    plan = msgspec.structs.replace(plan, route_revision=mission.progress.revision + 1)
    made = planned(mission, *order)
    return OfferTaken(OFFER, "hash", type(made)(plan, "hash"), "fits", 600.0, 300.0)


def underway() -> Mission:
    mission, _ = loaded(route())
    mission, facts = play(mission, taken(mission, "s1", "shop", "door", "s2", "s3"))
    assert [type(fact) for fact in facts][:2] == [OfferAnswered, RouteAccepted]
    return mission


def ends(facts):
    return {f.parcel_id: f.outcome for f in facts if isinstance(f, ParcelEnded)}


def test_p2_an_accepted_order_is_picked_up_and_delivered_and_the_books_balance():
    mission = underway()
    assert mission.progress.revision == 2
    assert mission.progress.stop_id == "s1"
    mission, facts = play(
        mission,
        arrive("s1"),
        hand_over("s1", "a"),
        arrive("shop"),
        ParcelScanned("x"),
        ParcelScanned("y"),
        arrive("door"),
        hand_over("door", "x"),
        arrive("s2"),
        hand_over("s2", "b", "c"),
        arrive("s3"),
        hand_over("s3", "d"),
        ArrivedAtStation("position"),
        ReturnScanned("y"),
        DebriefEnded(),
    )
    assert ends(facts)["x"] is Outcome.DELIVERED
    assert ends(facts)["y"] is Outcome.RETURNED
    assert [f.stop_id for f in facts if isinstance(f, ParcelLoaded)] == ["shop", "shop"]
    shop = next(f for f in facts if isinstance(f, StopClosed) and f.stop_id == "shop")
    assert (shop.picked_up, shop.delivered, shop.failed) == (2, 0, 0)
    closed = next(f for f in facts if isinstance(f, DayClosed))
    assert closed.balanced
    assert (closed.expected, closed.loaded) == (6, 6)


def test_what_is_not_there_to_be_picked_up_is_not_driven_to_the_door():
    mission, _ = play(underway(), arrive("s1"), hand_over("s1", "a"), arrive("shop"))
    mission, facts = play(mission, cannot("shop", "x"), ParcelScanned("y"))
    (end,) = [f for f in facts if isinstance(f, ParcelEnded)]
    assert (end.outcome, end.code, end.custody) == (
        Outcome.FAILED,
        FailureCode.NOBODY_HOME,
        "customer",
    )
    assert {f.stop_id for f in facts if isinstance(f, StopClosed)} == {"shop", "door"}
    assert mission.progress.stop_id == "s2"


@pytest.mark.parametrize("cancelled", ["shop", "door"])
def test_cancelling_one_end_of_an_order_cancels_the_other(cancelled):
    mission = underway()
    mission, facts = play(mission, CancelOrdered("r1", (cancelled,), "no more"))
    assert ends(facts)["x"] is Outcome.CANCELLED
    closed = {f.stop_id for f in facts if isinstance(f, StopClosed)}
    assert closed == ({"shop", "door"} if cancelled == "shop" else {"door"})
    assert ("shop" in mission.remaining()) == (cancelled == "door")  # y is still wanted


def test_cancelling_after_the_pickup_brings_the_parcel_back():
    mission, _ = play(underway(), arrive("s1"), hand_over("s1", "a"), arrive("shop"))
    mission, _ = play(mission, ParcelScanned("x"), ParcelScanned("y"))
    mission, facts = play(mission, CancelOrdered("r1", ("door",), ""))
    assert ends(facts) == {}
    assert mission.progress.stop_id == "s2"
    assert "x" in mission.on_board()


def test_parcels_are_scanned_where_they_come_on_board_only():
    mission, _ = play(Mission(), offered(route()), LoadingBegun("ada"))
    mission, _ = play(mission, taken(mission, "s1", "shop", "door", "s2", "s3"))
    with pytest.raises(EventRefusedError, match="picked up on the way"):
        advance(mission, ParcelScanned("x"))
    mission, _ = play(mission, ParcelScanned("a"), LoadingEnded())
    assert mission.progress.parcels["x"].awaited  # not missing
    assert mission.progress.parcels["b"].outcome is Outcome.FAILED


def test_an_offer_of_another_route_or_of_known_stops_is_refused_whole():
    mission, _ = loaded(route())
    event = taken(mission, "s1", "shop", "door", "s2", "s3")
    other = msgspec.structs.replace(OFFER, route_id="r2")
    twice = msgspec.structs.replace(OFFER, stops=(stop("s1", "x", "y"),))
    for bad, why in ((other, "not the present"), (twice, "listed twice")):
        with pytest.raises(EventRefusedError, match=why):
            advance(mission, OfferTaken(bad, "h", event.planned, "", None, 0.0))


def test_a_stop_in_a_zone_is_turned_away_from_even_on_the_way_to_it():
    mission, _ = loaded(route())
    event = planned(mission, "s2", "s3", dropped=("s1",))
    barred = DroppedStop(stop_id="s1", reason="in a zone", code="zone")
    plan = msgspec.structs.replace(event.plan, dropped=(barred,))
    mission, _ = play(mission, type(event)(plan, "hash"))
    assert mission.progress.stop_id == "s2"
    mission, _ = play(mission, planned(mission, "s2", "s1", "s3"))
    assert mission.progress.barred == ()
    assert mission.progress.order == ("s2", "s1", "s3")


def test_a_vehicle_with_barred_stops_only_goes_home_with_their_parcels():
    mission, _ = loaded(route(stop("s1", "a")))
    event = planned(mission, dropped=("s1",))
    barred = DroppedStop(stop_id="s1", reason="in a zone", code="zone")
    plan = msgspec.structs.replace(event.plan, dropped=(barred,))
    mission, facts = play(mission, type(event)(plan, "hash"))
    assert mission.phase is Phase.RETURNING
    assert mission.on_board() == ("a",)
    assert FailureCode.NO_ACCESS in [getattr(fact, "code", None) for fact in facts]


EVENTS = st.one_of(
    st.just("offer"),
    st.builds(
        CancelOrdered,
        st.just("r1"),
        st.sampled_from([("s1",), ("shop",), ("door",), ("s2", "s3")]),
        st.just(""),
    ),
    st.builds(ParcelScanned, st.sampled_from(["a", "b", "x", "y", "zz"])),
    st.builds(arrive, st.sampled_from(["s1", "s2", "s3", "shop", "door"])),
    st.sampled_from(
        [
            hand_over("s1", "a"),
            hand_over("s2", "b", "c"),
            hand_over("s3", "d"),
            hand_over("door", "x"),
            hand_over("shop", "y"),
        ]
    ),
    st.sampled_from(
        [cannot("s1", "a"), cannot("s2", "b", "c"), cannot("s3", "d"), cannot("shop", "x"),
         cannot("shop", "y"), cannot("door", "x")]
    ),
    st.just(ArrivedAtStation("driver")),
    st.builds(ReturnScanned, st.sampled_from(["a", "b", "c", "d", "x", "y"])),
    st.just(DebriefEnded()),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(EVENTS, max_size=60))
def test_c3_the_books_balance_whenever_an_offer_comes(sequence):
    mission, _ = loaded(route())
    ended, on_board = Counter(), Counter()
    for event in sequence:
        if event == "offer":
            event = taken(mission, *mission.to_plan(), "shop", "door")
        try:
            step = advance(mission, event)
        except EventRefusedError:
            continue
        mission = step.mission
        ended.update(f.parcel_id for f in step.facts if isinstance(f, ParcelEnded))
        on_board.update(f.parcel_id for f in step.facts if isinstance(f, ParcelLoaded))
        assert max([*ended.values(), *on_board.values()], default=0) <= 1
        if mission.phase in (Phase.UNDERWAY, Phase.AT_STOP):
            assert mission.due(mission.stop.stop_id)
        if mission.phase is Phase.CLOSED:
            assert next(f for f in step.facts if isinstance(f, DayClosed)).balanced
            assert set(ended) == set(mission.progress.parcels)
