"""What the road search takes: tables, new tables after news, snaps, legs, memory."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from edge.conditions.layers import NO_LAYERS, Layers
from edge.messages.conditions import Layer, SegmentSpeed
from edge.messages.geo import Place
from edge.messages.routes import Route, Stop
from edge.planner.plan import plan_rest
from edge.planner.problem import Budget
from edge.planner.travel.roads import RoadTravel
from edge.roads.classes import RoadUser
from edge.roads.graph import RoadGraph
from edge.roads.leg import leg
from edge.roads.search import WeightedRoads, matrix_ms
from edge.roads.snap import Snap, Snapper
from edge.roads.weights import Weighing
from tests.bench.report import Figure, quantile
from tests.bench.roads.towns import changed_speeds, snapped, stops
from tests.edge.roads.line_graph import reckoned_ms, turn_graph

FROM = datetime(2026, 5, 5, 8, tzinfo=UTC)
PART = 20_000  # segments of one layer
CHANGED = 0.05
PLAN_MS = 50
ROOT = Path(__file__).parents[3]


def quickest_ms(work: Callable[[], object], repeats: int) -> float:
    """Return the processor's time that something takes at best: others use the machine too."""
    times_ms = []
    for _ in range(repeats):
        started_s = time.thread_time()
        work()
        times_ms.append((time.thread_time() - started_s) * 1000)
    return min(times_ms)


def wall_ms(work: Callable[[], object], repeats: int = 1) -> float:
    """Return how long something takes at best, by the clock."""
    times_ms = []
    for _ in range(repeats):
        started_s = time.perf_counter()
        work()
        times_ms.append((time.perf_counter() - started_s) * 1000)
    return min(times_ms)


def tables(
    graph: RoadGraph, user: RoadUser, sizes: Sequence[int], repeats: int
) -> list[Figure]:
    """Measure N x N tables, network included, and one row and one column of the largest."""
    base = Weighing(graph, user).base_ms
    snaps = snapped(graph, stops(graph, max(sizes), 1, user), user)
    kind = "arcs and turns" if user != "foot" else "nodes, on foot"
    figures = []

    def table(size: int) -> None:
        matrix_ms(WeightedRoads(graph, user, base, base), snaps[:size])

    for size in sizes:
        took_ms = quickest_ms(lambda size=size: table(size), repeats)
        goal = "≤ 500" if (size, user) == (100, "van") else ""
        what = f"{size} × {size}, {kind} [ms of processor]"
        figures.append(Figure(f"{user}_{size}_cpu_ms", what, took_ms, goal))
        if goal:
            clock_ms = wall_ms(lambda size=size: table(size), repeats)
            figures.append(Figure("van_100_ms", "  by the clock [ms]", clock_ms))
    if user == "van":
        roads = WeightedRoads(graph, user, base, base)
        column_ms = quickest_ms(lambda: roads.to_one_ms(snaps, snaps[0]), repeats + 1)
        row_ms = quickest_ms(lambda: roads.matrix_ms(snaps[:1], snaps), repeats)
        most = max(sizes)
        figures += [
            Figure("row_cpu_ms", f"a new stop: row 1 × {most} [ms of processor]", row_ms),
            Figure(
                "column_cpu_ms", f"a new stop: column {most} × 1 [ms of processor]", column_ms
            ),
        ]
    return figures


def news(graph: RoadGraph, seed: int) -> Layers:
    """Return layers with live speeds on a twentieth of a van's arcs."""
    segments = [
        SegmentSpeed(here, there, int(kmh))
        for here, there, kmh in changed_speeds(graph, CHANGED, seed)
    ]
    layers = NO_LAYERS
    for number, at in enumerate(range(0, len(segments), PART)):
        layer = Layer(
            name=f"traffic:{number}",
            version=1,
            issued_utc=FROM,
            expires_utc=FROM + timedelta(hours=12),
            segments=tuple(segments[at : at + PART]),
        )
        layers = layers.take(layer, FROM)
    return layers


