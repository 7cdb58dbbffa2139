"""OSRM beside us: the same extract, points and speeds, asked in a process of its own."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge.messages.geo import Place
from edge.roads.search import WeightedRoads
from edge.roads.snap import Snapper
from edge.roads.weights import base_ms
from tests.bench.roads.towns import Town, changed_speeds, on_roads, own_speeds

CHILD = Path(__file__).with_name("osrm_child.py")
VARIABLE = "DOORSTEP_OSRM_PYTHON"
TIMEOUT_S = 600


def osrm_python() -> str | None:
    """Return the Python that has `osrm-bindings`, as the environment names it."""
    return os.environ.get(VARIABLE) or None


@dataclass(frozen=True, slots=True)
class Compared:
    """Our ways beside another engine's: theirs by ours, and where only one finds a way."""

    pairs: int
    time_ratio: tuple[float, float, float]
    """P5, P50, P95 of their time by ours."""
    distance_ratio: tuple[float, float, float]
    within_2_pct: float
    """Share of pairs whose distances agree to 2 % or 20 m."""
    only_ours: int
    only_theirs: int


def ask_osrm(
    python: str, town: Town, stops: Sequence[Place], sizes: Sequence[int], pairs: int
) -> tuple[dict[str, Any], Compared, Compared]:
    """Return what OSRM says, and our ways beside its own speeds and beside ours."""
    places = on_roads(town.graph, 2 * pairs, seed=11)
    asked = list(zip(places[:pairs], places[pairs:], strict=True))
    with tempfile.TemporaryDirectory(prefix="doorstep-osrm-") as folder:
        question = {
            "folder": folder,
            "pbf": str(town.pbf.resolve()),
            "points": [_lon_lat(place) for place in stops],
            "pairs": [[_lon_lat(start), _lon_lat(goal)] for start, goal in asked],
            "sizes": list(sizes),
            "changed_size": min(100, max(sizes)),
            "repeats": 3,
            "changed_csv": _csv(folder, "changed", changed_speeds(town.graph, 0.05, seed=5)),
            "same_speeds_csv": _csv(folder, "same", own_speeds(town.graph)),
        }
        done = subprocess.run(
            [python, CHILD],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(f"{python} {CHILD.name}: {done.stderr[-2000:]}")
    told = json.loads(done.stdout)
    ours = our_ways(town, asked)
    return told, _compare(ours, told["routes"]), _compare(ours, told["same_speed_routes"])


def our_ways(
    town: Town, asked: Sequence[tuple[Place, Place]]
) -> list[tuple[float, float] | None]:
    """Return (seconds, metres) of our quickest ways; None where there is none."""
    graph, base = town.graph, base_ms(town.graph, "van")
    roads, snapper = WeightedRoads(graph, "van", base, base), Snapper(graph)
    ways: list[tuple[float, float] | None] = []
    for pair in asked:
        start, goal = (snapper.snap(place, "van") for place in pair)
        way = None if start is None or goal is None else roads.way(start, goal)
        if way is None:
            ways.append(None)
            continue
        driven = np.ones(way.arcs.size)
        driven[-1] = way.to_frac
        driven[0] -= way.from_frac
        metres = float((graph.arc_length_dm[way.arcs] * driven).sum()) / 10
        ways.append((way.lasts_ms / 1000, metres))
    return ways


def _compare(
    ours: Sequence[tuple[float, float] | None], theirs: Sequence[Sequence[float] | None]
) -> Compared:
    both = [
        (a, b) for a, b in zip(ours, theirs, strict=True) if a and b and a[0] > 1 and b[0] > 1
    ]
    figures = np.array([[*a, *b] for a, b in both]).reshape(-1, 4)
    off_m = np.abs(figures[:, 3] - figures[:, 1])
    near = off_m <= np.maximum(20, 0.02 * figures[:, 1])
    return Compared(
        pairs=len(ours),
        time_ratio=_spread(figures[:, 2] / figures[:, 0]),
        distance_ratio=_spread(figures[:, 3] / np.maximum(figures[:, 1], 1)),
        within_2_pct=float(near.mean()),
        only_ours=sum(a is not None and b is None for a, b in zip(ours, theirs, strict=True)),
        only_theirs=sum(a is None and b is not None for a, b in zip(ours, theirs, strict=True)),
    )


def _spread(values: np.ndarray) -> tuple[float, float, float]:
    p5, p50, p95 = np.quantile(values, [0.05, 0.5, 0.95])
    return float(p5), float(p50), float(p95)


def _lon_lat(place: Place) -> list[float]:
    return [place.lon_deg, place.lat_deg]


def _csv(folder: str, name: str, speeds: Sequence[tuple[int, int, float]]) -> str:
    path = Path(folder, f"{name}.csv")
    path.write_text(
        "".join(f"{here},{there},{kmh:g}\n" for here, there, kmh in speeds), encoding="ascii"
    )
    return str(path)
