"""The running station and its vehicles over a bad network, on virtual time."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.messages import facts as f
from edge.messages.broker import catalog
from edge.messages.broker.stream import Ack
from edge.messages.broker.wire import from_json, join_facts, to_json
from edge.messages.commands import Command
from edge.messages.state import Live
from sim.broker import NetworkFaults
from station.books.audit import read_books
from station.serve import Station
from station.store import day as books
from station.store.database import Database
from tests.station.live.house import House
from tests.station.live.vans import ORG

BAD = NetworkFaults(delay_s=0.2, jitter_s=0.5, lost_frac=0.1, twice_frac=0.2, breaks_per_h=60)


@pytest.fixture
def in_house(simulate, tmp_path: Path):
    """Run a story with a station and vehicles on virtual time."""

    def play(story: Callable, *, faults: NetworkFaults | None = None, vans: int = 1) -> None:
        async def main() -> None:
            house = House(tmp_path, faults or NetworkFaults(), vans)
            station = await house.open()
            try:
                async with asyncio.TaskGroup() as tasks:
                    living = [tasks.create_task(station.run())]
                    living += [tasks.create_task(v.run()) for v in house.vehicles]
                    await station.ready.wait()
                    await asyncio.sleep(5)
                    await story(house, station)
                    for task in living:
                        task.cancel()
            finally:
                assert house.database is not None
                await house.database.close()

        simulate(main)

    return play


def test_every_fact_arrives_once_over_a_bad_network(in_house):
    async def story(house: House, station: Station) -> None:
        for vehicle in house.vehicles:
            vehicle.tell(*vehicle.van.day(30))
        for vehicle in house.vehicles:
            await vehicle.settled()
        last = {(v.van.name, v.van.epoch): v.van.seq for v in house.vehicles}
        audited = await house.database.read(lambda db: read_books(db, last))
        assert audited.balanced, audited.problems
        assert (audited.facts_lost, audited.facts_counted_twice) == (0, 0)
        assert audited.facts == sum(last.values())

    in_house(story, faults=BAD, vans=3)


def test_a_killed_station_resumes_and_acknowledges(simulate, tmp_path: Path):
    """The station is thrown away in mid-sentence, five times."""

    async def main() -> None:
        house = House(tmp_path, BAD, 2)
        async with asyncio.TaskGroup() as tasks:
            vans = [tasks.create_task(vehicle.run()) for vehicle in house.vehicles]
            for vehicle in house.vehicles:
                vehicle.tell(*vehicle.van.day(40))
            for life in range(6):
                station = await house.open()
                serving = tasks.create_task(station.run())
                if life < 5:
                    await asyncio.sleep(1.7 + 0.31 * life)
                else:
                    for vehicle in house.vehicles:
                        await vehicle.settled()
                serving.cancel()
                await asyncio.wait([serving])
                await house.database.close()
            for van in vans:
                van.cancel()
        database = await Database.open(house.config.database_path)
        last = {(v.van.name, v.van.epoch): v.van.seq for v in house.vehicles}
        audited = await database.read(lambda db: read_books(db, last))
        assert audited.balanced, audited.problems
        await database.close()

    simulate(main)


def test_orders_reach_each_vehicle_once_and_in_order(in_house):
    async def story(house: House, station: Station) -> None:
        for vehicle in house.vehicles:
            await house.order(vehicle.van.name, 70)
        await asyncio.sleep(900)
        for vehicle in house.vehicles:
            numbers = [from_json(sealed, Command).seq for sealed in vehicle.orders]
            assert numbers == list(range(1, 71))
            assert all(house.signing.public.signed(sealed) for sealed in vehicle.orders)
            stream = await house.database.read(
                lambda db, name=vehicle.van.name: books.down_stream(db, name)
            )
            assert stream is not None
            assert stream.acked == 70

    in_house(story, faults=BAD, vans=2)


def test_a_new_order_leaves_within_seconds(in_house):
    async def story(house: House, station: Station) -> None:
        await asyncio.sleep(30)
        await house.order("van-1", 1)
        await asyncio.sleep(6)
        assert len(house.vehicles[0].orders) == 1

    in_house(story)


def test_a_vehicle_that_comes_back_gets_its_orders_at_once(in_house):
    async def story(house: House, station: Station) -> None:
        van = house.vehicles[0]
        house.broker.cover("van-1", covered=False)
        await house.order("van-1", 2)
        await asyncio.sleep(300)
        assert not van.orders
        house.broker.cover("van-1", covered=True)
        await asyncio.sleep(8)
        assert len(van.orders) == 2

    in_house(story)


def test_an_acknowledgement_of_orders_never_written_raises_an_alarm(in_house):
    async def story(house: House, station: Station) -> None:
        await house.order("van-1", 1)
        await asyncio.sleep(10)
        ack = Ack(stream="command", epoch="a" * 16, upto=9)
        topic = catalog.topic(ORG, "van-1", "up_ack")
        await house.vehicles[0].link.publish(topic, to_json(ack), qos=1)
        await asyncio.sleep(10)
        assert ("store", "van-1") in await house.alarms()

    in_house(story)


def test_a_vehicle_silent_on_its_route_raises_an_alarm_that_clears(in_house):
    async def story(house: House, station: Station) -> None:
        vehicle = house.vehicles[0]
        vehicle.tell(*vehicle.van.day(4)[:12])
        await vehicle.settled()
        assert await house.alarms() == []
        house.broker.cover("van-1", covered=False)
        await asyncio.sleep(200)
        assert await house.alarms() == [("silent", "van-1")]
        house.broker.cover("van-1", covered=True)
        await asyncio.sleep(60)
        assert await house.alarms() == []

    in_house(story)


def test_a_vehicle_that_is_heard_and_never_acknowledges_is_named(in_house):
    async def story(house: House, station: Station) -> None:
        house.vehicles[0].deaf = True
        await house.order("van-1", 1)
        for _ in range(12):
            house.vehicles[0].tell(house.vehicles[0].van.fact(f.LoadingStarted()))
            await asyncio.sleep(10)
        assert await house.alarms() == [("deaf", "van-1")]
        house.vehicles[0].deaf = False
        await asyncio.sleep(150)
        assert ("deaf", "van-1") not in await house.alarms()

    in_house(story)


def test_promises_that_will_be_missed_are_told_until_they_are_past(in_house):
    async def story(house: House, station: Station) -> None:
        vehicle = house.vehicles[0]
        vehicle.tell(*vehicle.van.day(4)[:9])
        vehicle.van.seq = 9
        vehicle.tell(vehicle.van.fact(vehicle.van.plan(4, late_s=600.0)))
        await vehicle.settled()
        await asyncio.sleep(15)
        assert await house.alarms() == [("late", "van-1")]
        vehicle.tell(vehicle.van.fact(vehicle.van.plan(4)))
        await vehicle.settled()
        await asyncio.sleep(15)
        assert await house.alarms() == []

    in_house(story)


def test_a_gap_that_stays_raises_an_alarm(in_house):
    async def story(house: House, station: Station) -> None:
        van = house.vehicles[0].van
        day = van.day(4)
        topic = catalog.topic(ORG, "van-1", "fact")
        await house.vehicles[0].link.publish(topic, join_facts([day[0], day[2]]), qos=1)
        await asyncio.sleep(100)
        assert ("gap", "van-1") in await house.alarms()

    in_house(story)


def test_the_newest_position_is_kept_and_strangers_are_not(in_house):
    async def story(house: House, station: Station) -> None:
        link = house.vehicles[0].link
        topic = catalog.topic(ORG, "van-1", "live")
        for second in (1, 3, 2):
            live = Live(
                vehicle="van-1",
                utc=datetime(2026, 11, 2, 12, 0, second, tzinfo=UTC),
                time_source="gnss",
                fix="gnss",
            )
            await link.publish(topic, to_json(live), qos=0)
        other = catalog.topic(ORG, "van-2", "live")
        await link.publish(other, to_json(live), qos=0)
        await link.publish(topic, b"{not json", qos=0)
        await asyncio.sleep(5)
        kept = station.presence.vehicles["van-1"].live
        assert kept is not None
        assert kept.utc.second == 3
        assert station.presence.strangers == 1
        assert list(station.presence.vehicles) == ["van-1"]

    in_house(story)
