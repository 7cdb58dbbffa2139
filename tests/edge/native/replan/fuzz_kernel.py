"""Put absurd problems to a kernel: `python -m …replan.fuzz_kernel LIBRARY SEED COUNT`.

Run in a process of its own, because the library is built to end it at the first wrong access.
With COUNT 0 it makes one such access, to show that it would be seen.
"""

import ctypes
import sys
from pathlib import Path

import numpy as np

import edge.native.replan.kernel as kernel
from edge.native.library import bind, open_library
from edge.native.replan.problem import BREACH_MS, Budget
from edge.native.replan.reference import normal_order, simulate
from tests.edge.native.replan.absurd import absurd_problem
from tests.edge.native.replan.mixed import mixed_problem

MOST_STOPS = 400
MOST_LATE_MS = 2**48 // 100  # tour.h: DEAREST
FURTHEST = 2**40  # tour.h


def too_bad(problem, driven):
    """Tell whether some figure is so high that the kernel cuts it off, to fit 64 bits."""
    breaches = len(driven.missed) + len(driven.broken_pairs)
    breaches += sum(amount > 0 for amount in driven.excess)
    breaches += sum(left < problem.energy.reserve for left in driven.energy)
    late_ms = driven.late_cost_ms + driven.overtime_cost_ms
    return (
        max(late_ms, driven.announced_cost_ms) >= MOST_LATE_MS
        or driven.breach_cost_ms - breaches * BREACH_MS >= FURTHEST
    )


def fuzz(seed, count):
    """Ask; whatever comes back is an order, costs what it says and no more than the start."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        most = MOST_STOPS if number % 8 == 0 else 30
        n = int(rng.integers(0, most + 1))
        problem = (mixed_problem if number % 4 == 1 else absurd_problem)(rng, n)
        start = [int(v) for v in rng.permutation(np.arange(1, n + 1))][: rng.integers(0, n + 1)]
        order = normal_order(problem, start)
        if number % 3:
            budget = Budget(int(rng.integers(0, 4000 // (n + 10))))
        else:
            budget = Budget(wall_ms=float(rng.choice([0, 0.01, 1, 3])))
        search = kernel.Search(problem, order, number, budget.wall_ms)
        search.run(budget)
        best = search.best()
        search.close()
        driven = simulate(problem, best.order)
        if not too_bad(problem, driven):
            assert best.fine_cost // 100 == driven.cost_ms, (seed, number)
            assert driven.cost_ms <= simulate(problem, order).cost_ms, (seed, number)


def write_beyond():
    """Have the kernel write an order into a block that is too short for it."""
    problem = mixed_problem(np.random.default_rng(1), 30)
    search = kernel.Search(problem, list(problem.locked), 1)
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    search._best = np.ctypeslib.as_array(
        ctypes.cast(libc.malloc(ctypes.c_size_t(8)), ctypes.POINTER(ctypes.c_int32)), (2,)
    )
    search.best()


def main():
    """Run the command line."""
    library = open_library(Path(sys.argv[1]))
    kernel.native_function = lambda name, returns, *takes: bind(library, name, returns, *takes)
    seed, count = int(sys.argv[2]), int(sys.argv[3])
    if count:
        fuzz(seed, count)
    else:
        write_beyond()
    print("nothing wrong was seen")


if __name__ == "__main__":
    main()
