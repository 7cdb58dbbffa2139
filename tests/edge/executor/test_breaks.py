"""The driver's breaks in the mission: begun, ended, too short, and never in the way."""

from datetime import timedelta

import msgspec
import pytest

from edge.executor.mission.events import BreakBegun, BreakOver, Planned, Replan
from edge.executor.mission.machine import EventRefusedError, advance
from edge.executor.mission.progress import Mission, Phase
from edge.executor.replanning.foresight import Foresight
from edge.executor.view import day_view
from edge.messages.broker.wire import from_msgpack, to_msgpack
from edge.messages.facts import (
    AttemptFailed,
    BreakEnded,
    BreakStarted,
    LegStarted,
    ParcelEnded,
    PlanChanged,
    StopBarred,
)
from edge.messages.parcels import FailureCode
from edge.messages.plan import DroppedStop, PlannedBreak
from edge.messages.routes import DriverBreak
from tests.edge.executor.day import T0, arrive, hand_over, loaded, offered, planned, play, route

LONG_S = 1800.0


def minutes(number):
    return T0 + timedelta(minutes=number)


def with_breaks(count=1, **changes):
    breaks = tuple(
        DriverBreak(opens_utc=minutes(60 * n), closes_utc=minutes(60 * n + 50), lasts_s=LONG_S)
        for n in range(count)
    )
    return msgspec.structs.replace(route(), breaks=breaks, **changes)


def under_way(count=1):
    return loaded(with_breaks(count))[0]


def test_a_break_is_begun_and_ended_and_then_planned_no_more():
    mission = under_way()
    assert len(mission.breaks_to_plan()) == 1
    step = advance(mission, BreakBegun(minutes(10)))
    assert step.facts == (BreakStarted(number=1, lasts_s=LONG_S),)
    assert step.actions == (Replan("break"),)
    resting = step.mission
    assert resting.breaks_to_plan() == ()
    assert resting.rests_until_utc() == minutes(40)
    step = advance(resting, BreakOver(minutes(41)))
    assert step.facts == (BreakEnded(number=1, lasted_s=1860.0, whole=True),)
    assert (step.mission.next_break(), step.mission.rests_until_utc()) == (None, None)
    assert step.mission.progress.stop_id == mission.progress.stop_id


def test_a_break_that_was_too_short_is_still_to_be_taken():
    after, facts = play(under_way(), BreakBegun(minutes(0)), BreakOver(minutes(5)))
    assert facts[-1] == BreakEnded(number=1, lasted_s=300.0, whole=False)
    assert len(after.breaks_to_plan()) == 1
    after, facts = play(after, BreakBegun(minutes(60)), BreakOver(minutes(90)))
    assert facts[-1].whole
    assert after.breaks_to_plan() == ()


def test_a_hand_over_goes_on_during_a_break():
    mission, facts = play(
        under_way(), arrive("s1"), BreakBegun(minutes(1)), hand_over("s1", "a"),
        BreakOver(minutes(31)),
    )  # fmt: skip
    assert any(isinstance(fact, ParcelEnded) for fact in facts)
    assert (mission.phase, mission.progress.stop_id) == (Phase.UNDERWAY, "s2")
    assert facts[-1].whole


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([BreakOver(T0)], "no break has begun"),
        ([BreakBegun(T0), BreakBegun(T0)], "begun already"),
        ([BreakBegun(T0), BreakOver(minutes(30)), BreakBegun(minutes(31))], "no break is left"),
    ],
)
def test_what_makes_no_sense_is_refused(events, why):
    mission, _ = play(under_way(), *events[:-1])
    with pytest.raises(EventRefusedError, match=why):
        advance(mission, events[-1])


def test_who_has_no_breaks_is_offered_none():
    mission, _ = loaded(route())
    assert day_view("van-1", mission, None, None, (), T0).rest is None
    with pytest.raises(EventRefusedError, match="no break is left"):
        advance(mission, BreakBegun(T0))


