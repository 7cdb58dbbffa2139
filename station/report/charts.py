"""The report's charts, drawn by hand in SVG: no library, no script, sharp in print."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from station.report.words import StopDay, VehicleDay

WIDTH = 1000
LEFT = 96  # of the time axis: room for the vehicles' names
RIGHT = 62  # room for the last hour, and for names at the end of a line
ROW = 46
SERVICE_LEAST_PX = 3.0
MOST_DEVIATION_MIN = 60.0  # dots beyond stand at the edge

OUTCOME_COLOURS: Mapping[str, str] = {
    "DELIVERED": "#2e8b63",
    "HANDED_OVER": "#4aa587",
    "LOCKER": "#3b7dae",
    "SAFE_PLACE": "#7fb0cf",
    "RETURNED": "#e3a33b",
    "FAILED": "#c9503c",
    "CANCELLED": "#9aa3ad",
    "no outcome": "#4b4f57",
}
STATE_COLOURS: Mapping[str, str] = {
    "served": "#2e8b63",
    "partly": "#9bb04a",
    "failed": "#c9503c",
    "cancelled": "#9aa3ad",
    "open": "#c7ced6",
}
LATE_COLOUR = "#c9503c"
EARLY_COLOUR = "#e3a33b"


def outcomes_chart(outcomes: Mapping[str, int], without: int) -> str:
    """Draw one bar that is all parcels, in the colours of their outcomes."""
    counts = {name: outcomes.get(name, 0) for name in OUTCOME_COLOURS}
    counts["no outcome"] = without
    total = sum(counts.values())
    if not total:
        return _empty("no parcels")
    parts, x = [], 0.0
    for name, count in counts.items():
        if not count:
            continue
        width = WIDTH * count / total
        colour = OUTCOME_COLOURS[name]
        parts.append(
            f'<rect x="{x:.1f}" y="0" width="{max(width - 2, 1):.1f}" height="40" rx="3" '
            f'fill="{colour}"><title>{escape(name)}: {count}</title></rect>'
        )
        if width > 46:
            middle = x + width / 2 - 1
            parts.append(f'<text class="on" x="{middle:.1f}" y="26">{count}</text>')
        x += width
    legend = "".join(
        f'<span><i style="background:{OUTCOME_COLOURS[name]}"></i>{_words(name)} '
        f"<b>{count}</b> <small>{100 * count / total:.1f} %</small></span>"
        for name, count in counts.items()
        if count
    )
    return _svg("".join(parts), 40, "parcels by outcome") + f'<p class="legend">{legend}</p>'


def timeline_chart(vehicles: Sequence[VehicleDay], timezone: ZoneInfo) -> str:
    """Draw each vehicle's day: the plan as a thin line, above what really happened."""
    instants = [
        instant
        for vehicle in vehicles
        for instant in (
            vehicle.planned_departs_utc,
            vehicle.planned_back_utc,
            vehicle.departed_utc,
            vehicle.back_utc,
            *(stop.arrived_utc for stop in vehicle.stops),
            *(stop.closed_utc for stop in vehicle.stops),
        )
        if instant is not None
    ]
    if not instants:
        return _empty("nothing has happened yet")
    axis = _Axis(min(instants), max(instants), timezone)
    height = ROW * len(vehicles) + 26
    parts = [axis.grid(height - 22)]
    for row, vehicle in enumerate(vehicles):
        parts.append(_vehicle_row(vehicle, axis, row * ROW))
    legend = "".join(
        f'<span><i style="background:{colour}"></i>{state}</span>'
        for state, colour in STATE_COLOURS.items()
        if state != "open"
    )
    legend += '<span><i class="plan"></i>planned</span><span><i class="late"></i>late</span>'
    return _svg("".join(parts), height, "stops in time") + f'<p class="legend">{legend}</p>'


