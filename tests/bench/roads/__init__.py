"""How quick the road search is, what it takes, and whether others find the same ways.

`python -m tests.bench.roads` tells the same, with the extracts' folder as an argument. OSRM
stands beside it where DOORSTEP_OSRM_PYTHON names a Python ≥ 3.12 that has `osrm-bindings`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.bench.report import Figure, Told

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Effort:
    """Which towns, how large the tables, how often."""

    speed: str
    """The town that is measured; empty: a generated one."""
    compared: tuple[str, ...]
    """The towns in which OSRM is asked for the same ways."""
    sizes: tuple[int, ...]
    repeats: int
    legs: int
    oracle: tuple[int, int]
    """Starts and goals that networkx is asked for."""
    pairs: int


FULL = Effort("porto", ("porto", "monaco"), (50, 100, 200), 5, 200, (8, 250), 2000)
TINY = Effort("", (), (5,), 1, 5, (3, 5), 0)


def roads_folder() -> Path:
    """Return where the extracts lie: they are no part of the project."""
    shared = Path(os.environ.get("DOORSTEP_SHARED", "../shared"))
    return (shared if shared.is_absolute() else ROOT / shared) / "data/roads"


def measure(effort: Effort, folder: Path | None = None) -> Told:
    """Measure everything."""
    from tests.bench.roads import ours
    from tests.bench.roads.towns import town
    from tests.edge.roads.towns import grid_town

    folder = folder or roads_folder()
    notes = []
    if effort.speed:
        found = {name: town(name, folder) for name in {effort.speed, *effort.compared}}
        graph = found[effort.speed].graph
    else:
        found, graph = {}, grid_town(30, 30)
    name = effort.speed or "a generated town"
    notes.append(f"{name}: {graph.nodes:,} nodes, {graph.arcs:,} arcs, {graph.turns:,} turns")
    figures = [
        *ours.tables(graph, "van", effort.sizes, effort.repeats),
        *ours.tables(graph, "foot", effort.sizes[-2:-1] or effort.sizes, effort.repeats),
        *ours.after_news(graph, min(100, max(effort.sizes)), effort.repeats),
        *ours.places_and_legs(graph, effort.legs),
        *ours.memory(graph),
        *ours.beside_networkx(graph, *effort.oracle),
    ]
    if effort.compared:
        beside, said = _beside_osrm(effort, found)
        figures += beside
        notes += said
    return Told(figures, notes)


def _beside_osrm(effort: Effort, found: dict) -> tuple[list[Figure], list[str]]:
    from tests.bench.roads.towns import stops
    from tests.bench.roads.with_osrm import VARIABLE, ask_osrm, osrm_python

    python = osrm_python()
    if python is None:
        return [], [f"OSRM not asked: {VARIABLE} names no Python with osrm-bindings"]
    figures = []
    for name in effort.compared:
        here = found[name]
        places = stops(here.graph, max(effort.sizes), 1)
        told, own, same = ask_osrm(python, here, places, effort.sizes, effort.pairs)
        if name == effort.speed:
            figures += [
                Figure(f"osrm_{size}_ms", f"OSRM MLD: {size} × {size} [ms]", took_s * 1000)
                for size, took_s in told["table_s"].items()
            ]
            changed_ms = told["changed_table_s"] * 1000
            figures.append(
                Figure(
                    "osrm_changed_table_ms",
                    "OSRM MLD: 5 % changed, customised, loaded, new table [ms]",
                    changed_ms,
                )
            )
        for which, row in (("own", own), ("same", same)):
            with_speeds = "its own speeds" if which == "own" else "our speeds"
            key, what = f"{name}_{which}", f"{name}, OSRM with {with_speeds}"
            figures += [
                Figure(f"{key}_time_p5", f"{what}: its time by ours, p5", row.time_ratio[0]),
                Figure(f"{key}_time_p50", "  p50", row.time_ratio[1]),
                Figure(f"{key}_time_p95", "  p95", row.time_ratio[2]),
                Figure(f"{key}_distance_p50", "  distance p50", row.distance_ratio[1]),
                Figure(f"{key}_distance_p95", "  distance p95", row.distance_ratio[2]),
                Figure(
                    f"{key}_within_2_pct",
                    "  distances within 2 % or 20 m [%]",
                    row.within_2_pct * 100,
                ),
                Figure(
                    f"{key}_only_ours", f"  of {row.pairs} pairs only we reach", row.only_ours
                ),
                Figure(f"{key}_only_theirs", "  only OSRM reaches", row.only_theirs),
            ]
    return figures, []
