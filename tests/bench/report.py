"""What a bench says: figures beside their goals, and on which machine they were measured."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number."""

    key: str
    """Name for machines, with its unit."""
    what: str
    value: float
    goal: str = ""
    """From the design; empty if there is none."""


@dataclass(frozen=True, slots=True)
class Told:
    """Everything one bench has to say."""

    figures: Sequence[Figure]
    notes: Sequence[str] = ()


def quantile(values: Sequence[float], q: float) -> float:
    """Return the smallest value that at least `q` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-round(q * 1e6) * len(ordered) // 1_000_000) - 1)]


def machine() -> dict[str, Any]:
    """Describe the machine without naming it."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "ram_gib": round(pages / 2**30),
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load_1min": round(os.getloadavg()[0], 1),
    }


def as_json(bench: str, told: Told, wall_s: float) -> dict[str, Any]:
    """Return what stands in the bench's line of JSON."""
    return {
        "bench": bench,
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "wall_s": round(wall_s, 1),
        "figures": {figure.key: rounded(figure.value) for figure in told.figures},
        "notes": list(told.notes),
    }


def as_table(bench: str, told: Told, wall_s: float) -> str:
    """Return the figures for people."""
    wide = max(len(figure.what) for figure in told.figures)
    lines = [f"{bench} ({wall_s:.0f} s)"]
    for figure in told.figures:
        goal = f"   goal {figure.goal}" if figure.goal else ""
        lines.append(f"  {figure.what:<{wide}}  {rounded(figure.value):>10,}{goal}")
    return "\n".join([*lines, *(f"  {note}" for note in told.notes)])


def rounded(value: float) -> float:
    """Round to three digits, or to the whole number if it has more."""
    if value == 0 or abs(value) >= 100:
        return round(value)
    return float(f"{value:.3g}")


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
