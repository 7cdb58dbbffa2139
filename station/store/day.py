"""The day's tables: orders, addresses, routes, and the numbered orders to each vehicle.

Every function takes the connection and is run by `Database.transaction` or `.read`.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from msgspec.structs import replace

from edge.messages.broker.wire import content_hash, from_json, to_json
from edge.messages.geo import Place
from edge.messages.routes import Route
from station.stops.orders import Order

CREATE: tuple[str, ...] = (
    """
    CREATE TABLE orders (
        day TEXT NOT NULL, stop_id TEXT NOT NULL, state TEXT NOT NULL, content BLOB NOT NULL,
        source TEXT NOT NULL, PRIMARY KEY (day, stop_id)
    ) WITHOUT ROWID;
    CREATE TABLE order_parcels (
        day TEXT NOT NULL, parcel_id TEXT NOT NULL, stop_id TEXT NOT NULL,
        PRIMARY KEY (day, parcel_id)
    ) WITHOUT ROWID;
    CREATE INDEX order_parcels_by_stop ON order_parcels (day, stop_id);
    CREATE TABLE addresses (
        address TEXT PRIMARY KEY, lat_deg REAL NOT NULL, lon_deg REAL NOT NULL,
        source TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE routes (
        route_id TEXT NOT NULL, revision INTEGER NOT NULL, day TEXT NOT NULL,
        vehicle TEXT NOT NULL, hash TEXT NOT NULL, content BLOB NOT NULL,
        made_utc TEXT NOT NULL, dispatched_utc TEXT, sent_epoch TEXT, sent_seq INTEGER,
        PRIMARY KEY (route_id, revision)
    ) WITHOUT ROWID;
    CREATE INDEX routes_by_day ON routes (day, vehicle);
    CREATE TABLE down_streams (
        vehicle TEXT PRIMARY KEY, epoch TEXT NOT NULL, last INTEGER NOT NULL,
        acked INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE outbox (
        vehicle TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, name TEXT NOT NULL,
        sealed BLOB NOT NULL, issued_utc TEXT NOT NULL, expires_utc TEXT NOT NULL,
        PRIMARY KEY (vehicle, epoch, seq)
    ) WITHOUT ROWID
    """,
)

KEPT = "content, hash, day, dispatched_utc, sent_epoch, sent_seq"

CommandName = Literal["route", "command"]
"""A row of the catalog: which topic an order travels on."""


@dataclass(frozen=True, slots=True)
class DownStream:
    """How far the station's orders to one vehicle have come."""

    vehicle: str
    epoch: str
    last: int
    acked: int


@dataclass(frozen=True, slots=True)
class KeptRoute:
    """A route as the station holds it."""

    route: Route
    hash: str
    day: date
    dispatched_utc: datetime | None
    sent_epoch: str | None
    sent_seq: int | None
    """The number of the order that carried it."""


def orders_of(db: sqlite3.Connection, day: date) -> list[Order]:
    """Return the orders of a day, by stop id."""
    rows = db.execute("SELECT content FROM orders WHERE day = ? ORDER BY stop_id", (str(day),))
    return [from_json(content, Order) for (content,) in rows]


def order_of(db: sqlite3.Connection, day: date, stop_id: str) -> Order | None:
    """Return one order, or None."""
    row = db.execute(
        "SELECT content FROM orders WHERE day = ? AND stop_id = ?", (str(day), stop_id)
    ).fetchone()
    return from_json(row[0], Order) if row else None


def keep_order(db: sqlite3.Connection, order: Order, source: str) -> None:
    """Store an order, in place of one with the same day and stop id."""
    release_parcels(db, [(order.day, order.stop_id)])
    db.execute(
        "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?)",
        (str(order.day), order.stop_id, order.state.value, to_json(order), source),
    )
    keep_parcels(db, order)


def cancel_order(db: sqlite3.Connection, order: Order, reason: str) -> None:
    """Note that an order is not to be served any more."""
    db.execute(
        "UPDATE orders SET content = ? WHERE day = ? AND stop_id = ?",
        (to_json(replace(order, cancelled=reason)), str(order.day), order.stop_id),
    )


def release_parcels(db: sqlite3.Connection, orders: Iterable[tuple[date, str]]) -> None:
    """Forget whose the parcels of these orders (day, stop id) are."""
    db.executemany(
        "DELETE FROM order_parcels WHERE day = ? AND stop_id = ?",
        [(str(day), stop_id) for day, stop_id in orders],
    )


def keep_parcels(db: sqlite3.Connection, order: Order) -> None:
    """Note whose the parcels of an order are; who has one already keeps it."""
    db.executemany(
        "INSERT OR IGNORE INTO order_parcels VALUES (?, ?, ?)",
        [(str(order.day), parcel.parcel_id, order.stop_id) for parcel in order.parcels],
    )


def owner_of_parcel(db: sqlite3.Connection, day: date, parcel_id: str) -> str | None:
    """Return the stop of a day that has this parcel."""
    row = db.execute(
        "SELECT stop_id FROM order_parcels WHERE day = ? AND parcel_id = ?",
        (str(day), parcel_id),
    ).fetchone()
    return None if row is None else str(row[0])


def known_places(db: sqlite3.Connection, addresses: Iterable[str]) -> dict[str, Place]:
    """Return the places known for normalised addresses."""
    found = {}
    for address in set(addresses):
        row = db.execute(
            "SELECT lat_deg, lon_deg FROM addresses WHERE address = ?", (address,)
        ).fetchone()
        if row is not None:
            found[address] = Place(lat_deg=row[0], lon_deg=row[1])
    return found


def learn_place(db: sqlite3.Connection, address: str, place: Place, source: str) -> None:
    """Remember where a normalised address is; newer knowledge wins."""
    db.execute(
        "INSERT OR REPLACE INTO addresses VALUES (?, ?, ?, ?)",
        (address, place.lat_deg, place.lon_deg, source),
    )


def routes_of(db: sqlite3.Connection, day: date) -> list[KeptRoute]:
    """Return the newest revision of each route of a day, by vehicle."""
    rows = db.execute(
        f"SELECT {KEPT} FROM routes AS kept WHERE day = ? AND"  # noqa: S608
        " revision = (SELECT MAX(revision) FROM routes WHERE route_id = kept.route_id)"
        " ORDER BY vehicle",
        (str(day),),
    )
    return [_kept(*row) for row in rows]


def dispatched_routes_of(db: sqlite3.Connection, day: date) -> list[KeptRoute]:
    """Return the newest dispatched revision of each route of a day, by vehicle."""
    rows = db.execute(
        f"SELECT {KEPT} FROM routes AS kept WHERE day = ? AND"  # noqa: S608
        " revision = (SELECT MAX(revision) FROM routes WHERE route_id = kept.route_id"
        " AND dispatched_utc IS NOT NULL) ORDER BY vehicle",
        (str(day),),
    )
    return [_kept(*row) for row in rows]


def last_day_with_routes(db: sqlite3.Connection, latest: date) -> date | None:
    """Return the newest day up to `latest` that has a route."""
    row = db.execute("SELECT MAX(day) FROM routes WHERE day <= ?", (str(latest),)).fetchone()
    return None if row[0] is None else date.fromisoformat(row[0])


def drop_drafts(db: sqlite3.Connection, day: date) -> None:
    """Forget the routes of a day that were never dispatched."""
    db.execute("DELETE FROM routes WHERE day = ? AND dispatched_utc IS NULL", (str(day),))


def keep_route(db: sqlite3.Connection, day: date, route: Route, made_utc: datetime) -> None:
    """Store a new revision of a route."""
    db.execute(
        "INSERT INTO routes VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
        (
            route.route_id,
            route.revision,
            str(day),
            route.vehicle,
            content_hash(route),
            to_json(route),
            made_utc.isoformat(),
        ),
    )


def mark_dispatched(
    db: sqlite3.Connection, route: Route, utc: datetime, epoch: str, seq: int
) -> None:
    """Note when a revision of a route went out, and in which order to the vehicle."""
    db.execute(
        "UPDATE routes SET dispatched_utc = ?, sent_epoch = ?, sent_seq = ?"
        " WHERE route_id = ? AND revision = ?",
        (utc.isoformat(), epoch, seq, route.route_id, route.revision),
    )


def down_stream(db: sqlite3.Connection, vehicle: str) -> DownStream | None:
    """Return the stream of orders to a vehicle; None before the first."""
    row = db.execute(
        "SELECT vehicle, epoch, last, acked FROM down_streams WHERE vehicle = ?", (vehicle,)
    ).fetchone()
    return None if row is None else DownStream(*row)


def begin_down_stream(db: sqlite3.Connection, vehicle: str, epoch: str) -> DownStream:
    """Return the stream of orders to a vehicle, begun with this epoch if there is none."""
    db.execute("INSERT OR IGNORE INTO down_streams VALUES (?, ?, 0, 0)", (vehicle, epoch))
    stream = down_stream(db, vehicle)
    assert stream is not None, "a stream that was just begun"
    return stream


def append_command(
    db: sqlite3.Connection,
    stream: DownStream,
    name: CommandName,
    sealed: bytes,
    *,
    issued_utc: datetime,
    expires_utc: datetime,
) -> int:
    """Put the sealed bytes of order `stream.last + 1` into the outbox; return the number."""
    seq = stream.last + 1
    db.execute(
        "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            stream.vehicle,
            stream.epoch,
            seq,
            name,
            sealed,
            issued_utc.isoformat(),
            expires_utc.isoformat(),
        ),
    )
    db.execute("UPDATE down_streams SET last = ? WHERE vehicle = ?", (seq, stream.vehicle))
    return seq


def read_outbox(
    db: sqlite3.Connection, vehicle: str, epoch: str, first: int, limit: int
) -> list[tuple[int, CommandName, bytes]]:
    """Return orders from number `first` on: number, name in the catalog, sealed bytes."""
    rows = db.execute(
        "SELECT seq, name, sealed FROM outbox WHERE vehicle = ? AND epoch = ? AND seq >= ?"
        " ORDER BY seq LIMIT ?",
        (vehicle, epoch, first, limit),
    )
    return [(seq, name, bytes(sealed)) for seq, name, sealed in rows]


def acknowledge_outbox(db: sqlite3.Connection, vehicle: str, epoch: str, upto: int) -> None:
    """Note that the vehicle has the orders up to a number, which may be less than before."""
    db.execute(
        "UPDATE down_streams SET acked = MIN(?, last) WHERE vehicle = ? AND epoch = ?",
        (upto, vehicle, epoch),
    )


def _kept(
    content: bytes,
    digest: str,
    day: str,
    dispatched_utc: str | None,
    sent_epoch: str | None,
    sent_seq: int | None,
) -> KeptRoute:
    return KeptRoute(
        route=from_json(content, Route),
        hash=digest,
        day=date.fromisoformat(day),
        dispatched_utc=None
        if dispatched_utc is None
        else datetime.fromisoformat(dispatched_utc),
        sent_epoch=sent_epoch,
        sent_seq=sent_seq,
    )
