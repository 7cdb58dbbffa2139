"""A station small enough to be trusted: it commits into lists and acknowledges that."""

import asyncio
from datetime import UTC, datetime, timedelta

from edge.clock import LoopClock
from edge.handover.proof import SigningKey
from edge.messages.broker.catalog import filters, parse_topic, topic
from edge.messages.broker.stream import Ack, ProofChunk, TrackItem
from edge.messages.broker.wire import from_json, from_msgpack, read_fact, split_facts
from edge.messages.commands import CancelStops, Command
from edge.messages.state import Live, Status
from edge.supervise import keep_alive
from edge.uplink.acks import seal_ack
from edge.uplink.stream.receiver import Receiver
from edge.uplink.stream.sender import Sender

MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
STATION_KEY = SigningKey.from_seed(b"s" * 32)


def clock(source="ntp"):
    return LoopClock(asyncio.get_running_loop(), MORNING, source)


class Station:
    """What is durable stands in `committed` and `orders`; `restart` forgets the rest."""

    def __init__(self, connect, rng, *, vehicle="van-1", org="acme"):
        self.committed = {"fact": {}, "track": {}, "proof": {}}
        self.live = []
        """(loop time, Live) as they came."""
        self.statuses = []
        self.orders = []
        """Sealed, in order; number n is at n - 1."""
        self.orders_acked = 0
        self.acknowledges = True
        self.received = 0
        """Items that arrived, counted every time."""
        self.connected = asyncio.Event()
        self._connect = connect
        self._rng = rng
        self._vehicle = vehicle
        self._org = org
        self._more_orders = asyncio.Event()
        self.restart()

    def restart(self):
        self._receivers = {
            stream: Receiver(stream, {epoch: len(rows) for epoch, rows in lives.items()})
            for stream, lives in self.committed.items()
        }

    def facts(self, epoch=None):
        """Return the sealed facts of an epoch, the newest if none is named."""
        lives = self.committed["fact"]
        if not lives:
            return []
        return lives[epoch or list(lives)[-1]]

    def order(self, sealed):
        """Take an order into the outbox."""
        self.orders.append(sealed)
        self._more_orders.set()

    async def run(self):
        await keep_alive("station", self._session, self._rng, longest_pause_s=5.0)

    async def _session(self):
        async with self._connect(filters(self._org, "up"), None) as link:
            self.connected.set()
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._send_orders(link))
                    async for name, payload in link.messages():
                        await self._take(link, parse_topic(name)[2].name, payload)
            finally:
                self.connected.clear()

    async def _take(self, link, name, payload):
        if name == "live":
            self.live.append((asyncio.get_running_loop().time(), from_json(payload, Live)))
        elif name == "status":
            self.statuses.append(from_json(payload, Status))
        elif name == "up_ack":
            self._on_ack(from_json(payload, Ack))
        else:
            await self._commit(link, name, payload)

    async def _commit(self, link, stream, payload):
        receiver, lives = self._receivers[stream], self.committed[stream]
        for epoch, seq, item in _items(stream, payload):
            self.received += 1
            for _, row in receiver.offer(epoch, seq, item).deliver:
                lives.setdefault(epoch, []).append(row)
            receiver.committed(epoch, len(lives.get(epoch, [])))
        if self.acknowledges:
            ack = receiver.ack(epoch)
            sealed = seal_ack(ack, vehicle=self._vehicle, key=STATION_KEY)
            await link.publish(self._topic("down_ack"), sealed, qos=1)

    def _on_ack(self, ack):
        self.orders_acked = max(self.orders_acked, ack.upto)
        self._more_orders.set()

    async def _send_orders(self, link):
        sender = Sender("command", "c1", acked=self.orders_acked, last=len(self.orders))
        sender.connected(asyncio.get_running_loop().time())
        while True:
            self._more_orders.clear()
            now_s = asyncio.get_running_loop().time()
            sender.appended(len(self.orders))
            sender.on_ack(Ack(stream="command", epoch="c1", upto=self.orders_acked), now_s)
            for seq in sender.due(now_s):
                await link.publish(self._topic("command"), self.orders[seq - 1], qos=1)
            try:
                async with asyncio.timeout(2.0):
                    await self._more_orders.wait()
            except TimeoutError:
                continue

    def _topic(self, name):
        return topic(self._org, self._vehicle, name)


def _items(stream, payload):
    if stream == "fact":
        for sealed in split_facts(payload):
            event = read_fact(sealed)
            yield event.epoch, event.seq, sealed
    else:
        item = from_msgpack(payload, TrackItem if stream == "track" else ProofChunk)
        yield item.epoch, item.seq, item


def command(seq, *, vehicle="van-1", epoch="c1", lasts=timedelta(hours=12), stop="S1"):
    return Command(
        vehicle=vehicle,
        epoch=epoch,
        seq=seq,
        issuer="dispatch",
        issued_utc=MORNING,
        expires_utc=MORNING + lasts,
        order=CancelStops(route_id="R1", stop_ids=(stop,)),
        key_id=STATION_KEY.key_id,
    )


def sealed(seq, **changes):
    return STATION_KEY.seal(command(seq, **changes))
