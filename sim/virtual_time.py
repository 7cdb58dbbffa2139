"""Event loops with a clock of their own: one jumps to the next timer, one runs N times faster.

Both keep a stored time that only ever moves forward, to the next timer at most, so timers
fire in the order of their times whatever the machine is doing.
"""

import asyncio
import itertools
import math
import selectors
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

SPIN_LIMIT = 1_000_000
"""Rounds of the loop in which no time passes: more is a task that never waits."""

BUSY_ROUNDS = 64
MOMENT_S = 1e-9
"""Passes in each round of the loop once an instant has lasted for BUSY_ROUNDS of them.

Real time never stands still: code that waits for the difference of two floats may be one
rounding short of its instant, and would ask for the same wait for ever.
"""

LAST = 1 << 62
"""More than any number of a timer."""

Ready = list[tuple[selectors.SelectorKey, int]]


class SimulationStalledError(Exception):
    """Every task waits and no timer is set: nothing can ever happen again."""


class SimulationSpinningError(Exception):
    """Tasks keep each other busy and no time passes."""


class _NeverWait(selectors.SelectSelector):
    """Turn every wait into a jump of the loop's clock; nothing is ever polled."""

    now_s = 0.0
    spins = 0

    def select(self, timeout: float | None = None) -> Ready:
        if timeout is None:
            raise SimulationStalledError
        assert timeout <= 0, "the loop itself moves the clock"
        self.spins += 1
        if self.spins > BUSY_ROUNDS:
            self.now_s += MOMENT_S
        if self.spins > SPIN_LIMIT:
            self.spins = 0
            raise SimulationSpinningError
        return []

    def jump(self, to_s: float) -> None:
        """Move the clock to exactly this instant, whichever instants came before it."""
        self.now_s = to_s
        self.spins = 0


class _NumberedTask(asyncio.Task[Any]):
    """A task whose place in a set follows from its number, not from its address.

    A task group keeps its tasks in a set and cancels them in the set's order.
    """

    def __init__(self, number: int, *args: Any, **options: Any) -> None:  # noqa: ANN401
        self._number = number
        super().__init__(*args, **options)

    def __hash__(self) -> int:
        return self._number


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Deterministic: no sockets, no threads, no real time. Starts at 0 s."""

    _ready: deque[asyncio.Handle]
    _stopping: bool
    _clock_resolution: float

    def __init__(self) -> None:
        self._never_wait = _NeverWait()
        super().__init__(self._never_wait)
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._took_s = 0.0
        self._free_s: dict[object, float] = {}
        self._numbers = numbers = itertools.count(1)
        self.set_task_factory(
            lambda loop, work, **options: _NumberedTask(
                next(numbers), work, loop=loop, **options
            )
        )

    def time(self) -> float:
        """Return simulated seconds since the loop was made."""
        return self._never_wait.now_s

    def moment(self) -> tuple[float, int]:
        """Return the time, and which round of the loop this is at that time, from 0."""
        return self._never_wait.now_s, self._never_wait.spins

    def call_soon(  # type: ignore[override]
        self,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Run the callback in the next round."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run the callback at an instant; those of one instant in the order they were set."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    def call_last_at(self, when: float, callback: Callable[[], object]) -> None:
        """Run the callback at an instant, after every other timer of that instant."""
        timer = asyncio.TimerHandle(when, callback, (), self)
        heappush(self._timers, (when, LAST + next(self._numbers), timer))

    def _run_once(self) -> None:
        """Do one round of the loop: asyncio's own, without what virtual time has no use for.

        Tuples in the heap compare without a call into Python.
        """
        ready, timers, world = self._ready, self._timers, self._never_wait
        while timers and timers[0][2].cancelled():
            heappop(timers)
        if ready or self._stopping or (timers and timers[0][0] <= world.now_s):
            world.select(0)
        elif timers:
            world.jump(timers[0][0])
        else:
            world.select(None)
        due_s = world.now_s + self._clock_resolution
        while timers and timers[0][0] < due_s:
            ready.append(heappop(timers)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()  # noqa: SLF001 (the loop is who runs handles)

    def run_in_executor(  # type: ignore[override]
        self,
        executor: object,
        func: Callable[..., Any],
        *args: Any,  # noqa: ANN401
    ) -> asyncio.Future[Any]:
        """Run inline, so that no thread can race the clock; the answer comes a turn later.

        Work that took time (`work_takes`) is answered after it, and what its executor does
        next is answered after that.
        """
        done: asyncio.Future[Any] = self.create_future()
        self._took_s, result = 0.0, None
        step: Callable[..., None] = _answer
        try:
            result = func(*args)
        except Exception as error:
            step, result = _fail, error
        if not self._took_s and executor not in self._free_s:
            self.call_soon(step, done, result)
            return done
        free_s = max(self._free_s.pop(executor, 0.0), self.time()) + self._took_s
        if free_s > self.time():
            self._free_s[executor] = free_s
        self.call_at(free_s, step, done, result)
        return done

    def work_takes(self, more_s: float) -> None:
        """Say, from inside work of an executor, that it takes so much simulated time."""
        self._took_s += more_s


def _answer(done: asyncio.Future[Any], result: object) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[Any], error: Any) -> None:  # noqa: ANN401
    if not done.done():
        done.set_exception(error)


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
