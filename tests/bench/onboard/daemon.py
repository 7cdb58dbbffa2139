"""What the running daemon costs: memory, processor, and the time until it is there."""

import asyncio
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from tests.bench.onboard.vehicle import ROOT, Van, van
from tests.bench.report import Figure, Told

MIB = 2**20
IMPORTED = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look."""

    watch_s: float
    stops: int
    served: int
    starts: int
    imports: int


FULL = Effort(watch_s=20.0, stops=120, served=10, starts=7, imports=5)
TINY = Effort(watch_s=0.5, stops=3, served=1, starts=1, imports=1)


def measure(effort: Effort) -> Told:
    """Idle, then with a route under way, then killed and started again."""
    with tempfile.TemporaryDirectory() as name:
        figures = asyncio.run(_live(Path(name), effort))
    import_ms, told = _imports(effort.imports)
    figures.append(Figure("import_min_ms", "import of edge.__main__, best [ms]", import_ms))
    return Told(figures, told)


async def _live(folder: Path, effort: Effort) -> list[Figure]:
    figures: list[Figure] = []
    async with van(folder) as one:
        await one.start()
        async with one.phone_on() as phone:
            figures += await _watched(one, effort, "idle", "idle, 1 Hz GNSS", cpu_goal="")
            one.every_s = 0.1
            figures += await _watched(one, effort, "idle_10hz", "idle, 10 Hz GNSS")
            await one.take_out(phone, effort.stops, effort.served)
            figures += await _watched(
                one, effort, "route_10hz", f"{effort.stops} stops under way, 10 Hz GNSS"
            )
            high = _high_water_mib(one)
        figures.append(Figure("rss_high_mib", "largest RSS so far [MiB]", high, "≤ 90"))
        ready, published = await _starts(one, effort.starts)
    for values, key, what, goal in (
        (ready, "resumed", "killed with the route under way → leg resumed", "≤ 2"),
        (published, "published", "  → first publish", "≤ 3"),
    ):
        figures += [
            Figure(f"{key}_p50_s", f"{what}, median [s]", median(values), goal),
            Figure(f"{key}_min_s", "  best", min(values)),
        ]
    return figures


async def _watched(
    one: Van, effort: Effort, key: str, what: str, cpu_goal: str = "≤ 8"
) -> list[Figure]:
    """Look at the process for a while; the phone is on."""
    assert one.process is not None, "the daemon runs"
    process = psutil.Process(one.process.pid)
    began, began_s = process.cpu_times(), time.monotonic()
    await asyncio.sleep(effort.watch_s)
    after, took_s = process.cpu_times(), time.monotonic() - began_s
    used_s = after.user + after.system - began.user - began.system
    cpu_pct = max(0.0, 100 * used_s / took_s)
    memory = process.memory_full_info()
    return [
        Figure(f"{key}_rss_mib", f"{what}: RSS [MiB]", memory.rss / MIB, "≤ 90"),
        Figure(f"{key}_pss_mib", "  PSS", memory.pss / MIB),
        Figure(f"{key}_uss_mib", "  USS", memory.uss / MIB),
        Figure(f"{key}_cpu_pct", "  processor [% of a core]", cpu_pct, cpu_goal),
    ]


def _high_water_mib(one: Van) -> float:
    assert one.process is not None, "the daemon runs"
    for line in Path(f"/proc/{one.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("Linux tells VmHWM")


async def _starts(one: Van, starts: int) -> tuple[list[float], list[float]]:
    """Kill the daemon and start it again, each time in the middle of the route."""
    ready, published = [], []
    for _ in range(starts):
        await one.stop(signal.SIGKILL)
        ready_s, published_s = await one.start()
        ready.append(ready_s)
        published.append(published_s)
    return ready, published


def _imports(times: int) -> tuple[float, list[str]]:
    """Return the shortest import [ms], and what it was spent on by package."""
    best: dict[str, int] = {}
    for _ in range(times):
        spent: Counter[str] = Counter()
        told = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", "import edge.__main__"],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        for own_us, _, name in IMPORTED.findall(told.stderr):
            spent[name.split(".")[0]] += int(own_us)
        if not best or spent.total() < sum(best.values()):
            best = dict(spent)
    ten = Counter(best).most_common(10)
    rows = [f"  {name:<18} {us / 1000:6.1f}" for name, us in ten]
    return sum(best.values()) / 1000, ["import by package [ms], the ten longest:", *rows]
