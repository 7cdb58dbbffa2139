"""How quickly drones' ways are found among zones, with Shapely on the same zones beside it."""

import math
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
import shapely

from edge.air.airframe import Airframe
from edge.air.airspace import ClosedZone
from edge.air.flights import Flights
from edge.air.level import Level, Question
from edge.air.outline import Outline
from edge.air.sightlines import Sightlines
from edge.air.wind import CALM, AnyWind, Wind
from edge.native.air.ways import CLOSED, quickest_ways
from tests.bench.report import Figure, Told

MARGIN_M = 30.0
WITHIN_M = 30_000.0
SPREAD_M = 5_000.0
FRAME = Airframe(
    mass_kg=6.0, rotor_area_m2=0.8, drag_area_m2=0.06, battery_j=2.4e6, reserve_j=4e5
)
WIND = Wind(5.0, 4.5)  # 6.7 m/s
WEIGH = """
import sys, time
import edge.conditions.layers, edge.native.replan.problem, edge.native.greatcircle
def resident(): return int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20
before, began = resident(), time.process_time()
__import__(sys.argv[1])
print((time.process_time() - began) * 1000, resident() - before)
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """How many zones, stops and repeats."""

    zones: int
    stops: int
    repeats: int


FULL = Effort(zones=20, stops=50, repeats=15)
TINY = Effort(zones=4, stops=5, repeats=1)


def measure(effort: Effort) -> Told:
    """Find ways on both sides, and weigh what each side loads."""
    rng = np.random.default_rng(3)
    zones = [_zone(rng, number) for number in range(effort.zones)]
    lines = Sightlines.among(zones, MARGIN_M, WITHIN_M)
    stops_m = _clear(rng, lines, effort.stops)
    nodes_m, _ = lines.joined(stops_m)
    level = Level(60.0, lines, tuple(zones), 10.0)
    merged = _merged(zones)
    theirs_m = np.concatenate([stops_m, shapely.get_coordinates(merged)])
    figures = [
        _timed(
            "ours_graph_ms",
            "ours: corners and who sees whom [ms]",
            effort,
            lambda: Sightlines.among(zones, MARGIN_M, WITHIN_M),
        ),
        _timed(
            "ours_stops_ms",
            f"  {effort.stops} stops joined to it [ms]",
            effort,
            lambda: lines.joined(stops_m),
        ),
        _timed(
            "ours_flights_ms",
            "  wind, all ways, times and energies [ms]",
            effort,
            lambda: _flights(level, stops_m, WIND),
        ),
        _timed(
            "ours_zone_ms",
            "  a zone more [ms]",
            effort,
            lambda: Sightlines.among(zones[:-1], MARGIN_M, WITHIN_M),
            lambda before: before.with_zone(zones[-1]),
        ),
        _timed(
            "shapely_merge_ms",
            "Shapely: zones buffered and merged [ms]",
            effort,
            lambda: _merged(zones),
        ),
        _timed(
            "shapely_sight_ms", "  who sees whom [ms]", effort, lambda: _sight(merged, theirs_m)
        ),
    ]
    ours_m = _lengths(_flights(level, stops_m, CALM))
    fine = _merged(zones, quad_segs=2)
    best_m = _shapely_lengths(
        fine, np.concatenate([stops_m, shapely.get_coordinates(fine)]), effort.stops
    )
    both = (ours_m > 0) & np.isfinite(best_m)
    windy = _flights(level, stops_m, WIND).time_ms.astype(np.float64)
    figures += [
        Figure("nodes", "ours: corners and stops", len(nodes_m)),
        Figure("shapely_nodes", "Shapely: the same", len(theirs_m)),
        Figure(
            "longer_pct",
            "ours longer than the shortest way, mean [%]",
            100 * max(0.0, float((ours_m[both] / best_m[both]).mean() - 1)),
        ),
        Figure(
            "longest_pct",
            "  at most [%]",
            100 * max(0.0, float((ours_m[both] / best_m[both]).max() - 1)),
        ),
        Figure(
            "asymmetry_s",
            "there and back in 6.7 m/s of wind differ by up to [s]",
            float(np.abs(windy - windy.T).max()) / 1000,
        ),
    ]
    for key, what, module in (
        ("ours", "loading edge.air", "edge.air.flights"),
        ("shapely", "loading Shapely", "shapely"),
    ):
        load_ms, mib = _weighed(module)
        figures += [
            Figure(f"{key}_load_ms", f"{what} [ms]", load_ms),
            Figure(f"{key}_mib", "  resident [MiB]", mib),
        ]
    return Told(
        figures,
        [
            f"{effort.zones} zones, {effort.stops} stops, one height; least processor time",
            "loading: beyond what the daemon has loaded anyway",
        ],
    )


def _timed(key, what, effort, first: Callable, then: Callable | None = None) -> Figure:
    """Return the least processor time of a function, or of what follows it."""
    took_ms = []
    for _ in range(effort.repeats):
        made = first() if then else None
        began_s = time.process_time()
        if then:
            then(made)
        else:
            first()
        took_ms.append((time.process_time() - began_s) * 1000)
    return Figure(key, what, min(took_ms))


def _zone(rng: np.random.Generator, number: int) -> ClosedZone:
    """Return a random polygon that sees its middle."""
    corners = int(rng.integers(5, 14))
    angles = np.sort(rng.uniform(0, 2 * math.pi, corners))
    away_m = rng.uniform(200, 800) * rng.uniform(0.4, 1.0, corners)
    around = away_m[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    ring = rng.uniform(-SPREAD_M, SPREAD_M, 2) + around
    return ClosedZone(f"z{number}", Outline((ring,)), -math.inf, math.inf)


def _clear(rng: np.random.Generator, lines: Sightlines, count: int) -> np.ndarray:
    """Return stops outside of the zones."""
    thrown_m = rng.uniform(-SPREAD_M, SPREAD_M, (4 * count, 2))
    return thrown_m[lines.barrier.blocking(thrown_m) < 0][:count]


def _flights(level: Level, stops_m: np.ndarray, wind: AnyWind) -> Flights:
    return Flights(Question(stops_m, np.zeros(len(stops_m)), wind, FRAME), [level])


def _lengths(found: Flights) -> np.ndarray:
    """Return how long the level part of each flight is, from its time in calm; 0 if none."""
    up_and_down_s = 60 / FRAME.climb_mps + 60 / FRAME.descent_mps
    flown = found.time_ms < CLOSED
    seconds = found.time_ms / 1000 - up_and_down_s
    return np.where(flown, np.maximum(seconds * FRAME.airspeed_mps, 0), 0)


def _merged(zones, **corners) -> shapely.Geometry:
    """Return the zones as one obstacle, by default with as few corners as Shapely can."""
    polygons = [shapely.Polygon(zone.shape.rings_m[0]) for zone in zones]
    return shapely.union_all(
        shapely.buffer(polygons, MARGIN_M - 0.01, **(corners or {"join_style": "mitre"}))
    )


def _sight(merged: shapely.Geometry, nodes_m: np.ndarray) -> np.ndarray:
    inner = shapely.buffer(merged, -0.01)
    shapely.prepare(inner)
    a, b = np.triu_indices(len(nodes_m), 1)
    clear = ~shapely.intersects(
        inner, shapely.linestrings(np.stack([nodes_m[a], nodes_m[b]], axis=1))
    )
    seen = np.zeros((len(nodes_m),) * 2, dtype=np.bool_)
    seen[a[clear], b[clear]] = True
    return seen | seen.T


def _shapely_lengths(merged, nodes_m: np.ndarray, stops: int) -> np.ndarray:
    """Return the lengths of the shortest ways on Shapely's graph, in millimetres' steps."""
    apart_m = np.hypot(*np.moveaxis(nodes_m[:, None] - nodes_m[None, :], -1, 0))
    lines = np.where(_sight(merged, nodes_m), np.rint(apart_m * 1000), CLOSED)
    found = quickest_ways(lines.astype(np.int32), np.arange(stops, dtype=np.int32))
    lengths = found.time_ms[:, :stops].astype(np.float64)
    return np.where((lengths < CLOSED) & (lengths > 0), lengths / 1000, np.inf)


def _weighed(module: str) -> tuple[float, float]:
    """Return how long a module takes to load in a fresh process, and how much it holds."""
    told = [
        subprocess.run(
            [sys.executable, "-c", WEIGH, module], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(3)
    ]
    return min(float(ms) for ms, _ in told), median(float(mib) for _, mib in told)
