"""The rows of track.db: batches of points, packed with zstd, and how they are thinned."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

import msgspec
import zstandard

from edge.messages.broker.wire import MAX_DECODED_B, UndecodableError, from_msgpack, to_msgpack
from edge.messages.facts import TrackThinned
from edge.messages.state import TrackBatch
from edge.store.healing import healed

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE track (seq INTEGER PRIMARY KEY, level INTEGER, crc INTEGER, batch BLOB);
CREATE INDEX track_level ON track (level, seq);
"""

WHOLE, THIN, EMPTY = 0, 1, 2
KEEP_EVERY = 10  # 1 Hz becomes 0.1 Hz
ROWS_AT_ONCE = 10
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)

LEVEL = 9
_own = threading.local()
"""A compressor for each worker thread: a new one for each batch is half of the work."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the file holds when it is opened."""

    epoch: str
    acked: int
    last: int
    stored_b: int


def pack(batch: TrackBatch) -> bytes:
    """Return the bytes of a batch as they travel."""
    compressor: zstandard.ZstdCompressor | None = getattr(_own, "compressor", None)
    if compressor is None:
        compressor = _own.compressor = zstandard.ZstdCompressor(LEVEL)
    return compressor.compress(to_msgpack(batch))


def unpack(packed: bytes) -> TrackBatch:
    """Return the batch of the bytes that travel. Raises UndecodableError."""
    try:
        if zstandard.frame_content_size(packed) > MAX_DECODED_B:
            raise UndecodableError(f"track batch: more than {MAX_DECODED_B} bytes")
        raw = zstandard.decompress(packed, MAX_DECODED_B)
    except zstandard.ZstdError as error:
        raise UndecodableError(f"track batch: {error}") from error
    return from_msgpack(raw, TrackBatch)


def empty(vehicle: str, utc: datetime) -> TrackBatch:
    """Return a batch that stands for one whose content is lost."""
    return TrackBatch(
        vehicle=vehicle,
        from_utc=utc,
        time_source="none",
        route_id=None,
        driver=None,
        points=(),
    )


def load(connection: sqlite3.Connection, new_epoch: Callable[[], str]) -> Found:
    """Read the few numbers that are kept in memory; begin an epoch in an empty file."""
    meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    if not meta:
        meta = {"epoch": new_epoch()}
        connection.execute("INSERT INTO meta VALUES ('epoch', ?)", (meta["epoch"],))
    last, stored_b = connection.execute(
        "SELECT max(seq), coalesce(sum(length(batch)), 0) FROM track"
    ).fetchone()
    acked = meta.get("acked", 0)
    return Found(meta["epoch"], acked, max(last or 0, acked, meta.get("last", 0)), stored_b)


def write(connection: sqlite3.Connection, written: Sequence[tuple[int, TrackBatch]]) -> int:
    """Write batches, the last of which may be written again longer; return bytes added."""
    added_b = 0
    for seq, batch in written:
        packed = pack(batch)
        before = connection.execute("SELECT length(batch) FROM track WHERE seq = ?", (seq,))
        added_b += len(packed) - (before.fetchone() or (0,))[0]
        level = WHOLE if batch.points else EMPTY
        row = (seq, level, crc32(packed, seq), packed)
        connection.execute("REPLACE INTO track VALUES (?, ?, ?, ?)", row)
    return added_b


def read(
    connection: sqlite3.Connection, first: int, last: int, limit: int
) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]:
    """Return (sound, rotten) batches from one number to another, at most `limit` together."""
    found = connection.execute(
        "SELECT seq, crc, batch FROM track WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
        (first, last, limit),
    ).fetchall()
    sound: list[tuple[int, bytes]] = []
    rotten: list[tuple[int, bytes]] = []
    for seq, crc, packed in found:
        whole = packed if crc32(packed, seq) == crc else healed(packed, crc, seq)
        if whole is None:
            rotten.append((seq, packed))
        else:
            sound.append((seq, whole))
    return sound, rotten


def delete(connection: sqlite3.Connection, upto: int, last: int) -> int:
    """Delete what is acknowledged; return the bytes freed. `last` is never numbered again."""
    (freed_b,) = connection.execute(
        "SELECT coalesce(sum(length(batch)), 0) FROM track WHERE seq <= ?", (upto,)
    ).fetchone()
    connection.execute("DELETE FROM track WHERE seq <= ?", (upto,))
    connection.execute("REPLACE INTO meta VALUES ('acked', ?), ('last', ?)", (upto, last))
    return int(freed_b)


def thin(
    connection: sqlite3.Connection, wanted_b: int, last: int
) -> tuple[int, TrackThinned | None]:
    """Free space from the oldest batches up to `last`: first their detail, then all of it."""
    freed_b, points = 0, 0
    spans: list[tuple[datetime, datetime]] = []
    for level in (WHOLE, THIN):
        while freed_b < wanted_b:
            found = connection.execute(
                "SELECT seq, crc, batch FROM track WHERE level = ? AND seq <= ?"
                " ORDER BY seq LIMIT ?",
                (level, last, ROWS_AT_ONCE),
            ).fetchall()
            if not found:
                break
            # Taken out first and put back together: rows that shrink in their place leave
            # every page half empty, and the file stays as large as it was.
            connection.executemany(
                "DELETE FROM track WHERE seq = ?", [(seq,) for seq, _, _ in found]
            )
            for seq, crc, packed in found:
                left, lost, span = _thinner(packed, level, sound=crc32(packed, seq) == crc)
                row = (seq, level + 1, crc32(left, seq), left)
                connection.execute("INSERT INTO track VALUES (?, ?, ?, ?)", row)
                freed_b += len(packed) - len(left)
                points += lost
                spans += [span] if lost else []
    if not spans:
        return freed_b, None
    from_utc, until_utc = min(start for start, _ in spans), max(end for _, end in spans)
    return freed_b, TrackThinned(points=points, from_utc=from_utc, until_utc=until_utc)


def _thinner(
    packed: bytes, level: int, *, sound: bool
) -> tuple[bytes, int, tuple[datetime, datetime]]:
    """Return the batch with less in it, how many points that cost, and their span of time."""
    batch = unpack(packed) if sound else empty("", NO_TIME)
    kept = batch.points[::KEEP_EVERY] if level == WHOLE else ()
    lost = len(batch.points) - len(kept)
    last_ms = batch.points[-1].t_ms if batch.points else 0
    span = (batch.from_utc, batch.from_utc + timedelta(milliseconds=last_ms))
    thinned = msgspec.structs.replace(batch, points=kept, thinned=batch.thinned + lost)
    return pack(thinned), lost, span