def after_news(graph: RoadGraph, count: int, repeats: int) -> list[Figure]:
    """Measure from the news at hand to new weights, the new table, and the new plan."""
    each, places = (
        [news(graph, seed) for seed in range(5 * repeats)],
        stops(graph, count + 1, 1),
    )
    weighing = Weighing(graph, "van")
    snaps = snapped(graph, places[:count], "van")

    def table(layers: Layers) -> None:
        weights = weighing.weights_ms(layers, FROM)
        matrix_ms(WeightedRoads(graph, "van", weights, weighing.base_ms), snaps)

    def plan(layers: Layers, start: Place | None = None) -> None:
        _plan(travel, day, layers, start)

    table(NO_LAYERS)
    weights_ms = min(
        quickest_ms(partial(weighing.weights_ms, new, FROM), 1) for new in each[::5]
    )
    table_ms = min(wall_ms(partial(table, new)) for new in each[1::5])
    table_cpu_ms = min(quickest_ms(partial(table, new), 1) for new in each[3::5])
    travel, day = RoadTravel(graph, "van"), _day(places)
    plan(NO_LAYERS)
    plan_cpu_ms = min(quickest_ms(partial(plan, new), 1) for new in each[4::5])
    plan_ms = [wall_ms(partial(plan, new)) for new in each[2::5]]
    again_ms = min(wall_ms(partial(plan, each[-1], s.place)) for s in day.stops[:repeats])
    news_come = f"{CHANGED:.0%} of the arcs changed →"
    search = f"{PLAN_MS} ms of it search"
    return [
        Figure("weights_cpu_ms", f"{news_come} new weights [ms of processor]", weights_ms),
        Figure(
            "changed_table_ms",
            f"{news_come} new weights and {count} × {count} [ms]",
            table_ms,
            "≤ 500",
        ),
        Figure("changed_table_cpu_ms", "  [ms of processor]", table_cpu_ms),
        Figure(
            "changed_plan_ms",
            f"{news_come} new plan of {count} stops, {search} [ms]",
            min(plan_ms),
            "≤ 500",
        ),
        Figure("changed_plan_worst_ms", "  the slowest [ms]", max(plan_ms)),
        Figure("changed_plan_cpu_ms", "  [ms of processor]", plan_cpu_ms),
        Figure("again_ms", f"plan from another place, {search} [ms]", again_ms),
    ]


def _day(places: Sequence[Place]) -> Route:
    return Route(
        route_id="bench",
        revision=1,
        vehicle="van",
        station=places[-1],
        departs_utc=FROM,
        returns_by_utc=FROM + timedelta(hours=11),
        stops=tuple(
            Stop(stop_id=f"s{number}", place=place, service_s=120.0)
            for number, place in enumerate(places[:-1])
        ),
        parcels=(),
    )


def _plan(travel: RoadTravel, day: Route, layers: Layers, start: Place | None = None) -> None:
    plan_rest(
        day,
        [stop.stop_id for stop in day.stops],
        start=start or day.station,
        start_utc=FROM,
        travel=travel,
        layers=layers,
        previous=None,
        locked=None,
        trigger="conditions",
        budget=Budget(wall_ms=PLAN_MS),
    )


def places_and_legs(graph: RoadGraph, count: int) -> list[Figure]:
    """Measure the grid, a snap and a leg."""
    places = stops(graph, 2 * count, 3)
    snapper = Snapper(graph)
    grid_ms = wall_ms(lambda: snapper.grid("van"))
    snaps: list[Snap | None] = []
    snap_ms = [
        wall_ms(lambda place=place: snaps.append(snapper.snap(place, "van")))
        for place in places
    ]
    base = Weighing(graph, "van").base_ms
    roads = WeightedRoads(graph, "van", base, base)
    pairs = list(zip(snaps[:count], snaps[count:], strict=True))
    leg_ms = [wall_ms(partial(leg, roads, *pair)) for pair in pairs if all(pair)]
    return [
        Figure("grid_ms", "grid of all segments, once [ms]", grid_ms),
        Figure("snap_p50_us", "snap p50 [µs]", quantile(snap_ms, 0.5) * 1000, "≤ 100"),
        Figure("leg_p50_ms", "leg with line and manoeuvres p50 [ms]", quantile(leg_ms, 0.5)),
        Figure("leg_p95_ms", "leg p95 [ms]", quantile(leg_ms, 0.95)),
    ]


def memory(graph: RoadGraph) -> list[Figure]:
    """Measure what the graph adds to a process of its own."""
    with tempfile.TemporaryDirectory(prefix="doorstep-roads-") as folder:
        path = Path(folder, "town.roads")
        graph.write(path)
        file_mib = path.stat().st_size / 2**20
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.roads.memory", path],
            cwd=ROOT,
            input=json.dumps(
                [[place.lat_deg, place.lon_deg] for place in stops(graph, 100, 1)]
            ),
            capture_output=True,
            text=True,
            check=True,
        )
    grown = json.loads(done.stdout)
    return [
        Figure("file_mib", "file [MiB]", file_mib),
        Figure("opened_mib", "resident, opened [MiB]", grown["opened_mib"]),
        Figure("in_use_mib", "resident, after a 100 × 100 [MiB]", grown["in_use_mib"], "≤ 60"),
    ]


def beside_networkx(graph: RoadGraph, rows: int, columns: int) -> list[Figure]:
    """Compare a table with networkx on the same turns, and its speed with ours."""
    base = Weighing(graph, "van").base_ms
    roads = WeightedRoads(graph, "van", base, base)
    snaps = snapped(graph, stops(graph, rows + columns + 20, 9), "van")
    starts, goals = snaps[:rows], snaps[rows : rows + columns]
    ours = roads.matrix_ms(starts, goals)
    turns = turn_graph(graph, roads)
    started_s = time.perf_counter()
    theirs = np.array([reckoned_ms(turns, roads, start, goals) for start in starts])
    row_ms = (time.perf_counter() - started_s) * 1000 / sum(len(s.positions()) for s in starts)
    return [
        Figure("networkx_row_ms", "networkx, one arc to all the same [ms]", row_ms),
        Figure(
            "networkx_different",
            f"times of {ours.size} pairs that differ from networkx",
            int((ours != theirs).sum()),
            "0",
        ),
    ]
