"""The same days with and without re-planning on board, seed by seed, on every core."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median

import msgspec
from msgspec.structs import replace

from edge.errors import ConfigError, RefusedError
from sim.checks.findings import Finding
from sim.depot.figures import Figures
from sim.depot.tally import DayResult
from sim.run import run_scenario
from sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Trial:
    """One day, one way."""

    scenario: Scenario
    seed: int
    replanning: bool


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one seed came to."""

    seed: int
    kept_pct: float
    figures: Figures


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """All days driven one way."""

    replanning: bool
    days: int
    promises: int
    kept_pct: float
    """Of all promises of all days."""
    kept_1h_pct: float
    kept_2h_pct: float
    """Of those of more than an hour."""
    never: int
    failed_stops: int
    km: float
    plans: int
    late_p50_min: float
    """The median of the days'."""
    late_p95_min: float
    """The median of the days' …"""
    worst_late_p95_min: float
    """… and the worst of them."""
    seeds: tuple[DayFigures, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """With re-planning, without, and the difference."""

    scenario: str
    rows: tuple[Row, ...]
    gained_points: float
    """So many more of a hundred promises were kept with re-planning …"""
    worse_seeds: tuple[int, ...]
    """… but fewer on these days."""


def compare(
    scenario: Scenario,
    seeds: Sequence[int],
    *,
    jobs: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Drive each seed's day with and without re-planning; the days are the same otherwise.

    Raises RefusedError if the books of a day do not balance or a checker complains: its figures
    would mean nothing.
    """
    found: dict[bool, list[DayFigures]] = {True: [], False: []}
    trials = [Trial(scenario, seed, how) for seed in seeds for how in (True, False)]
    for trial, figures in _driven(trials, jobs or os.cpu_count() or 1):
        kept_pct = round(figures.kept_pct, 1)
        found[trial.replanning].append(
            DayFigures(seed=trial.seed, kept_pct=kept_pct, figures=figures)
        )
        how = "with" if trial.replanning else "without"
        tell(f"seed {trial.seed} {how} re-planning: {kept_pct} % of {figures.promises}")
    rows = tuple(_row(how, found[how]) for how in (True, False))
    pairs = zip(found[True], found[False], strict=True)
    return Comparison(
        scenario=scenario.name,
        rows=rows,
        gained_points=round(rows[0].kept_pct - rows[1].kept_pct, 2),
        worse_seeds=tuple(a.seed for a, b in pairs if a.figures.kept < b.figures.kept),
    )


def calm(scenario: Scenario) -> Scenario:
    """Return the same day without what its disruptions are."""
    return replace(
        scenario,
        name=f"{scenario.name}, calm",
        road_closed=(),
        traffic=(),
        long_stop=(),
        nobody_home=(),
    )


def seeds_of(text: str) -> tuple[int, ...]:
    """Return the seeds of A:B, B not included. Raises ConfigError if there is none."""
    first, colon, end = text.partition(":")
    if not (first.isdecimal() and (end.isdecimal() or not colon)):
        raise ConfigError(f"--seeds {text}: write A:B, from A up to but without B")
    seeds = tuple(range(int(first), int(end) if colon else int(first) + 1))
    if not seeds:
        raise ConfigError(f"--seeds {text}: there is no seed from {first} up to {end}")
    return seeds


def table(comparison: Comparison) -> Iterator[str]:
    """Yield the lines of a table for people."""
    head = ("re-planning", "promises", "kept %", "1 h %", "2 h %", "late p95 min",
            "failed stops", "never", "km", "plans")  # fmt: skip
    yield "  ".join(f"{word:>12}" for word in head)
    for row in comparison.rows:
        cells = (
            "with" if row.replanning else "without", row.promises, row.kept_pct,
            row.kept_1h_pct, row.kept_2h_pct, row.late_p95_min, row.failed_stops, row.never,
            row.km, row.plans,
        )  # fmt: skip
        yield "  ".join(f"{cell:>12}" for cell in cells)
    days = comparison.rows[0].days
    yield f"{comparison.gained_points:+.2f} points on {days} days of {comparison.scenario!r}"
    if comparison.worse_seeds:
        yield f"fewer promises kept on seeds {', '.join(map(str, comparison.worse_seeds))}"


def _driven(trials: Sequence[Trial], jobs: int) -> Iterator[tuple[Trial, Figures]]:
    if jobs == 1:
        yield from ((trial, _drive(trial)) for trial in trials)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from zip(trials, pool.map(_drive, trials), strict=True)


def _drive(trial: Trial) -> Figures:
    return figures_of(
        trial, run_scenario(trial.scenario, trial.seed, replanning=trial.replanning)
    )


def figures_of(trial: Trial, result: DayResult) -> Figures:
    """Return what a day came to. Raises RefusedError, naming the seed, if it went wrong.

    Who plans nothing anew foresees nothing: such a day may be late in silence.
    """
    wrong = [
        *result.problems,
        *(found.what for found in result.findings if _counts(found, trial)),
    ]
    if wrong or not result.books_good:
        raise RefusedError(f"seed {trial.seed}: {'; '.join(wrong)}")
    return result.figures


def _counts(finding: Finding, trial: Trial) -> bool:
    return trial.replanning or finding.checker != "promises"


def _row(replanning: bool, days: Sequence[DayFigures]) -> Row:
    each = [day.figures for day in days]
    promises, short = sum(f.promises for f in each), sum(f.promises_1h for f in each)
    kept, kept_short = sum(f.kept for f in each), sum(f.kept_1h for f in each)
    return Row(
        replanning=replanning,
        days=len(days),
        promises=promises,
        kept_pct=_pct(kept, promises),
        kept_1h_pct=_pct(kept_short, short),
        kept_2h_pct=_pct(kept - kept_short, promises - short),
        never=sum(f.never for f in each),
        failed_stops=sum(f.failed_stops for f in each),
        km=round(sum(f.km for f in each), 1),
        plans=sum(f.plans for f in each),
        late_p50_min=median(f.late_p50_min for f in each),
        late_p95_min=median(f.late_p95_min for f in each),
        worst_late_p95_min=max(f.late_p95_min for f in each),
        seeds=tuple(days),
    )


def _pct(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 100.0
