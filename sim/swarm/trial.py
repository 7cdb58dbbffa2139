"""One day of a swarm in a process of its own, which may crash or hang without harm."""

import importlib
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

import msgspec

from edge.errors import ConfigError, RefusedError
from sim.checks.findings import Finding
from sim.faults.fault import Struck
from sim.run import run_scenario
from sim.scenario import Scenario

UNFINISHED = "not over after"


@dataclass(frozen=True, slots=True)
class Trial:
    """A day to try."""

    seed: int
    scenario: Scenario
    plant: str = ""
    """`module:function` that plants a bug before the day, in tests of the swarm itself."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a day."""

    seed: int
    vehicle_hours: float = 0.0
    facts: int = 0
    lost: int = 0
    twice: int = 0
    struck: tuple[Struck, ...] = ()
    findings: tuple[Finding, ...] = ()
    log_sha256: str = ""

    @property
    def checker(self) -> str:
        """Who found something first; empty: nobody did."""
        return self.findings[0].checker if self.findings else ""


def try_day(trial: Trial) -> Tried:
    """Run a day; an error of the simulator or of what it runs is a finding, too."""
    if trial.plant:
        module, _, name = trial.plant.partition(":")
        getattr(importlib.import_module(module), name)()
    try:
        result = run_scenario(trial.scenario, trial.seed)
    except ConfigError:
        raise
    except RefusedError:  # nobody at work can serve any of the orders: no day at all
        return Tried(seed=trial.seed)
    except Exception as error:
        return Tried(seed=trial.seed, findings=(_crash(error),))
    findings = list(result.findings)
    named = {finding.what for finding in findings}
    for problem in result.problems:
        if problem not in named:
            checker = "hang" if problem.startswith(UNFINISHED) else "C3"
            findings.append(Finding(checker=checker, vehicle="", what=problem))
    return Tried(
        seed=trial.seed,
        vehicle_hours=result.vehicle_h,
        facts=result.facts,
        lost=result.facts_lost,
        twice=result.facts_counted_twice,
        struck=result.struck,
        findings=tuple(findings),
        log_sha256=result.log_sha256,
    )


def _crash(error: BaseException) -> Finding:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    where = traceback.extract_tb(error.__traceback__)[-1]
    file = "/".join(where.filename.split("/")[-3:])
    what = f"{type(error).__name__}: {error} ({file}:{where.lineno})"
    return Finding(checker="crash", vehicle="", what=what)


class Workers:
    """So many processes that try days; one that takes too long or dies is replaced."""

    def __init__(self, jobs: int, wall_s: float) -> None:
        self._wall_s = wall_s
        self._idle = [_Worker() for _ in range(jobs)]
        self._busy: list[_Worker] = []

    def close(self) -> None:
        """End every process."""
        for worker in (*self._idle, *self._busy):
            worker.end()

    def map(self, trials: Iterable[Trial]) -> Iterator[Tried]:
        """Yield what came of each trial, in the order in which they are done."""
        coming = iter(trials)
        while True:
            while self._idle and (trial := next(coming, None)) is not None:
                worker = self._idle.pop()
                worker.begin(trial)
                self._busy.append(worker)
            if not self._busy:
                return
            yield from self._done()

    def one(self, trial: Trial) -> Tried:
        """Return what came of one trial."""
        return next(self.map((trial,)))

    def abandon(self) -> None:
        """Stop what is being tried."""
        for worker in self._busy:
            worker.end()
            self._idle.append(_Worker())
        self._busy.clear()

    def _done(self) -> Iterator[Tried]:
        wait([worker.pipe for worker in self._busy], timeout=1.0)
        for worker in list(self._busy):
            tried = worker.answer(self._wall_s)
            if tried is None:
                continue
            self._busy.remove(worker)
            if not worker.alive:
                worker.end()
                worker = _Worker()
            self._idle.append(worker)
            yield tried


class _Worker:
    """One process and the pipe to it."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.pipe, far = context.Pipe()
        self._process = context.Process(target=_work, args=(far,), daemon=True)
        self._process.start()
        far.close()
        self._trial: Trial | None = None
        self._began_s = 0.0
        self.alive = True

    def begin(self, trial: Trial) -> None:
        self._trial, self._began_s = trial, time.monotonic()
        self.pipe.send(trial)

    def answer(self, wall_s: float) -> Tried | None:
        """Return what came of the trial; None as long as it goes on."""
        assert self._trial is not None, "nothing is being tried"
        if self.pipe.poll():
            try:
                answer = self.pipe.recv()
            except EOFError:
                return self._dead("crash", "the process died")
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, Tried), f"not an answer: {answer!r}"
            return answer
        if time.monotonic() - self._began_s > wall_s:
            return self._dead("hang", f"the day took more than {wall_s:.0f} s of real time")
        return None

    def end(self) -> None:
        self.pipe.close()
        self._process.kill()
        self._process.join()

    def _dead(self, checker: str, what: str) -> Tried:
        self.alive = False
        assert self._trial is not None, "as above"
        finding = Finding(checker=checker, vehicle="", what=what)
        return Tried(seed=self._trial.seed, findings=(finding,))


def _work(pipe: Connection, trying: Callable[[Trial], Tried] = try_day) -> None:
    """Try one day after the other until nobody asks any more."""
    while True:
        try:
            trial = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            pipe.send(trying(trial))
        except ConfigError as error:
            pipe.send(error)
