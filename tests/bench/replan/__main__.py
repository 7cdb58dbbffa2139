"""python -m tests.bench.replan --data FOLDER: who re-plans best in no time."""

import argparse
import json
import os
import sys
from pathlib import Path

from tests.bench.planning.instances import instances, spread
from tests.bench.replan.compare import SOLVERS, as_json, ask, compared, reference
from tests.bench.replan.events import KINDS, events
from tests.bench.replan.show import as_table, plot
from tests.bench.report import machine


def main() -> None:
    """Run the command line."""
    asked = _arguments()
    chosen = []
    found = instances(asked.data, asked.fewest, asked.most)
    for form, days in found.items():
        chosen += spread(days, -(-asked.events // (len(KINDS) * len(found))))
        told(f"{form}: {len(days)} instances below {asked.data}")
    questions = list(events(chosen, asked.plan_rounds))
    told(f"{len(questions)} events; reference: all solvers at {asked.reference_s:g} s")
    names = asked.only or list(SOLVERS)
    best = reference(questions, asked.reference_s, asked.jobs, list(SOLVERS), told, asked.best)
    rows = compared(ask(questions, asked.budget_ms, asked.repeats, names), best)
    if asked.json:
        what = {"machine": machine(), "events": len(questions)}
        what |= {"reference_s": asked.reference_s, "budget_ms": asked.budget_ms}
        print(json.dumps({**what, "rows": [as_json(row) for row in rows]}))
    else:
        print(as_table(rows, len(questions), asked.budget_ms, asked.reference_s))
        if plot(rows, asked.plot, asked.budget_ms):
            told(f"plot: {asked.plot}")


def told(line: str) -> None:
    """Tell how far it has come."""
    print(line, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.replan", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="searched for instances")
    parser.add_argument("--budget-ms", type=float, default=50.0, help="for each answer")
    parser.add_argument("--reference-s", type=float, default=10.0, help="best of all at")
    parser.add_argument("--events", type=int, default=40, help="at least so many, if there are")
    parser.add_argument("--repeats", type=int, default=3, help="seeds for each event")
    parser.add_argument("--fewest", type=int, default=50, help="stops of an instance")
    parser.add_argument("--most", type=int, default=250, help="stops of an instance")
    parser.add_argument("--plan-rounds", type=int, default=20_000, help="for the plan before")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="processes for the reference; 0: none"
    )
    parser.add_argument("--only", action="append", choices=list(SOLVERS), help="these rows")
    parser.add_argument("--best", type=Path, help="table of best orders: read, and lowered")
    parser.add_argument("--plot", type=Path, default=Path("replan.png"), help="without --json")
    parser.add_argument("--json", action="store_true", help="for machines")
    return parser.parse_args()


if __name__ == "__main__":
    main()
