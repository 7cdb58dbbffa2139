"""One connection to the simulated broker, and everything that can be wrong with it.

Semantics as of MQTT 3.1.1 / 5 with clean sessions: QoS 0 may be lost, QoS 1 comes at least once
and in order while the connection lives. What was under way when a connection broke is gone.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from edge.errors import LinkError
from edge.uplink.port import Will
from sim.wire import NetworkFaults

MOST_QUEUED = 10_000  # per subscriber; a broker drops beyond its bound


@dataclass(slots=True)
class Trouble:
    """What a client's link suffers from now, beyond what its network always does."""

    delay_s: float = 0.0
    spread_s: float = 0.0
    """Messages overtake each other by up to so much."""
    twice_frac: float = 0.0
    damaged_frac: float = 0.0
    most: int | None = None
    """More messages that go down at once are dropped."""
    silent_up: int = 0
    """So many faults stop what goes up; the connection looks alive meanwhile."""
    silent_down: int = 0


@dataclass
class Client:
    """What the broker knows of one client id, connected or not."""

    name: str
    faults: NetworkFaults
    rng: Random
    uncovered: int = 0
    """So many dead zones it is in."""
    link: "Link | None" = None
    trouble: Trouble = field(default_factory=Trouble)

    @property
    def covered(self) -> bool:
        """Whether anything gets through."""
        return self.uncovered == 0

    def cover(self, covered: bool) -> None:
        """Leave a dead zone, or enter one."""
        self.uncovered = max(0, self.uncovered + (-1 if covered else 1))
        if self.link is None:
            return
        if not covered:
            self.link.fall_silent()
        elif self.covered:
            self.link.heard_again()


class Broker(Protocol):
    """What a connection asks of its broker."""

    def take(self, sender: str, topic: str, payload: bytes, qos: int, retained: bool) -> None:
        """Take a message."""
        ...

    def lose(self, link: "Link", why: str) -> None:
        """End a connection that nobody closed."""
        ...


@dataclass(eq=False)
class Link:
    """One connection, seen from the client."""

    broker: Broker
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
    _going_down: int = 0
    since_s: float = 0.0
    """When it began."""

    def __post_init__(self) -> None:
        self.since_s = asyncio.get_running_loop().time()
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
        at_s = self._up_at_s = self._arrives_s(self._up_at_s)
        name = self.client.name
        payload = self._spoilt(payload)
        if qos == 0:
            if self.client.rng.random() >= self.client.faults.lost_frac:
                self._later(
                    at_s, lambda: self.broker.take(name, topic, payload, 0, retained), up=True
                )
            return
        acked = loop.create_future()

        def arrive() -> None:
            self.broker.take(name, topic, payload, 1, retained)
            self._later(loop.time() + self._delay_s(), lambda: _settle(acked))

        self._unacked[acked] = None
        self._later(at_s, arrive, up=True)
        if self._comes_twice():
            taken_again_s = at_s + self.client.rng.uniform(0.0, 5.0)
            self._later(
                taken_again_s,
                lambda: self.broker.take(name, topic, payload, 1, retained),
                up=True,
            )
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
        faults, rng, most = self.client.faults, self.client.rng, self.client.trouble.most
        if most is not None and self._going_down >= most:
            return
        at_s = self._down_at_s = self._arrives_s(self._down_at_s)
        if qos == 0 and rng.random() < faults.lost_frac:
            return
        payload = self._spoilt(payload)
        self._going_down += 1
        self._later(at_s, lambda: self._come_down(topic, payload))
        if qos > 0 and self._comes_twice():
            twice_s = at_s + rng.uniform(0.0, 5.0)
            self._later(twice_s, lambda: self._arrive(topic, payload))
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

    def _come_down(self, topic: str, payload: bytes) -> None:
        self._going_down -= 1
        self._arrive(topic, payload)

    def _arrive(self, topic: str, payload: bytes) -> None:
        if len(self._inbox) < MOST_QUEUED:
            self._inbox.append((topic, payload))
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _alive(self) -> None:
        if self.ended:
            raise LinkError(f"connection lost: {self.ended}")

    def _arrives_s(self, last_s: float) -> float:
        """Return when a message gets through: after the last one, unless they overtake."""
        at_s = asyncio.get_running_loop().time() + self._delay_s()
        spread_s = self.client.trouble.spread_s
        return at_s + self.client.rng.uniform(0.0, spread_s) if spread_s else max(last_s, at_s)

    def _delay_s(self) -> float:
        faults, more_s = self.client.faults, self.client.trouble.delay_s
        delay_s = faults.delay_s
        if faults.jitter_s:
            delay_s += self.client.rng.uniform(0.0, faults.jitter_s)
        return delay_s + self.client.rng.uniform(0.0, more_s) if more_s else delay_s

    def _comes_twice(self) -> bool:
        frac = self.client.trouble.twice_frac
        return bool(frac) and self.client.rng.random() < frac

    def _spoilt(self, payload: bytes) -> bytes:
        frac, rng = self.client.trouble.damaged_frac, self.client.rng
        if not frac or rng.random() >= frac or not payload:
            return payload
        at = rng.randrange(len(payload))
        how = rng.random()
        if how < 0.3:
            return payload[:at]
        if how < 0.4:
            return rng.randbytes(len(payload))
        return payload[:at] + bytes([payload[at] ^ (1 << rng.randrange(8))]) + payload[at + 1 :]

    def _later(self, at_s: float, step: Callable[[], None], *, up: bool = False) -> None:
        trouble = self.client.trouble

        def due() -> None:
            if self.ended or (trouble.silent_up if up else trouble.silent_down):
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
