"""python -m tests.bench.cold --data FOLDER: plan whole days from nothing, in 0.05 to 2 seconds.

Travel is the objective, windows are hard: what is late or leaves a stop out counts as not
solved. The gap is to the best known, or, where nobody published one, to the best of all.
"""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

from tests.bench.planning.instances import Instance, instances, spread, thrown
from tests.bench.replan.compare import SEARCHING, Answer, ask, reference
from tests.bench.replan.events import Event, whole_day
from tests.bench.report import Figure, Told, machine, quantile

HARD = 1000  # so dear is lateness that it is never worth it
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Effort:
    """How many days, and how long everyone may think."""

    days_each: int
    budgets_s: tuple[float, ...]
    reference_s: float
    fewest: int = 50
    most: int = 250


FULL = Effort(4, (0.05, 2.0), reference_s=2.0)
TINY = Effort(1, (0.02,), reference_s=0.05, fewest=15, most=30)


def measure(effort: Effort) -> Told:
    """Ask everyone to plan every day."""
    shared = Path(os.environ.get("DOORSTEP_SHARED", "../shared"))
    folder = (shared if shared.is_absolute() else ROOT / shared) / "data/planning"
    if folder.is_dir():
        days = instances(folder, effort.fewest, effort.most)
    else:  # they are no part of the project
        days = {"thrown": [thrown(seed, effort.most) for seed in range(effort.days_each)]}
    figures = []
    for row in rows(days, effort, jobs=0):
        key = f"{row['set']}_{row['budget_ms']:g}ms_{row['solver']}".replace(" ", "_")
        what = f"{row['set']} in {row['budget_ms']:g} ms, {row['solver']}: "
        mean = row["gap_mean_pct"]
        if mean is not None:
            figures.append(Figure(f"{key}_gap_mean_pct", what + "mean gap [%]", mean))
        figures.append(Figure(f"{key}_unsolved", what + "not solved", row["late_events"]))
    return Told(figures, [f"{effort.days_each} days of each set; one thread"])


def rows(
    days: dict[str, list[Instance]],
    effort: Effort,
    *,
    jobs: int,
    repeats: int = 1,
    table: Path | None = None,
    names: Sequence[str] = SEARCHING,
) -> list[dict[str, Any]]:
    """Return a row for each set, budget and solver."""
    told: list[dict[str, Any]] = []
    for form, found in days.items():
        chosen = spread(found, effort.days_each)
        asked = [_question(day) for day in chosen]
        known = [day.best_known_ms for day in chosen]
        unknown = [event for event, best in zip(asked, known, strict=True) if best is None]
        long = iter(
            reference(unknown, effort.reference_s, jobs, SEARCHING, lambda line: None, table)
        )
        best_ms = [next(long).cost_ms if best is None else best for best in known]
        answers = {
            budget_s: ask(asked, budget_s * 1000, repeats, names)
            for budget_s in effort.budgets_s
        }
        for i, published in enumerate(known):
            if published is None:
                costs = [
                    a.cost_ms
                    for of in answers.values()
                    for each in of.values()
                    for a in each[i]
                ]
                best_ms[i] = min(best_ms[i], *costs)
        for budget_s, of in answers.items():
            for name, each in of.items():
                row = _row(name, each, best_ms)
                told.append({"set": form, "budget_ms": budget_s * 1000, **row})
    return told


def _question(day: Instance) -> Event:
    return replace(whole_day(day, range(1, day.stops + 1)), late_weight=HARD)


def _row(name: str, each: Sequence[Sequence[Answer]], best_ms: Sequence[int]) -> dict[str, Any]:
    solved = [
        (answer, best)
        for answers, best in zip(each, best_ms, strict=True)
        for answer in answers
        if not answer.late and not answer.dropped
    ]
    # Legs are rounded to milliseconds: a tour of fractions may seem a trace below its best.
    gaps = [max(0.0, 100 * (answer.cost_ms / best - 1)) for answer, best in solved]
    walls = [answer.wall_ms for answers in each for answer in answers]
    stalls = [answer.stall_ms for answers in each for answer in answers]
    figures = {
        "gap_p50_pct": median(gaps) if gaps else None,
        "gap_p95_pct": quantile(gaps, 0.95) if gaps else None,
        "gap_mean_pct": fmean(gaps) if gaps else None,
        "wall_p50_ms": median(walls),
        "wall_p99_ms": quantile(walls, 0.99),
        "stall_p99_ms": quantile(stalls, 0.99),
    }
    return {
        "solver": name,
        **{key: None if v is None else round(v, 4) for key, v in figures.items()},
        "late_events": sum(any(a.late or a.dropped for a in answers) for answers in each),
        "dropped_stops": sum(max(len(a.dropped) for a in answers) for answers in each),
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cold", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="searched for instances")
    parser.add_argument("--budgets-s", type=float, nargs="+", default=[0.05, 0.2, 0.5, 2.0])
    parser.add_argument("--reference-s", type=float, default=10.0, help="where none is known")
    parser.add_argument("--days", type=int, default=12, help="of each set")
    parser.add_argument("--repeats", type=int, default=1, help="seeds for each day")
    parser.add_argument("--fewest", type=int, default=FULL.fewest, help="stops of a day")
    parser.add_argument("--most", type=int, default=FULL.most, help="stops of a day")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="for the reference")
    parser.add_argument("--only", action="append", choices=SEARCHING, help="these rows")
    parser.add_argument("--best", type=Path, help="table of best orders: read, and lowered")
    parser.add_argument("--json", action="store_true", help="for machines")
    asked = parser.parse_args()
    days = instances(asked.data, asked.fewest, asked.most)
    effort = Effort(asked.days, tuple(asked.budgets_s), asked.reference_s)
    found = rows(
        days,
        effort,
        jobs=asked.jobs,
        repeats=asked.repeats,
        table=asked.best,
        names=asked.only or SEARCHING,
    )
    if asked.json:
        counts = {form: min(asked.days, len(of)) for form, of in days.items()}
        what = {"machine": machine(), "instances": counts, "reference_s": asked.reference_s}
        print(json.dumps({**what, "rows": found}))
        return
    print(_line("set", "ms", "solver", "gap p50 %", "p95", "mean", "unsolved", "wall p99 ms"))
    for row in found:
        gaps = [row[f"gap_{q}_pct"] for q in ("p50", "p95", "mean")]
        cells = ["-" if gap is None else f"{gap:.2f}" for gap in gaps]
        start = (row["set"], f"{row['budget_ms']:g}", row["solver"])
        print(_line(*start, *cells, f"{row['late_events']}", f"{row['wall_p99_ms']:.0f}"))


def _line(*cells: str) -> str:
    return "  ".join(
        [f"{cells[0]:<8}{cells[1]:>5}", f"{cells[2]:<14}", *(f"{c:>11}" for c in cells[3:])]
    )


if __name__ == "__main__":
    main()
