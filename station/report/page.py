"""The report as one HTML file: readable on a screen and on paper, nothing to load."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from station.report.charts import (
    EARLY_COLOUR,
    LATE_COLOUR,
    STATE_COLOURS,
    bars_chart,
    deviation_chart,
    outcomes_chart,
    timeline_chart,
)
from station.report.driving import counted, day_score
from station.report.markup import Cells, clock, section, table, tile
from station.report.words import DayReport, Incident, StopDay, VehicleDay

STYLE = Path(__file__).with_name("page.css")
SUCCESSES = ("DELIVERED", "HANDED_OVER", "LOCKER", "SAFE_PLACE")
MOST_INCIDENTS = 200


def report_page(report: DayReport) -> str:
    """Return the whole page; times are the station's own."""
    timezone = ZoneInfo(report.timezone)
    parcels = len({one.parcel_id for each in report.vehicles for one in each.parcels})
    without = parcels - sum(vehicle.books.ended for vehicle in report.vehicles)
    vehicles = report.vehicles
    body = "".join(
        (
            _header(report, timezone),
            _tiles(report, parcels),
            section("Parcels", outcomes_chart(report.outcomes, without)),
            section("The day in time", timeline_chart(vehicles, timezone)),
            section("Arrival against the plan", deviation_chart(vehicles, timezone)),
            '<div class="two">',
            section("Promised windows", _punctuality(vehicles)),
            section("Failed attempts", _failures(report)),
            "</div>",
            section("Vehicles", _vehicle_table(vehicles, timezone)),
            section("Exceptions", _incidents(report.incidents, timezone), kind="long"),
            '<div class="two">',
            section("Books", _books(vehicles)),
            section("Completeness of the data", _completeness(vehicles)),
            "</div>",
            *(_stops(vehicle, timezone) for vehicle in vehicles),
        )
    )
    title = escape(f"{report.station} · {report.day}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body><main>{body}<footer>Made by doorstep from the signed facts of the day; "
        "check them with <code>doorstep-station verify</code>.</footer></main></body></html>\n"
    )


def _header(report: DayReport, timezone: ZoneInfo) -> str:
    made = report.made_utc.astimezone(timezone)
    state = "all days closed" if _closed(report) else "a day is still open: figures so far"
    return (
        f"<header><h1>{escape(report.station)}<small>End of day · "
        f"{report.day:%A, %-d %B %Y}</small></h1>"
        f"<p>{escape(report.org)} · {len(report.vehicles)} vehicles · {state}<br>"
        f"made {made:%Y-%m-%d %H:%M} {escape(report.timezone)}</p></header>"
    )


def _tiles(report: DayReport, parcels: int) -> str:
    delivered = sum(report.outcomes.get(name, 0) for name in SUCCESSES)
    stops = [stop for vehicle in report.vehicles for stop in vehicle.stops]
    served = sum(stop.state in ("served", "partly") for stop in stops)
    on_time = report.punctuality.on_time_pct
    share = 100 * delivered / parcels if parcels else 0.0
    kilometres = report.driven_m / 1000
    closed = _closed(report)
    books = "balanced" if report.balanced else "differ"
    return (
        '<div class="tiles">'
        + "".join(
            (
                tile(
                    f"{delivered}<small> of {parcels}</small>",
                    f"parcels handed over, {share:.1f} %",
                    "good" if share >= 95 else "warn",
                ),
                tile(f"{served}<small> of {len(stops)}</small>", "stops served", ""),
                tile(
                    "–" if on_time is None else f"{on_time:.1f}<small> %</small>",
                    f"of {report.punctuality.promised} promised stops on time",
                    "" if on_time is None else "good" if on_time >= 97 else "warn",
                ),
                tile(
                    f"{kilometres:.0f}<small> km</small>",
                    f"driven, {report.planned_m / 1000:.0f} km planned",
                    "",
                ),
                tile(
                    str(sum(report.failures.values())),
                    "parcels in failed attempts",
                    "",
                ),
                tile(
                    books if closed or not report.balanced else "open",
                    "parcel books" + ("" if report.complete else ", data incomplete"),
                    "bad" if not report.balanced else "good" if closed else "warn",
                ),
            )
        )
        + "</div>"
    )


