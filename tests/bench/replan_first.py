"""How good and how quick the first planner is on real routes: one stop added, roads slower.

`python -m tests.bench.replan_first` prints one line of JSON. The reference is the best this
same search finds in ten times as many rounds as fit the slowest budget, so the gaps say how
much more time would bring, not how far the optimum is.
"""

import json
import os
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from edge.native.reference import solve
from edge.planner.problem import Budget, Prices, Problem
from tests.edge.planner.instances import amazon_problem

BUDGETS_MS = (0, 20, 50, 100)
REFERENCE_ROUNDS = 1000
PRICES = Prices(change_ms=20_000)


def events(folder: Path) -> list[tuple[Problem, list[int]]]:
    """Return re-planning questions: three stops are new and a fifth of the ways is slower."""
    found = []
    for number, path in enumerate(sorted((folder / "data/planning/amazon").glob("*.json.gz"))):
        calm, _ = amazon_problem(path)
        order = solve(calm, [], Budget(100)).order
        for seed in range(2):
            rng = np.random.default_rng(10 * number + seed)
            slower = np.where(rng.random(calm.travel_ms.shape) < 0.2, 1.3, 1.0)
            travel = np.ascontiguousarray(np.rint(calm.travel_ms * slower), dtype=np.int32)
            new = set(rng.choice(np.arange(1, calm.end), 3, replace=False).tolist())
            known = [node for node in order if node not in new]
            event = replace(calm, travel_ms=travel, order_before=tuple(known), prices=PRICES)
            found.append((event, known))
    return found


def deadline(ms: float) -> Budget:
    """Return a budget of wall time from now on."""
    until_s = time.perf_counter() + ms / 1000
    return Budget(out_of_time=lambda: time.perf_counter() >= until_s)


def measure(folder: Path) -> dict[str, object]:
    """Return gaps to the reference [%] and wall times [ms] by budget."""
    asked = events(folder)
    best = [solve(event, known, Budget(REFERENCE_ROUNDS)).cost_ms for event, known in asked]
    report: dict[str, object] = {"events": len(asked), "most_stops": 190}
    for ms in BUDGETS_MS:
        gaps, walls = [], []
        for (event, known), reference in zip(asked, best, strict=True):
            started_s = time.perf_counter()
            cost = solve(event, known, deadline(ms)).cost_ms
            walls.append((time.perf_counter() - started_s) * 1000)
            gaps.append(100 * (cost / reference - 1))
        gaps.sort()
        walls.sort()
        report[f"{ms} ms"] = {
            "gap_p50_pct": round(statistics.median(gaps), 2),
            "gap_p95_pct": round(gaps[int(len(gaps) * 0.95)], 2),
            "wall_p50_ms": round(statistics.median(walls), 1),
            "wall_max_ms": round(walls[-1], 1),
        }
    return report


if __name__ == "__main__":
    shared = Path(os.environ.get("DOORSTEP_SHARED", "../shared"))
    sys.stdout.write(json.dumps(measure(shared)) + "\n")
