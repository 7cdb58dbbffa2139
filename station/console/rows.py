"""What the console reads of the projections.

Every function takes the connection and is run by `Database.read`.
"""

import json
import sqlite3
from dataclasses import dataclass

import msgspec

from edge.messages.broker.wire import from_json
from edge.messages.facts import PlanChanged
from edge.messages.parcels import ParcelId
from edge.messages.routes import Route
from station.store.day import KeptRoute


class BooksPicture(msgspec.Struct, frozen=True, kw_only=True):
    """Parcels of the day; `expected` is the sum of what follows it, but for `attempted`."""

    expected: int = 0
    waiting: int = 0
    """Not loaded yet."""
    on_board: int = 0
    delivered: int = 0
    returned: int = 0
    failed: int = 0
    """Missing, lost or cancelled."""
    attempted: int = 0
    """Of those on board: a hand-over failed."""


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """The last state of a vehicle, by its facts."""

    phase: str = "idle"
    driver: str = ""
    route: str = ""
    stop: str = ""
    no_position: str = ""


@dataclass(frozen=True, slots=True)
class RouteRows:
    """What the projections say about one route."""

    accepted: bool
    plan: PlanChanged | None
    stops: dict[str, tuple[str | None, str | None, float, int, int, str, int]]
    """By stop: arrived_utc, closed_utc, late_s, delivered, failed, code, cancelled."""
    books: BooksPicture


def read_vehicles(db: sqlite3.Connection) -> dict[str, VehicleRow]:
    """Return the last state of every vehicle that was ever heard."""
    rows = db.execute("SELECT vehicle, phase, driver, route, stop, gnss FROM vehicle_state")
    return {name: VehicleRow(*row) for name, *row in rows}


def read_route(db: sqlite3.Connection, kept: KeptRoute) -> RouteRows:
    """Return what has become of a route."""
    route_id = kept.route.route_id
    row = db.execute(
        "SELECT hash, plan FROM route_state WHERE route = ?", (route_id,)
    ).fetchone()
    plan = from_json(row[1], PlanChanged) if row is not None and row[1] else None
    stops = db.execute(
        "SELECT stop, arrived_utc, closed_utc, late_s, delivered, failed, code, cancelled"
        " FROM stop_state WHERE route = ?",
        (route_id,),
    )
    elsewhere = _counted_elsewhere(db, kept.route)
    waiting, on_board, delivered, returned, failed, attempted = db.execute(
        "SELECT total(loaded_utc IS NULL AND outcome IS NULL),"
        " total(loaded_utc IS NOT NULL AND outcome IS NULL),"
        " total(outcome IN ('DELIVERED', 'LOCKER', 'SAFE_PLACE', 'HANDED_OVER')),"
        " total(outcome = 'RETURNED'), total(outcome IN ('FAILED', 'CANCELLED')),"
        " total(loaded_utc IS NOT NULL AND outcome IS NULL AND attempts > 0)"
        " FROM parcel_state WHERE route = ? AND parcel NOT IN (SELECT value FROM json_each(?))",
        (route_id, json.dumps(sorted(elsewhere))),
    ).fetchone()
    known = int(waiting + on_board + delivered + returned + failed)
    expected = max(len(kept.route.parcels) - len(elsewhere), known)
    return RouteRows(
        accepted=row is not None and row[0] == kept.hash,
        plan=plan,
        stops={stop: tuple(values) for stop, *values in stops},
        books=BooksPicture(
            expected=expected,
            waiting=int(waiting) + expected - known,
            on_board=int(on_board),
            delivered=int(delivered),
            returned=int(returned),
            failed=int(failed),
            attempted=int(attempted),
        ),
    )


def _counted_elsewhere(db: sqlite3.Connection, route: Route) -> set[ParcelId]:
    """Return the parcels of a route that another vehicle's route counts now.

    A parcel of a meeting is the giver's until one of the two says that it has changed hands.
    """
    found: set[ParcelId] = set()
    for stop in route.stops:
        if stop.meeting is None:
            continue
        told = db.execute(
            "SELECT parcel FROM transfer WHERE meeting = ?", (stop.meeting.meeting_id,)
        )
        moved = {parcel for (parcel,) in told}
        its = set(stop.parcels)
        found |= its & moved if stop.meeting.gives else its - moved
    return found


def sum_books(all_books: list[BooksPicture]) -> BooksPicture:
    """Return the books of several routes as one."""
    names = BooksPicture.__struct_fields__
    return BooksPicture(
        **{name: sum(getattr(books, name) for books in all_books) for name in names}
    )
