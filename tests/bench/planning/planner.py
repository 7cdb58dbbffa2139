"""How good and how quick the planner is when something happens, with its peers beside it.

An event: three stops are new, a fifth of the ways takes 30 % longer. Every order is judged by
the same reading of the objective, which is not the kernel's own.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from edge.native.replan.reference import simulate, solve
from edge.planner.problem import INT32_MAX, Budget, Problem
from edge.planner.replan import replan
from tests.bench.report import Figure, Told, quantile
from tests.edge.planner.known.instances import amazon_problem, chance_problem

ROOT = Path(__file__).parents[3]
BUDGET_MS = 50
NEW_STOPS = 3
SLOWER, SLOWER_SHARE = 1.3, 0.2

Order = Sequence[int]


@dataclass(frozen=True, slots=True)
class Effort:
    """How many questions, and how long the reference may think."""

    sizes: tuple[int, ...]
    events: int
    repeats: int
    reference_s: float


FULL = Effort(sizes=(60, 120, 189), events=10, repeats=2, reference_s=1.0)
TINY = Effort(sizes=(8,), events=1, repeats=1, reference_s=0.05)


@dataclass(frozen=True, slots=True)
class Event:
    """A question: the problem, and the order people know, which lacks the new stops."""

    problem: Problem
    known: list[int]


def measure(effort: Effort) -> Told:
    """Put every question to everyone."""
    figures, notes = [], []
    for size in effort.sizes:
        asked = list(_events(size, effort))
        figures += _compared(size, asked, effort)
        notes.append(f"{size} stops: {len(asked)} events on {_whence(size)}")
    notes.append(
        f"gap: to the best of all of these, and of ours and PyVRP at {effort.reference_s:g} s"
    )
    notes.append("warm: begins with the kept plan; every event is asked on one thread")
    return Told(figures, notes)


def _compared(size: int, asked: Sequence[Event], effort: Effort) -> list[Figure]:
    """Return the figures of all peers on events of one size."""
    peers: dict[str, tuple[str, Callable[[Event], Order]]] = {
        "ours": (f"ours at {BUDGET_MS} ms", lambda event: _ours(event, BUDGET_MS / 1000)),
        "oracle": (f"its oracle in Python at {BUDGET_MS} ms", _oracle),
        "keep": ("keep the plan, new stops put in", _keep),
        "pyvrp": (
            f"PyVRP warm at {BUDGET_MS} ms",
            lambda event: _pyvrp(event, BUDGET_MS / 1000),
        ),
    }
    walls: dict[str, list[float]] = {name: [] for name in peers}
    costs: dict[str, list[int]] = {name: [] for name in peers}
    best: list[int] = []
    for event in asked:
        for name, (_, peer) in peers.items():
            for _ in range(effort.repeats):
                began_s = time.perf_counter()
                order = peer(event)
                walls[name].append((time.perf_counter() - began_s) * 1000)
            costs[name].append(simulate(event.problem, order).cost_ms)
        long = [
            simulate(event.problem, asked_long(event, effort.reference_s)).cost_ms
            for asked_long in (_ours, _pyvrp)
        ]
        best.append(min(*long, *(costs[name][-1] for name in peers)))
    figures = []
    for name, (what, _) in peers.items():
        gaps = [100 * (cost / least - 1) for cost, least in zip(costs[name], best, strict=True)]
        goals = ("≤ 0.1", "≤ 1", "≤ 60") if name == "ours" else ("", "", "")
        key = f"{name}_{size}"
        figures += [
            Figure(
                f"{key}_gap_p50_pct",
                f"{size} stops, {what}: gap p50 [%]",
                median(gaps),
                goals[0],
            ),
            Figure(f"{key}_gap_p95_pct", "  gap p95 [%]", quantile(gaps, 0.95), goals[1]),
            Figure(f"{key}_wall_p50_ms", "  wall p50 [ms]", median(walls[name])),
            Figure(
                f"{key}_wall_p99_ms", "  wall p99 [ms]", quantile(walls[name], 0.99), goals[2]
            ),
        ]
    ratio = sum(costs["ours"]) / sum(costs["pyvrp"])
    figures.append(Figure(f"ratio_{size}", "  cost, ours over PyVRP", ratio))
    return figures


def _ours(event: Event, seconds: float) -> Order:
    return replan(event.problem, event.known, Budget(wall_ms=seconds * 1000)).order


def _oracle(event: Event) -> Order:
    until_s = time.perf_counter() + BUDGET_MS / 1000
    budget = Budget(out_of_time=lambda: time.perf_counter() >= until_s)
    return solve(event.problem, event.known, budget).order


def _keep(event: Event) -> Order:
    return replan(event.problem, event.known, Budget(0)).order


def _pyvrp(event: Event, seconds: float) -> Order:
    """Ask PyVRP within a time; its windows are hard, so it may come back with the kept plan."""
    until_s = time.perf_counter() + seconds
    problem, kept = event.problem, _keep(event)
    data = _as_pyvrp(problem)
    warm = pyvrp.Solution(data, [[node - 1 for node in kept]])
    left_s = max(0.001, until_s - time.perf_counter())
    found = pyvrp.solve(
        data, MaxRuntime(left_s), seed=1, collect_stats=False, initial_solution=warm
    ).best
    orders = [
        [visit.idx + 1 for visit in route.schedule() if visit.is_client()]
        for route in found.routes()
    ]
    return min([*orders, kept], key=lambda order: simulate(problem, order).cost_ms)


def _as_pyvrp(problem: Problem) -> pyvrp.ProblemData:
    """Say the same question in PyVRP's words; the vehicle ends where it began."""
    travel = problem.travel_ms[:-1, :-1].astype(np.int64)
    travel[:, 0] = problem.travel_ms[:-1, -1]
    travel[0, 0] = 0
    clients = []
    for number, stop in enumerate(problem.stops, 1):
        opens, closes = stop.windows[0] if stop.windows else (0, 10 * INT32_MAX)
        clients.append(
            pyvrp.Client(
                number, service_duration=stop.service_ms, tw_early=max(0, opens), tw_late=closes
            )
        )
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(clients) + 1)],
        clients=clients,
        depots=[pyvrp.Depot(0)],
        vehicle_types=[pyvrp.VehicleType(start_late=0, unit_distance_cost=1)],
        distance_matrices=[travel],
        duration_matrices=[travel],
    )


