"""Random problems with every kind of constraint mixed in, as a day might bring them."""

from dataclasses import replace

import numpy as np

from edge.native.replan.problem import (
    INT32_MAX,
    Break,
    Energy,
    Prices,
    Problem,
    ProblemStop,
    TravelSlices,
)

MINUTE_MS = 60_000


KINDS = ("told", "loads", "pairs", "breaks", "energy", "slices")


def mixed_problem(rng, n, kinds=None):
    """A day in a town with some kinds of constraint, or with those that are asked for."""
    problem = _timed_problem(rng, n)
    for kind in KINDS:
        if (rng.random() < 0.3) if kinds is None else (kind in kinds):
            problem = ADDED[kind](rng, problem)
    return problem


def _timed_problem(rng, n):
    """Some windows, priced drops, a shift, a locked prefix, a known order."""
    places = rng.uniform(0, 6_000, (n + 2, 2))
    travel = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1)) * 100
    travel *= rng.uniform(1, rng.choice([1.0, 1.3, 3.0]), travel.shape)
    if rng.random() < 0.3:
        travel[:, n + 1] = 0  # an open end
    mean_ms = travel.mean()
    horizon_ms = mean_ms * (n + 1) * rng.uniform(0.4, 1.4)
    windowed = rng.random()
    nodes = [int(node) for node in rng.permutation(np.arange(1, n + 1))]
    known = nodes[: rng.integers(0, n + 1)]
    return Problem(
        np.ascontiguousarray(travel, dtype=np.int32),
        tuple(_mixed_stop(rng, mean_ms, horizon_ms, windowed) for _ in range(n)),
        start_ms=int(rng.choice([0, 0, 10 * MINUTE_MS])),
        shift_end_ms=int(horizon_ms * 1.2) if rng.random() < 0.5 else INT32_MAX,
        locked=tuple(known[: rng.integers(0, min(3, n + 1))]),
        order_before=tuple(known),
        prices=Prices(
            wait_pct=int(rng.choice([0, 0, 37, 50, 100])),
            overtime_weight=int(rng.choice([1, 10, 10_000])),
            change_ms=int(rng.choice([0, 20_000, 200_000])),
            announced_weight=int(rng.choice([0, 1, 5])),
        ),
    )


def _length_ms(problem):
    """Return about how long a tour of all stops takes."""
    mean_ms = problem.travel_ms.mean() * 0.6 + np.mean(
        [0, *(s.service_ms for s in problem.stops)]
    )
    return int(mean_ms * (len(problem.stops) + 1)) + 2


def _told(rng, problem):
    """Deadlines, arrivals that customers were told, and such as may be late."""
    length_ms = _length_ms(problem)

    def change(stop):
        first = problem.start_ms + int(rng.integers(0, length_ms))
        doubts = rng.random() < 0.4
        return replace(
            stop,
            deadline_ms=int(rng.integers(0, length_ms * 2)) if rng.random() < 0.3 else None,
            announced=(first, first + 10 * MINUTE_MS) if rng.random() < 0.4 else None,
            doubtful=(first - 5 * MINUTE_MS, first + 10 * MINUTE_MS) if doubts else None,
            doubt_pct=int(rng.choice([0, 50, 333, 2_000])),
        )

    return replace(problem, stops=tuple(change(stop) for stop in problem.stops))


def _loads(rng, problem):
    """Deliveries that lie on board, and some pickups; room for most of it."""
    dimensions = int(rng.integers(1, 4))
    pickups = rng.random() * 0.6

    n = len(problem.stops)
    signs = np.where(rng.random(n) < pickups, -1, 1)
    loads = rng.integers(0, 10, (n, dimensions)) * signs[:, None]
    on_board = np.maximum(loads, 0).sum(axis=0)
    room = on_board + rng.integers(-3 if rng.random() < 0.1 else 0, 12, dimensions)
    stops = zip(problem.stops, loads.tolist(), strict=True)
    return replace(
        problem,
        stops=tuple(replace(stop, load=tuple(load)) for stop, load in stops),
        on_board=tuple(int(amount) for amount in on_board),
        capacity=tuple(int(amount) for amount in np.maximum(room, 0)),
    )


