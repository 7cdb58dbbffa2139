"""Somebody else on the broker, who notes when the vehicle speaks or is spoken to."""

import asyncio
import time

from edge.errors import LinkError
from edge.messages.broker.catalog import topic
from edge.streams import Latest
from edge.uplink.mqtt import connector
from edge.uplink.nodes import any_of
from tests.real.kills.processes.sites import ORG, VAN, Sites

AGAIN_S = 0.05
BEFORE_S = 0.1  # Python alone takes longer to import a daemon
SAID = ("live", "fact", "track", "proof")
"""Not the status: it is retained, so the broker says it again by itself."""
ORDERED = ("route", "command")


class Listener:
    """Subscribes again after each end of the broker."""

    def __init__(self, sites: Sites) -> None:
        self._connect = any_of(
            [
                connector(
                    sites.broker_host,
                    port,
                    client_id="listener",
                    protocol=sites.protocol,
                    subscribe_qos=0,
                    timeout_s=2.0,
                    keepalive_s=5,
                )
                for port in sites.broker_ports
            ]
        )
        self.heard: Latest[float] = Latest()
        """When it said something last, by `time.monotonic`."""
        self.ordered: Latest[float] = Latest()
        """When the station last sent it something to do."""
        self.connections = 0
        """How many there were, with the present one if there is one."""
        self.connected = False

    async def run(self) -> None:
        """Listen for ever."""
        while True:
            try:
                await self._listen()
            except LinkError:
                await asyncio.sleep(AGAIN_S)

    async def first_word_s(self, started_s: float, limit_s: float) -> float | None:
        """Return when a process that started then is first heard.

        What comes at once is from the life before it. Returns None if nothing is heard in time
        or if there was not the same broker all the time.
        """
        version, connections = self.heard.version, self.connections
        if not self.connected:
            return None
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    version, heard_s = await self.heard.newer_than(version)
                    if heard_s > started_s + BEFORE_S:
                        return heard_s if self.connections == connections else None
        except TimeoutError:
            return None

    async def _listen(self) -> None:
        latest = {topic(ORG, VAN, name): self.heard for name in SAID}
        latest |= {topic(ORG, VAN, name): self.ordered for name in ORDERED}
        async with self._connect(tuple(latest), None) as link:
            self.connections += 1
            self.connected = True
            try:
                async for name, _ in link.messages():
                    if name in latest:  # a damaged one is no topic of ours
                        latest[name].set(time.monotonic())
            finally:
                self.connected = False
        raise LinkError("the broker has ended the stream")
