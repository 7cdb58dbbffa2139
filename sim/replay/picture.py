"""The picture of a replayed day, as SVG: map, phases, battery, link, what waits, faults."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from math import cos, radians

from edge.messages.broker.wire import read_fact
from edge.messages.facts import Arrived, FactEvent
from edge.messages.geo import Place
from edge.record import entries as said
from edge.record.tape import Tape
from sim.replay.life import Lived
from sim.replay.replay import facts_of
from sim.replay.watch import Sample

WIDTH, MAP_HEIGHT, LEFT, ROW, BAR = 1000, 520, 110, 44, 22
COLOURS = {
    "idle": "#bbbbbb", "offered": "#d7c78a", "loading": "#e0a030", "underway": "#3b7dd8",
    "at_stop": "#3aa655", "returning": "#7a5cc0", "debriefing": "#b06090", "closed": "#666666",
}  # fmt: skip
OTHER, DOWN = "#7fb2b2", "#d03030"

Span = tuple[datetime, datetime, str, str]
"""From, until, colour, what it is."""


@dataclass
class Album:
    """Gathers the lives of a day as they are replayed."""

    vehicle: str
    samples: list[Sample] = field(default_factory=list)
    events: list[FactEvent] = field(default_factory=list)
    lives: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    links: list[Span] = field(default_factory=list)
    faults: list[tuple[datetime, str]] = field(default_factory=list)

    def look(self, tape: Tape, lived: Lived) -> None:
        """Take a life in."""
        begun = tape.begun
        last = tape.entries[-1] if tape.entries else begun

        def utc(at_s: float) -> datetime:
            return begun.utc + timedelta(seconds=at_s - begun.at_s)

        how = last.how if isinstance(last, said.Ended) else "cut off"
        self.lives.append((begun.utc, utc(last.at_s), how))
        if how != "stopped":
            self.faults.append((utc(last.at_s), f"daemon {how}"))
        self.samples += lived.samples
        self.faults += [(utc(at_s), why) for at_s, why in lived.refused]
        for entry in tape.entries:
            if isinstance(entry, said.Came) and not entry.content:
                self.faults.append((utc(entry.at_s), "a device's link ended"))
            elif isinstance(entry, said.NotOpened):
                self.faults.append((utc(entry.at_s), f"not opened: {entry.why}"))
        self.links += _links(tape, utc, utc(last.at_s))
        known = {event.seq for event in self.events}
        found = (read_fact(sealed) for _, sealed in facts_of(lived.store))
        self.events += [event for event in found if event.seq not in known]

    def svg(self) -> str:
        """Return the picture."""
        begins, ends = self.lives[0][0], max(end for _, end, _ in self.lives)
        length_s = max(1.0, (ends - begins).total_seconds())

        def x(utc: datetime) -> float:
            return LEFT + (WIDTH - LEFT - 10) * (utc - begins).total_seconds() / length_s

        rows: list[tuple[str, Callable[[float], Iterable[str]]]] = [
            ("phase", lambda y: _bars(self._phases(ends), x, y)),
            ("daemon", lambda y: _bars(self._running(), x, y)),
            ("broker", lambda y: _bars(self.links, x, y)),
            ("waiting", lambda y: _curve(self._waiting(), x, y, "facts at most")),
            ("faults", lambda y: _marks(self.faults, x, y)),
        ]
        battery = [(s.utc, s.battery_frac) for s in self.samples if s.battery_frac is not None]
        if battery:
            rows.insert(1, ("battery", lambda y: _curve(battery, x, y, "of 1 at most")))
        top = MAP_HEIGHT + 40
        height = top + ROW * len(rows) + 60
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            f'<text x="10" y="20" font-size="16">{escape(self.vehicle)}, '
            f"{begins:%Y-%m-%d %H:%M} to {ends:%H:%M} UTC</text>",
            *self._map(),
        ]
        for number, (name, draw) in enumerate(rows):
            y = top + number * ROW
            parts.append(f'<text x="10" y="{y + 15}">{name}</text>')
            parts += draw(y)
        parts += _hours(begins, ends, x, top, top + ROW * len(rows))
        parts += _legend(height - 14)
        return "\n".join((*parts, "</svg>\n"))

    def _phases(self, ends: datetime) -> list[Span]:
        changes = [
            sample
            for before, sample in zip((None, *self.samples), self.samples, strict=False)
            if before is None or before.phase != sample.phase
        ]
        until = [sample.utc for sample in changes[1:]] + [ends]
        return [
            (sample.utc, end, COLOURS.get(sample.phase, OTHER), sample.phase)
            for sample, end in zip(changes, until, strict=True)
        ]

    def _running(self) -> list[Span]:
        spans = [(begin, end, "#3aa655", how) for begin, end, how in self.lives]
        gaps = [
            (end, begin, DOWN, "down")
            for (_, end, _), (begin, _, _) in zip(self.lives, self.lives[1:], strict=False)
        ]
        return [*spans, *gaps]

    def _waiting(self) -> list[tuple[datetime, float]]:
        return [(sample.utc, float(sample.waiting)) for sample in self.samples]

    def _map(self) -> list[str]:
        track = [sample.place for sample in self.samples if sample.place is not None]
        stops = [
            (event.data.place, event.data.stop_id)
            for event in self.events
            if isinstance(event.data, Arrived) and event.data.place is not None
        ]
        if not track:
            return [f'<text x="{LEFT}" y="{MAP_HEIGHT // 2}">no position all day</text>']
        at = _projection([*track, *(place for place, _ in stops)])
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, track))
        parts = [f'<polyline points="{line}" fill="none" stroke="#3b7dd8" stroke-width="1.5"/>']
        for number, (place, stop_id) in enumerate(stops, 1):
            x, y = at(place)
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#3aa655">'
                f"<title>{number}: {escape(stop_id)}</title></circle>"
                f'<text x="{x + 5:.1f}" y="{y - 4:.1f}" font-size="10">{number}</text>'
            )
        return parts


def _links(tape: Tape, utc: Callable[[float], datetime], ends: datetime) -> list[Span]:
    """Return when the broker was connected: until the next attempt, or the end of the life."""
    spans: list[Span] = []
    since: datetime | None = None
    for entry in tape.entries:
        if isinstance(entry, said.Connected):
            since = utc(entry.at_s)
        elif isinstance(entry, said.Lost | said.NotConnected) and since is not None:
            spans.append((since, utc(entry.at_s), "#3aa655", "connected"))
            since = None
    return [*spans, (since, ends, "#3aa655", "connected")] if since is not None else spans


def _projection(places: Sequence[Place]) -> Callable[[Place], tuple[float, float]]:
    """Return where a place is on the map: north is up, and a metre is a metre each way."""
    south, north = min(p.lat_deg for p in places), max(p.lat_deg for p in places)
    west, east = min(p.lon_deg for p in places), max(p.lon_deg for p in places)
    narrow = cos(radians((south + north) / 2))
    wide, high = max((east - west) * narrow, 1e-5), max(north - south, 1e-5)
    scale = min((WIDTH - 60) / wide, (MAP_HEIGHT - 60) / high)

    def at(place: Place) -> tuple[float, float]:
        x = 30 + (place.lon_deg - west) * narrow * scale
        return x, MAP_HEIGHT - (place.lat_deg - south) * scale

    return at


def _bars(spans: Iterable[Span], x: Callable[[datetime], float], y: float) -> list[str]:
    return [
        f'<rect x="{x(begin):.1f}" y="{y}" width="{max(0.5, x(end) - x(begin)):.1f}" '
        f'height="{BAR}" fill="{colour}"><title>{escape(what)} {begin:%H:%M:%S}</title></rect>'
        for begin, end, colour, what in spans
    ]


def _curve(
    points: Sequence[tuple[datetime, float]],
    x: Callable[[datetime], float],
    y: float,
    unit: str,
) -> list[str]:
    if not points:
        return []
    most = max(max(value for _, value in points), 1.0)
    line = " ".join(f"{x(utc):.1f},{y + BAR * (1 - v / most):.1f}" for utc, v in points)
    return [
        f'<polyline points="{line}" fill="none" stroke="#333333"/>',
        f'<text x="10" y="{y + 28}" font-size="9" fill="#777777">{most:g} {unit}</text>',
    ]


def _marks(
    marks: Iterable[tuple[datetime, str]], x: Callable[[datetime], float], y: float
) -> list[str]:
    return [
        f'<line x1="{x(utc):.1f}" x2="{x(utc):.1f}" y1="{y}" y2="{y + BAR}" stroke="{DOWN}">'
        f"<title>{utc:%H:%M:%S} {escape(what)}</title></line>"
        for utc, what in marks
    ]


def _hours(
    begins: datetime, ends: datetime, x: Callable[[datetime], float], top: float, bottom: float
) -> list[str]:
    hour = begins.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    parts = []
    while hour <= ends:
        parts.append(
            f'<line x1="{x(hour):.1f}" x2="{x(hour):.1f}" y1="{top}" y2="{bottom}" '
            'stroke="#dddddd"/>'
            f'<text x="{x(hour) - 14:.1f}" y="{bottom + 12}">{hour:%H:%M}</text>'
        )
        hour += timedelta(hours=1)
    return parts


def _legend(y: float) -> list[str]:
    parts = []
    for number, (phase, colour) in enumerate(COLOURS.items()):
        x = LEFT + number * 105
        parts.append(
            f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{colour}"/>'
            f'<text x="{x + 16}" y="{y}">{phase}</text>'
        )
    return parts
