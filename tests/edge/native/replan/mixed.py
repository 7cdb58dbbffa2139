"""Random problems with every constraint kind mixed in: sane ones, and absurd ones."""

import numpy as np

from edge.native.replan.problem import INT32_MAX, LONGEST_LEG_MS, Prices, Problem, ProblemStop

MINUTE_MS = 60_000


def mixed_problem(rng, n):
    """A day in a town: some windows, priced drops, a shift, a locked prefix, a known order."""
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
        ),
    )


def _mixed_stop(rng, mean_ms, horizon_ms, windowed):
    edges = np.sort(rng.integers(-MINUTE_MS, int(horizon_ms) + 2, 2 * rng.integers(1, 4)))
    pairs = [(int(opens), int(closes)) for opens, closes in edges.reshape(-1, 2)]
    return ProblemStop(
        service_ms=int(rng.integers(0, 5)) * 30_000,
        drop_ms=min(INT32_MAX, int(mean_ms * rng.choice([0.5, 2.0, 10.0, 1e6]))),
        windows=tuple(pairs) if rng.random() < windowed else (),
        late_weight=int(rng.choice([0, 1, 10, 1000])),
    )


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
    return Problem(
        np.ascontiguousarray(travel, dtype=np.int32),
        tuple(_absurd_stop(rng, scale) for _ in range(n)),
        start_ms=int(rng.integers(-scale, scale)),
        shift_end_ms=int(rng.integers(-scale, scale)),
        locked=tuple(nodes[: rng.integers(0, n + 1) if rng.random() < 0.3 else 0]),
        order_before=tuple(nodes[: rng.integers(0, n + 1)]),
        prices=Prices(
            wait_pct=int(rng.choice([0, 1, 100, INT32_MAX])),
            overtime_weight=int(rng.choice([0, 1, INT32_MAX])),
            change_ms=int(rng.choice([0, 1, LONGEST_LEG_MS])),
        ),
    )


def _absurd_stop(rng, scale):
    edges = np.sort(rng.integers(-scale, scale, 2 * rng.integers(0, 5)))
    return ProblemStop(
        service_ms=int(rng.choice([0, 1, scale, INT32_MAX])),
        drop_ms=int(rng.choice([0, 1, scale, INT32_MAX])),
        windows=tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2)),
        late_weight=int(rng.choice([0, 1, 10, INT32_MAX])),
    )
