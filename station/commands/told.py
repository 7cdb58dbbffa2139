"""What the commands say to people: short tables, the important first."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from edge.messages.broker.wire import to_json
from station.conditions.words import ConditionsAnswer, ConditionsImported
from station.directing.desk import Direction
from station.evidence.verify import VerifyAnswer
from station.offers.words import OfferStanding
from station.report.words import DayReport
from station.roads.report import KerbsMade, RoadsAnswer, RoadsImported
from station.routes.dispatch import DispatchAnswer
from station.routes.revise import AssignAnswer
from station.stops.orders import ImportAnswer, Order

MOST_ROWS = 20  # of complaints shown; --all shows every one
PLAIN_WIDTH = 120  # where output goes to a file


def print_json(answer: object) -> None:
    """Print one line of JSON."""
    sys.stdout.buffer.write(to_json(answer) + b"\n")
    sys.stdout.buffer.flush()


def progress(line: str) -> None:
    """Tell how far something is, beside the result."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def tell_direction(sent: Direction) -> None:
    """Print what has become of a decision about a machine."""
    ended = {
        "waiting": f"sent; it counts until {sent.expires_utc:%H:%M:%S} UTC",
        "done": "done",
        "refused": f"refused: {sent.reason}",
        "unanswered": "the vehicle has not answered in time, and will not do it any more",
    }
    _console().print(f"{sent.vehicle}: {sent.wish.replace('_', '-')}: {ended[sent.state]}")


def tell_import(answer: ImportAnswer, *, everything: bool) -> None:
    """Say what became of a file: the mapping, the complaints, the sum."""
    console = _console()
    sheet = f" ({answer.sheet})" if answer.sheet else ""
    _table(
        console,
        f"{answer.file}{sheet}: columns",
        ("", "header", "taken as", "%", "for example"),
        (
            (
                use.column,
                use.header,
                use.field or "–",
                f"{use.likeness_pct:.0f}" if use.field else "",
                use.note or ", ".join(use.samples[:3]),
            )
            for use in answer.columns
        ),
    )
    spoken = [row for row in answer.rows if row.issues]
    spoken.sort(key=lambda row: (row.verdict != "rejected", row.row))
    shown = spoken if everything else spoken[:MOST_ROWS]
    if shown:
        _table(
            console,
            "rows to look at",
            ("row", "verdict", "why"),
            (
                (str(row.row), row.verdict, "\n".join(issue.told() for issue in row.issues))
                for row in shown
            ),
        )
    if len(spoken) > len(shown):
        console.print(f"… and {len(spoken) - len(shown)} more rows: --all shows them")
    states = ", ".join(f"{name} {count}" for name, count in answer.states.items() if count)
    console.print(answer.summary)
    if states:
        console.print(f"addresses: {states}")


def tell_orders(orders: Sequence[Order], timezone: ZoneInfo) -> None:
    """List stops."""
    rows = (
        (
            order.stop_id,
            order.name,
            order.address,
            ", ".join(
                f"{_clock(window.opens_utc, timezone)}–{_clock(window.closes_utc, timezone)}"
                for window in order.windows
            ),
            str(len(order.parcels)),
            f"cancelled: {order.cancelled}" if order.cancelled else order.state.value,
        )
        for order in orders
    )
    head = ("stop", "name", "address", "promised", "parcels", "state")
    _table(_console(), f"{len(orders)} stops", head, rows)


def tell_assign(answer: AssignAnswer, timezone: ZoneInfo) -> None:
    """Say which vehicle does what, and what nobody does."""
    console = _console()
    _table(
        console,
        "routes",
        ("vehicle", "rev.", "stops", "parcels", "kg", "leaves", "back", "km"),
        (
            (
                route.vehicle,
                str(route.revision),
                str(route.stops),
                str(route.parcels),
                f"{route.weight_kg:.0f}",
                _clock(route.departs_utc, timezone),
                _clock(route.back_utc, timezone),
                f"{route.distance_m / 1000:.1f}",
            )
            for route in answer.routes
        ),
    )
    for title, left in (("not assigned", answer.not_assigned), ("blocked", answer.blocked)):
        if left:
            rows = ((one.stop_id, one.name, one.why) for one in left)
            _table(console, f"{len(left)} stops {title}", ("stop", "name", "why"), rows)
    console.print(answer.summary)


def tell_dispatch(answer: DispatchAnswer, timezone: ZoneInfo) -> None:
    """Say what went out and who has it."""
    console = _console()
    _table(
        console,
        "routes",
        ("vehicle", "route", "rev.", "hash", "state", "since", "why"),
        (
            (
                one.vehicle,
                one.route_id,
                str(one.revision),
                one.route_hash[:12],
                one.state,
                _clock(one.accepted_utc or one.sent_utc, timezone),
                one.why,
            )
            for one in answer.standing
        ),
    )
    console.print(answer.summary)


def tell_conditions_import(answer: ConditionsImported) -> None:
    """Say what became of a file of conditions."""
    console = _console()
    for note in answer.notes:
        console.print(f"note: {note}")
    console.print(f"{answer.file} ({answer.kind}) → {answer.summary}")


