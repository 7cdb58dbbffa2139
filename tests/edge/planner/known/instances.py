"""Problems to try planners on: small ones by chance, large ones from the benchmark sets."""

import gzip
import json
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from edge.native.replan.problem import Break, Energy, TravelSlices
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
            announced_weight=draw(st.sampled_from([0, 1, 30])),
        ),
    )


@st.composite
def told_problems(draw, most_stops=6):
    """The same with deadlines, arrivals that customers were told, and such as may be late."""
    problem = draw(problems(most_stops))
    spans = instants.map(lambda first: (first, first + 300_000))
    stops = tuple(
        replace(
            stop,
            deadline_ms=draw(st.none() | instants),
            announced=draw(st.none() | spans),
            doubtful=draw(st.none() | spans),
            doubt_pct=draw(st.sampled_from([0, 150, 3_000])),
        )
        for stop in problem.stops
    )
    return replace(problem, stops=stops)


@st.composite
def laden_problems(draw, most_stops=6):
    """The same with any of loads, pairs, breaks, energy and traffic besides."""
    problem = draw(told_problems(most_stops))
    n = len(problem.stops)
    stops, more = problem.stops, {}
    if draw(st.booleans()):
        dimensions = draw(st.integers(1, 3))
        amounts = st.tuples(*[st.integers(-5, 5)] * dimensions)
        stops = tuple(replace(stop, load=draw(st.just(()) | amounts)) for stop in stops)
        more["capacity"] = draw(st.tuples(*[st.integers(0, 12)] * dimensions))
        more["on_board"] = draw(st.tuples(*[st.integers(0, 12)] * dimensions))
    if draw(st.booleans()):
        nodes = [v for v in draw(st.permutations(range(1, n + 1))) if v not in problem.locked]
        nodes = (*problem.locked, *nodes)  # a locked delivery must have a locked pickup
        count = draw(st.integers(0, n // 2))
        more["pairs"] = tuple(
            zip(nodes[: 2 * count : 2], nodes[1 : 2 * count : 2], strict=True)
        )
    if draw(st.booleans()):
        edges = sorted(draw(st.lists(st.integers(-600, 6000), min_size=4, max_size=4)))
        lasts = draw(st.tuples(st.integers(0, 2000), st.integers(0, 2000)))
        more["breaks"] = tuple(
            Break(edges[i] * 1000, edges[i + 1] * 1000, lasts[i // 2] * 1000) for i in (0, 2)
        )[: draw(st.integers(0, 2))]
    if draw(st.booleans()):
        stops = tuple(
            replace(stop, charge=draw(st.sampled_from([0, 0, 5, 50]))) for stop in stops
        )
        use = problem.travel_ms // draw(st.sampled_from([50_000, 200_000]))
        capacity = draw(st.integers(0, 40))
        more["energy"] = Energy(
            use, draw(st.integers(0, capacity)), capacity, draw(st.integers(0, 10))
        )
    if draw(st.booleans()):
        starts = sorted(draw(st.sets(st.integers(-600, 6000), max_size=4)))
        paces = st.sampled_from([100, 700, 1000, 1001, 1400, 3000, 100_000])
        permille = [[draw(paces) for _ in range(len(starts) + 1)] for _ in range(2)]
        more["slices"] = TravelSlices(
            tuple(start * 1000 for start in starts),
            (problem.travel_ms // 1000 % 2).astype(np.uint8),
            np.array(permille, dtype=np.int32),
        )
    return replace(problem, stops=stops, **more)


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
instants = st.integers(-600, 6000).map(lambda s: s * 1000)


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
