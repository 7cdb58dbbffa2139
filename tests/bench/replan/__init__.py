"""How good and how quick re-planning is when something happens, with its peers beside it.

`python -m tests.bench.replan` compares in full; here is the short form for all benches.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.bench.planning.instances import Instance, instances, spread, thrown
from tests.bench.report import Figure, Told

ROOT = Path(__file__).parents[3]
BUDGET_MS = 50


@dataclass(frozen=True, slots=True)
class Effort:
    """How many questions, and how long the reference may think."""

    days_each: int
    repeats: int
    reference_s: float
    plan_rounds: int
    fewest: int = 50
    most: int = 250


FULL = Effort(days_each=4, repeats=2, reference_s=1.0, plan_rounds=20_000)
TINY = Effort(1, 1, 0.05, 50, fewest=15, most=30)


def measure(effort: Effort) -> Told:
    """Put every event to everyone."""
    from tests.bench.replan.compare import OURS, SOLVERS, ask, compared, reference
    from tests.bench.replan.events import events

    days = _days(effort)
    questions = list(events(days, effort.plan_rounds))
    best = reference(questions, effort.reference_s, 0, list(SOLVERS), lambda line: None)
    rows = compared(ask(questions, BUDGET_MS, effort.repeats, list(SOLVERS)), best)
    figures = []
    for row in rows:
        goals = ("≤ 0.1", "≤ 1", "≤ 60", "≤ 10", "0") if row.solver == OURS else ("",) * 5
        key = row.solver.replace(" ", "_").replace("-", "_")
        figures += [
            Figure(
                f"{key}_gap_p50_pct",
                f"{row.solver}: gap p50 [%]",
                row.gap_p50_pct,
                goals[0],
            ),
            Figure(f"{key}_gap_p95_pct", "  gap p95 [%]", row.gap_p95_pct, goals[1]),
            Figure(f"{key}_wall_p99_ms", "  wall p99 [ms]", row.wall_p99_ms, goals[2]),
            Figure(f"{key}_stall_p99_ms", "  stall p99 [ms]", row.stall_p99_ms, goals[3]),
            Figure(
                f"{key}_dropped_beyond_reference",
                "  stops left out that the reference serves",
                row.dropped_beyond_reference,
                goals[4],
            ),
        ]
    return Told(
        figures,
        [
            f"{len(questions)} events of {len(days)} days, {BUDGET_MS} ms on one thread",
            f"gap: to the best of all, each given {effort.reference_s:g} s besides",
        ],
    )


def _days(effort: Effort) -> list[Instance]:
    shared = Path(os.environ.get("DOORSTEP_SHARED", "../shared"))
    folder = (shared if shared.is_absolute() else ROOT / shared) / "data/planning"
    if folder.is_dir():
        found = instances(folder, effort.fewest, effort.most)
    else:  # they are no part of the project
        found = {"thrown": [thrown(seed, effort.most) for seed in range(2 * effort.days_each)]}
    return [day for days in found.values() for day in spread(days, effort.days_each)]
