"""Carries sealed orders from the outboxes to the vehicles until each has committed them."""

import asyncio
import logging
import sqlite3
from contextlib import suppress
from math import inf

from edge.clock import Clock
from edge.errors import PeerError
from edge.messages.broker import catalog
from edge.messages.broker.stream import Ack
from edge.uplink.port import BrokerLink
from edge.uplink.stream.sender import Sender
from station.store import day as books
from station.store.alarms import raise_alarm
from station.store.database import Database

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0  # for orders that nobody told us of
AT_ONCE = 16  # orders to one vehicle in one turn: a route may have 100 kB


class Carrier:
    """One sending end of the reliable stream for each vehicle."""

    def __init__(
        self, database: Database, org: str, vehicles: tuple[str, ...], clock: Clock
    ) -> None:
        self._database = database
        self._org = org
        self._vehicles = vehicles
        self._clock = clock
        self._senders: dict[str, Sender] = {}
        self._acks: dict[str, Ack] = {}
        self._nudged = asyncio.Event()
        self._look_at_s = -inf
        """When to look at the outboxes again; an acknowledgement alone is no reason."""
        self._connected = False

    def nudge(self) -> None:
        """Look at the outboxes now."""
        self._look_at_s = -inf
        self._nudged.set()

    def hear(self, vehicle: str, ack: Ack) -> None:
        """Take an acknowledgement from a vehicle; the newest of each is enough."""
        if vehicle in self._vehicles:
            self._acks[vehicle] = ack
            self._nudged.set()

    def came_back(self, vehicle: str) -> None:
        """Send again now what a vehicle has not acknowledged: it may not have been there."""
        sender = self._senders.get(vehicle)
        if sender is not None and self._connected:
            now_s = self._clock.now_s()
            sender.disconnected(now_s)
            sender.connected(now_s)
            self._nudged.set()

    def deaf_s(self, vehicle: str) -> float:
        """Return how long a vehicle has acknowledged nothing of what was sent to it."""
        sender = self._senders.get(vehicle)
        return sender.silent_s(self._clock.now_s()) if sender is not None else 0.0

    async def run(self, link: BrokerLink) -> None:
        """Send over one connection, as long as it lives."""
        self._connected = True
        for sender in self._senders.values():
            sender.connected(self._clock.now_s())
        try:
            while True:
                self._nudged.clear()
                if self._clock.now_s() >= self._look_at_s:
                    self._look_at_s = self._clock.now_s() + LOOK_EVERY_S
                    await self._look()
                await self._take_acks()
                for vehicle, sender in self._senders.items():
                    await self._send(link, vehicle, sender)
                await self._pause()
        finally:
            self._connected = False
            for sender in self._senders.values():
                sender.disconnected(self._clock.now_s())

    async def _look(self) -> None:
        """Find new orders, and new streams of them."""
        for stream in await self._database.read(self._streams):
            sender = self._senders.get(stream.vehicle)
            if sender is None or sender.epoch != stream.epoch:
                sender = Sender(
                    "command", stream.epoch, acked=stream.acked, last=stream.last, asks=False
                )  # a route is too long to ask with; vehicles say again what they have
                self._senders[stream.vehicle] = sender
                if self._connected:
                    sender.connected(self._clock.now_s())
            sender.appended(stream.last)

    def _streams(self, db: sqlite3.Connection) -> list[books.DownStream]:
        rows = db.execute("SELECT vehicle, epoch, last, acked FROM down_streams")
        found = {row[0]: books.DownStream(*row) for row in rows}
        return [found[vehicle] for vehicle in self._vehicles if vehicle in found]

    async def _take_acks(self) -> None:
        acks, self._acks = self._acks, {}
        advanced: list[tuple[str, str, int]] = []
        for vehicle, ack in acks.items():
            sender = self._senders.get(vehicle)
            if sender is None:
                continue
            try:
                if sender.on_ack(ack, self._clock.now_s()) is not None:
                    advanced.append((vehicle, sender.epoch, sender.acked))
            except PeerError as error:
                log.warning("impossible acknowledgement", extra={"why": str(error)})
                await self._alarm(vehicle, f"Has orders this station never wrote: {error}")
        if advanced:
            await self._database.transaction(lambda db: _acknowledge(db, advanced))

    async def _send(self, link: BrokerLink, vehicle: str, sender: Sender) -> None:
        due = sender.due(self._clock.now_s(), AT_ONCE)
        if not due:
            return
        first, count = due[0], due[-1] - due[0] + 1
        orders = await self._database.read(
            lambda db: books.read_outbox(db, vehicle, sender.epoch, first, count)
        )
        for seq, name, sealed in orders:
            if seq in due:
                topic = catalog.topic(self._org, vehicle, name)
                await link.publish(topic, sealed, qos=1)
        sender.published(self._clock.now_s())

    async def _pause(self) -> None:
        wake_at_s = min((sender.wake_at_s for sender in self._senders.values()), default=inf)
        pause_s = max(min(wake_at_s, self._look_at_s) - self._clock.now_s(), 0.01)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._nudged.wait()

    async def _alarm(self, vehicle: str, text: str) -> None:
        utc = self._clock.utc()
        await self._database.transaction(
            lambda db: raise_alarm(db, f"store/{vehicle}", "store", vehicle, text, utc)
        )


def _acknowledge(db: sqlite3.Connection, advanced: list[tuple[str, str, int]]) -> None:
    for vehicle, epoch, upto in advanced:
        books.acknowledge_outbox(db, vehicle, epoch, upto)