def _closed(report: DayReport) -> bool:
    return all(vehicle.books.closed for vehicle in report.vehicles)


def _punctuality(vehicles: Sequence[VehicleDay]) -> str:
    rows = []
    for vehicle in vehicles:
        times = vehicle.punctuality
        if not times.promised:
            continue
        off = ((times.late, "late"), (times.early, "early"))
        told = ", ".join(f"{count} {name}" for count, name in off if count)
        pieces = [
            (times.on_time, STATE_COLOURS["served"]),
            (times.late, LATE_COLOUR),
            (times.early, EARLY_COLOUR),
        ]
        behind = f"{times.on_time}/{times.promised}" + (f", {told}" if told else "")
        rows.append((vehicle.vehicle, pieces, behind))
    return bars_chart(rows)


def _failures(report: DayReport) -> str:
    ranked = sorted(report.failures.items(), key=lambda item: (-item[1], item[0]))
    return bars_chart(
        [
            (code.replace("_", " ").lower(), [(count, STATE_COLOURS["failed"])], str(count))
            for code, count in ranked
        ]
    )


def _vehicle_table(vehicles: Sequence[VehicleDay], timezone: ZoneInfo) -> str:
    head = ("Vehicle", "Driver", "*Stops", "*Failed", "*Open", "*Loaded", "*Left", "*Back",
            "*Hours", "*km", "*planned", "*On time", "*Plans", "*Driving")  # fmt: skip
    rows = []
    for vehicle in vehicles:
        on_time = vehicle.punctuality.on_time_pct
        driven = vehicle.driven_m
        rows.append(
            (
                f"<b>{escape(vehicle.vehicle)}</b>",
                escape(", ".join(vehicle.drivers)) or "–",
                f"{vehicle.count('served', 'partly')}/{len(vehicle.stops)}",
                str(vehicle.count("failed")),
                str(vehicle.count("open")),
                f"{vehicle.books.loaded}/{vehicle.books.expected}",
                _against(vehicle.departed_utc, vehicle.planned_departs_utc, timezone),
                _against(vehicle.back_utc, vehicle.planned_back_utc, timezone),
                _hours(vehicle),
                "–" if driven is None else f"{driven / 1000:.1f}",
                f"{vehicle.planned_m / 1000:.1f}",
                "–" if on_time is None else f"{on_time:.0f} %",
                str(vehicle.plans),
                _driving(vehicle),
            )
        )
    return table(head, rows)


def _driving(vehicle: VehicleDay) -> str:
    count = counted(vehicle.driving)
    return f'{day_score(vehicle.driving)} <span class="soft">{count}</span>' if count else "–"


def _incidents(incidents: Sequence[Incident], timezone: ZoneInfo) -> str:
    if not incidents:
        return '<p class="none">Nothing went otherwise than planned.</p>'
    rows = [
        (
            f'<span class="t">{clock(incident.utc, timezone)}</span>',
            escape(incident.vehicle),
            f'<span class="soft">{incident.kind}</span>',
            escape(incident.what),
        )
        for incident in incidents[:MOST_INCIDENTS]
    ]
    more = len(incidents) - MOST_INCIDENTS
    rest = f'<p class="none">and {more} more: see the JSON or XLSX.</p>' if more > 0 else ""
    return table(("Time", "Vehicle", "About", "What"), rows) + rest


def _books(vehicles: Sequence[VehicleDay]) -> str:
    rows = []
    for vehicle in vehicles:
        books = vehicle.books
        if books.differences:
            told = (
                '<span class="bad">' + "<br>".join(map(escape, books.differences)) + "</span>"
            )
        elif books.closed:
            told = '<span class="good">every parcel has one end</span>'
        else:
            told = '<span class="warn">day not closed yet</span>'
        figures = (books.expected, books.loaded, books.ended, books.lost)
        rows.append((escape(vehicle.vehicle), *map(str, figures), told))
    return table(("Vehicle", "*Expected", "*Loaded", "*Ended", "*Lost", ""), rows)


