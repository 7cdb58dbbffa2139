"""The orders that come from our own kernel: kept, with new stops put in, and re-planned."""

import time

from edge.native.replan.kernel import solve
from edge.native.replan.problem import Budget
from tests.bench.replan.events import Event, problem_of

SETTLE_S = 0.0005  # the answer is driven once more after the search


def keep(event: Event, until_s: float, seed: int) -> list[int]:
    """Drive on as planned; a stop that is new is not served."""
    return list(event.known)


def insert(event: Event, until_s: float = 0.0, seed: int = 1) -> list[int]:
    """Keep the order and put each missing stop in where it adds least."""
    return list(solve(problem_of(event), event.known, Budget(0)).order)


def replan(event: Event, until_s: float, seed: int) -> list[int]:
    """Search with our kernel until the time is over."""
    problem = problem_of(event)
    left_ms = (until_s - SETTLE_S - time.perf_counter()) * 1000
    return list(solve(problem, event.known, Budget(wall_ms=max(0.0, left_ms), seed=seed)).order)