def test_a_restart_knows_the_break():
    mission, _ = play(under_way(2), BreakBegun(minutes(0)), BreakOver(minutes(30)))
    mission, _ = play(mission, BreakBegun(minutes(60)))
    again = from_msgpack(to_msgpack(mission), Mission)
    assert again == mission
    assert again.rests_until_utc() == minutes(90)


def test_breaks_out_of_order_are_refused():
    upside_down = with_breaks(2)
    upside_down = msgspec.structs.replace(upside_down, breaks=upside_down.breaks[::-1])
    with pytest.raises(EventRefusedError, match="not in order"):
        advance(Mission(), offered(upside_down))


def test_the_page_shows_the_next_break_and_then_the_present_one():
    mission = under_way()
    event = planned(mission, "s1", "s2", "s3")
    taken = PlannedBreak(begins_utc=minutes(20), lasts_s=LONG_S, before="s2")
    plan = msgspec.structs.replace(event.plan, breaks=(taken,))
    mission, facts = play(mission, Planned(plan, "hash"))
    changed = next(fact for fact in facts if isinstance(fact, PlanChanged))
    assert changed.breaks == (taken,)
    rest = day_view("van-1", mission, plan, None, (), T0).rest
    assert (rest.before, rest.begins_utc, rest.since_utc) == ("s2", minutes(20), None)
    mission, _ = play(mission, BreakBegun(minutes(21)))
    rest = day_view("van-1", mission, plan, None, (), T0).rest
    assert (rest.lasts_s, rest.since_utc) == (LONG_S, minutes(21))


def test_a_break_teaches_nothing_of_the_pace():
    mission = under_way()
    foresight = Foresight()
    foresight.load(None, "r1")
    at_stop, _ = play(mission, arrive("s1", minutes(0)))
    resting, _ = play(at_stop, BreakBegun(minutes(1)))
    rested, _ = play(resting, BreakOver(minutes(31)))
    gone, _ = play(rested, hand_over("s1", "a"))
    for before, after, at in (
        (mission, at_stop, 0), (at_stop, resting, 1), (resting, rested, 31), (rested, gone, 32),
    ):  # fmt: skip
        foresight.follow(before, after, None, minutes(at))
    assert foresight.paces.service.weight > 0
    assert foresight.paces.service.mean == 0.0  # two minutes, as planned


def too_late(mission, *order, late):
    event = planned(mission, *order)
    drop = DroppedStop(stop_id=late, reason="cannot be reached by 08:20 UTC", code="too_late")
    return Planned(msgspec.structs.replace(event.plan, dropped=(drop,)), "hash")


def test_a_stop_whose_goods_are_lost_is_not_driven_to_any_more():
    mission, _ = loaded(route())
    after, facts = play(mission, too_late(mission, "s2", "s3", late="s1"))
    assert after.progress.stop_id == "s2"
    assert [fact for fact in facts if isinstance(fact, StopBarred)] == [
        StopBarred(stop_id="s1", reason="cannot be reached by 08:20 UTC")
    ]
    assert LegStarted(stop_id="s2") in facts
    _, facts = play(after, too_late(after, "s2", "s3", late="s1"))
    assert not any(isinstance(fact, StopBarred) for fact in facts)  # said once


def test_goods_that_were_lost_go_back_as_out_of_time():
    mission, _ = loaded(route())
    mission, _ = play(mission, too_late(mission, "s2", "s3", late="s1"))
    mission, facts = play(
        mission, arrive("s2"), hand_over("s2", "b", "c"), arrive("s3"), hand_over("s3", "d")
    )
    (failed,) = (fact for fact in facts if isinstance(fact, AttemptFailed))
    assert (failed.parcel_ids, failed.code) == (("a",), FailureCode.OUT_OF_TIME)
    assert failed.note == "too late for its goods"
