"""Goods that spoil and the driver's breaks, in the plan and in its words."""

from datetime import timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.messages.broker.wire import from_json, to_json
from edge.messages.parcels import Parcel
from edge.messages.plan import Plan
from edge.messages.routes import DriverBreak
from edge.planner.foresight.drift import LegUnderway
from edge.planner.foresight.eta import Paces, Span, arrivals
from edge.planner.limits import deadlines
from edge.planner.loads import Loads
from tests.edge.planner.test_plan import (
    DEPARTS_UTC,
    ids,
    place,
    plan,
    route,
    stop,
    street,
    utc,
    window,
)


def pause(opens_min, closes_min, minutes=30):
    return DriverBreak(
        opens_utc=utc(opens_min), closes_utc=utc(closes_min), lasts_s=minutes * 60.0
    )


def a_day(stops, *, by_min=None, breaks=(), **more):
    """A route whose stops have a parcel each, due by so many minutes after departure."""
    due = by_min or {}
    stops = tuple(msgspec.structs.replace(s, parcels=(f"p-{s.stop_id}",)) for s in stops)
    parcels = tuple(
        Parcel(
            parcel_id=f"p-{s.stop_id}",
            deliver_by_utc=utc(due[s.stop_id]) if s.stop_id in due else None,
        )
        for s in stops
    )
    return msgspec.structs.replace(route(stops, **more), parcels=parcels, breaks=tuple(breaks))


def test_goods_that_spoil_go_first():
    stops = street(1, 2, 3, 4)
    assert ids(plan(a_day(stops))) == ["S1", "S2", "S3", "S4"]
    made = plan(a_day(stops, by_min={"S4": 7}))
    assert ids(made)[0] == "S4"
    assert made.dropped == ()


def test_a_stop_whose_goods_would_be_too_late_is_left_out_and_says_so():
    made = plan(a_day((*street(1), stop("far", 30)), by_min={"far": 20}))
    (dropped,) = made.dropped
    assert (dropped.stop_id, dropped.code) == ("far", "too_late")
    assert dropped.reason == (
        "cannot be reached by 08:20 UTC, when its goods are to be handed over"
    )
    assert "Left out: far." in made.why.text


def test_a_stop_that_is_driven_to_is_given_up_once_its_goods_are_lost():
    day = a_day(street(1, 9), by_min={"S9": 20})
    assert ids(plan(day, locked="S9"))[0] == "S9"
    late = plan(day, locked="S9", start_utc=utc(10))
    assert ids(late) == ["S1"]
    assert late.dropped[0].code == "too_late"


def test_two_that_cannot_both_be_in_time_are_told_apart():
    stops = (stop("east", 20, priority=9), stop("west", -20, priority=1))
    made = plan(a_day(stops, by_min={"east": 40, "west": 40}))
    assert ids(made) == ["east"]
    assert [(d.stop_id, d.code) for d in made.dropped] == [("west", "too_late")]


def test_what_is_dealt_with_has_no_deadline_any_more():
    day = a_day(street(1, 30), by_min={"S30": 5})
    assert plan(day).dropped
    assert plan(day, loads=Loads(gone={"p-S30"})).dropped == ()


def test_the_earliest_parcel_of_a_stop_decides_and_a_pickup_has_none():
    both = stop("s", 1, parcels=("a", "b", "c"))
    parcels = {
        "a": Parcel(parcel_id="a", deliver_by_utc=utc(30)),
        "b": Parcel(parcel_id="b", deliver_by_utc=utc(20)),
        "c": Parcel(parcel_id="c"),
    }
    assert deadlines([both], parcels) == {"s": utc(20)}
    assert deadlines([both], parcels, gone={"b"}) == {"s": utc(30)}
    fetch = msgspec.structs.replace(both, kind="pickup")
    assert deadlines([fetch], parcels) == {}


