"""The station while it runs: broker, ledger, orders, alarms, console. The composition root."""

import asyncio
import logging
from contextlib import AsyncExitStack
from random import Random

from edge.clock import Clock
from edge.errors import LinkError, PeerError
from edge.messages.broker import catalog
from edge.messages.broker.wire import UndecodableError, from_json
from edge.messages.state import Live, Status
from edge.supervise import keep_alive
from edge.uplink.acks import read_ack
from edge.uplink.port import Connect
from station.assistance.desk import HelpDesk
from station.books.intake import Received, Taken
from station.books.ledger import Ledger
from station.config import ConsoleSection, StationConfig
from station.console.painter import Painter
from station.console.server import Desk, serve_console
from station.console.speed import Speed
from station.fleet.acks import Acks
from station.fleet.carrier import Carrier
from station.fleet.hazards import Hazards
from station.fleet.overseer import Overseer
from station.fleet.presence import Presence
from station.ingest.follow import Follower, OpenDatabase
from station.keys import StationKeys, console_token
from station.office import Office
from station.store.database import Database
from station.store.ledger import held_of_all

log = logging.getLogger(__name__)

OFFER_EVERY_S = 5.0


class Station:
    """A running station; `office` does the work of the day meanwhile."""

    def __init__(
        self,
        config: StationConfig,
        keys: StationKeys,
        database: Database,
        *,
        clock: Clock,
        connect: Connect,
        rng: Random,
        console: ConsoleSection | None = None,
        speed: Speed | None = None,
        ingested: OpenDatabase | None = None,
    ) -> None:
        """Serve the `console` if one is given; `speed` changes a clock that is not real.

        Where ingest workers answer the vehicles, `ingested` opens their database, and what
        vehicles report is taken from there instead of the broker.
        """
        self.ready = asyncio.Event()
        self.office = Office(database, config, keys, clock)
        self._org = config.station.org
        self._clock = clock
        self._connect = connect
        self._rng = rng
        vehicles = tuple(vehicle.name for vehicle in config.vehicle)
        self.presence = Presence(vehicles, clock.now_s())
        self.carrier = Carrier(database, self._org, vehicles, clock)
        self.ledger = Ledger(database, keys.vehicles, clock)
        self._filters = catalog.filters(self._org, "up", recorded=ingested is None)
        self._follower: Follower | None = None
        if ingested is not None:
            self._follower = Follower(ingested, self.ledger, self._org, vehicles, rng)
        self._database = database
        self._hazards = Hazards(database, self.office.conditions, clock)
        self._overseer = Overseer(database, self.presence, self.carrier, clock)
        self._acks = Acks(self._org, keys.signing)
        self._vehicle_keys = keys.vehicles
        self._signs: set[str] = set()
        """Vehicles that have signed an acknowledgement: theirs are believed only if they do."""
        self._help = HelpDesk(self._org, keys.signing, keys.vehicles, clock)
        self._console = console
        self._desk: Desk | None = None
        if console is not None:
            self._desk = _desk_of(
                config, database, self.office, self.presence, clock, speed, self._help
            )
        self.console_url: str | None = None
        """Where the console is, once the station is ready; None without one."""

    async def run(self) -> None:
        """Serve until cancelled.

        Raises StoreError when the disk fails, ConfigError if the console cannot listen.
        """
        async with AsyncExitStack() as stack:
            if self._console is not None and self._desk is not None:
                await self._desk.painter.paint()
                self.console_url = await stack.enter_async_context(
                    serve_console(self._desk, host=self._console.host, port=self._console.port)
                )
            await self._serve()

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.ledger.run(self._committed), name="ledger")
            if self._follower is not None:
                held = await self._database.read(held_of_all)
                following = self._follower.run(held, self._committed)
                tasks.create_task(following, name="ingested")
            tasks.create_task(self._overseer.run(self._alarmed), name="overseer")
            tasks.create_task(self._follow_office(), name="new orders")
            tasks.create_task(self._offer_conditions(), name="conditions")
            tasks.create_task(self._hazards.run(), name="hazards")
            if self._desk is not None:
                tasks.create_task(self._desk.painter.run(), name="console")
            tasks.create_task(
                keep_alive("broker", self._one_connection, self._rng), name="broker"
            )
            self.ready.set()

    async def _one_connection(self) -> None:
        async with self._connect(self._filters, None) as link:
            log.info("broker connected")
            self._reached(connected=True)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self.carrier.run(link), name="orders")
                    tasks.create_task(self._acks.run(link), name="acknowledgements")
                    tasks.create_task(self._help.run(link), name="help")
                    async for topic, payload in link.messages():
                        self._take(topic, payload)
                    raise LinkError("the broker says nothing more")
            finally:
                self._reached(connected=False)

    def _reached(self, *, connected: bool) -> None:
        if self._desk is not None:
            self._desk.painter.reached(connected=connected)

    def _alarmed(self) -> None:
        if self._desk is not None:
            self._desk.painter.alarmed()

    def _heard(self, vehicle: str, *, taken: bool) -> None:
        if taken and self._desk is not None:
            self._desk.painter.heard(vehicle)

    def _take(self, topic: str, payload: bytes) -> None:
        """Sort one message by its lane; nothing here waits."""
        parsed = catalog.parse_topic(topic)
        if parsed is None:
            return
        _, vehicle, row = parsed
        now_s = self._clock.now_s()
        try:
            match row.lane:
                case "live":
                    live = from_json(payload, Live)
                    taken = self.presence.take_live(vehicle, live, now_s)
                    self._heard(vehicle, taken=taken)
                case "status":
                    status = from_json(payload, Status)
                    was_online = self.presence.is_online(vehicle)
                    taken = self.presence.take_status(vehicle, status, now_s)
                    if self.presence.is_online(vehicle) and not was_online:
                        self.carrier.came_back(vehicle)
                    self._heard(vehicle, taken=taken)
                case "ack":
                    self._take_ack(vehicle, payload)
                    self.presence.heard(vehicle, now_s)
                case "help":
                    self._help.hear(vehicle, payload)
                case "fact" | "track" | "proof":
                    self.presence.heard(vehicle, now_s)
                    self.ledger.offer(Received(vehicle, row.lane, topic, payload))
        except (UndecodableError, PeerError) as error:
            log.warning("message not read", extra={"topic": topic[:200], "why": str(error)})

    def _take_ack(self, vehicle: str, payload: bytes) -> None:
        """Tell the carrier what a vehicle has committed. Raises PeerError."""
        keys = self._vehicle_keys.get(vehicle, {}).values()
        ack = read_ack(payload, vehicle=vehicle, keys=keys, sealed_only=vehicle in self._signs)
        if ack.signature:
            self._signs.add(vehicle)
        self.carrier.hear(vehicle, ack)

    def _committed(self, taken: Taken) -> None:
        """After each commit: now, and only now, the vehicles may be told."""
        self._acks.put(taken.acks)
        self._hazards.committed(taken.events)
        if self._desk is not None:
            self._desk.painter.committed(taken)

    async def _follow_office(self) -> None:
        """Carry what the office sends at once, and show it."""
        version = self.office.sent.version
        while True:
            version, _ = await self.office.sent.newer_than(version)
            self.carrier.nudge()
            if self._desk is not None:
                self._desk.painter.worked()

    async def _offer_conditions(self) -> None:
        """Send conditions to whoever lacks them, as they take what they were sent before."""
        desk = self.office.conditions
        while True:
            version = desk.behind.version
            await desk.drop_expired()
            if await desk.offer():
                await asyncio.sleep(OFFER_EVERY_S)
            else:
                await desk.behind.newer_than(version)


def _desk_of(
    config: StationConfig,
    database: Database,
    office: Office,
    presence: Presence,
    clock: Clock,
    speed: Speed | None,
    helping: HelpDesk,
) -> Desk:
    """Return what the console works with; each start has a name of its own."""
    name = f"{clock.utc().timestamp() * 1000:.0f}"
    painter = Painter(config, database, presence, clock, name=name, speed=speed)
    return Desk(
        office=office,
        painter=painter,
        database=database,
        clock=clock,
        token=console_token(config.data_folder),
        speed=speed,
        help=helping,
        streets=config.data_folder / "streets.geojson",
        tiles=config.console.tiles,
    )
