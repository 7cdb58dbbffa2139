"""The ledger's binary lanes: tracks in batches, photos and signatures in chunks.

They are not signed; what a photo must be is said by its hash in a signed fact.
"""

import hashlib
import re
import sqlite3
from collections.abc import Container

import zstandard

from edge.messages.broker.stream import ProofChunk, TrackItem, crc_of
from edge.messages.broker.wire import UndecodableError, from_msgpack
from edge.messages.state import TrackBatch
from station.books.admission import EPOCH, LAST_SEQ
from station.books.intake import Intake, Received
from station.store import ledger as rows
from station.store.ledger import AHEAD_LIMIT, Stream

MAX_BATCH_B = 4_000_000  # of one unpacked track batch: a day at 10 Hz is below it
MAX_PIECES = 256  # of one photo: more than 20 MB in pieces of 96 kB
MAX_WAITING_PIECES = 4_096  # of unfinished photos of one epoch, some 400 MB


class LaneError(ValueError):
    """An item of a binary lane cannot be used; says why."""


def unpack_batch(packed: bytes, vehicle: str) -> TrackBatch:
    """Return the positions of one track item. Raises LaneError."""
    try:
        size = zstandard.frame_content_size(packed)
        if size > MAX_BATCH_B:
            raise LaneError(f"a track batch of {size} bytes")
        unpacked = zstandard.ZstdDecompressor().decompress(packed, max_output_size=MAX_BATCH_B)
        batch = from_msgpack(unpacked, TrackBatch)
    except (zstandard.ZstdError, UndecodableError) as error:
        raise LaneError(str(error)) from error
    if batch.vehicle != vehicle:
        raise LaneError(f"a track of {batch.vehicle!r} on the topic of {vehicle!r}")
    return batch


def check_item(item: TrackItem | ProofChunk, vehicle: str, keys: Container[str]) -> None:
    """Check whose item of a binary lane it says it is; `keys` name the vehicles.

    Raises LaneError.
    """
    if vehicle not in keys:
        raise LaneError(f"no vehicle {vehicle[:64]!r} in station.toml")
    if not (re.search(EPOCH, item.epoch) and 1 <= item.seq <= LAST_SEQ):
        raise LaneError(f"not a position: {item.epoch[:64]!r} {item.seq}")
    if item.crc is not None and item.crc != crc_of(item):
        raise LaneError("changed on the way: its checksum does not fit its bytes")


def is_usable(chunk: ProofChunk) -> bool:
    """Tell whether a chunk can be part of a photo."""
    return 0 <= chunk.index < chunk.count <= MAX_PIECES


def take_track(intake: Intake, received: Received) -> None:
    """Take one batch of positions."""
    try:
        item = from_msgpack(received.payload, TrackItem)
        stream = _stream_of(intake, received, item)
    except (UndecodableError, LaneError) as error:
        intake.refuse(received, received.payload, str(error))
        return
    if stream is None:
        return
    values: tuple[object, ...] = ("", "", 0, b"")
    try:
        batch = unpack_batch(item.batch, received.vehicle)
        values = (
            batch.route_id or "",
            batch.from_utc.isoformat(),
            len(batch.points),
            item.batch,
        )
        intake.taken.tracks.append(batch)
    except LaneError as error:
        intake.refuse(received, received.payload, str(error))
    key = (stream.row, item.seq)
    intake.db.execute("INSERT INTO track VALUES (?, ?, ?, ?, ?, ?)", key + values)
    _advance(intake, stream, item.seq)


def take_proof(intake: Intake, received: Received) -> None:
    """Take one chunk; the last one completes the photo."""
    try:
        chunk = from_msgpack(received.payload, ProofChunk)
        stream = _stream_of(intake, received, chunk)
    except (UndecodableError, LaneError) as error:
        intake.refuse(received, received.payload, str(error))
        return
    if stream is None:
        return
    db = intake.db
    usable = is_usable(chunk)
    if not usable:
        intake.refuse(received, received.payload, f"piece {chunk.index} of {chunk.count}")
    wanted = usable and rows.media(db, chunk.sha256) is None
    if wanted and _waiting_pieces(db, stream) >= MAX_WAITING_PIECES:
        intake.refuse(received, b"", "too many unfinished photos")
        return
    piece = (chunk.sha256, chunk.index, chunk.count, chunk.piece) if wanted else (None,) * 4
    db.execute("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?)", (stream.row, chunk.seq, *piece))
    _advance(intake, stream, chunk.seq)
    if wanted:
        _assemble(intake, received, stream, chunk)


def _stream_of(
    intake: Intake, received: Received, item: TrackItem | ProofChunk
) -> Stream | None:
    """Return the stream a new item belongs to; None if it needs no keeping."""
    check_item(item, received.vehicle, intake.keys)
    stream = intake.stream(received.vehicle, received.lane, item.epoch, begin=True)
    assert stream is not None, "a stream to begin"
    if rows.holds(intake.db, stream, item.seq):
        intake.again(stream)
        return None
    return stream if item.seq <= stream.upto + AHEAD_LIMIT else None


def _advance(intake: Intake, stream: Stream, seq: int) -> None:
    stream.highest = max(stream.highest, seq)
    while stream.upto < stream.highest and (
        seq == stream.upto + 1 or rows.holds(intake.db, stream, stream.upto + 1)
    ):
        stream.upto += 1


def _waiting_pieces(db: sqlite3.Connection, stream: Stream) -> int:
    (count,) = db.execute(
        "SELECT count(*) FROM chunk WHERE stream = ? AND sha256 IS NOT NULL", (stream.row,)
    ).fetchone()
    return int(count)


def _assemble(intake: Intake, received: Received, stream: Stream, chunk: ProofChunk) -> None:
    """Put a photo together once its pieces are all here."""
    db = intake.db
    key = (stream.row, chunk.sha256)
    found = db.execute(
        "SELECT piece_index, piece FROM chunk WHERE stream = ? AND sha256 = ?"
        " AND piece_count = ? GROUP BY piece_index ORDER BY piece_index",
        (*key, chunk.count),
    ).fetchall()
    if [index for index, _ in found] != list(range(chunk.count)):
        return
    content = b"".join(piece for _, piece in found)
    if hashlib.sha256(content).hexdigest() == chunk.sha256:
        db.execute(
            "INSERT INTO media VALUES (?, ?, ?, ?, ?)",
            (
                chunk.sha256,
                chunk.media_type,
                stream.vehicle,
                intake.utc.isoformat(),
                content,
            ),
        )
    else:
        why = f"the pieces of photo {chunk.sha256[:16]} do not make it"
        intake.refuse(received, content[: rows.KEPT_B], why)
    db.execute(
        "UPDATE chunk SET sha256 = NULL, piece_index = NULL, piece_count = NULL, piece = NULL"
        " WHERE stream = ? AND sha256 = ?",
        key,
    )
