"""The ledger's tables, and the reading and writing of their rows.

`stream` counts what was committed of each lane of each vehicle's epoch: everything up to
`upto` is held without a gap, `highest` is the highest number held. `fact` keeps the exact
sealed bytes, one row for each number, for ever.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from edge.messages.broker.stream import Ack

Lane = Literal["fact", "track", "proof"]

WINDOW = 256  # items beyond `upto` a vehicle may have under way
AHEAD_LIMIT = 10_000  # further ahead than this nothing is kept: it will be sent again
MISSING_LIMIT = 64  # as many as an Ack may name
QUARANTINE_LIMIT = 2_000  # rows; what comes after is counted, but not kept
KEPT_B = 200_000  # of what is quarantined

CREATE: tuple[str, ...] = (
    """
    CREATE TABLE stream (
        id INTEGER PRIMARY KEY,
        vehicle TEXT NOT NULL,
        lane TEXT NOT NULL,
        epoch TEXT NOT NULL,
        upto INTEGER NOT NULL DEFAULT 0,
        highest INTEGER NOT NULL DEFAULT 0,
        resent INTEGER NOT NULL DEFAULT 0,
        began_utc TEXT NOT NULL DEFAULT '',
        gap_since_utc TEXT,
        UNIQUE (vehicle, lane, epoch)
    );
    CREATE TABLE fact (
        stream INTEGER NOT NULL REFERENCES stream (id),
        seq INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        readable INTEGER NOT NULL,
        received_utc TEXT NOT NULL,
        PRIMARY KEY (stream, seq)
    );
    CREATE TABLE track (
        stream INTEGER NOT NULL REFERENCES stream (id),
        seq INTEGER NOT NULL,
        route TEXT NOT NULL,
        from_utc TEXT NOT NULL,
        points INTEGER NOT NULL,
        batch BLOB NOT NULL,
        PRIMARY KEY (stream, seq)
    );
    CREATE INDEX track_of_route ON track (route, from_utc);
    CREATE TABLE chunk (
        stream INTEGER NOT NULL REFERENCES stream (id),
        seq INTEGER NOT NULL,
        sha256 TEXT,
        piece_index INTEGER,
        piece_count INTEGER,
        piece BLOB,
        PRIMARY KEY (stream, seq)
    );
    CREATE INDEX chunk_of_media ON chunk (stream, sha256);
    CREATE TABLE media (
        sha256 TEXT PRIMARY KEY,
        media_type TEXT NOT NULL,
        vehicle TEXT NOT NULL,
        received_utc TEXT NOT NULL,
        content BLOB NOT NULL
    );
    CREATE TABLE quarantine (
        sha256 TEXT PRIMARY KEY,
        topic TEXT NOT NULL,
        why TEXT NOT NULL,
        seen INTEGER NOT NULL,
        received_utc TEXT NOT NULL,
        content BLOB NOT NULL
    );
    """,
)


@dataclass(slots=True)
class Stream:
    """One lane of one epoch of a vehicle, as far as it was committed."""

    row: int
    vehicle: str
    lane: Lane
    epoch: str
    upto: int
    highest: int
    resent: int
    began_utc: str
    """Time of its first fact; orders the epochs of a vehicle."""
    gap_since_utc: str | None


TABLE: dict[Lane, str] = {"fact": "fact", "track": "track", "proof": "chunk"}
COLUMNS = "id, vehicle, lane, epoch, upto, highest, resent, began_utc, gap_since_utc"


def find_stream(db: sqlite3.Connection, vehicle: str, lane: Lane, epoch: str) -> Stream | None:
    """Return the stream; None if nothing of it was ever held."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM stream WHERE vehicle = ? AND lane = ? AND epoch = ?",  # noqa: S608
        (vehicle, lane, epoch),
    ).fetchone()
    return None if row is None else Stream(*row)


def begin_stream(db: sqlite3.Connection, vehicle: str, lane: Lane, epoch: str) -> Stream:
    """Return a new stream, empty."""
    key = (vehicle, lane, epoch)
    db.execute("INSERT INTO stream (vehicle, lane, epoch) VALUES (?, ?, ?)", key)
    stream = find_stream(db, *key)
    assert stream is not None, "a stream that was just begun"
    return stream


def save_stream(db: sqlite3.Connection, stream: Stream) -> None:
    """Write the stream's counters back."""
    db.execute(
        "UPDATE stream SET upto = ?, highest = ?, resent = ?, began_utc = ?,"
        " gap_since_utc = ? WHERE id = ?",
        (
            stream.upto,
            stream.highest,
            stream.resent,
            stream.began_utc,
            stream.gap_since_utc,
            stream.row,
        ),
    )


