"""What reports, dispatch and verification read of the ledger.

Every function takes the connection and is run by `Database.read`.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from edge.messages.broker.wire import UndecodableError, read_fact
from edge.messages.facts import CommandRefused, Fact, MachineDirected
from station.store.ledger import media, streams

REFUSED_MARK = b'"fact":"command_refused"'
DIRECTED_MARK = b'"fact":"machine_directed"'


@dataclass(frozen=True, slots=True)
class SealedFact:
    """The exact bytes of one fact, and where it stands."""

    vehicle: str
    epoch: str
    seq: int
    sealed: bytes


def sealed_facts(db: sqlite3.Connection, since_utc: datetime | None) -> Iterator[SealedFact]:
    """Yield the facts received since an instant, by vehicle, epoch as begun, number.

    None yields every fact.
    """
    rows = db.execute(
        "SELECT s.vehicle, s.epoch, f.seq, f.sealed FROM stream s"
        " JOIN fact f ON f.stream = s.id WHERE s.lane = 'fact' AND f.received_utc >= ?"
        " ORDER BY s.vehicle, s.began_utc, s.id, f.seq",
        ("" if since_utc is None else since_utc.isoformat(),),
    )
    for vehicle, epoch, seq, sealed in rows:
        yield SealedFact(vehicle, epoch, seq, bytes(sealed))


def media_of(db: sqlite3.Connection, names: Iterable[str]) -> dict[str, tuple[str, bytes]]:
    """Return (media type, content) of the photos and signatures that are here, by name."""
    return {name: found for name in names if (found := media(db, name)) is not None}


def gaps_of(db: sqlite3.Connection) -> dict[str, int]:
    """Return, by vehicle, how many facts are known to exist and are not here yet."""
    gaps: dict[str, int] = {}
    for stream in streams(db):
        (held,) = db.execute(
            "SELECT count(*) FROM fact WHERE stream = ? AND seq > ?", (stream.row, stream.upto)
        ).fetchone()
        missing = stream.highest - stream.upto - held if stream.highest > stream.upto else 0
        gaps[stream.vehicle] = gaps.get(stream.vehicle, 0) + missing
    return gaps


def accepted_route(db: sqlite3.Connection, route_id: str) -> tuple[int, str, datetime] | None:
    """Return (revision, hash, when) of what the vehicle says it took over."""
    row = db.execute(
        "SELECT revision, hash, accepted_utc FROM route_state"
        " WHERE route = ? AND accepted_utc IS NOT NULL",
        (route_id,),
    ).fetchone()
    return None if row is None else (row[0], row[1], datetime.fromisoformat(row[2]))


def started_routes(db: sqlite3.Connection) -> set[str]:
    """Return the routes of which the vehicle has begun anything: loading or more."""
    rows = db.execute(
        "SELECT route FROM vehicle_state WHERE route <> '' AND phase NOT IN ('idle', 'offered')"
        " UNION SELECT route FROM parcel_state WHERE loaded_utc IS NOT NULL OR ends > 0"
        " UNION SELECT route FROM route_state WHERE day IS NOT NULL"
    )
    return {route for (route,) in rows}


def refusals_of(
    db: sqlite3.Connection, vehicle: str, since_utc: datetime
) -> dict[int, CommandRefused]:
    """Return the orders a vehicle refused since an instant, by their number."""
    return {
        fact.command_seq: fact
        for fact in _marked(db, vehicle, since_utc, REFUSED_MARK)
        if isinstance(fact, CommandRefused)
    }


def directions_of(
    db: sqlite3.Connection, vehicle: str, since_utc: datetime
) -> dict[int, MachineDirected]:
    """Return people's decisions that a machine carried out since an instant, by number."""
    return {
        fact.command_seq: fact
        for fact in _marked(db, vehicle, since_utc, DIRECTED_MARK)
        if isinstance(fact, MachineDirected)
    }


def _marked(
    db: sqlite3.Connection, vehicle: str, since_utc: datetime, mark: bytes
) -> Iterator[Fact]:
    rows = db.execute(
        "SELECT f.sealed FROM stream s JOIN fact f ON f.stream = s.id"
        " WHERE s.lane = 'fact' AND s.vehicle = ? AND f.received_utc >= ?"
        " AND instr(f.sealed, ?) > 0",
        (vehicle, since_utc.isoformat(), mark),
    )
    for (sealed,) in rows:
        try:
            yield read_fact(sealed).data
        except UndecodableError:
            continue
