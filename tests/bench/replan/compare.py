"""Ask everyone everything, one after the other, and set what they answer side by side."""

import json
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from tests.bench.replan import ours, with_ortools, with_pyvrp, with_vroom
from tests.bench.replan.events import Event, judged
from tests.bench.report import quantile

Solver = Callable[[Event, float, int], list[int]]
OURS = "ours"
SOLVERS: Mapping[str, Solver] = {
    "keep-plan": ours.keep,
    "cheapest insertion": ours.insert,
    "pyvrp default": with_pyvrp.default,
    "pyvrp tuned": with_pyvrp.tuned,
    "ortools": with_ortools.guided,
    "vroom": with_vroom.explored,
    OURS: ours.replan,
}
SEARCHING = tuple(name for name in SOLVERS if name not in ("keep-plan", "cheapest insertion"))
TICK_S = 0.0005
REFERENCE_SEED = 99


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question to one solver."""

    cost_ms: int
    late: bool
    dropped: frozenset[int]
    wall_ms: float = 0.0
    stall_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """All answers of one solver."""

    solver: str
    gap_p50_pct: float
    gap_p95_pct: float
    late_events: int
    dropped_stops: int
    wall_p50_ms: float
    wall_p99_ms: float
    stall_p99_ms: float
    gap_mean_pct: float
    gap_max_pct: float
    dropped_beyond_reference: int
    """Stops left out that the reference serves, in the worst answer to each event."""


class Heartbeat:
    """A second Python thread that notes how long it could not run."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._longest_s = 0.0
        self._thread = threading.Thread(target=self._beat)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def restart(self) -> None:
        """Forget what was before."""
        time.sleep(2 * TICK_S)  # it has to be asleep, not behind, when the question comes
        self._longest_s = 0.0

    @property
    def longest_ms(self) -> float:
        """The longest time it wanted to run and could not, since the restart."""
        time.sleep(2 * TICK_S)
        return self._longest_s * 1000

    def _beat(self) -> None:
        before_s = time.perf_counter()
        while not self._over.is_set():
            time.sleep(TICK_S)
            now_s = time.perf_counter()
            self._longest_s = max(self._longest_s, now_s - before_s - TICK_S)
            before_s = now_s


def ask(
    events: Sequence[Event], budget_ms: float, repeats: int, names: Sequence[str]
) -> dict[str, list[list[Answer]]]:
    """Return each solver's answers, by event and repeat; only one of them runs at a time."""
    answers: dict[str, list[list[Answer]]] = {name: [[] for _ in events] for name in names}
    with Heartbeat() as heartbeat:
        for seed in range(1, repeats + 1):
            for number, event in enumerate(events):
                for name in names:
                    heartbeat.restart()
                    began_s = time.perf_counter()
                    order = SOLVERS[name](event, began_s + budget_ms / 1000, seed)
                    wall_ms = (time.perf_counter() - began_s) * 1000
                    found = _answer(event, order, wall_ms, heartbeat.longest_ms)
                    answers[name][number].append(found)
    return answers


def reference(
    events: Sequence[Event],
    seconds: float,
    jobs: int,
    names: Sequence[str],
    told: Callable[[str], None],
    table: Path | None = None,
) -> list[Answer]:
    """Return the best answer of all solvers to each event, each given some seconds.

    With a table the best that it knows counts too, and it is lowered.
    """
    known = json.loads(table.read_bytes()) if table is not None and table.is_file() else {}
    best: list[Answer] = []
    asked = [name for name in names if name in SEARCHING] if seconds > 0 else []
    with ExitStack() as stack:
        put: Callable[..., Callable[[], list[int]]]
        if jobs:
            context = get_context("spawn")  # the native libraries have threads of their own
            pool = stack.enter_context(ProcessPoolExecutor(jobs, mp_context=context))
            put = lambda *question: pool.submit(_long_answer, *question).result  # noqa: E731
        else:
            put = lambda *question: partial(_long_answer, *question)  # noqa: E731
        each = [[put(name, event, seconds) for name in asked] for event in events]
        for event, results in zip(events, each, strict=True):
            orders = [result() for result in results]
            key = f"{event.name} {fingerprint(event)}"
            orders += [known[key]] if key in known else [ours.insert(event)]
            found = [(judged(event, order).cost_ms, order) for order in orders]
            cost, order = min(found)
            known[key] = order
            best.append(_answer(event, order))
            winners = [n for n, (c, _) in zip(asked, found, strict=False) if c == cost]
            told(
                f"{event.name}: J = {cost / 1000:.1f} s by {', '.join(winners) or 'the table'}"
            )
    if table is not None:
        table.write_text(json.dumps(known))
    return best


def compared(
    answers: Mapping[str, Sequence[Sequence[Answer]]], best: Sequence[Answer]
) -> list[Row]:
    """Return a row for each solver; an answer of any of them may beat the reference."""
    least = [
        min([long, *(a for of in answers.values() for a in of[i])], key=lambda a: a.cost_ms)
        for i, long in enumerate(best)
    ]
    return [_row(name, found, least) for name, found in answers.items()]


def as_json(row: Row) -> dict[str, object]:
    """Return a row as it stands in the JSON."""
    return {
        key: round(value, 4) if isinstance(value, float) else value
        for key, value in asdict(row).items()
    }


def fingerprint(event: Event) -> str:
    """Return a short hash of everything an event says."""
    rest = (event.service_ms, event.windows, event.start_ms, event.shift_end_ms, event.drop_ms)
    return f"{zlib.crc32(event.travel_ms.tobytes() + repr(rest).encode()):08x}"


def _row(name: str, found: Sequence[Sequence[Answer]], least: Sequence[Answer]) -> Row:
    pairs = [(answer, best) for each, best in zip(found, least, strict=True) for answer in each]
    gaps = [100 * (answer.cost_ms / max(1, best.cost_ms) - 1) for answer, best in pairs]
    walls = [answer.wall_ms for answer, _ in pairs]
    return Row(
        solver=name,
        gap_p50_pct=median(gaps),
        gap_p95_pct=quantile(gaps, 0.95),
        late_events=sum(any(answer.late for answer in each) for each in found),
        dropped_stops=sum(max(len(answer.dropped) for answer in each) for each in found),
        wall_p50_ms=median(walls),
        wall_p99_ms=quantile(walls, 0.99),
        stall_p99_ms=quantile([answer.stall_ms for answer, _ in pairs], 0.99),
        gap_mean_pct=sum(gaps) / len(gaps),
        gap_max_pct=max(gaps),
        dropped_beyond_reference=sum(
            max(len(answer.dropped - best.dropped) for answer in each)
            for each, best in zip(found, least, strict=True)
        ),
    )


def _answer(
    event: Event, order: Sequence[int], wall_ms: float = 0.0, stall_ms: float = 0.0
) -> Answer:
    driven = judged(event, order)
    return Answer(
        cost_ms=driven.cost_ms,
        late=driven.overtime_ms + sum(driven.late_ms) > 0,
        dropped=frozenset(event.stops) - set(driven.order),
        wall_ms=wall_ms,
        stall_ms=stall_ms,
    )


def _long_answer(name: str, event: Event, seconds: float) -> list[int]:
    return SOLVERS[name](event, time.perf_counter() + seconds, REFERENCE_SEED)
