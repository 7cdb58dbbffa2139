"""The report as an XLSX workbook, for people who calculate on."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import xlsxwriter

from station.report.driving import counted, day_score
from station.report.words import DayReport

Value = str | int | float | datetime | None
WIDEST = 44  # characters of a column


def report_workbook(report: DayReport) -> bytes:
    """Return the workbook; times are the station's own, and real Excel times."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "remove_timezone": True})
    book.set_properties({"title": f"{report.station} {report.day}", "created": report.made_utc})
    pages = _Pages(book, ZoneInfo(report.timezone))
    pages.add("Vehicles", VEHICLE_HEAD, _vehicles(report))
    pages.add("Stops", STOP_HEAD, _stops(report))
    pages.add("Parcels", PARCEL_HEAD, _parcels(report))
    pages.add("Exceptions", INCIDENT_HEAD, _incidents(report))
    pages.add("Books and data", BOOK_HEAD, _books(report))
    book.close()
    return out.getvalue()


class _Pages:
    """Adds one table after the other."""

    def __init__(self, book: xlsxwriter.Workbook, timezone: ZoneInfo) -> None:
        self._book = book
        self._timezone = timezone
        self._head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef1f5"})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})

    def add(self, name: str, head: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        """Add a sheet with a header that stays, a filter, and columns wide enough."""
        page = self._book.add_worksheet(name)
        widths = [len(title) + 3 for title in head]
        page.write_row(0, 0, head, self._head)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    local = value.astimezone(self._timezone).replace(tzinfo=None)
                    page.write_datetime(last, column, local, self._time)
                    widths[column] = max(widths[column], 20)
                elif isinstance(value, str):
                    page.write_string(last, column, value)
                    widths[column] = max(widths[column], len(value) + 1)
                elif value is not None:
                    page.write_number(last, column, value)
        for column, width in enumerate(widths):
            page.set_column(column, column, min(width, WIDEST))
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, last, len(head) - 1)


VEHICLE_HEAD = ("Vehicle", "Route", "Revision", "Drivers", "Planned departure", "Departure",
                "Planned return", "Return", "Planned m", "Driven m", "Stops", "Served",
                "Failed", "Cancelled", "Open", "Promised", "On time", "Late", "Early",
                "Worst late s", "Plans", "Driving events", "Driving score")  # fmt: skip


def _vehicles(report: DayReport) -> Iterable[Sequence[Value]]:
    for vehicle in report.vehicles:
        times = vehicle.punctuality
        yield (
            vehicle.vehicle,
            vehicle.route_id,
            vehicle.revision,
            ", ".join(vehicle.drivers),
            vehicle.planned_departs_utc,
            vehicle.departed_utc,
            vehicle.planned_back_utc,
            vehicle.back_utc,
            vehicle.planned_m,
            vehicle.driven_m,
            len(vehicle.stops),
            vehicle.count("served", "partly"),
            vehicle.count("failed"),
            vehicle.count("cancelled"),
            vehicle.count("open"),
            times.promised,
            times.on_time,
            times.late,
            times.early,
            times.worst_late_s,
            vehicle.plans,
            counted(vehicle.driving),
            day_score(vehicle.driving),
        )


STOP_HEAD = ("Vehicle", "#", "Stop", "Name", "Address", "Opens", "Closes", "Planned", "Arrived",
             "By", "Closed", "Late s", "Early s", "State", "Parcels", "Delivered",
             "Codes")  # fmt: skip


def _stops(report: DayReport) -> Iterable[Sequence[Value]]:
    for vehicle in report.vehicles:
        for stop in vehicle.stops:
            yield (
                vehicle.vehicle,
                stop.number,
                stop.stop_id,
                stop.name,
                stop.address,
                min((window.opens_utc for window in stop.windows), default=None),
                max((window.closes_utc for window in stop.windows), default=None),
                stop.planned_utc,
                stop.arrived_utc,
                stop.arrived_by,
                stop.closed_utc,
                stop.late_s,
                stop.early_s,
                stop.state,
                stop.parcels,
                stop.delivered,
                ", ".join(stop.codes),
            )


PARCEL_HEAD = ("Vehicle", "Parcel", "Stop", "Loaded", "Outcome", "Code", "Custody", "Ended",
               "Failed attempts", "Proof", "Off site")  # fmt: skip


def _parcels(report: DayReport) -> Iterable[Sequence[Value]]:
    for vehicle in report.vehicles:
        for parcel in vehicle.parcels:
            yield (
                vehicle.vehicle,
                parcel.parcel_id,
                parcel.stop_id,
                parcel.loaded_utc,
                parcel.outcome,
                parcel.code,
                parcel.custody,
                parcel.ended_utc,
                parcel.attempts,
                ", ".join(parcel.proof),
                "yes" if parcel.off_site else "",
            )


INCIDENT_HEAD = ("Time", "Vehicle", "About", "What")


def _incidents(report: DayReport) -> Iterable[Sequence[Value]]:
    for incident in report.incidents:
        yield incident.utc, incident.vehicle, incident.kind, incident.what


BOOK_HEAD = ("Vehicle", "Expected", "Loaded", "Ended", "Lost", "Differences", "Facts",
             "Missing facts", "Starts", "Stores", "No position s",
             "Positions thinned")  # fmt: skip


def _books(report: DayReport) -> Iterable[Sequence[Value]]:
    for vehicle in report.vehicles:
        books, known = vehicle.books, vehicle.completeness
        yield (
            vehicle.vehicle,
            books.expected,
            books.loaded,
            books.ended,
            books.lost,
            "; ".join(books.differences) or "none",
            known.facts,
            known.missing,
            known.starts,
            known.epochs,
            known.gnss_lost_s,
            known.track_points_thinned,
        )
