"""The station while it runs: broker, ledger, orders, alarms, console. The composition root."""

import asyncio
import logging
from random import Random

from edge.clock import Clock
from edge.errors import LinkError
from edge.messages import catalog
from edge.messages.state import Live, Status
from edge.messages.stream import Ack
from edge.messages.wire import UndecodableError, from_json, to_json
from edge.supervise import keep_alive
from edge.uplink.port import BrokerLink, Connect
from station.carrier import Carrier
from station.config import StationConfig
from station.intake import Received, Taken
from station.keys import StationKeys
from station.ledger import Ledger
from station.office import Office
from station.overseer import Overseer
from station.presence import Presence
from station.store.database import Database

log = logging.getLogger(__name__)

ACKS_AT_ONCE = 50  # publishes under way, as few as a public broker allows


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
    ) -> None:
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
        self._overseer = Overseer(database, self.presence, self.carrier, clock)
        self._acks: dict[tuple[str, str, str], Ack] = {}
        self._acks_waiting = asyncio.Event()
        self.connected = False
        """The broker can be reached."""

    async def run(self) -> None:
        """Serve until cancelled. Raises StoreError when the disk fails."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.ledger.run(self._committed), name="ledger")
            tasks.create_task(self._overseer.run(lambda: None), name="overseer")
            tasks.create_task(self._nudge_carrier(), name="new orders")
            tasks.create_task(
                keep_alive("broker", self._one_connection, self._rng), name="broker"
            )
            self.ready.set()

    async def _one_connection(self) -> None:
        async with self._connect(catalog.filters(self._org, "up"), None) as link:
            log.info("broker connected")
            self.connected = True
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self.carrier.run(link), name="orders")
                    tasks.create_task(self._send_acks(link), name="acknowledgements")
                    async for topic, payload in link.messages():
                        self._take(topic, payload)
                    raise LinkError("the broker says nothing more")
            finally:
                self.connected = False

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
                    self.presence.take_live(vehicle, from_json(payload, Live), now_s)
                case "status":
                    self.presence.take_status(vehicle, from_json(payload, Status), now_s)
                case "ack":
                    self.carrier.hear(vehicle, from_json(payload, Ack))
                    self.presence.heard(vehicle, now_s)
                case "fact" | "track" | "proof":
                    self.presence.heard(vehicle, now_s)
                    self.ledger.offer(Received(vehicle, row.lane, topic, payload))
        except UndecodableError as error:
            log.warning("message not read", extra={"topic": topic[:200], "why": str(error)})

    def _committed(self, taken: Taken) -> None:
        """After each commit: now, and only now, the vehicles may be told."""
        for vehicle, ack in taken.acks:
            self._acks[vehicle, ack.stream, ack.epoch] = ack
        if self._acks:
            self._acks_waiting.set()

    async def _send_acks(self, link: BrokerLink) -> None:
        while True:
            await self._acks_waiting.wait()
            self._acks_waiting.clear()
            while self._acks:
                keys = list(self._acks)[:ACKS_AT_ONCE]
                async with asyncio.TaskGroup() as tasks:
                    for key in keys:
                        topic = catalog.topic(self._org, key[0], "down_ack")
                        payload = to_json(self._acks.pop(key))
                        tasks.create_task(
                            link.publish(topic, payload, qos=1), name="acknowledgement"
                        )

    async def _nudge_carrier(self) -> None:
        version = self.office.sent.version
        while True:
            version, _ = await self.office.sent.newer_than(version)
            self.carrier.nudge()