def _completeness(vehicles: Sequence[VehicleDay]) -> str:
    rows = []
    for vehicle in vehicles:
        known = vehicle.completeness
        missing = f'<b class="bad">{known.missing}</b>' if known.missing else "0"
        stores = (
            f'<b class="warn">{known.epochs}</b>' if known.epochs > 1 else str(known.epochs)
        )
        rows.append(
            (
                escape(vehicle.vehicle),
                str(known.facts),
                missing,
                str(known.starts),
                stores,
                f"{known.gnss_lost_s / 60:.0f} min",
                str(known.track_points_thinned),
            )
        )
    head = ("Vehicle", "*Facts", "*Missing", "*Starts", "*Stores", "*No position", "*Thinned")
    return table(head, rows)


def _stops(vehicle: VehicleDay, timezone: ZoneInfo) -> str:
    head = ("*#", "Stop", "Promised", "*Planned", "*Arrived", "*Service", "Outcome", "*Parcels",
            "Proof")  # fmt: skip
    proofs: dict[str, set[str]] = {}
    for parcel in vehicle.parcels:
        proofs.setdefault(parcel.stop_id, set()).update(parcel.proof)
    rows = [
        _stop_row(stop, sorted(proofs.get(stop.stop_id, ())), timezone)
        for stop in vehicle.stops
    ]
    title = f"{escape(vehicle.vehicle)} <small>{escape(vehicle.route_id)}</small>"
    return section(title, table(head, rows), kind="long")


def _stop_row(stop: StopDay, proof: Sequence[str], timezone: ZoneInfo) -> Cells:
    windows = "<br>".join(
        f"{clock(window.opens_utc, timezone)}–{clock(window.closes_utc, timezone)}"
        for window in stop.windows
    )
    off = ""
    if stop.late_s > 0:
        off = f' <b class="bad">+{stop.late_s / 60:.0f} min</b>'
    elif stop.early_s > 0:
        off = ' <b class="warn">early</b>'
    by = ' <span class="soft">(driver)</span>' if stop.arrived_by == "driver" else ""
    service = ""
    if stop.arrived_utc is not None and stop.closed_utc is not None:
        service = f"{(stop.closed_utc - stop.arrived_utc).total_seconds() / 60:.1f} min"
    codes = ", ".join(code.replace("_", " ").lower() for code in stop.codes)
    why = f' <span class="soft">{escape(codes)}</span>' if codes else ""
    address = f'<br><span class="soft">{escape(stop.address)}</span>' if stop.address else ""
    dot = f'<i class="dot" style="background:{STATE_COLOURS[stop.state]}"></i>'
    return (
        str(stop.number),
        f"{escape(stop.name or stop.stop_id)}{address}",
        f'<span class="t">{windows}</span>',
        clock(stop.planned_utc, timezone),
        f"{clock(stop.arrived_utc, timezone)}{off}{by}",
        service,
        f"{dot}{stop.state}{why}",
        f"{stop.delivered}/{stop.parcels}",
        escape(", ".join(proof)),
    )


def _against(actual: datetime | None, planned: datetime | None, timezone: ZoneInfo) -> str:
    """Return the actual time, and how much it is off the planned one."""
    shown = clock(actual, timezone)
    if actual is None or planned is None:
        return shown
    minutes = round((actual - planned) / timedelta(minutes=1))
    return f'{shown} <span class="soft">{minutes:+d}</span>' if minutes else shown


def _hours(vehicle: VehicleDay) -> str:
    if vehicle.departed_utc is None or vehicle.back_utc is None:
        return "–"
    minutes = round((vehicle.back_utc - vehicle.departed_utc) / timedelta(minutes=1))
    return f"{minutes // 60}:{minutes % 60:02d}"
