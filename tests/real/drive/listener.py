"""Somebody else on the broker: keeps what the vehicles show and what was acknowledged."""

import asyncio
from collections import defaultdict

from edge.messages.broker.catalog import parse_topic, topic
from edge.messages.broker.stream import Ack
from edge.messages.broker.wire import from_json, read_fact, split_facts
from edge.messages.facts import DaemonStarted, FactEvent
from edge.messages.state import Live
from edge.streams import Latest
from edge.uplink.mqtt import connector
from tests.real.drive.sites import ORG

HEARS = ("live", "fact", "down_ack")


class Listener:
    """Hears the live lane, the facts and their acknowledgements, as anybody may."""

    def __init__(self, port: int) -> None:
        self._connect = connector(
            "127.0.0.1", port, client_id="listener", timeout_s=5.0, keepalive_s=30
        )
        self.connected = asyncio.Event()
        self.lives: dict[str, list[Live]] = defaultdict(list)
        """By vehicle, as they came."""
        self._started: dict[str, FactEvent] = {}
        self._acked: dict[str, int] = defaultdict(int)
        self._news: Latest[int] = Latest()

    async def run(self) -> None:
        """Listen until cancelled."""
        async with self._connect(tuple(topic(ORG, "+", name) for name in HEARS), None) as link:
            self.connected.set()
            async for where, payload in link.messages():
                self._take(where, payload)
                self._news.set(self._news.version + 1)

    async def nothing_waits(self, vehicle: str, boot: int, since: int) -> None:
        """Wait until everything on board of a vehicle that stands idle is acknowledged.

        `boot` is its life, whose start is the last it has to tell; `since` counts the live
        messages from before.
        """
        version = 0
        while not self._is_settled(vehicle, boot, since):
            version, _ = await self._news.newer_than(version)

    def _is_settled(self, vehicle: str, boot: int, since: int) -> bool:
        started, lives = self._started.get(vehicle), self.lives[vehicle][since:]
        if started is None or started.boot != boot or not lives:
            return False
        if self._acked[vehicle] < started.seq:
            return False
        backlog = lives[-1].backlog
        return backlog is not None and (backlog.track, backlog.proof) == (0, 0)

    def _take(self, where: str, payload: bytes) -> None:
        parsed = parse_topic(where)
        assert parsed is not None, where
        _, vehicle, row = parsed
        match row.name:
            case "live":
                self.lives[vehicle].append(from_json(payload, Live))
            case "down_ack":
                ack = from_json(payload, Ack)
                if ack.stream == "fact":
                    self._acked[vehicle] = ack.upto
            case "fact":
                for event in map(read_fact, split_facts(payload)):
                    if isinstance(event.data, DaemonStarted):
                        self._started[vehicle] = event
