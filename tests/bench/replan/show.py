"""The comparison for people: a table, and a picture of gap against time."""

from collections.abc import Sequence
from pathlib import Path

from tests.bench.replan.compare import OURS, Row

LEAST_SHOWN_PCT = 0.01  # the axis is logarithmic, and gaps of nought are usual


def as_table(rows: Sequence[Row], events: int, budget_ms: float, reference_s: float) -> str:
    """Return one line for each solver."""
    head = ("solver", "gap p50 %", "p95 %", "mean %", "max %", "late", "dropped", "beyond ref")
    head += ("wall p50 ms", "p99 ms", "stall p99 ms")
    lines = [_line(head)]
    for row in rows:
        gaps = (row.gap_p50_pct, row.gap_p95_pct, row.gap_mean_pct, row.gap_max_pct)
        walls = (row.wall_p50_ms, row.wall_p99_ms, row.stall_p99_ms)
        counts = (row.late_events, row.dropped_stops, row.dropped_beyond_reference)
        cells = [f"{gap:.2f}" for gap in gaps] + [str(count) for count in counts]
        lines.append(_line((row.solver, *cells, *(f"{wall:.1f}" for wall in walls))))
    lines.append(
        f"{events} events, asked {budget_ms:g} ms on one thread; gap to the best of all, each"
        f" given {reference_s:g} s"
    )
    return "\n".join(lines)


def plot(rows: Sequence[Row], path: Path, budget_ms: float) -> bool:
    """Draw gap (p50, up to p95) against wall time; False where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for row in rows:
        low, high = (max(LEAST_SHOWN_PCT, gap) for gap in (row.gap_p50_pct, row.gap_p95_pct))
        colour = "tab:red" if row.solver == OURS else "tab:grey"
        wall_ms = max(0.1, row.wall_p50_ms)
        axes.plot([wall_ms, wall_ms], [low, high], color=colour, linewidth=1)
        axes.plot([wall_ms], [low], "o", color=colour)
        axes.annotate(row.solver, (wall_ms, low), (5, 3), textcoords="offset points")
    axes.axvline(budget_ms, linestyle=":", color="black", linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel="wall time, median [ms]")
    axes.set(ylabel="gap to the best, p50 up to p95 [%]")
    axes.set(title=f"Re-planning asked to take {budget_ms:g} ms")
    figure.savefig(path, dpi=120)
    return True


def _line(cells: Sequence[str]) -> str:
    return "  ".join([f"{cells[0]:<18}", *(f"{cell:>12}" for cell in cells[1:])])