def deviation_chart(vehicles: Sequence[VehicleDay], timezone: ZoneInfo) -> str:
    """Draw how much before or after the first plan each stop was reached."""
    dots = [
        (stop, vehicle.vehicle, stop.planned_utc, stop.arrived_utc)
        for vehicle in vehicles
        for stop in vehicle.stops
        if stop.planned_utc is not None and stop.arrived_utc is not None
    ]
    if not dots:
        return _empty("no stop was reached yet")
    minutes = [(arrived - planned).total_seconds() / 60 for _, _, planned, arrived in dots]
    limit = min(MOST_DEVIATION_MIN, max(15.0, *(abs(value) * 1.1 for value in minutes)))
    axis = _Axis(min(dot[2] for dot in dots), max(dot[2] for dot in dots), timezone)
    height, middle = 220, 98.0
    scale = 88 / limit
    parts = [axis.grid(height - 22)]
    step = 30 if limit > 35 else 15 if limit > 18 else 5
    for minute in range(-int(limit // step) * step, int(limit) + 1, step):
        y = middle - minute * scale
        kind = "zero" if minute == 0 else "grid"
        label = "as planned" if minute == 0 else f"{minute:+d} min"
        parts.append(
            f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="name" x="{LEFT - 10}" y="{y + 4:.1f}">{label}</text>'
        )
    ways: dict[str, list[tuple[float, float]]] = {}
    for (stop, vehicle, planned, _), value in zip(dots, minutes, strict=True):
        y = middle - max(-limit, min(limit, value)) * scale
        ways.setdefault(vehicle, []).append((axis.x(planned), y))
        colour = LATE_COLOUR if stop.late_s > 0 else STATE_COLOURS[stop.state]
        parts.append(
            f'<circle cx="{axis.x(planned):.1f}" cy="{y:.1f}" r="3.6" fill="{colour}" '
            f'fill-opacity=".8"><title>{escape(vehicle)} · {escape(stop.name or stop.stop_id)}'
            f": {value:+.0f} min</title></circle>"
        )
    parts[1:1] = [_thread(vehicle, points) for vehicle, points in ways.items()]
    return _svg("".join(parts), height, "arrival against plan")


def bars_chart(rows: Sequence[tuple[str, Sequence[tuple[int, str]], str]]) -> str:
    """Draw labelled bars of coloured pieces: (label, ((count, colour), …), words behind)."""
    if not rows:
        return _empty("none")
    most = max(sum(count for count, _ in pieces) for _, pieces, _ in rows) or 1
    width, left, behind, height = 480, 130, 140, 30
    parts = []
    for row, (label, pieces, told) in enumerate(rows):
        y = row * height
        parts.append(f'<text class="name" x="{left - 10}" y="{y + 19}">{escape(label)}</text>')
        x = float(left)
        for count, colour in pieces:
            if not count:
                continue
            long = (width - left - behind) * count / most
            parts.append(
                f'<rect x="{x:.1f}" y="{y + 5}" width="{max(long - 1, 1):.1f}" height="20" '
                f'rx="2" fill="{colour}"><title>{count}</title></rect>'
            )
            x += long
        parts.append(f'<text class="told" x="{x + 8:.1f}" y="{y + 19}">{escape(told)}</text>')
    return _svg("".join(parts), height * len(rows), "bars", width=width)


class _Axis:
    """Time from left to right, in the station's hours."""

    def __init__(self, first: datetime, last: datetime, timezone: ZoneInfo) -> None:
        local = first.astimezone(timezone)
        self._from = local.replace(minute=0, second=0, microsecond=0)
        hours = max(1, -(-int((last - self._from).total_seconds()) // 3600))
        self._hours = hours
        self._px_per_s = (WIDTH - LEFT - RIGHT) / (hours * 3600)

    def x(self, utc: datetime) -> float:
        """Return where an instant stands."""
        return LEFT + (utc - self._from).total_seconds() * self._px_per_s

    def grid(self, height: float) -> str:
        """Draw the hours."""
        step = 1 if self._hours <= 14 else 2 if self._hours <= 28 else 6
        parts = []
        for hour in range(0, self._hours + 1, step):
            at = self._from.astimezone(UTC) + timedelta(hours=hour)
            x = self.x(at)
            told = at.astimezone(self._from.tzinfo).strftime("%H:%M")
            parts.append(
                f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}"/>'
                f'<text class="hour" x="{x:.1f}" y="{height + 16}">{told}</text>'
            )
        return "".join(parts)


def _vehicle_row(vehicle: VehicleDay, axis: _Axis, top: float) -> str:
    middle = top + 25
    parts = [
        f'<text class="name" x="{LEFT - 10}" y="{middle + 4}">{escape(vehicle.vehicle)}</text>'
    ]
    planned_end = vehicle.planned_back_utc or vehicle.planned_departs_utc
    parts.append(_line("plan", axis, vehicle.planned_departs_utc, planned_end, top + 10))
    for stop in vehicle.stops:
        if stop.planned_utc is not None:
            x = axis.x(stop.planned_utc)
            parts.append(
                f'<line class="plan" x1="{x:.1f}" x2="{x:.1f}" y1="{top + 7}" y2="{top + 13}"/>'
            )
    if vehicle.departed_utc is not None:
        reached = [stop.closed_utc for stop in vehicle.stops if stop.closed_utc is not None]
        end = vehicle.back_utc or max(reached, default=vehicle.departed_utc)
        parts.append(_line("drive", axis, vehicle.departed_utc, end, middle))
    parts += [_stop_mark(stop, axis, middle) for stop in vehicle.stops]
    return "".join(parts)


def _thread(name: str, points: list[tuple[float, float]]) -> str:
    """Join a vehicle's dots, its name at the end."""
    points.sort()
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<polyline class="thread" points="{way}"/>'
        f'<text x="{x + 9:.1f}" y="{y + 4:.1f}">{escape(name)}</text>'
    )


def _stop_mark(stop: StopDay, axis: _Axis, middle: float) -> str:
    if stop.arrived_utc is None:
        return ""
    x = axis.x(stop.arrived_utc)
    until = stop.closed_utc or stop.arrived_utc
    width = max(SERVICE_LEAST_PX, axis.x(until) - x)
    told = escape(f"{stop.number}. {stop.name or stop.stop_id}: {stop.state}")
    mark = (
        f'<rect x="{x:.1f}" y="{middle - 8}" width="{width:.1f}" height="16" rx="1.5" '
        f'fill="{STATE_COLOURS[stop.state]}"><title>{told}</title></rect>'
    )
    if stop.late_s > 0:
        tip = x + width / 2
        mark += (
            f'<path d="M{tip - 4:.1f} {middle + 16}h8l-4 -6z" fill="{LATE_COLOUR}">'
            f"<title>{stop.late_s / 60:.0f} min late</title></path>"
        )
    return mark


def _line(kind: str, axis: _Axis, start: datetime, end: datetime, y: float) -> str:
    left, right = axis.x(start), axis.x(end)
    return f'<line class="{kind}" x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}"/>'


def _svg(content: str, height: float, label: str, *, width: int = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(label)}">'
        f"{content}</svg>"
    )


def _empty(why: str) -> str:
    return f'<p class="none">{escape(why)}</p>'


def _words(name: str) -> str:
    return escape(name.replace("_", " ").lower())
