"""Tells the vehicles what is committed: the newest acknowledgement of each stream."""

import asyncio
from collections.abc import Iterable

from edge.handover.proof import SigningKey
from edge.messages.broker import catalog
from edge.messages.broker.stream import Ack
from edge.uplink.acks import seal_ack
from edge.uplink.port import BrokerLink

ACKS_AT_ONCE = 50  # publishes under way, as few as a public broker allows


class Acks:
    """What is still to be told; one that was not told in time gives way to a newer one."""

    def __init__(self, org: str, key: SigningKey) -> None:
        self._org = org
        self._key = key
        self._waiting: dict[tuple[str, str, str], Ack] = {}
        self._changed = asyncio.Event()
        self._closed = False

    def put(self, acks: Iterable[tuple[str, Ack]]) -> None:
        """Take (vehicle, acknowledgement) pairs of a transaction that is committed."""
        for vehicle, ack in acks:
            self._waiting[vehicle, ack.stream, ack.epoch] = ack
        if self._waiting:
            self._changed.set()

    def close(self) -> None:
        """Let `run` end once everything is told."""
        self._closed = True
        self._changed.set()

    async def run(self, link: BrokerLink) -> None:
        """Tell them over one connection. Raises LinkError; what it took may not have left."""
        while self._waiting or not self._closed:
            if self._waiting:
                await self._tell(link, list(self._waiting)[:ACKS_AT_ONCE])
            else:
                self._changed.clear()
                await self._changed.wait()

    async def _tell(self, link: BrokerLink, keys: list[tuple[str, str, str]]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for key in keys:
                topic = catalog.topic(self._org, key[0], "down_ack")
                ack = self._waiting.pop(key)
                payload = seal_ack(ack, vehicle=key[0], key=self._key)
                tasks.create_task(link.publish(topic, payload, qos=1), name="acknowledgement")
