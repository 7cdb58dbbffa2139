"""An event loop whose clock runs N times faster than the host's, with real sockets and threads.

Like that of the simulator its stored time only ever moves forward, to the next timer at most,
so timers fire in the order of their times whatever the machine is doing.
"""

import asyncio
import math
import selectors
import time
from dataclasses import dataclass

from sim.virtual_time import BUSY_ROUNDS, MOMENT_S, Ready


@dataclass(frozen=True, slots=True)
class Pace:
    """How simulated time follows real time; the same value in several processes keeps step."""

    speed: float
    """Simulated seconds per real second; 0 stands still."""
    real_s: float
    """An instant of the host's monotonic clock …"""
    simulated_s: float
    """… and the simulated time that belongs to it."""

    @classmethod
    def starting_now(cls, speed: float, simulated_s: float = 0.0) -> "Pace":
        """Return a pace whose simulated time is `simulated_s` at this moment."""
        return cls(speed, time.monotonic(), simulated_s)

    def due_s(self) -> float:
        """Return the simulated time that ought to be reached now."""
        return self.simulated_s + (time.monotonic() - self.real_s) * self.speed

    def changed(self, speed: float) -> "Pace":
        """Return the pace that goes on from this moment at another speed."""
        now_s = time.monotonic()
        reached_s = self.simulated_s + (now_s - self.real_s) * self.speed
        return Pace(speed, now_s, reached_s)


class _PacedSelector(selectors.DefaultSelector):
    """Wait for I/O as long as the pace says; move the clock to the next timer at most."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self.pace = pace
        self.now_s = pace.due_s()
        self._rounds = 0

    def select(self, timeout: float | None = None) -> Ready:
        if timeout is not None and timeout <= 0:
            self._rounds += 1
            if self._rounds > BUSY_ROUNDS:
                self.now_s += MOMENT_S
            return super().select(0)
        self._rounds = 0
        horizon_s = math.inf if timeout is None else self.now_s + timeout
        events: Ready = []
        while not events:
            ahead_s = horizon_s - self.pace.due_s()
            if ahead_s <= 0:
                # Behind: I/O goes first, then exactly one timer's time, until caught up.
                events = super().select(0)
                self.now_s = horizon_s
                return events
            speed = self.pace.speed
            forever = math.isinf(ahead_s) or speed <= 0
            events = super().select(None if forever else ahead_s / speed)
        self.now_s = min(horizon_s, max(self.now_s, self.pace.due_s()))
        return events


class PacedLoop(asyncio.SelectorEventLoop):
    """Real sockets and threads under a clock that runs `pace.speed` times faster.

    Time-outs shrink with it: at 100 times the speed a time-out of 10 s is 0.1 s of real
    waiting, so peers in real time need generous ones.
    """

    def __init__(self, pace: Pace) -> None:
        self._paced = _PacedSelector(pace)
        super().__init__(self._paced)

    def time(self) -> float:
        """Return simulated seconds; stands still while Python code runs."""
        return self._paced.now_s

    @property
    def pace(self) -> Pace:
        """How simulated time follows real time."""
        return self._paced.pace

    def follow(self, pace: Pace) -> None:
        """Take another pace, from the next wait on. Call it in the loop's own thread."""
        self._paced.pace = pace

    @property
    def late_s(self) -> float:
        """How far simulated time is behind its pace: the machine is too slow for the speed."""
        return max(0.0, self.pace.due_s() - self._paced.now_s)
