"""U2 and the rest: zones bar stops, the driver reads why, and is answered meanwhile."""

import asyncio
from datetime import timedelta

from edge.messages.commands import AcknowledgePlan, Arrive
from edge.messages.conditions import Circle, Layer, TrafficFactor, Window, Zone
from edge.messages.facts import LatenessForeseen, PlanAcknowledged, PlanChanged, StopBarred
from edge.messages.geo import distance_m
from tests.edge.driver.day import STOPS, T0
from tests.edge.driver.van import a_van
from tests.edge.executor.replanning.days import send_layer, under_way, until

PLACE_OF = {stop.stop_id: stop.place for stop in STOPS}


def zone_round(stop_id, *, minutes=None, radius_m=80.0, version=1):
    windows = ()
    if minutes is not None:
        windows = (Window(until_utc=T0 + timedelta(minutes=minutes)),)
    zone = Zone(
        zone_id="z1",
        name="Market",
        kind="hard",
        area=Circle(centre=PLACE_OF[stop_id], radius_m=radius_m),
        windows=windows,
        reason="gas leak",
    )
    return layer(version=version, zones=(zone,), name="zones:city")


def layer(**parts):
    asked = {"name": "traffic:city", "version": 1}
    return Layer(
        issued_utc=T0,
        expires_utc=T0 + timedelta(hours=24),
        attribution="test",
        **asked | parts,
    )


async def told(van, kind):
    return [fact for fact in await van.facts() if isinstance(fact, kind)]


async def test_u2_a_stop_in_a_hard_zone_becomes_an_exception_with_an_alternative(tmp_path):
    async with a_van(tmp_path) as van:
        await under_way(van)
        driven_to = van.desk.mission.progress.stop_id
        await send_layer(van, zone_round(driven_to), 2)
        await until(lambda: van.desk.mission.progress.barred == (driven_to,))
        assert van.desk.mission.progress.stop_id != driven_to  # turned away from
        (fact,) = await told(van, StopBarred)
        assert fact.reason.startswith("in a zone that may not be entered: Market")
        assert 80 < distance_m(fact.alternative, PLACE_OF[driven_to]) < 300
        assert driven_to in [drop.stop_id for drop in van.view.dropped]
        assert fact.until_utc is None


async def test_a_zone_that_ends_today_gives_its_stop_back(tmp_path):
    async with a_van(tmp_path) as van:
        await under_way(van)
        await send_layer(van, zone_round("S-105", minutes=90), 2)
        await until(lambda: van.desk.mission.progress.barred == ("S-105",))
        (fact,) = await told(van, StopBarred)
        assert fact.until_utc == T0 + timedelta(minutes=90)
        assert "until 09:30" in fact.reason
        await send_layer(van, layer(name="zones:city", version=2), 3)
        await until(lambda: not van.desk.mission.progress.barred)
        assert "S-105" in van.desk.mission.progress.order


async def test_a_change_stays_in_sight_until_the_driver_has_read_it(tmp_path):
    async with a_van(tmp_path) as van:
        await under_way(van)
        await send_layer(van, zone_round("S-105"), 2)
        await until(lambda: van.view.news)
        (news,) = van.view.news
        assert [drop.stop_id for drop in news.left_out] == ["S-105"]
        assert [cause.layer for cause in news.why.causes] == ["zones:city"]
    async with a_van(tmp_path) as van:
        assert [one.number for one in van.view.news] == [news.number]
        read = AcknowledgePlan(action_id="read", driver="ada", number=news.number)
        assert (await van.desk.act(read)).accepted
        assert (await van.desk.act(read)).accepted  # the same tap again
        assert van.view.news == ()
        assert [f.number for f in await told(van, PlanAcknowledged)] == [news.number]


async def test_traffic_says_what_it_costs_and_whom_it_makes_late_once(tmp_path):
    async with a_van(tmp_path) as van:
        await under_way(van)
        jam = TrafficFactor(from_utc=T0, until_utc=T0 + timedelta(hours=6), factor=6.0)
        await send_layer(van, layer(factors=(jam,)), 2)
        await until(lambda: van.desk.plan.why.trigger == "conditions")
        why = (await told(van, PlanChanged))[-1].why
        assert why.delay_s > 300
        assert [(cause.layer, cause.what) for cause in why.causes] == [("traffic:city", "new")]
        assert "The ways take" in why.text
        late = [fact.stop_id for fact in await told(van, LatenessForeseen)]
        assert late
        assert len(set(late)) == len(late)
        worse = TrafficFactor(from_utc=T0, until_utc=T0 + timedelta(hours=6), factor=7.0)
        await send_layer(van, layer(factors=(worse,), version=2), 3)
        await until(lambda: [c.what for c in van.desk.plan.why.causes] == ["changed"])
        again = [fact.stop_id for fact in await told(van, LatenessForeseen)]
        assert len(set(again)) == len(again)


async def test_the_driver_is_answered_while_a_plan_is_being_made(tmp_path):
    async with a_van(tmp_path, budget_ms=700) as van:
        await under_way(van)
        await asyncio.sleep(0)
        number = van.desk.plan.number
        van.desk.replan("driver")
        await asyncio.sleep(0.1)  # the search goes on in its thread
        stop_id = van.desk.mission.progress.stop_id
        arrive = Arrive(action_id="here", driver="ada", stop_id=stop_id)
        async with asyncio.timeout(0.4):
            assert (await van.desk.act(arrive)).accepted
        await until(lambda: van.desk.plan.number > number)
        # The plan that was begun before does not fit any more; the one in force does.
        assert stop_id not in [stop.stop_id for stop in van.desk.plan.stops]
