"""Problems to try planners on: small ones by chance, large ones from the benchmark sets."""

import gzip
import json

import numpy as np
from hypothesis import strategies as st

from edge.planner.problem import INT32_MAX, Prices, Problem, ProblemStop

HOUR_MS = 3_600_000


@st.composite
def problems(draw, most_stops=6):
    """Small asymmetric problems with everything in them."""
    n = draw(st.integers(0, most_stops))
    legs = draw(st.lists(st.integers(0, 900), min_size=(n + 2) ** 2, max_size=(n + 2) ** 2))
    travel = np.array(legs, dtype=np.int32).reshape(n + 2, n + 2) * 1000
    if draw(st.booleans()):
        travel[:, n + 1] = 0  # an open end
    nodes = draw(st.permutations(range(1, n + 1)))
    return Problem(
        travel_ms=travel,
        stops=tuple(draw(problem_stops) for _ in range(n)),
        start_ms=draw(st.sampled_from([0, 600_000])),
        shift_end_ms=draw(st.integers(0, 6000).map(lambda s: s * 1000) | st.just(INT32_MAX)),
        locked=tuple(nodes[: draw(st.integers(0, min(2, n)))]),
        order_before=tuple(draw(st.permutations(nodes))[: draw(st.integers(0, n))]),
        prices=Prices(
            wait_pct=draw(st.sampled_from([0, 37, 100])),
            overtime_weight=draw(st.sampled_from([1, 100, 10_000])),
            change_ms=draw(st.sampled_from([0, 20_000, 500_000])),
        ),
    )


@st.composite
def windows(draw):
    edges = draw(st.lists(st.integers(-600, 6000), min_size=0, max_size=6, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    return tuple((o * 1000, c * 1000) for o, c in zip(edges[::2], edges[1::2], strict=True))


problem_stops = st.builds(
    ProblemStop,
    service_ms=st.integers(0, 300).map(lambda s: s * 1000),
    drop_ms=st.sampled_from([0, 100_000, 1_000_000, HOUR_MS, INT32_MAX]),
    windows=windows(),
    late_weight=st.sampled_from([0, 1, 10]),
)


def chance_problem(rng, n, *, windowed=0.5, shift_end_ms=INT32_MAX):
    """A problem on a plane: stops in 10 km, some with a window of one hour."""
    places = rng.uniform(0, 10_000, (n + 2, 2))
    places[-1] = places[0]
    metres = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    travel = np.ascontiguousarray(metres * 100 * rng.uniform(1, 1.2, metres.shape))
    stops = []
    for _ in range(n):
        opens = int(rng.integers(0, 3)) * HOUR_MS
        has_window = rng.random() < windowed
        stops.append(
            ProblemStop(
                service_ms=int(rng.integers(30, 200)) * 1000,
                drop_ms=20 * HOUR_MS,
                windows=((opens, opens + HOUR_MS),) if has_window else (),
            )
        )
    return Problem(travel.astype(np.int32), tuple(stops), shift_end_ms=shift_end_ms)


def amazon_problem(path, **extra):
    """A route as it was really driven: (problem, the driver's order)."""
    route = json.loads(gzip.decompress(path.read_bytes()))
    n = len(route["stop_ids"]) - 1
    times = np.array(route["travel_time"], dtype=np.int32) * 100
    travel = np.zeros((n + 2, n + 2), dtype=np.int32)
    travel[: n + 1, : n + 1] = times
    travel[: n + 1, n + 1] = times[:, 0]
    stops = tuple(
        ProblemStop(
            service_ms=route["service"][row] * 100,
            drop_ms=INT32_MAX,
            windows=_amazon_windows(route["time_window"][row]),
        )
        for row in range(1, n + 1)
    )
    order = [row for row in route["driver_sequence"] if row != 0]
    return Problem(travel, stops, **extra), order


def _amazon_windows(window):
    if window is None or window[1] is None:
        return ()
    return ((window[0] * 100, window[1] * 100),)


def tsptw_problem(path, late_weight=1000):
    """A benchmark tour with windows; lateness is made so dear that it stands for hard ones."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    words = " ".join(line.split("#")[0] for line in lines).split()
    n = int(words[0])
    figures = np.array(words[1:], dtype=float)
    travel = np.zeros((n + 1, n + 1), dtype=np.int32)
    travel[:n, :n] = np.rint(figures[: n * n].reshape(n, n) * 1000)
    travel[:n, n] = travel[:n, 0]
    spans = np.rint(figures[n * n : n * n + 2 * n].reshape(n, 2) * 1000).astype(int)
    stops = tuple(
        ProblemStop(0, INT32_MAX, ((int(opens), int(closes)),), late_weight)
        for opens, closes in spans[1:]
    )
    return Problem(travel, stops, shift_end_ms=int(spans[0][1]))
