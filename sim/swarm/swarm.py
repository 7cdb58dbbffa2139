"""Random days over all cores: stop at one that fails, make it small, write it down."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import msgspec

from sim.checks.findings import Finding
from sim.scenario import Scenario
from sim.swarm.coverage import Coverage, reachable
from sim.swarm.log import Asked, SwarmLog
from sim.swarm.random_day import KINDS, UNPLAYED, random_day
from sim.swarm.shrink import shrink
from sim.swarm.toml import to_toml
from sim.swarm.trial import Trial, Tried, Workers

TOLD_EVERY_S = 10.0
WALL_S = 300.0  # of real time for a day; ten times what the slowest takes


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A day that must not be."""

    seed: int
    checker: str
    scenario: str
    """The file with the smallest day that still fails."""


class Swarmed(msgspec.Struct, frozen=True, kw_only=True):
    """What a swarm came to; its JSON is the one line that `doorstep-sim swarm` prints."""

    days: int
    vehicle_hours: float
    kills: int
    power_cuts: int
    faults: int
    coverage_pct: float
    facts: int
    facts_lost: int
    facts_counted_twice: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of a swarm."""

    seeds: Sequence[int]
    minutes: float = 60.0
    """How long the vehicles of a day have work for, about."""
    jobs: int | None = None
    kinds: tuple[str, ...] = KINDS
    never: tuple[str, ...] = ()
    """Kinds of faults that are left out."""
    keep_going: bool = False
    """After a failure, too."""
    tries: int = 150
    """Days that making a failure small may take; 0: it is written down as it is."""
    wall_s: float = WALL_S
    out: Path = Path("out") / "swarm"
    plant: str = ""
    log: Path | None = None
    """Where finished days are kept, and looked for first."""


@dataclass
class _Sums:
    """What adds up over the days."""

    coverage: Coverage
    tried: int = 0
    days: int = 0
    """Of these, those on which there was anything to do."""
    vehicle_hours: float = 0.0
    struck: dict[str, int] = field(default_factory=dict)
    facts: int = 0
    lost: int = 0
    twice: int = 0

    def add(self, tried: Tried) -> None:
        self.days += bool(tried.log_sha256 or tried.findings)
        self.tried += 1
        self.vehicle_hours += tried.vehicle_hours
        self.facts += tried.facts
        self.lost += tried.lost
        self.twice += tried.twice
        for one in tried.struck:
            self.struck[one.fault] = self.struck.get(one.fault, 0) + 1
        self.coverage.add(tried.struck)


def swarm(wanted: Wanted, tell: Callable[[str], None] = lambda _: None) -> Swarmed:
    """Try the day of every seed; `tell` hears of the progress.

    The same arguments give the same failures, whatever the number of processes, but where a
    day takes too long in real time.
    """
    sums = _Sums(Coverage(reachable(wanted.kinds, (*UNPLAYED, *wanted.never))))
    failed: list[Tried] = []
    log = _log(wanted)
    seeds = log.left(wanted.seeds) if log is not None else list(wanted.seeds)
    known = [log.done[seed] for seed in wanted.seeds if seed in log.done] if log else []
    workers = Workers(wanted.jobs or os.cpu_count() or 1, wanted.wall_s)
    try:
        coming = _kept(workers.map(_trials(wanted, seeds)), log)
        for tried in _told(chain(known, coming), sums, len(wanted.seeds), tell):
            if tried.checker:
                for finding in tried.findings[:5]:
                    tell(f"seed {tried.seed}: {_said(finding)}")
                failed.append(tried)
                if not wanted.keep_going:
                    break
        workers.abandon()
        failures = [_failure(workers, wanted, tried, tell) for tried in failed]
    finally:
        workers.close()
        if log is not None:
            log.close()
    missing = sums.coverage.missing()
    tell(f"never struck ({len(missing)}): {_shortly(missing)}")
    return Swarmed(
        days=sums.days,
        vehicle_hours=round(sums.vehicle_hours, 2),
        kills=sums.struck.get("kill", 0) + sums.struck.get("restart_storm", 0),
        power_cuts=sums.struck.get("power_cut", 0),
        faults=sum(sums.struck.values()),
        coverage_pct=sums.coverage.pct,
        facts=sums.facts,
        facts_lost=sums.lost,
        facts_counted_twice=sums.twice,
        failures=tuple(failures),
    )


def day_of(wanted: Wanted, seed: int) -> Scenario:
    """Return the day of a seed."""
    return random_day(seed, minutes=wanted.minutes, kinds=wanted.kinds, never=wanted.never)


def _log(wanted: Wanted) -> SwarmLog | None:
    if wanted.log is None:
        return None
    asked = Asked(
        minutes=wanted.minutes, kinds=wanted.kinds, never=wanted.never, plant=wanted.plant
    )
    return SwarmLog(wanted.log, asked)


def _kept(days: Iterable[Tried], log: SwarmLog | None) -> Iterator[Tried]:
    """Write each day down before anybody hears of it."""
    for tried in days:
        if log is not None:
            log.add(tried)
        yield tried


def _trials(wanted: Wanted, seeds: Iterable[int]) -> Iterator[Trial]:
    for seed in seeds:
        yield Trial(seed, day_of(wanted, seed), wanted.plant)


def _told(
    days: Iterable[Tried], sums: _Sums, count: int, tell: Callable[[str], None]
) -> Iterator[Tried]:
    """Add the days up on their way, and tell now and then how far it is."""
    began_s = told_s = time.monotonic()
    for tried in days:
        sums.add(tried)
        now_s = time.monotonic()
        if now_s - told_s >= TOLD_EVERY_S:
            told_s = now_s
            left_s = (now_s - began_s) / sums.tried * (count - sums.tried)
            tell(
                f"{sums.tried} of {count} days, {sums.vehicle_hours:.1f} vehicle-hours, "
                f"{sum(sums.struck.values())} faults, coverage {sums.coverage.pct} %, "
                f"{left_s / 60:.0f} min left"
            )
        yield tried


def _failure(
    workers: Workers, wanted: Wanted, tried: Tried, tell: Callable[[str], None]
) -> Failure:
    """Make a failing day small and write it down."""
    seed, checker = tried.seed, tried.checker
    day = day_of(wanted, seed)

    def fails(smaller: Scenario) -> bool:
        found = workers.one(Trial(seed, smaller, wanted.plant)).findings
        return any(finding.checker == checker for finding in found)

    small = shrink(day, fails, tries=wanted.tries)
    tell(f"seed {seed}: {len(day.fault)} faults made {len(small.fault)}")
    wanted.out.mkdir(parents=True, exist_ok=True)
    path = wanted.out / f"seed_{seed}_{checker.lower()}.toml"
    remarks = (
        f"Seed {seed} of the swarm: {checker}: {tried.findings[0].what}"[:200],
        f"doorstep-sim run {path.name}",
    )
    named = msgspec.structs.replace(small, name=f"seed_{seed}_{checker.lower()}", seed=seed)
    path.write_text(to_toml(named, remarks=remarks), encoding="utf-8")
    tell(f"seed {seed}: doorstep-sim run {path}")
    return Failure(seed=seed, checker=checker, scenario=str(path))


def _said(finding: Finding) -> str:
    when = f" at {finding.at_s:.0f} s" if finding.at_s is not None else ""
    whose = f" {finding.vehicle}:" if finding.vehicle else ""
    return f"{finding.checker}:{whose} {finding.what}{when}"


def _shortly(missing: Sequence[tuple[str, str, str]]) -> str:
    words = ["×".join(part for part in cell if part) for cell in missing]
    return ", ".join(words[:40]) + (" …" if len(words) > 40 else "")
