"""A lossy cable of datagrams between a session and a scripted far end, on virtual time."""

import heapq
import math
from dataclasses import dataclass
from random import Random

from edge.messages.machines.orders import OrderAnswer
from firmware_bridge.mavlink.session import MavlinkSession

TICK_S = 0.04


@dataclass(frozen=True)
class Faults:
    delay_s: float = 0.01
    jitter_s: float = 0.0
    loss: float = 0.0
    twice: float = 0.0
    bytes_lost: float = 0.0
    """Of a byte stream; then pieces are cut anywhere, and stay in order."""


GOOD = Faults()
BAD = Faults(delay_s=0.4, jitter_s=0.05, loss=0.3, twice=0.1)
"""30 % lost, 400 ms each way, some twice, some overtaken."""


class Cable:
    """Both ends and what is between them."""

    def __init__(self, far, *, faults=GOOD, seed=1, session=None):
        self.far, self.faults, self.rng = far, faults, Random(seed)
        self.session = session or MavlinkSession(0.0, datagrams=True)
        self.now_s = 0.0
        self.news = []
        self.flying = []
        self.sent = 0

    def run(self, until_s=None, *, until=None, for_s=None):
        """Let time pass; `until` looks at the cable and says when it is enough."""
        limit_s = until_s if until_s is not None else self.now_s + (for_s or 600.0)
        while self.now_s < limit_s and not (until and until(self)):
            self._step(limit_s)
        return self

    def order(self, order, within_s=600.0):
        """Give an order and return how it ended."""
        self.session.send(order, self.now_s)
        self.run(until=lambda c: c.answer(order.order_id), for_s=within_s)
        return self.answer(order.order_id)

    def answer(self, name):
        return next(
            (n for n in self.news if isinstance(n, OrderAnswer) and n.order_id == name), None
        )

    def of(self, kind):
        return [n for n in self.news if isinstance(n, kind)]

    def _step(self, limit_s):
        while data := self.session.outgoing():
            self._put("far", data)
        for data in self.far.outgoing():
            self._put("near", data)
        due_s = min(
            self.session.wake_at_s,
            math.floor(self.now_s / TICK_S + 1.0001) * TICK_S,
            self.flying[0][0] if self.flying else math.inf,
        )
        self.now_s = min(limit_s, max(self.now_s, due_s))
        while self.flying and self.flying[0][0] <= self.now_s:
            _, _, end, data = heapq.heappop(self.flying)
            if end == "far":
                self.far.receive(data, self.now_s)
            else:
                self.news += self.session.receive(data, self.now_s)
        if self.now_s >= self.session.wake_at_s:
            self.news += self.session.wake(self.now_s)
        self.far.tick(self.now_s)

    def _put_bytes(self, end, data):
        kept = bytes(byte for byte in data if self.rng.random() >= self.faults.bytes_lost)
        cut = self.rng.randrange(len(kept) + 1)
        at_s = self.now_s + self.faults.delay_s
        for piece in (kept[:cut], kept[cut:]):
            self.sent += 1
            if piece:
                heapq.heappush(self.flying, (at_s, self.sent, end, piece))

    def _put(self, end, data):
        if self.faults.bytes_lost:
            self._put_bytes(end, data)
            return
        for _ in range(1 + (self.rng.random() < self.faults.twice)):
            if self.rng.random() >= self.faults.loss:
                at_s = self.now_s + self.faults.delay_s
                at_s += self.rng.random() * self.faults.jitter_s
                self.sent += 1
                heapq.heappush(self.flying, (at_s, self.sent, end, data))
