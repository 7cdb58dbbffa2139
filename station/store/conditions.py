"""Layers of conditions as the station holds them, and which of them each vehicle was sent.

Every function takes the connection and is run by `Database.transaction` or `.read`.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from edge.messages.broker.wire import from_json, to_json
from edge.messages.conditions import Layer

CREATE: tuple[str, ...] = (
    """
    CREATE TABLE layers (
        name TEXT PRIMARY KEY, version INTEGER NOT NULL, kind TEXT NOT NULL,
        file TEXT NOT NULL, issued_utc TEXT NOT NULL, expires_utc TEXT NOT NULL,
        parts INTEGER NOT NULL, counts TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE layer_parts (
        name TEXT NOT NULL, part INTEGER NOT NULL, content BLOB NOT NULL,
        PRIMARY KEY (name, part)
    ) WITHOUT ROWID;
    CREATE TABLE layers_sent (
        vehicle TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
        epoch TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        sent_utc TEXT NOT NULL, PRIMARY KEY (vehicle, name)
    ) WITHOUT ROWID
    """,
)

SENT_KEPT = timedelta(days=7)
"""How long it is remembered which version of a layer that is gone a vehicle was sent."""


@dataclass(frozen=True, slots=True)
class KeptLayer:
    """A layer without its content."""

    name: str
    version: int
    kind: str
    """Of the file it was read from."""
    file: str
    issued_utc: datetime
    expires_utc: datetime
    parts: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class SentLayer:
    """The last version of a layer that went into a vehicle's outbox."""

    vehicle: str
    name: str
    version: int
    epoch: str
    first: int
    last: int
    """Numbers of the orders that carry it."""
    sent_utc: datetime


def keep_layer(
    db: sqlite3.Connection, kind: str, file: str, parts: Sequence[Layer], counts: dict[str, int]
) -> None:
    """Store a layer in place of the one of its name."""
    first = parts[0]
    db.execute("DELETE FROM layer_parts WHERE name = ?", (first.name,))
    db.execute(
        "INSERT OR REPLACE INTO layers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            first.name,
            first.version,
            kind,
            file,
            first.issued_utc.isoformat(),
            first.expires_utc.isoformat(),
            len(parts),
            to_json(counts).decode(),
        ),
    )
    db.executemany(
        "INSERT INTO layer_parts VALUES (?, ?, ?)",
        [(part.name, part.part, to_json(part)) for part in parts],
    )


def layers(db: sqlite3.Connection) -> list[KeptLayer]:
    """Return the layers, by name."""
    rows = db.execute(
        "SELECT name, version, kind, file, issued_utc, expires_utc, parts, counts"
        " FROM layers ORDER BY name"
    )
    return [
        KeptLayer(
            name=name,
            version=version,
            kind=kind,
            file=file,
            issued_utc=datetime.fromisoformat(issued),
            expires_utc=datetime.fromisoformat(expires),
            parts=parts,
            counts=msgspec.json.decode(counts, type=dict[str, int]),
        )
        for name, version, kind, file, issued, expires, parts, counts in rows
    ]


def parts_of(db: sqlite3.Connection, name: str) -> list[Layer]:
    """Return the parts of a layer, in order."""
    rows = db.execute("SELECT content FROM layer_parts WHERE name = ? ORDER BY part", (name,))
    return [from_json(content, Layer) for (content,) in rows]


def last_version(db: sqlite3.Connection, name: str) -> int:
    """Return the highest version of a layer that there was, as far as is remembered."""
    (version,) = db.execute(
        "SELECT max(version) FROM (SELECT version FROM layers WHERE name = ?1"
        " UNION ALL SELECT version FROM layers_sent WHERE name = ?1)",
        (name,),
    ).fetchone()
    return version or 0


def drop_expired(db: sqlite3.Connection, utc: datetime) -> int:
    """Forget the layers that have expired; return how many."""
    gone = [layer.name for layer in layers(db) if layer.expires_utc <= utc]
    for name in gone:
        db.execute("DELETE FROM layers WHERE name = ?", (name,))
        db.execute("DELETE FROM layer_parts WHERE name = ?", (name,))
    db.execute(
        "DELETE FROM layers_sent WHERE sent_utc < ? AND name NOT IN (SELECT name FROM layers)",
        ((utc - SENT_KEPT).isoformat(),),
    )
    return len(gone)


def sent_layers(db: sqlite3.Connection) -> dict[tuple[str, str], SentLayer]:
    """Return what was sent, by vehicle and layer."""
    rows = db.execute(
        "SELECT vehicle, name, version, epoch, first, last, sent_utc FROM layers_sent"
    )
    return {
        (vehicle, name): SentLayer(
            vehicle, name, version, epoch, first, last, datetime.fromisoformat(sent_utc)
        )
        for vehicle, name, version, epoch, first, last, sent_utc in rows
    }


def note_sent(db: sqlite3.Connection, sent: SentLayer) -> None:
    """Note what a vehicle was sent last."""
    db.execute(
        "INSERT OR REPLACE INTO layers_sent VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            sent.vehicle,
            sent.name,
            sent.version,
            sent.epoch,
            sent.first,
            sent.last,
            sent.sent_utc.isoformat(),
        ),
    )