def streams(db: sqlite3.Connection, lane: Lane = "fact") -> list[Stream]:
    """Return every stream of a lane, in the order they were first seen."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM stream WHERE lane = ? ORDER BY id",  # noqa: S608
        (lane,),
    )
    return [Stream(*row) for row in rows]


def held_of_all(db: sqlite3.Connection) -> dict[tuple[str, Lane, str], int]:
    """Return how far each (vehicle, lane, epoch) is held without a gap."""
    return {
        (stream.vehicle, stream.lane, stream.epoch): stream.upto
        for lane in TABLE
        for stream in streams(db, lane)
    }


def holds(db: sqlite3.Connection, stream: Stream, seq: int) -> bool:
    """Tell whether an item was committed."""
    if seq <= stream.upto or seq > stream.highest:
        return seq <= stream.upto
    found = db.execute(
        f"SELECT 1 FROM {TABLE[stream.lane]} WHERE stream = ? AND seq = ?",  # noqa: S608
        (stream.row, seq),
    ).fetchone()
    return found is not None


def held(db: sqlite3.Connection, stream: Stream, seq: int) -> bytes | None:
    """Return the sealed bytes held under a number; None if there are none."""
    row = db.execute(
        "SELECT sealed FROM fact WHERE stream = ? AND seq = ?", (stream.row, seq)
    ).fetchone()
    return None if row is None else bytes(row[0])


def keep_fact(
    db: sqlite3.Connection,
    stream: Stream,
    seq: int,
    sealed: bytes,
    *,
    readable: bool,
    utc: datetime,
) -> None:
    """Insert a fact that is not held yet."""
    db.execute(
        "INSERT INTO fact (stream, seq, sealed, readable, received_utc) VALUES (?, ?, ?, ?, ?)",
        (stream.row, seq, sealed, readable, utc.isoformat()),
    )


def missing(db: sqlite3.Connection, stream: Stream) -> tuple[int, ...]:
    """Return the first gaps below the highest number held."""
    if stream.highest <= stream.upto:
        return ()
    rows = db.execute(
        f"SELECT seq FROM {TABLE[stream.lane]} WHERE stream = ? AND seq > ? ORDER BY seq",  # noqa: S608
        (stream.row, stream.upto),
    )
    gaps: list[int] = []
    expected = stream.upto + 1
    for (seq,) in rows:
        gaps.extend(range(expected, min(seq, expected + MISSING_LIMIT)))
        expected = seq + 1
        if len(gaps) >= MISSING_LIMIT:
            break
    return tuple(gaps[:MISSING_LIMIT])


def ack_of(db: sqlite3.Connection, stream: Stream) -> Ack:
    """Return what the vehicle may be told once the transaction is on the disk."""
    return Ack(
        stream=stream.lane,
        epoch=stream.epoch,
        upto=stream.upto,
        window=WINDOW,
        missing=missing(db, stream),
    )


def quarantine(
    db: sqlite3.Connection,
    *,
    sha256: str,
    topic: str,
    why: str,
    content: bytes,
    utc: datetime,
) -> bool:
    """Keep aside what cannot be counted; return False if the same bytes were there already."""
    known = db.execute(
        "UPDATE quarantine SET seen = seen + 1 WHERE sha256 = ?", (sha256,)
    ).rowcount
    if known:
        return False
    (rows,) = db.execute("SELECT count(*) FROM quarantine").fetchone()
    if rows < QUARANTINE_LIMIT:
        db.execute(
            "INSERT INTO quarantine (sha256, topic, why, seen, received_utc, content)"
            " VALUES (?, ?, ?, 1, ?, ?)",
            (sha256, topic, why, utc.isoformat(), content),
        )
    return True


@dataclass(frozen=True, slots=True)
class HeldFact:
    """One row of the ledger."""

    vehicle: str
    epoch: str
    seq: int
    sealed: bytes


def held_facts(db: sqlite3.Connection, vehicle: str | None = None) -> Iterator[HeldFact]:
    """Yield the facts of one or every vehicle, by epoch as first seen, then by number."""
    rows = db.execute(
        "SELECT s.vehicle, s.epoch, f.seq, f.sealed FROM stream s"
        " JOIN fact f ON f.stream = s.id"
        " WHERE s.lane = 'fact' AND (?1 IS NULL OR s.vehicle = ?1)"
        " ORDER BY s.vehicle, s.began_utc, s.id, f.seq",
        (vehicle,),
    )
    for name, epoch, seq, sealed in rows:
        yield HeldFact(name, epoch, seq, bytes(sealed))


def media(db: sqlite3.Connection, sha256: str) -> tuple[str, bytes] | None:
    """Return (media type, content) of a photo or signature by its hash; None if not here."""
    row = db.execute(
        "SELECT media_type, content FROM media WHERE sha256 = ?", (sha256,)
    ).fetchone()
    return None if row is None else (row[0], bytes(row[1]))
