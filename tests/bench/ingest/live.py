"""How old live positions are while a tenth of a thousand vehicles drains an hour's backlog."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.report import Figure, Told, quantile
from tests.real.ingest.cluster import Cluster
from tests.real.ingest.fleet import Plan
from tests.real.ingest.stage import Child, Fleet, ask, staged, until


@dataclass(frozen=True, slots=True)
class Effort:
    """How large a fleet."""

    vehicles: int
    processes: int
    for_s: float
    settle_s: float = 15.0
    """For the steady ones to connect."""
    fact_every_s: float = 30.0
    workers: int = 2
    watchers: int = 2


FULL = Effort(vehicles=1000, processes=7, for_s=60.0)
TINY = Effort(vehicles=20, processes=2, for_s=3.0, settle_s=4.0, watchers=1)


def measure(effort: Effort) -> Told:
    """A steady fleet at 1 Hz; then the last tenth comes out of an hour's dead zone."""
    with tempfile.TemporaryDirectory(prefix="doorstep-live-") as name:
        cluster = Cluster()
        try:
            cluster.start()
            return _drive(Path(name), cluster, effort)
        finally:
            cluster.remove()


def _plans(effort: Effort, port: int) -> list[Plan]:
    """Nine tenths are on the road already; the last tenth comes back at once, with its hour."""
    draining = effort.vehicles // 10
    each = (effort.vehicles - draining) // (effort.processes - 1)
    common = {"port": port, "live_hz": 1.0, "fact_every_s": effort.fact_every_s}
    steady = [
        Plan(
            **common,
            first=draining + number * each,
            count=each,
            draining=0,
            for_s=effort.for_s + effort.settle_s,
            spread_s=effort.settle_s / 2,
        )
        for number in range(effort.processes - 1)
    ]
    # A day of 20 stops is an hour's work of a busy van: 113 facts, and sixty minutes of tracks.
    returning = Plan(
        **common,
        count=draining,
        days=1,
        stops=20,
        draining=draining,
        for_s=effort.for_s,
        spread_s=1.0,
    )
    return [*steady, returning]


def _drive(folder: Path, cluster: Cluster, effort: Effort) -> Told:
    with staged(folder, cluster, effort.vehicles, effort.workers) as (broker, config, workers):
        fleets = [Fleet(plan) for plan in _plans(effort, broker.port)]
        looks = (str(broker.port), str(effort.for_s))
        watchers = [
            Child("tests.bench.ingest.watcher", *looks, f"watcher-{number}")
            for number in range(effort.watchers)
        ]
        children: list[Any] = [*fleets, *watchers]
        try:
            for child in children:
                child.until_ready()
            until(lambda: all(each.taking for each in workers), 60, workers[0].said)
            for fleet in fleets[:-1]:
                fleet.go()
            time.sleep(effort.settle_s)
            for watcher in watchers:
                watcher.go()
            fleets[-1].go()
            seen = [watcher.answer() for watcher in watchers]
            sent = [fleet.answer() for fleet in fleets]
        finally:
            for child in children:
                child.end()
        for worker in workers:
            worker.stop()
        code, books = ask(config, "books")
        assert isinstance(books, dict), (code, books)
    back = sent[-1]
    ages_s = [age_ms / 1000 for each in seen for age_ms in each["ages_ms"]]
    vehicles = {vehicle for each in seen for vehicle in each["vehicles"]}
    wanted = effort.vehicles * effort.for_s
    acked = sum(each["acked"] for each in sent)
    figures = [
        Figure("p50_s", "age of a live position [s], p50", quantile(ages_s, 0.5)),
        Figure("p99_s", "age of a live position [s], p99", quantile(ages_s, 0.99), "≤ 2"),
        Figure("most_s", "age of a live position [s], most", max(ages_s)),
        Figure("seen_pct", "positions that arrived, of one a second [%]",
               100 * len(ages_s) / wanted),
        Figure("vehicles", "vehicles seen", len(vehicles), f"{effort.vehicles}"),
        Figure("drained", "vehicles that drained their hour", back["drained"]),
        Figure("drained_s", "until the last of them had [s]", back["drained_s"]),
        Figure("lost", "acknowledged facts that are not there",
               max(0, acked - books["facts"]), "0"),
        Figure("twice", "facts counted twice", books["facts_counted_twice"], "0"),
        Figure("vehicles_cpu", "cores' worth of processor time: vehicles",
               sum(each["cpu_s"] / each["wall_s"] for each in sent)),
        Figure("workers_cpu", "cores' worth of processor time: workers",
               sum(worker.cpu_s for worker in workers) / (effort.for_s + effort.settle_s)),
    ]  # fmt: skip
    facts = sum(each["facts"] for each in sent)
    notes = [f"{effort.vehicles} vehicles in {effort.processes} processes, {facts:,} facts"]
    return Told(figures, notes)
