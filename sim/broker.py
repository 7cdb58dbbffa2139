"""An MQTT broker in memory, with every fault that the standard permits.

Semantics as of MQTT 3.1.1 / 5 with clean sessions: wildcards (§4.7), retained messages
(§3.3.1.3), last wills (§3.1.2.5), QoS 0 may be lost, QoS 1 comes at least once and in
order while the connection lives. What was under way when a connection broke is gone.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

from edge.errors import LinkError
from edge.uplink.port import Connect, Will
from sim.trouble.link import Client, Link, matches
from sim.wire import NetworkFaults

__all__ = ["NetworkFaults", "SimBroker", "matches"]

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
        self._wanting: dict[str, tuple[Link, ...]] = {}
        """Who wants a topic, until somebody comes or goes: a fleet's messages are many."""

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
        self._clients[name].cover(covered)

    def sever(self, name: str) -> None:
        """Let a client vanish from one moment to the next: its process died."""
        link = self._clients[name].link
        if link is not None:
            self.lose(link, "killed")

    def client(self, name: str) -> Client:
        """Return what the broker knows of a client."""
        return self._clients[name]

    @property
    def running(self) -> bool:
        """Whether it takes connections."""
        return self._running

    def stop(self, *, keeps_state: bool = False) -> None:
        """Kill the broker: connections and everything in memory are gone."""
        self._running = False
        for client in self._clients.values():
            if client.link is not None:
                client.link.will = None
                self.lose(client.link, "the broker is gone")
        if not keeps_state:
            self._retained.clear()

    def start(self) -> None:
        """Start it again, with what it kept."""
        self._running = True

    def _take_over(self, client: Client, link: Link) -> None:
        if client.link is not None:
            self.lose(client.link, "taken over by a new connection")
        client.link = link
        self._wanting.clear()
        for topic, payload in self._retained.items():
            if link.wants(topic):
                link.deliver(topic, payload, 1)

    def _leave(self, link: Link, why: str) -> None:
        link.end(why)
        if link.client.link is link:
            link.client.link = None
            self._wanting.clear()

    def lose(self, link: Link, why: str) -> None:
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
        wanting = self._wanting.get(topic)
        if wanting is None:
            links = (client.link for client in self._clients.values())
            wanting = tuple(link for link in links if link is not None and link.wants(topic))
            self._wanting[topic] = wanting
        for link in wanting:
            link.deliver(topic, payload, qos)
