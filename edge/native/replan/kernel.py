"""The kernel in C: question and answer are those of `reference.solve`, but it is fast."""

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.native.library import native_function
from edge.native.replan.problem import Budget, Problem
from edge.native.replan.question import Question
from edge.native.replan.reference import Solution, normal_order, simulate

SLICE_NS = 4_000_000  # between two questions whether to stop
ROUNDS_PER_SLICE = 256
WHOLE = 1024
UNBOUNDED_NS = 2**63 - 1

POINTER = ctypes.c_void_p
INT32, INT64 = ctypes.c_int32, ctypes.c_int64


def solve(problem: Problem, start_order: Sequence[int], budget: Budget) -> Solution:
    """Return an order that costs no more than the one given, however short the budget.

    As `reference.solve`, whose judge it is measured by. The GIL is free while it searches.
    Raises ValueError if the start names a node that is no stop.
    """
    order = normal_order(problem, start_order)
    search = Search(problem, order, budget.seed, budget.wall_ms)
    try:
        baseline = simulate(problem, search.best().order)
        search.run(budget)
        best = search.best()
    finally:
        search.close()
    simulation = simulate(problem, best.order)
    if simulation.cost_ms > baseline.cost_ms:  # they count the last hundredths differently
        simulation = baseline
    left_out = set(range(1, problem.end)) - set(simulation.order)
    return Solution(
        simulation=simulation,
        left_out=tuple(sorted(left_out)),
        baseline=baseline,
        rounds=best.rounds,
    )


@dataclass(frozen=True, slots=True)
class Best:
    """The best order a search has found so far."""

    order: list[int]
    fine_cost: int
    """In hundredths of milliseconds."""
    rounds: int


class Search:
    """One search in C, from the first order to the last; `close` gives its memory back."""

    def __init__(
        self, problem: Problem, order: list[int], seed: int, wall_ms: float | None = None
    ) -> None:
        """`wall_ms` is what the search may take in all, so that its first order is in time."""
        self._question = Question(problem)
        first = np.array([*order, 0], dtype=np.int32)
        self._best = np.zeros(problem.end + 1, dtype=np.int32)
        whole_ns = UNBOUNDED_NS if wall_ms is None else int(wall_ms * 1e6)
        takes = (POINTER, POINTER, INT32, ctypes.c_uint64, INT64)
        self._handle = _function("open", POINTER, *takes)(
            ctypes.addressof(self._question), first.ctypes.data, len(order), seed, whole_ns
        )
        if not self._handle:
            raise MemoryError(f"no memory for {len(problem.stops)} stops")

    def run(self, budget: Budget) -> None:
        """Search until the budget is spent."""
        if budget.wall_ms is not None:
            self._run_for(budget.wall_ms, budget.out_of_time)
        else:
            self._run_rounds(budget)

    def _run_for(self, wall_ms: float, out_of_time: Callable[[], bool]) -> None:
        run_slice = _function("slice", INT32, POINTER, INT64, INT64)
        while not run_slice(self._handle, SLICE_NS, int(wall_ms * 1e6)) and not out_of_time():
            pass

    def _run_rounds(self, budget: Budget) -> None:
        run_rounds = _function("rounds", None, POINTER, INT64, INT64, INT64)
        done, whole = 0, budget.iterations
        while (whole is None or done < whole) and not budget.out_of_time():
            count = ROUNDS_PER_SLICE if whole is None else min(ROUNDS_PER_SLICE, whole - done)
            share = (
                [0, 0] if whole is None else [WHOLE * r // whole for r in (done, done + count)]
            )
            run_rounds(self._handle, count, *share)
            done += count

    def best(self) -> Best:
        """Return the best order so far."""
        cost, rounds = ctypes.c_int64(), ctypes.c_int64()
        count = _function("best", INT32, *[POINTER] * 4)(
            self._handle,
            self._best.ctypes.data,
            ctypes.addressof(cost),
            ctypes.addressof(rounds),
        )
        return Best(self._best[:count].tolist(), cost.value, rounds.value)

    def close(self) -> None:
        """Give the memory back."""
        _function("close", None, POINTER)(self._handle)


def _function(name: str, returns: Any, *takes: Any) -> Callable[..., Any]:  # noqa: ANN401
    return native_function(f"doorstep_replan_{name}", returns, *takes)
