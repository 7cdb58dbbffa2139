"""The running station and its vehicles over a bad network, on virtual time."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from edge.clock import LoopClock
from edge.errors import LinkError
from edge.handover.proof import SigningKey
from edge.messages import catalog
from edge.messages import facts as f
from edge.messages.commands import Command, RouteOffer
from edge.messages.routes import Route
from edge.messages.state import Live, Status
from edge.messages.stream import Ack
from edge.messages.wire import from_json, join_facts, to_json
from edge.supervise import keep_alive
from edge.uplink.port import Will
from edge.uplink.stream import Receiver, Sender
from sim.broker import NetworkFaults, SimBroker
from station.audit import read_books
from station.config import StationConfig, StationSection, VehicleSection
from station.keys import StationKeys, vehicle_keys
from station.serve import Station
from station.store import day as books
from station.store.alarms import shown_alarms
from station.store.database import Database
from tests.station.live.vans import NOON, ORG, STATION, Van

BAD = NetworkFaults(delay_s=0.2, jitter_s=0.5, lost_frac=0.1, twice_frac=0.2, breaks_per_h=60)


class Vehicle:
    """A van's end of the streams: sends its facts until they are acknowledged."""

    def __init__(self, van: Van, broker: SimBroker, faults: NetworkFaults) -> None:
        self.van = van
        self.connect = broker.connector(van.name, faults)
        self.sealed: list[bytes] = []
        self.sender = Sender("fact", van.epoch, acked=0, last=0)
        self.receiver: Receiver[bytes] = Receiver("command")
        self.orders: list[bytes] = []
        self.deaf = False
        self.link = None

    def tell(self, *sealed: bytes) -> None:
        self.sealed += sealed
        self.sender.appended(len(self.sealed))

    async def run(self) -> None:
        await keep_alive(self.van.name, self.once, Random(1), longest_pause_s=5.0)

    async def once(self) -> None:
        loop = asyncio.get_running_loop()
        will = Status(vehicle=self.van.name, state="offline")
        status = catalog.topic(ORG, self.van.name, "status")
        connecting = self.connect(
            catalog.filters(ORG, "down", self.van.name), Will(status, to_json(will))
        )
        async with connecting as link, asyncio.TaskGroup() as tasks:
            self.link = link
            online = Status(vehicle=self.van.name, state="online")
            await link.publish(status, to_json(online), qos=1, retained=True)
            self.sender.connected(loop.time())
            tasks.create_task(self.listen(link))
            while True:
                due = self.sender.due(loop.time())
                if due:
                    payload = join_facts([self.sealed[seq - 1] for seq in due])
                    topic = catalog.topic(ORG, self.van.name, "fact")
                    await link.publish(topic, payload, qos=1)
                await asyncio.sleep(0.5)

    async def listen(self, link) -> None:
        loop = asyncio.get_running_loop()
        async for topic, payload in link.messages():
            if topic.endswith("down/ack"):
                if self.sealed:
                    self.sender.on_ack(from_json(payload, Ack), loop.time())
                continue
            if self.deaf:
                continue
            command = from_json(payload, Command)
            offer = self.receiver.offer(command.epoch, command.seq, payload)
            for seq, sealed in offer.deliver:
                self.orders.append(sealed)
                self.receiver.committed(command.epoch, seq)
            answer = catalog.topic(ORG, self.van.name, "up_ack")
            await link.publish(answer, to_json(self.receiver.ack(command.epoch)), qos=1)
        raise LinkError("over")

    async def settled(self) -> None:
        while self.sender.backlog:  # noqa: ASYNC110 (virtual time costs nothing)
            await asyncio.sleep(1.0)


class House:
    """A station with its broker and vehicles."""

    def __init__(self, folder: Path, faults: NetworkFaults, vans: int) -> None:
        loop = asyncio.get_running_loop()
        self.folder = folder
        self.clock = LoopClock(loop, NOON, "simulated")
        self.broker = SimBroker(Random(3))
        self.vehicles = [
            Vehicle(Van(f"van-{n}", epoch=f"{n:016x}"), self.broker, faults)
            for n in range(1, vans + 1)
        ]
        self.config = StationConfig(
            station=StationSection(
                name="Depot",
                org=ORG,
                timezone="UTC",
                lat_deg=STATION.lat_deg,
                lon_deg=STATION.lon_deg,
                data_folder=str(folder),
                signing_key_file="",
            ),
            vehicle=tuple(
                VehicleSection(
                    name=vehicle.van.name, public_key=vehicle.van.key.public.to_hex()
                )
                for vehicle in self.vehicles
            ),
        )
        self.signing = SigningKey.from_seed(b"s" * 32)
        self.keys = StationKeys(self.signing, vehicle_keys(self.config), b"p" * 32)
        self.database: Database | None = None

    async def open(self) -> Station:
        self.database = await Database.open(self.config.database_path)
        return Station(
            self.config,
            self.keys,
            self.database,
            clock=self.clock,
            connect=self.broker.connector("station"),
            rng=Random(5),
        )

    async def order(self, vehicle: str, count: int) -> None:
        """Put orders into a vehicle's outbox."""

        def write(db) -> None:
            for _ in range(count):
                stream = books.begin_down_stream(db, vehicle, "a" * 16)
                route = Route(
                    route_id=f"R-{stream.last + 1}",
                    revision=1,
                    vehicle=vehicle,
                    station=STATION,
                    departs_utc=NOON,
                    returns_by_utc=NOON + timedelta(hours=8),
                    stops=(),
                    parcels=(),
                )
                command = Command(
                    vehicle=vehicle,
                    epoch=stream.epoch,
                    seq=stream.last + 1,
                    issuer="Depot",
                    issued_utc=NOON,
                    expires_utc=NOON + timedelta(days=1),
                    order=RouteOffer(route=route),
                    key_id=self.signing.key_id,
                )
                books.append_command(
                    db,
                    stream,
                    "route",
                    self.signing.seal(command),
                    issued_utc=NOON,
                    expires_utc=NOON + timedelta(days=1),
                )

        assert self.database is not None
        await self.database.transaction(write)

    async def alarms(self) -> list[tuple[str, str]]:
        assert self.database is not None
        shown = await self.database.read(shown_alarms)
        return sorted((alarm.kind, alarm.vehicle) for alarm in shown if not alarm.cleared_utc)


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
