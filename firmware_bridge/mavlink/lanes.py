"""Orders one after the other: a lane each for commands, plans and parameters."""

import math
from collections import deque
from collections.abc import Callable

from edge.errors import RefusedError
from firmware_bridge.mavlink.exchange.exchange import Ended, Exchange
from firmware_bridge.mavlink.exchange.plans import LoadingPlan
from firmware_bridge.mavlink.wire.dialect import Message

MOST_WAITING = 16


class Lane:
    """One conversation at a time; those that wait are judged when their turn comes."""

    def __init__(self, told: Callable[[str, Ended, Exchange | None, float], None]) -> None:
        """`told` hears how each ended."""
        self._told = told
        self._waiting: deque[tuple[str, Callable[[], Exchange]]] = deque()
        self._name = ""
        self._running: Exchange | None = None

    @property
    def wake_at_s(self) -> float:
        """When the present conversation wants to be woken."""
        return self._running.wake_at_s if self._running else math.inf

    @property
    def is_idle(self) -> bool:
        """Nothing runs, nothing waits."""
        return self._running is None and not self._waiting

    def add(self, name: str, make: Callable[[], Exchange], now_s: float) -> None:
        """Queue a conversation; `make` may raise RefusedError once its turn has come.

        One without a name is only small talk: it ends when anything else is to be said.
        """
        if len(self._waiting) >= MOST_WAITING:
            self._told(
                name, Ended("refused", f"{MOST_WAITING} orders wait already"), None, now_s
            )
            return
        self._waiting.append((name, make))
        if self._running and not self._name:
            self._running.abandon(now_s)
        self._go_on(now_s)

    def overtake(self, name: str, make: Callable[[], Exchange], now_s: float) -> None:
        """Drop what runs and what waits: the vehicle is to stop doing what it does."""
        waiting, self._waiting = self._waiting, deque([(name, make)])
        for other, _ in waiting:
            self._told(other, Ended("refused", "overtaken"), None, now_s)
        if self._running:
            self._running.abandon(now_s)
        self._go_on(now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Hand a message to the present conversation."""
        if self._running:
            self._running.take(message, now_s)
            self._go_on(now_s)

    def wake(self, now_s: float) -> None:
        """Let the present conversation do what is due."""
        if self._running and now_s >= self._running.wake_at_s:
            self._running.wake(now_s)
            self._go_on(now_s)

    def restarted(self, now_s: float) -> None:
        """Load a plan again, end all else: the autopilot has begun anew."""
        if isinstance(self._running, LoadingPlan):
            self._running.restarted(now_s)
        elif self._running:
            self._running.abandon(now_s)
        self._go_on(now_s)

    def _go_on(self, now_s: float) -> None:
        while True:
            if self._running is None:
                if not self._waiting:
                    return
                self._name, make = self._waiting.popleft()
                try:
                    self._running = make()
                except RefusedError as refused:
                    self._told(self._name, Ended("refused", str(refused)), None, now_s)
                    continue
                self._running.begin(now_s)
            ended = self._running.ended
            if ended is None:
                return
            done, self._running = self._running, None
            self._told(self._name, ended, done, now_s)
