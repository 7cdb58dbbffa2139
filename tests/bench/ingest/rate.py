"""How many facts a second go into PostgreSQL while a worker is killed every ten seconds."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.books.admission import Counted, admit, admit_batch
from station.ingest.prepare import prepare
from tests.bench.report import Figure, Told
from tests.real.ingest.cluster import Cluster
from tests.real.ingest.fleet import Plan
from tests.real.ingest.stage import Fleet, Worker, ask, reaped, staged, until
from tests.station.live.vans import Van

FACTS_IN_MESSAGE = 25  # 16 kB, what a vehicle sends first (edge/uplink/frames.py)


@dataclass(frozen=True, slots=True)
class Effort:
    """How large a fleet."""

    stops: int
    """Of the day that the cost of a check is measured with."""
    fleets: int = 0
    """Processes of vehicles; 0 measures the checks alone."""
    vehicles: int = 0
    """Of each process."""
    days: int = 0
    workers: int = 2
    kill_every_s: float = 10.0


FULL = Effort(stops=200, fleets=2, vehicles=60, days=20)
TINY = Effort(stops=4)


def measure(effort: Effort) -> Told:
    """What a check costs; then a fleet's backlog through broker, workers and PostgreSQL."""
    figures = _checks(effort.stops)
    if not effort.fleets:
        return Told(figures)
    with tempfile.TemporaryDirectory(prefix="doorstep-ingest-") as name:
        cluster = Cluster()
        try:
            cluster.start()
            more, notes = _drive(Path(name), cluster, effort)
        finally:
            cluster.remove()
    return Told([*figures, *more], notes)


def _checks(stops: int) -> list[Figure]:
    """Processor time of a fact: its signature, the chain instead, everything before COPY."""
    van = Van()
    day = van.day(stops)
    keys = van.keys[van.name]
    batches = [day[at : at + FACTS_IN_MESSAGE] for at in range(0, len(day), FACTS_IN_MESSAGE)]
    messages = [van.facts_of(*batch) for batch in batches]

    def each() -> None:
        assert all(isinstance(admit(sealed, van.name, keys), Counted) for sealed in day)

    def chained() -> None:
        for batch in batches:
            assert all(isinstance(f, Counted) for f in admit_batch(batch, van.name, keys))

    def prepared() -> None:
        assert not prepare(messages, van.keys).refused

    per = {what: _cpu_us(what, len(day)) for what in (each, chained, prepared)}
    return [
        Figure("admit_each_us", "µs a fact, every signature checked", per[each]),
        Figure("admit_chain_us", "µs a fact, one signature a message", per[chained]),
        Figure("prepare_us", "µs a fact, until it can be written", per[prepared]),
    ]


def _cpu_us(what: Any, facts: int) -> float:
    best_s = float("inf")
    for _ in range(5):
        began_s = time.process_time()
        what()
        best_s = min(best_s, time.process_time() - began_s)
    return best_s / facts * 1e6


def _drive(folder: Path, cluster: Cluster, effort: Effort) -> tuple[list[Figure], list[str]]:
    total = effort.fleets * effort.vehicles
    with staged(folder, cluster, total, effort.workers) as (broker, config, workers):
        fleets = [
            Fleet(
                Plan(
                    port=broker.port,
                    first=number * effort.vehicles,
                    count=effort.vehicles,
                    days=effort.days,
                    for_s=3600.0,
                )
            )
            for number in range(effort.fleets)
        ]
        try:
            for fleet in fleets:
                fleet.until_ready()
            until(lambda: all(each.taking for each in workers), 60, workers[0].said)
            start_s = _cost_of_a_start(config)
            began_s = time.monotonic()
            for fleet in fleets:
                fleet.go()
            kills = _kill_in_turn(workers, fleets, effort.kill_every_s)
            took_s = time.monotonic() - began_s
            sent = [fleet.answer() for fleet in fleets]
        finally:
            for fleet in fleets:
                fleet.end()
        facts = sum(each["facts"] for each in sent)
        for worker in workers:
            worker.stop()
        # As after a power cut; what was acknowledged is read from what it recovers.
        with reaped(cluster):
            cluster.crash()
        cpu_s = cluster.cpu_s
        cluster.start()
        code, status = ask(config, "status")
        assert code == 0, status
        _, books = ask(config, "books")
        broker_cpu = _Cpu()
        with reaped(broker_cpu):
            broker.stop()
    starts_s = (len(workers) + kills) * start_s
    parts = {
        "workers": sum(worker.cpu_s for worker in workers) - starts_s,
        "postgres": cpu_s,
        "broker": broker_cpu.cpu_s,
        "vehicles": sum(each["cpu_s"] for each in sent),
    }
    figures = [
        Figure("facts_per_s", "facts/s, wall, all acknowledged", facts / took_s, "≥ 20,000"),
        Figure(
            "idle_facts_per_s",
            "facts/s that two idle cores would do, reckoned",
            (2 - start_s / effort.kill_every_s) * facts / sum(parts.values()),
        ),
        Figure("start_s", "processor time of a worker's start [s]", start_s),
        *(
            Figure(f"{name}_us", f"µs of processor time a fact: {name}", cpu_s / facts * 1e6)
            for name, cpu_s in parts.items()
        ),
        Figure("kills", "workers killed -9", kills),
        Figure("lost", "facts lost", books["facts_lost"] + facts - books["facts"], "0"),
        Figure("twice", "facts counted twice", books["facts_counted_twice"], "0"),
        Figure("resent", "facts that came again", status["resent"]),
    ]
    notes = [
        f"{facts:,} facts of {total} vehicles in {took_s:.0f} s; {effort.workers} workers",
        "processor time of the workers' starts is told apart; the server crashed at the end",
    ]
    return figures, notes


def _cost_of_a_start(config: Path) -> float:
    """Return the processor time of a worker that only starts and stops [s]."""
    spare = Worker(config, "spare")
    spare.start()
    until(lambda: spare.taking, 60, spare.said)
    assert spare.stop() == 0, spare.said
    return spare.cpu_s


@dataclass(slots=True)
class _Cpu:
    cpu_s: float = 0.0


def _kill_in_turn(workers: Any, fleets: Any, every_s: float) -> int:
    """Kill one worker every so often, start it again at once, until the fleets are done."""
    kills, next_s = 0, time.monotonic() + every_s
    while not all(fleet.done for fleet in fleets):
        time.sleep(0.02)
        if time.monotonic() >= next_s:
            victim = workers[kills % len(workers)]
            victim.kill()
            victim.start()
            kills += 1
            next_s += every_s
    return kills