def tell_conditions(answer: ConditionsAnswer, timezone: ZoneInfo) -> None:
    """Say which layers there are and who has them."""
    console = _console()
    rows = []
    for layer in answer.layers:
        what = ", ".join(f"{count} {name}" for name, count in layer.counts.items())
        states: dict[str, list[str]] = {}
        for one in layer.vehicles:
            state = f"{one.state}: {one.why}" if one.why else one.state
            states.setdefault(state, []).append(one.vehicle)
        who = "; ".join(f"{state} {', '.join(names)}" for state, names in states.items())
        expires = layer.expires_utc.astimezone(timezone).strftime("%Y-%m-%d %H:%M")
        version, cut = str(layer.version), str(layer.parts)
        rows.append((layer.name, version, what or layer.kind, cut, expires, who))
    head = ("layer", "version", "what", "parts", "until", "vehicles")
    _table(console, "conditions", head, rows)
    console.print(answer.summary)


def tell_offers(offers: Sequence[OfferStanding], timezone: ZoneInfo) -> None:
    """Say what was offered to whom and what became of it."""
    console = _console()
    rows = [
        (
            one.offer_id,
            one.vehicle,
            str(one.stops),
            one.state,
            "–" if one.slack_s is None else f"{one.slack_s / 60:.0f} min",
            "–" if one.added_s is None else f"{one.added_s / 60:.0f} min",
            one.sent_utc.astimezone(timezone).strftime("%H:%M:%S"),
            one.reason,
        )
        for one in offers
    ]
    head = ("offer", "vehicle", "stops", "state", "slack", "adds", "sent", "why")
    _table(console, "offers", head, rows)


def tell_report(report: DayReport) -> None:
    """Say how the day was in a few lines."""
    console = _console()
    rows = []
    for vehicle in report.vehicles:
        on_time = vehicle.punctuality.on_time_pct
        books = "balanced" if vehicle.books.balanced else "DIFFER"
        rows.append(
            (
                vehicle.vehicle,
                f"{vehicle.count('served', 'partly')}/{len(vehicle.stops)}",
                ", ".join(f"{name} {count}" for name, count in vehicle.outcomes.items()),
                "–" if on_time is None else f"{on_time:.0f} %",
                "–" if vehicle.driven_m is None else f"{vehicle.driven_m / 1000:.1f}",
                books if vehicle.books.closed else "open",
            )
        )
    title = f"{report.station}, {report.day}"
    _table(console, title, ("vehicle", "stops", "parcels", "on time", "km", "books"), rows)
    for vehicle in report.vehicles:
        for difference in vehicle.books.differences:
            console.print(f"{vehicle.vehicle}: {difference}")
    count = len(report.incidents)
    console.print(f"{count} exceptions; data {'complete' if report.complete else 'INCOMPLETE'}")


def tell_verify(answer: VerifyAnswer) -> None:
    """Say what holds and what does not."""
    console = _console()
    for fault in (*answer.faults, *answer.missing_media):
        console.print(fault.told())
    console.print(answer.summary)


def tell_roads_import(answer: RoadsImported) -> None:
    """Say what became of an extract: the graph, and what was left out."""
    tell_roads(answer.graph)
    console = _console()
    if answer.dropped:
        rows = ((f"{count:,}", what) for what, count in answer.dropped.items())
        _table(console, "left out, or taken otherwise", ("times", "what"), rows)
    console.print(
        f"{answer.ways:,} ways, {answer.restrictions:,} turn restrictions, "
        f"{answer.marks:,} barriers and signals; "
        f"{answer.took_s:.1f} s, at most {answer.peak_mb:.0f} MB"
    )


def tell_kerbs(answer: KerbsMade) -> None:
    """Say what a robot gets."""
    _console().print(answer.sentence)


def tell_roads(answer: RoadsAnswer) -> None:
    """Say what a road graph holds."""
    console = _console()
    rows = (
        (user, f"{roads.arcs:,}", f"{roads.km:,.0f}", f"{roads.turns:,}")
        for user, roads in answer.users.items()
    )
    _table(console, f"{answer.file}: roads", ("for", "arcs", "km", "turns"), rows)
    by_class = answer.classes_km.items()
    _table(console, "classes", ("class", "km"), ((name, f"{km:,.1f}") for name, km in by_class))
    box, country = answer.bounds, answer.country
    source = answer.source
    since = source.timestamp_utc or "an unknown time"
    console.print(
        f"{answer.nodes:,} nodes, {answer.arcs:,} arcs, {answer.turns:,} turns, "
        f"{answer.names:,} names, {answer.bytes / 1e6:.1f} MB\n"
        f"{box.south_deg:.4f} {box.west_deg:.4f} to {box.north_deg:.4f} {box.east_deg:.4f}, "
        f"driving on the {country.driving_side}, {country.speed_unit}"
        f"{'' if country.code == 'zz' else f', rules of {country.code}'}\n"
        f"of {source.file or 'no file'}, as of {since}, sha256 {source.sha256[:16]}\n"
        f"digest {answer.digest}\n{answer.attribution}"
    )


def tell_json_or(as_json: bool, answer: msgspec.Struct, words: str) -> None:
    """Print an answer as JSON, or a sentence."""
    if as_json:
        print_json(answer)
    else:
        _console().print(words)


def _table(
    console: Console, title: str, head: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _console() -> Console:
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(width=width, markup=False, highlight=False, emoji=False)


def _clock(utc: datetime | None, timezone: ZoneInfo) -> str:
    return "" if utc is None else utc.astimezone(timezone).strftime("%H:%M")