def _pairs(rng, problem):
    """Some stops in pairs; what is put on at the first is taken off at the second."""
    n = len(problem.stops)
    free = [int(v) for v in rng.permutation(np.arange(1, n + 1)) if v not in problem.locked]
    nodes = [*problem.locked, *free][int(rng.integers(0, 2)) :]
    nodes = nodes[: 2 * int(rng.integers(0, n // 2 + 1))]
    pairs = tuple(zip(nodes[::2], nodes[1::2], strict=False))
    stops = list(problem.stops)
    for pickup, delivery in pairs:
        load = stops[delivery - 1].load
        stops[pickup - 1] = replace(stops[pickup - 1], load=tuple(-abs(a) for a in load))
        stops[delivery - 1] = replace(stops[delivery - 1], load=tuple(abs(a) for a in load))
    return replace(problem, stops=tuple(stops), pairs=pairs)


def _breaks(rng, problem):
    """One break or two in the course of the day."""
    length_ms = _length_ms(problem)
    edges = np.sort(rng.integers(0, length_ms, 2 * rng.integers(1, 3))) + problem.start_ms
    return replace(
        problem,
        breaks=tuple(
            Break(int(opens), int(closes), int(rng.integers(0, 45)) * MINUTE_MS)
            for opens, closes in edges.reshape(-1, 2)
        ),
    )


def _energy(rng, problem):
    """A battery for about a day, and one charger or two, which need not be visited."""
    n = len(problem.stops)
    use = problem.travel_ms // int(rng.choice([1_000, 30_000]))
    if rng.random() < 0.3:
        use = (use * rng.uniform(0.5, 1.5, use.shape)).astype(np.int32)
    capacity = int(use.mean() * (n + 1) * rng.uniform(0.3, 1.2)) + 1
    chargers = {int(v) for v in rng.integers(1, n + 1, 2)} - set(problem.locked) if n else set()
    chargers -= {node for pair in problem.pairs for node in pair}
    stops = list(problem.stops)
    for node in chargers:
        charge = int(capacity * rng.choice([0.2, 0.5, 1.0]))
        stops[node - 1] = ProblemStop(10 * MINUTE_MS, 0, charge=charge)
        if problem.capacity:
            stops[node - 1] = replace(stops[node - 1], load=(0,) * len(problem.capacity))
    energy = Energy(
        np.ascontiguousarray(use, dtype=np.int32),
        at_start=int(capacity * rng.choice([0.4, 0.8, 1.0])),
        capacity=capacity,
        reserve=int(capacity * rng.choice([0, 0.1])),
    )
    return replace(problem, stops=tuple(stops), energy=energy)


def _slices(rng, problem):
    """Traffic that comes and goes on four kinds of road."""
    length_ms, n = _length_ms(problem), len(problem.stops)
    starts = np.unique(rng.integers(0, length_ms, rng.integers(0, 5))) + problem.start_ms
    return replace(
        problem,
        slices=TravelSlices(
            tuple(int(start) for start in starts),
            rng.integers(0, 4, (n + 2, n + 2)).astype(np.uint8),
            rng.integers(700, 2500, (4, len(starts) + 1)).astype(np.int32),
        ),
    )


ADDED = {
    "told": _told,
    "loads": _loads,
    "pairs": _pairs,
    "breaks": _breaks,
    "energy": _energy,
    "slices": _slices,
}


def _mixed_stop(rng, mean_ms, horizon_ms, windowed):
    edges = np.sort(rng.integers(-MINUTE_MS, int(horizon_ms) + 2, 2 * rng.integers(1, 4)))
    pairs = [(int(opens), int(closes)) for opens, closes in edges.reshape(-1, 2)]
    return ProblemStop(
        service_ms=int(rng.integers(0, 5)) * 30_000,
        drop_ms=min(INT32_MAX, int(mean_ms * rng.choice([0.5, 2.0, 10.0, 1e6]))),
        windows=tuple(pairs) if rng.random() < windowed else (),
        late_weight=int(rng.choice([0, 1, 10, 1000])),
    )
