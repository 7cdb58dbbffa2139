"""An event loop with a clock of its own that jumps to the next timer.

Its stored time only ever moves forward, to the next timer at most, so timers fire in the
order of their times whatever the machine is doing.
"""

import asyncio
import itertools
import selectors
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from functools import partial
from heapq import heappop, heappush
from typing import Any

import msgspec

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


class _Step(msgspec.Struct, eq=False):
    """A callback that waits for its turn; asyncio's handle at a third of its cost."""

    callback: Callable[..., object] | None
    args: tuple[Any, ...]
    context: Context
    due_s: float = 0.0

    def cancel(self) -> None:
        """Let it never run."""
        self.callback, self.args = None, ()

    def cancelled(self) -> bool:
        """Tell whether it will never run."""
        return self.callback is None

    def when(self) -> float:
        """Return the instant that it waits for."""
        return self.due_s


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Deterministic: no sockets, no threads, no real time. Starts at 0 s."""

    _stopping: bool
    _clock_resolution: float

    def __init__(self) -> None:
        self._never_wait = _NeverWait()
        super().__init__(self._never_wait)
        self._ready: deque[_Step] = deque()
        self._timers: list[tuple[float, int, _Step]] = []
        self._took_s = 0.0
        self._free_s: dict[object, float] = {}
        self._numbers = numbers = itertools.count(1)
        self.set_task_factory(
            lambda loop, work, **options: _NumberedTask(
                next(numbers), work, loop=loop, **options
            )
        )
        # Both without a call into Python; every future asks the first, and `bool` says False.
        self.get_debug = bool  # type: ignore[method-assign]
        self.create_future = partial(asyncio.Future, loop=self)  # type: ignore[method-assign]

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
    ) -> _Step:
        """Run the callback in the next round."""
        step = _Step(callback, args, copy_context() if context is None else context)
        self._ready.append(step)
        return step

    def call_soon_threadsafe(  # type: ignore[override]
        self,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401
        context: Context | None = None,
    ) -> _Step:
        """Run the callback in the next round: of a signal's handler, or a dropped generator."""
        return self.call_soon(callback, *args, context=context)

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401
        context: Context | None = None,
    ) -> _Step:
        """Run the callback so many seconds from now."""
        return self.call_at(self._never_wait.now_s + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401
        context: Context | None = None,
    ) -> _Step:
        """Run the callback at an instant; those of one instant in the order they were set."""
        context = copy_context() if context is None else context
        step = _Step(callback, args, context, when)
        heappush(self._timers, (when, next(self._numbers), step))
        return step

    def call_last_at(self, when: float, callback: Callable[[], object]) -> None:
        """Run the callback at an instant, after every other timer of that instant."""
        step = _Step(callback, (), copy_context(), when)
        heappush(self._timers, (when, LAST + next(self._numbers), step))

    def _run_once(self) -> None:
        """Do rounds until the loop is to stop: asyncio's, without what virtual time needs not.

        Tuples in the heap compare without a call into Python.
        """
        ready, timers, world = self._ready, self._timers, self._never_wait
        resolution_s = self._clock_resolution
        while True:
            while timers and timers[0][2].callback is None:
                heappop(timers)
            if ready or self._stopping or (timers and timers[0][0] <= world.now_s):
                world.select(0)
            elif timers:
                world.jump(timers[0][0])
            else:
                world.select(None)
            due_s = world.now_s + resolution_s
            while timers and timers[0][0] < due_s:
                ready.append(heappop(timers)[2])
            for _ in range(len(ready)):
                step = ready.popleft()
                if step.callback is None:
                    continue
                try:
                    step.context.run(step.callback, *step.args)
                except (SystemExit, KeyboardInterrupt):
                    raise
                except BaseException as error:
                    self.call_exception_handler(
                        {"message": f"exception in {step.callback!r}", "exception": error}
                    )
            if self._stopping:
                return

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
