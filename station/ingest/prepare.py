"""What a group of messages comes to, before anything is written: items to keep, and the rest.

The rules are those of the books: `admit_batch` for facts, `lanes` for tracks and photos.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from edge.messages.broker.stream import ProofChunk, TrackItem
from edge.messages.broker.wire import UndecodableError, from_msgpack, split_facts
from station.books.admission import Counted, NotCounted, admit_batch
from station.books.intake import KeyRing, Received
from station.books.lanes import LaneError, check_item, is_usable, unpack_batch
from station.store.ledger import KEPT_B, Lane

Key = tuple[str, str]
"""(vehicle, epoch)."""
Row = tuple[object, ...]
"""The columns of an item behind its stream and number."""
Kind = Literal["quarantine", "forged", "conflict"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Bytes that cannot be counted."""

    vehicle: str
    topic: str
    why: str
    kind: Kind
    content: bytes

    @property
    def sha256(self) -> str:
        """Name of the bytes in quarantine."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True)
class Batch:
    """What to commit at once."""

    items: dict[Lane, dict[Key, dict[int, Row]]] = field(default_factory=dict)
    topics: dict[Key, str] = field(default_factory=dict)
    """Where the facts of a stream came, for what turns out not to be countable."""
    refused: list[Refused] = field(default_factory=list)
    again: Counter[tuple[Lane, Key]] = field(default_factory=Counter)
    """Items that came twice in this very group."""

    def refuse(
        self, received: Received, content: bytes, why: str, kind: Kind = "quarantine"
    ) -> None:
        """Keep bytes aside."""
        why = why.replace("\0", "\N{REPLACEMENT CHARACTER}")
        topic = received.topic.replace("\0", "\N{REPLACEMENT CHARACTER}")
        self.refused.append(Refused(received.vehicle, topic, why, kind, content[:KEPT_B]))

    def add(self, received: Received, epoch: str, seq: int, row: Row) -> None:
        """Keep an item; the first bytes of a number stand."""
        key = (received.vehicle, epoch)
        stream = self.items.setdefault(received.lane, {}).setdefault(key, {})
        held = stream.get(seq)
        if held is None:
            stream[seq] = row
        elif held == row or received.lane != "fact":
            self.again[received.lane, key] += 1
        else:
            assert isinstance(row[0], bytes), "a fact's first column are its bytes"
            self.refuse(received, row[0], second(seq), "conflict")


def second(seq: int) -> str:
    """Say that a number was given twice."""
    return f"fact {seq} came twice with different content, both signed"


def prepare(group: Iterable[Received], keys: KeyRing) -> Batch:
    """Judge a group of messages; nothing of it is lost, and nothing is written yet."""
    batch = Batch()
    for received in group:
        TAKES[received.lane](batch, received, keys)
    return batch


def _facts(batch: Batch, received: Received, keys: KeyRing) -> None:
    try:
        pieces = split_facts(received.payload)
    except UndecodableError as error:
        batch.refuse(received, received.payload, str(error))
        return
    for fact in admit_batch(pieces, received.vehicle, keys.get(received.vehicle, {})):
        if isinstance(fact, NotCounted):
            kind: Kind = "forged" if fact.forged else "quarantine"
            batch.refuse(received, fact.sealed, fact.why, kind)
            continue
        _fact(batch, received, fact)


def _fact(batch: Batch, received: Received, fact: Counted) -> None:
    readable = fact.event is not None
    batch.topics[received.vehicle, fact.epoch] = received.topic
    batch.add(received, fact.epoch, fact.seq, (fact.sealed, readable))
    if not readable:
        why = f"fact {fact.seq} cannot be read here: {fact.why}"
        batch.refuse(received, fact.sealed, why)


def _track(batch: Batch, received: Received, keys: KeyRing) -> None:
    try:
        item = from_msgpack(received.payload, TrackItem)
        check_item(item, received.vehicle, keys)
    except (UndecodableError, LaneError) as error:
        batch.refuse(received, received.payload, str(error))
        return
    row: Row = ("", None, 0, b"")
    try:
        track = unpack_batch(item.batch, received.vehicle)
        route = _clean(track.route_id or "")
        row = (route, track.from_utc, len(track.points), item.batch)
    except LaneError as error:
        batch.refuse(received, received.payload, str(error))
    batch.add(received, item.epoch, item.seq, row)


def _proof(batch: Batch, received: Received, keys: KeyRing) -> None:
    try:
        chunk = from_msgpack(received.payload, ProofChunk)
        check_item(chunk, received.vehicle, keys)
    except (UndecodableError, LaneError) as error:
        batch.refuse(received, received.payload, str(error))
        return
    row: Row = ("", "", 0, 0, b"")
    if is_usable(chunk):
        names = (_clean(chunk.sha256), _clean(chunk.media_type))
        row = (*names, chunk.index, chunk.count, chunk.piece)
    else:
        why = f"piece {chunk.index} of {chunk.count}"
        batch.refuse(received, received.payload, why)
    batch.add(received, chunk.epoch, chunk.seq, row)


def _clean(text: str) -> str:
    """Return a text as PostgreSQL can keep it."""
    return text.replace("\0", "")[:200]


TAKES: Mapping[Lane, Callable[[Batch, Received, KeyRing], None]] = {
    "fact": _facts,
    "track": _track,
    "proof": _proof,
}