def test_a_break_is_planned_between_stops_and_told():
    made = plan(a_day(street(1, 2, 3), breaks=[pause(4, 60)]))
    (one,) = made.breaks
    assert (one.before, one.lasts_s) == ("S3", 1800.0)
    before, after = made.stops[1], made.stops[2]
    assert one.begins_utc == before.departs_utc
    assert (after.arrives_utc - before.departs_utc).total_seconds() == 1800 + 100
    assert after.leg_s == 100
    assert "Break of 30 min before S3." in made.why.text


def test_arrivals_are_foreseen_behind_the_break():
    made = plan(a_day(street(1, 2, 3), breaks=[pause(4, 60)]))
    without = plan(a_day(street(1, 2, 3)))
    for planned, free in zip(made.stops, without.stops, strict=True):
        apart = zip(planned.spread_s, free.spread_s, strict=True)
        assert all(abs(one - other) < 30 for one, other in apart)
    assert made.back_utc - without.back_utc == timedelta(minutes=30)


def test_a_break_that_stays_where_it_was_is_no_news():
    day = a_day(street(1, 2, 3), breaks=[pause(4, 60)])
    first = plan(day)
    again = plan(day, previous=first, trigger="driver")
    assert again.breaks == first.breaks
    assert "Break" not in again.why.text
    taken = plan(day, previous=first, breaks=(), trigger="driver")
    assert taken.breaks == ()


def test_a_break_comes_sooner_rather_than_too_late():
    far = (*street(1), stop("far", 40, windows=(window(0, 600),)))
    made = plan(a_day(far, breaks=[pause(30, 60)]))
    assert made.breaks[0].before == "far"
    assert made.breaks[0].begins_utc < utc(30)


def test_the_leg_behind_a_break_is_foreseen_from_its_end():
    leg = LegUnderway("s", utc(40), utc(50), 1000.0, rests_until_utc=utc(40))
    assert leg.foreseen_utc(1000.0, utc(10)) == utc(50)
    assert leg.foreseen_utc(500.0, utc(45)) == utc(50)


def test_a_rest_moves_all_that_follows_and_spreads_nothing():
    plain = arrivals([Span(600, 60), Span(600, 60)], Paces())
    rested = arrivals([Span(600, 60), Span(600, 60, rest_s=1800)], Paces())
    assert rested[0] == plain[0]
    assert rested[1].mean_s - plain[1].mean_s == 1800
    assert rested[1].deviation_s == plain[1].deviation_s


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6, unique=True),
    st.dictionaries(st.integers(0, 5), st.integers(-30, 240), max_size=6),
    st.lists(st.integers(0, 600), max_size=6).map(sorted),
    st.integers(0, 400),
)
def test_no_goods_come_too_late_and_every_break_has_its_place(kms, due, edges, now_min):
    stops = street(*kms)
    by_min = {stops[n].stop_id: minutes for n, minutes in due.items() if n < len(stops)}
    breaks = [pause(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    day = a_day(stops, by_min=by_min, breaks=breaks)
    made = plan(day, start_utc=utc(now_min), start=place(0))
    assert from_json(to_json(made), Plan) == made
    assert sorted([*ids(made), *(d.stop_id for d in made.dropped)]) == sorted(
        s.stop_id for s in stops
    )
    for planned in made.stops:
        if planned.stop_id in by_min:
            assert planned.arrives_utc <= utc(by_min[planned.stop_id])
    leaves = {None: made.stops[-1].departs_utc if made.stops else utc(now_min)}
    at_utc = utc(now_min)
    for planned in made.stops:
        leaves[planned.stop_id] = at_utc
        at_utc = planned.departs_utc
    for one in made.breaks:
        assert one.begins_utc >= leaves[one.before] >= DEPARTS_UTC
    for planned in made.stops:
        rested_s = sum(one.lasts_s for one in made.breaks if one.before == planned.stop_id)
        gap_s = (planned.arrives_utc - leaves[planned.stop_id]).total_seconds()
        assert abs(gap_s - rested_s - planned.leg_s) < 0.2
