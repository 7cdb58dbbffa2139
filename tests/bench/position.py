"""python -m tests.bench.position --data DIR [--json]: the position on recorded drives.

DIR is searched for NMEA beside a SPAN's truth, for segments of comma2k19 and for drives of
balzer82; `python -m tests.bench position` takes those of DOORSTEP_SHARED.
"""

import argparse
import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.positions.drives import journeys
from tests.bench.positions.measures import (
    bad_after_gap,
    cost_us,
    errors_m,
    jumps,
    offsets,
    outages,
    replayed,
)
from tests.bench.report import Figure, Told, as_json, as_table


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each thing is tried."""

    seeds: int
    tries: int
    outage_every_s: float
    repeats: int
    most: int | None = None
    """Of the drives, the shortest first; None: all."""


FULL = Effort(seeds=5, tries=40, outage_every_s=2.0, repeats=3)
TINY = Effort(seeds=1, tries=2, outage_every_s=20.0, repeats=1, most=1)


def measure(effort: Effort) -> Told:
    """Measure the drives of DOORSTEP_SHARED."""
    shared = Path(os.environ.get("DOORSTEP_SHARED", "../shared"))
    return measured(shared / "data" / "position", effort)


def measured(folder: Path, effort: Effort) -> Told:
    """Measure every drive below a folder."""
    found = journeys(folder)
    found.sort(key=lambda journey: (len(journey.fixes), journey.name))
    figures = []
    for journey in found[: effort.most]:
        figures += _drive(journey, effort)
    notes = [f"{len(found[: effort.most])} of {len(found)} drives"]
    if not found:
        notes.append(f"no drives below {folder.name}: set --data or DOORSTEP_SHARED")
    figures.append(Figure("drives", "drives measured", len(found[: effort.most])))
    return Told(figures, notes)


def _drive(journey, effort):
    """Yield the figures of one drive."""
    key, has_wheels = journey.name, len(journey.readings) > len(journey.fixes)

    def figure(what, words, value, goal=""):
        return Figure(f"{key}/{what}", f"{key}: {words}", float(value), goal)

    if journey.truth is not None:
        raw_m, own_m, published_m = errors_m(journey, replayed(journey.readings))
        raw_rmse_m = math.sqrt(np.mean(raw_m**2))
        yield figure("raw_rmse_m", "raw RMSE [m]", raw_rmse_m)
        ratio = math.sqrt(np.mean(own_m**2)) / raw_rmse_m
        yield figure("rmse_ratio", "  estimated over raw", ratio, "≤ 1.03")
        p95 = np.quantile(own_m, 0.95) / np.quantile(raw_m, 0.95)
        yield figure("p95_ratio", "  p95 over raw", p95)
        inside = 100 * np.mean(own_m <= published_m)
        yield figure("honest_pct", "  error inside the published accuracy [%]", inside, "≥ 93")
        yield figure("published_m", "  published accuracy, median [m]", np.median(published_m))
        if has_wheels:
            raw_m, own_m, _ = errors_m(journey, replayed(journey.fixes))
            alone = math.sqrt(np.mean(own_m**2) / np.mean(raw_m**2))
            yield figure("fixes_only_ratio", "  by fixes alone, over raw", alone, "≤ 1.03")
    yield from _jumps(journey, effort, figure)
    if has_wheels:
        for lasts_s in (10.0, 30.0, 60.0):
            yield from _outages(journey, lasts_s, effort, figure)
    for kind, us in cost_us(journey, effort.repeats).items():
        yield figure(f"{kind}_us", f"  an update by {kind} [us]", us, "≤ 60")


def _jumps(journey, effort, figure):
    rows = np.array([jumps(journey, seed) for seed in range(effort.seeds)]).sum(axis=0)
    thrown, followed, false, sound = rows.tolist()
    rejected = 100 * (1 - followed / max(thrown, 1))
    yield figure("jumps", "jumps of 30 to 200 m thrown in", thrown)
    yield figure("jumps_rejected_pct", "  rejected [%]", rejected, "≥ 99.5")
    yield figure("false_pct", "  sound fixes refused [%]", 100 * false / max(sound, 1), "≤ 0.5")
    flagged, followed_s = offsets(journey, 7, effort.tries)
    if flagged:
        yield figure(
            "offset_flagged_s", "offset of 15 s: flagged after [s]", max(flagged), "≤ 2"
        )
        yield figure("offset_followed_s", "  followed after [s]", min(followed_s), "≥ 8")
    tried, believed = bad_after_gap(journey, 11, effort.tries)
    if tried:
        yield figure("bad_after_gap", "bad fixes after a gap", tried)
        yield figure("bad_believed", "  that a place was begun on", believed, "0")


def _outages(journey, lasts_s, effort, figure):
    rows = outages(journey, lasts_s, effort.outage_every_s)
    if not len(rows):
        return
    error_m, way_m, published_m, unsure_m = rows.T
    known = np.isfinite(published_m)
    name, has_truth = f"outage_{lasts_s:.0f}s", journey.truth is not None
    goal_m, goal_pct = ("", "≤ 1.5") if has_truth else ("≤ 18", "")
    is_goal = lasts_s == 30.0
    yield figure(f"{name}_tried", f"outages of {lasts_s:.0f} s", len(rows))
    yield figure(f"{name}_unknown", "  without a place at the end", np.sum(~known))
    if not known.any():
        return
    median_m = np.median(error_m[known])
    share_pct = 100 * np.median(error_m[known] / way_m[known])
    inside = 100 * np.mean(error_m[known] <= published_m[known] + unsure_m[known])
    yield figure(f"{name}_m", "  error, median [m]", median_m, goal_m if is_goal else "")
    yield figure(f"{name}_worst_m", "  error, worst [m]", np.max(error_m[known]))
    yield figure(
        f"{name}_pct", "  of the way, median [%]", share_pct, goal_pct if is_goal else ""
    )
    yield figure(f"{name}_honest_pct", "  inside the published accuracy [%]", inside)
    yield figure(
        f"{name}_published_m", "  published, median [m]", np.median(published_m[known])
    )


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.position",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="searched for drives")
    parser.add_argument("--json", action="store_true", help="one JSON line")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        parser.error(f"--data {arguments.data}: no such folder")
    began_s = time.perf_counter()
    told = measured(arguments.data, FULL)
    wall_s = time.perf_counter() - began_s
    if arguments.json:
        print(json.dumps(as_json("position", told, wall_s), ensure_ascii=False))
    else:
        print(as_table("position", told, wall_s))


if __name__ == "__main__":
    main()
