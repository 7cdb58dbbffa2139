"""An MQTT broker in memory, with every fault that the standard permits.

Semantics as of MQTT 3.1.1 / 5 with clean sessions: wildcards (§4.7), retained messages
(§3.3.1.3), last wills (§3.1.2.5), QoS 0 may be lost, QoS 1 comes at least once and in
order while the connection lives. What was under way when a connection broke is gone.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from edge.errors import LinkError
from edge.uplink.port import Connect, Will
from sim.wire import NetworkFaults

MOST_QUEUED = 10_000  # per subscriber; a broker drops beyond its bound


@dataclass
class Client:
    """What the broker knows of one client id, connected or not."""

    name: str
    faults: NetworkFaults
    rng: Random
    covered: bool = True
    """False inside a dead zone."""
    link: "Link | None" = None


Tap = Callable[[float, str, str, bytes, int], None]
"""Sees (loop time, client, topic, payload, qos) of every message that the broker took."""


class SimBroker:
    """The broker and the network around it."""

    def __init__(self, rng: Random, *, tap: Tap | None = None) -> None:
        self._rng = rng
        self._tap = tap
        self._clients: dict[str, Client] = {}
        self._retained: dict[str, bytes] = {}
        self._running = True

    def connector(self, name: str, faults: NetworkFaults | None = None) -> Connect:
        """Return the way in for one client; a second connection ends the first."""
        client = Client(name, faults or NetworkFaults(), Random(self._rng.getrandbits(64)))  # noqa: S311
        self._clients[name] = client

        @asynccontextmanager
        async def connect(
            subscriptions: tuple[str, ...], will: Will | None
        ) -> AsyncIterator[Link]:
            await asyncio.sleep(2 * client.faults.delay_s)  # TCP, then CONNECT
            if not (self._running and client.covered):
                raise LinkError("no route to the broker")
            link = Link(self, client, subscriptions, will)
            self._take_over(client, link)
            try:
                yield link
            finally:
                self._leave(link, "disconnected")

        return connect

    def cover(self, name: str, covered: bool) -> None:
        """Take a client into a dead zone, or out of it."""
        client = self._clients[name]
        client.covered = covered
        if client.link is not None:
            if covered:
                client.link.heard_again()
            else:
                client.link.fall_silent()

    def sever(self, name: str) -> None:
        """Let a client vanish from one moment to the next: its process died."""
        link = self._clients[name].link
        if link is not None:
            self.lose(link, "killed")

    def stop(self) -> None:
        """Kill the broker: connections and everything in memory are gone."""
        self._running = False
        for client in self._clients.values():
            if client.link is not None:
                client.link.will = None
                self.lose(client.link, "the broker is gone")
        self._retained.clear()

    def start(self) -> None:
        """Start it again, empty."""
        self._running = True

    def _take_over(self, client: Client, link: "Link") -> None:
        if client.link is not None:
            self.lose(client.link, "taken over by a new connection")
        client.link = link
        for topic, payload in self._retained.items():
            if link.wants(topic):
                link.deliver(topic, payload, 1)

    def _leave(self, link: "Link", why: str) -> None:
        link.end(why)
        if link.client.link is link:
            link.client.link = None

    def lose(self, link: "Link", why: str) -> None:
        """End a connection that nobody closed; its will is published."""
        if link.ended:
            return
        self._leave(link, why)
        if link.will is not None and self._running:
            will = link.will
            self.take(link.client.name, will.topic, will.payload, will.qos, will.retained)

    def take(self, sender: str, topic: str, payload: bytes, qos: int, retained: bool) -> None:
        """Take a message and pass it on to everybody who wants it."""
        if not self._running:
            return
        if self._tap is not None:
            self._tap(asyncio.get_running_loop().time(), sender, topic, payload, qos)
        if retained:
            if payload:
                self._retained[topic] = payload
            else:
                self._retained.pop(topic, None)
        for client in self._clients.values():
            link = client.link
            if link is not None and link.wants(topic):
                link.deliver(topic, payload, qos)


@dataclass(eq=False)
class Link:
    """One connection, seen from the client."""

    broker: SimBroker
    client: Client
    subscriptions: tuple[str, ...]
    will: Will | None
    ended: str = ""
    _inbox: deque[tuple[str, bytes]] = field(default_factory=deque)
    _waiting: asyncio.Future[None] | None = None
    _wanted: dict[str, bool] = field(default_factory=dict)
    _unacked: dict[asyncio.Future[None], None] = field(default_factory=dict)
    _stalled: list[Callable[[], None]] = field(default_factory=list)
    _up_at_s: float = 0.0
    _down_at_s: float = 0.0
    _break: asyncio.TimerHandle | None = None
    _notice: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        per_s = self.client.faults.breaks_per_h / 3600
        if per_s > 0:
            self._break = asyncio.get_running_loop().call_later(
                self.client.rng.expovariate(per_s), self.broker.lose, self, "reset"
            )

    async def publish(
        self, topic: str, payload: bytes, *, qos: int, retained: bool = False
    ) -> None:
        """Hand a message to the broker. Raises LinkError when the connection is gone."""
        self._alive()
        loop = asyncio.get_running_loop()
        at_s = self._up_at_s = max(self._up_at_s, loop.time() + self._delay_s())
        name = self.client.name
        if qos == 0:
            if self.client.rng.random() >= self.client.faults.lost_frac:
                self._later(at_s, lambda: self.broker.take(name, topic, payload, 0, retained))
            return
        acked = loop.create_future()

        def arrive() -> None:
            self.broker.take(name, topic, payload, 1, retained)
            self._later(loop.time() + self._delay_s(), lambda: _settle(acked))

        self._unacked[acked] = None
        self._later(at_s, arrive)
        try:
            await acked
        finally:
            del self._unacked[acked]

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield (topic, payload). Raises LinkError when the connection is gone."""
        while True:
            while not self._inbox:
                self._alive()
                self._waiting = asyncio.get_running_loop().create_future()
                await self._waiting
            yield self._inbox.popleft()

    def wants(self, topic: str) -> bool:
        """Tell whether a subscription of this connection matches the topic."""
        wanted = self._wanted.get(topic)
        if wanted is None:
            wanted = any(matches(filter_, topic) for filter_ in self.subscriptions)
            self._wanted[topic] = wanted
        return wanted

    def deliver(self, topic: str, payload: bytes, qos: int) -> None:
        """Send a message down to the client."""
        faults, rng = self.client.faults, self.client.rng
        loop = asyncio.get_running_loop()
        at_s = self._down_at_s = max(self._down_at_s, loop.time() + self._delay_s())
        if qos == 0 and rng.random() < faults.lost_frac:
            return
        self._later(at_s, lambda: self._arrive(topic, payload))
        if qos > 0 and faults.twice_frac and rng.random() < faults.twice_frac:
            again_s = at_s + rng.uniform(0.0, 5.0)
            self._later(again_s, lambda: self._arrive(topic, payload))

    def fall_silent(self) -> None:
        """Begin a dead zone: nothing passes, and after a while the client notices."""
        if self._notice is None:
            wait_s = self.client.faults.notices_s * self.client.rng.uniform(0.7, 1.3)
            loop = asyncio.get_running_loop()
            self._notice = loop.call_later(wait_s, self.broker.lose, self, "no answer")

    def heard_again(self) -> None:
        """End a dead zone before anybody noticed: TCP sends everything again."""
        if self._notice is not None:
            self._notice.cancel()
            self._notice = None
        stalled, self._stalled = self._stalled, []
        for step in stalled:
            step()

    def end(self, why: str) -> None:
        """Break the connection: who waits for it gets a LinkError."""
        self.ended = self.ended or why
        for timer in (self._notice, self._break):
            if timer is not None:
                timer.cancel()
        self._stalled.clear()
        self._inbox.clear()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        for acked in self._unacked:
            if not acked.done():
                acked.set_exception(LinkError(f"connection lost: {why}"))

    def _arrive(self, topic: str, payload: bytes) -> None:
        if len(self._inbox) < MOST_QUEUED:
            self._inbox.append((topic, payload))
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _alive(self) -> None:
        if self.ended:
            raise LinkError(f"connection lost: {self.ended}")

    def _delay_s(self) -> float:
        faults = self.client.faults
        if not faults.jitter_s:
            return faults.delay_s
        return faults.delay_s + self.client.rng.uniform(0.0, faults.jitter_s)

    def _later(self, at_s: float, step: Callable[[], None]) -> None:
        def due() -> None:
            if self.ended:
                return
            if self._notice is not None:
                self._stalled.append(step)
            else:
                step()

        asyncio.get_running_loop().call_at(at_s, due)


def _settle(acked: asyncio.Future[None]) -> None:
    if not acked.done():
        acked.set_result(None)


def matches(filter_: str, topic: str) -> bool:
    """Tell whether a topic filter matches a topic (MQTT 5 §4.7)."""
    wanted, parts = filter_.split("/"), topic.split("/")
    if parts[0].startswith("$") and wanted[0] in ("+", "#"):
        return False
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(parts) or level not in ("+", parts[index]):
            return False
    return len(wanted) == len(parts)