def _events(size: int, effort: Effort) -> Iterator[Event]:
    """Yield questions of one size, on plans as the station makes them with PyVRP."""
    days = _recorded(size) or [
        chance_problem(np.random.default_rng(seed), size, windowed=0.2) for seed in range(3)
    ]
    days = days[: effort.events]
    plans = [
        list(_pyvrp(Event(day, list(range(1, day.end))), effort.reference_s)) for day in days
    ]
    for number in range(effort.events):
        rng = np.random.default_rng(1000 * size + number)
        calm, order = days[number % len(days)], plans[number % len(days)]
        slower = np.where(rng.random(calm.travel_ms.shape) < SLOWER_SHARE, SLOWER, 1.0)
        travel = np.ascontiguousarray(np.rint(calm.travel_ms * slower), dtype=np.int32)
        new = set(rng.choice(np.arange(1, calm.end), NEW_STOPS, replace=False).tolist())
        known = [node for node in order if node not in new]
        yield Event(replace(calm, travel_ms=travel, order_before=tuple(known)), known)


def _recorded(size: int) -> list[Problem]:
    """Return the first stops of recorded routes that are long enough, numbered as driven."""
    found = []
    for path in sorted(_folder().glob("*.json.gz")):
        whole, driven = amazon_problem(path)
        if len(driven) < size:
            continue
        rows = [0, *driven[:size], whole.end]
        found.append(
            Problem(
                np.ascontiguousarray(whole.travel_ms[np.ix_(rows, rows)]),
                tuple(whole.stops[node - 1] for node in driven[:size]),
            )
        )
    return found


def _folder() -> Path:
    shared = Path(os.environ.get("DOORSTEP_SHARED", "../shared"))
    return (shared if shared.is_absolute() else ROOT / shared) / "data/planning/amazon"


def _whence(size: int) -> str:
    routes = len(_recorded(size))
    return f"{routes} recorded Amazon routes" if routes else "stops thrown on a plane"
