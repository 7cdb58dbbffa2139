"""P2: orders offered while driving are accepted or declined with their slack, once each."""

import re
from datetime import timedelta

import msgspec
import pytest

from edge.messages.commands import CancelStops
from edge.messages.facts import OfferAnswered, PlanChanged, RouteAccepted
from tests.edge.driver.van import a_van
from tests.edge.executor.replanning.days import an_offer, order, under_way


async def answers(van):
    return [fact for fact in await van.facts() if isinstance(fact, OfferAnswered)]


async def test_p2_an_order_that_fits_is_taken_on_with_its_slack(tmp_path):
    async with a_van(tmp_path) as van:
        await under_way(van)
        await order(van, an_offer(), 2)
        (answer,) = await answers(van)
        assert answer.accepted, answer.reason
        assert answer.slack_s > 0
        assert answer.added_s > 0
        route = van.desk.mission.route
        assert (route.revision, answer.revision) == (2, 2)
        facts = await van.facts()
        accepted = [fact for fact in facts if isinstance(fact, RouteAccepted)][-1]
        assert (accepted.revision, accepted.parcels) == (2, len(route.parcels))
        plan = [fact for fact in facts if isinstance(fact, PlanChanged)][-1]
        names = [stop.stop_id for stop in plan.stops]
        assert names.index("o1-shop") < names.index("o1-door")
        assert plan.why.trigger == "offer"
        shown = {stop.stop_id: stop for stop in van.view.stops}
        assert shown["o1-shop"].kind == "pickup"


async def test_the_same_offer_again_is_answered_once_also_after_a_restart(tmp_path):
    async with a_van(tmp_path) as van:
        await under_way(van)
        await order(van, an_offer(), 2)
        await order(van, an_offer(), 3)
        assert len(await answers(van)) == 1
    async with a_van(tmp_path) as van:
        await order(van, an_offer(), 4)
        assert len(await answers(van)) == 1
        assert van.desk.mission.route.revision == 2


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (an_offer(minutes=(-60, -30)), "late"),
        (an_offer(answer_s=-1.0), "too late"),
        (an_offer(pickup=(48.9, 11.5450)), "late|shift|leave out"),
    ],
)
async def test_p2_what_would_break_a_promise_is_declined_and_changes_nothing(
    tmp_path, offer, why
):
    async with a_van(tmp_path) as van:
        await under_way(van)
        before = van.desk.plan
        await order(van, offer, 2)
        (answer,) = await answers(van)
        assert not answer.accepted
        assert re.search(why, answer.reason), answer.reason
        assert van.desk.mission.route.revision == 1
        assert van.desk.plan == before


async def test_an_offer_before_the_day_or_of_known_stops_is_declined(tmp_path):
    async with a_van(tmp_path) as van:
        await order(van, an_offer(), 1)
        await under_way(van)
        known = an_offer("o2").offer
        stops = (msgspec.structs.replace(known.stops[0], stop_id="S-101"), known.stops[1])
        twice = msgspec.structs.replace(known, stops=stops)
        await order(van, type(an_offer())(offer=twice), 2)
        first, second = await answers(van)
        assert "idle" in first.reason
        assert "listed twice" in second.reason


async def test_cancelling_an_accepted_order_takes_it_out_again(tmp_path):
    async with a_van(tmp_path) as van:
        await under_way(van)
        await order(van, an_offer(), 2)
        cancel = CancelStops(route_id="2026-11-23-van-3", stop_ids=("o1-shop",))
        await order(van, cancel, 3)
        remaining = van.desk.mission.remaining()
        assert not {"o1-shop", "o1-door"} & set(remaining)


async def test_offers_one_after_the_other_keep_every_promise_made(tmp_path):
    async with a_van(tmp_path) as van:
        await under_way(van)
        for number in range(6):
            await order(van, an_offer(f"n{number}", minutes=(0, 40)), 2 + number)
        told = await answers(van)
        assert {answer.accepted for answer in told} == {True, False}
        late = {stop.stop_id for stop in van.desk.plan.stops if stop.late_s > 0}
        assert late <= {"S-102"}  # its promise could not be kept from the start
        assert van.desk.mission.route.returns_by_utc - van.desk.plan.back_utc > timedelta(0)
