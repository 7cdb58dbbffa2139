"""Problems that nobody has but that pass every check: no roads, windows at the ends of time."""

from dataclasses import replace

import numpy as np

from edge.native.replan.parts import (
    INT32_MAX,
    LONGEST_LEG_MS,
    MOST_ANNOUNCED_WEIGHT,
    MOST_BREAKS,
    MOST_DIMENSIONS,
    MOST_SLICES,
    MOST_WAIT_PCT,
    PACES,
    Break,
    Energy,
    Prices,
    ProblemStop,
    TravelSlices,
)
from edge.native.replan.problem import Problem


def absurd_problem(rng, n):
    """Anything that passes the checks of `Problem`: no roads, windows at the ends of time."""
    kind = rng.integers(0, 5)
    travel = rng.integers(0, 900_000, (n + 2, n + 2))
    if kind == 0:
        travel[:] = rng.choice([0, 1, LONGEST_LEG_MS])
    elif kind == 1:  # two towns without a road between them
        side = rng.random(n + 2) < 0.5
        travel[side[:, None] != side[None, :]] = LONGEST_LEG_MS
    elif kind == 2:
        travel[rng.random(travel.shape) < 0.5] = LONGEST_LEG_MS
    nodes = [int(node) for node in rng.permutation(np.arange(1, n + 1))]
    scale = int(rng.choice([10, 100_000, INT32_MAX]))
    told = rng.random() < 0.5
    problem = Problem(
        np.ascontiguousarray(travel, dtype=np.int32),
        tuple(_absurd_stop(rng, scale, told=told) for _ in range(n)),
        start_ms=int(rng.integers(-scale, scale)),
        shift_end_ms=int(rng.integers(-scale, scale)),
        locked=tuple(nodes[: rng.integers(0, n + 1) if rng.random() < 0.3 else 0]),
        order_before=tuple(nodes[: rng.integers(0, n + 1)]),
        prices=Prices(
            wait_pct=int(rng.choice([0, 1, 100, MOST_WAIT_PCT])),
            overtime_weight=int(rng.choice([0, 1, INT32_MAX])),
            change_ms=int(rng.choice([0, 1, LONGEST_LEG_MS])),
            announced_weight=int(rng.choice([0, 1, MOST_ANNOUNCED_WEIGHT])),
        ),
    )
    for add in (_loads, _pairs, _breaks, _energy, _slices):
        if rng.random() < 0.3:
            problem = add(rng, problem, scale)
    return problem


def _loads(rng, problem, scale):
    """Loads of any size either way, and a capacity that may be below zero."""
    dimensions = int(rng.integers(1, MOST_DIMENSIONS + 1))

    def amounts():
        return tuple(int(a) for a in rng.integers(-scale, scale, dimensions))

    stops = tuple(
        replace(stop, load=amounts() if rng.random() < 0.7 else ()) for stop in problem.stops
    )
    return replace(problem, stops=stops, on_board=amounts(), capacity=amounts())


def _pairs(rng, problem, _scale):
    free = [int(v) for v in rng.permutation(np.arange(1, problem.end))]
    nodes = [*problem.locked, *(node for node in free if node not in problem.locked)]
    nodes = nodes[: 2 * int(rng.integers(0, len(nodes) // 2 + 1))]
    return replace(problem, pairs=tuple(zip(nodes[::2], nodes[1::2], strict=True)))


def _breaks(rng, problem, scale):
    """Breaks at the ends of time, some without an end of their own."""
    edges = np.sort(rng.integers(-scale, scale, 2 * rng.integers(0, MOST_BREAKS + 1)))
    lasts = [0, 1, min(scale, LONGEST_LEG_MS), LONGEST_LEG_MS]
    breaks = (Break(int(a), int(b), int(rng.choice(lasts))) for a, b in edges.reshape(-1, 2))
    return replace(problem, breaks=tuple(breaks))


def _energy(rng, problem, scale):
    """A use that empties any battery at once, chargers that charge nothing."""
    capacity = int(rng.choice([0, 1, scale, INT32_MAX]))
    use = rng.integers(0, int(rng.choice([1, 100, INT32_MAX])), problem.travel_ms.shape)
    stops = tuple(
        replace(stop, charge=int(rng.choice([0, 0, 1, INT32_MAX]))) for stop in problem.stops
    )
    energy = Energy(
        np.ascontiguousarray(use, dtype=np.int32),
        at_start=int(rng.integers(0, capacity + 1)),
        capacity=capacity,
        reserve=int(rng.choice([0, 1, INT32_MAX])),
    )
    return replace(problem, stops=stops, energy=energy)


def _slices(rng, problem, scale):
    """From ten times faster to a hundred times slower, in slices of any length."""
    starts = np.unique(rng.integers(-scale, scale, rng.integers(0, MOST_SLICES)))
    classes = int(rng.choice([1, 5, 256]))
    permille = rng.choice([*PACES, 999, 1000, 1001], (classes, len(starts) + 1))
    class_of = rng.integers(0, classes, problem.travel_ms.shape).astype(np.uint8)
    slices = TravelSlices(tuple(starts.tolist()), class_of, permille.astype(np.int32))
    return replace(problem, slices=slices)


def _absurd_stop(rng, scale, *, told):
    edges = np.sort(rng.integers(-scale, scale, 2 * rng.integers(0, 5)))
    return ProblemStop(
        service_ms=int(rng.choice([0, 1, scale, INT32_MAX])),
        drop_ms=int(rng.choice([0, 1, scale, INT32_MAX])),
        windows=tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2)),
        late_weight=int(rng.choice([0, 1, 10, INT32_MAX])),
        deadline_ms=int(rng.integers(-scale, scale)) if told and rng.random() < 0.5 else None,
        announced=_absurd_span(rng, scale) if told and rng.random() < 0.5 else None,
        doubtful=_absurd_span(rng, scale) if told and rng.random() < 0.5 else None,
        doubt_pct=int(rng.choice([0, 1, 50])),
    )


def _absurd_span(rng, scale):
    first, last = np.sort(rng.integers(-scale, scale, 2))
    return int(first), int(last)
