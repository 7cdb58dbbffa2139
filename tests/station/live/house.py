"""A station with its broker and vehicles, for tests on virtual or real time."""

import asyncio
from datetime import timedelta
from pathlib import Path
from random import Random

from edge.clock import LoopClock
from edge.errors import LinkError
from edge.handover.proof import SigningKey
from edge.messages.broker import catalog
from edge.messages.broker.stream import Ack
from edge.messages.broker.wire import from_json, join_facts, to_json
from edge.messages.commands import Command, RouteOffer
from edge.messages.geo import Place
from edge.messages.routes import Route
from edge.messages.state import Live, Status
from edge.supervise import keep_alive
from edge.uplink.port import Will
from edge.uplink.stream.receiver import Receiver
from edge.uplink.stream.sender import Sender
from sim.broker import NetworkFaults, SimBroker
from station.config import StationConfig, StationSection, VehicleSection
from station.keys import StationKeys, vehicle_keys
from station.serve import Station
from station.store import day as books
from station.store.alarms import shown_alarms
from station.store.database import Database
from tests.station.live.vans import NOON, ORG, STATION, Van


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
        self.said = 0

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

    async def live(self, lat_deg: float, lon_deg: float, **more) -> None:
        """Say where the van is now."""
        place = Place(lat_deg=lat_deg, lon_deg=lon_deg)
        self.said += 1
        utc = NOON + timedelta(seconds=self.said)
        live = Live(
            vehicle=self.van.name, utc=utc, time_source="gnss", fix="gnss", place=place, **more
        )
        topic = catalog.topic(ORG, self.van.name, "live")
        await self.link.publish(topic, to_json(live), qos=0)

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

    async def open(self, **more) -> Station:
        self.database = await Database.open(self.config.database_path)
        return Station(
            self.config,
            self.keys,
            self.database,
            clock=self.clock,
            connect=self.broker.connector("station"),
            rng=Random(5),
            **more,
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
