"""One transaction of the ledger: what came in, counted once, projected, ready to acknowledge.

Facts of a stream are kept whatever order they come in, and applied to the projections in the
order of their numbers, so that the same facts always give the same state.
"""

import hashlib
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edge.handover.proof import VerifyingKey
from edge.messages.broker.stream import Ack
from edge.messages.broker.wire import UndecodableError, read_fact, split_facts
from edge.messages.facts import FactEvent
from edge.messages.state import TrackBatch
from station.books.admission import Counted, NotCounted, admit, position
from station.store import effects
from station.store import ledger as rows
from station.store.alarms import AlarmKind, raise_alarm
from station.store.ledger import AHEAD_LIMIT, Lane, Stream
from station.store.projections import Pages

log = logging.getLogger(__name__)

KeyRing = Mapping[str, Mapping[str, VerifyingKey]]
"""Public keys by vehicle, then by key id."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message of a recorded lane, as the broker gave it."""

    vehicle: str
    lane: Lane
    topic: str
    payload: bytes


@dataclass(slots=True)
class Taken:
    """What one transaction did; true once it is committed."""

    acks: list[tuple[str, Ack]] = field(default_factory=list)
    """To tell the vehicles."""
    events: list[FactEvent] = field(default_factory=list)
    """Applied, in this order."""
    facts: int = 0
    resent: int = 0
    """Items of any lane that were here already."""
    refused: int = 0
    """Pieces that could not be counted."""
    alarmed: bool = False
    tracks: list[TrackBatch] = field(default_factory=list)


class Intake:
    """Takes messages in one transaction; `careful` survives a fact that cannot be applied."""

    def __init__(
        self, db: sqlite3.Connection, keys: KeyRing, utc: datetime, *, careful: bool = False
    ) -> None:
        self.db = db
        self.keys = keys
        self.utc = utc
        self.taken = Taken()
        self._careful = careful
        self._pages = Pages(db)
        self._streams: dict[tuple[str, Lane, str], Stream] = {}
        self._was_upto: dict[int, int] = {}

    def take_facts(self, received: Received) -> None:
        """Take a batch of facts."""
        try:
            pieces = split_facts(received.payload)
        except UndecodableError as error:
            self.refuse(received, received.payload, str(error))
            return
        for sealed in pieces:
            self._take_fact(received, sealed)

    def finish(self) -> Taken:
        """Write what was gathered and say what to acknowledge."""
        self._pages.flush()
        self.taken.alarmed |= self._pages.alarmed
        for stream in self._streams.values():
            if stream.highest == stream.upto:
                stream.gap_since_utc = None
            elif stream.gap_since_utc is None or stream.upto > self._was_upto[stream.row]:
                stream.gap_since_utc = self.utc.isoformat()
            rows.save_stream(self.db, stream)
            self.taken.acks.append((stream.vehicle, rows.ack_of(self.db, stream)))
        return self.taken

    def stream(self, vehicle: str, lane: Lane, epoch: str, *, begin: bool) -> Stream | None:
        """Return a stream to change; None if there is none and none is to `begin`."""
        key = (vehicle, lane, epoch)
        stream = self._streams.get(key) or rows.find_stream(self.db, *key)
        if stream is None and begin:
            stream = rows.begin_stream(self.db, *key)
        if stream is not None:
            self._streams[key] = stream
            self._was_upto.setdefault(stream.row, stream.upto)
        return stream

    def again(self, stream: Stream) -> None:
        """Count an item that was here already; it is acknowledged again."""
        stream.resent += 1
        self.taken.resent += 1

    def refuse(
        self, received: Received, content: bytes, why: str, kind: AlarmKind = "quarantine"
    ) -> None:
        """Keep aside what cannot be counted, and say so once for each vehicle."""
        self.taken.refused += 1
        new = rows.quarantine(
            self.db,
            sha256=hashlib.sha256(content).hexdigest(),
            topic=received.topic,
            why=why,
            content=content,
            utc=self.utc,
        )
        if new:
            known = received.vehicle in self.keys
            whose = received.vehicle if known else ""
            text = why if known else f"{received.vehicle[:64]}: {why}"
            self.alarm(kind, whose, f"Set aside from the {received.lane} lane: {text}")

    def alarm(self, kind: AlarmKind, vehicle: str, text: str) -> None:
        """Raise the vehicle's alarm of this kind."""
        raise_alarm(self.db, f"{kind}/{vehicle}", kind, vehicle, text, self.utc)
        self.taken.alarmed = True

    def _take_fact(self, received: Received, sealed: bytes) -> None:
        claimed = position(sealed)
        stream = None
        if claimed is not None:
            epoch, seq = claimed
            stream = self.stream(received.vehicle, "fact", epoch, begin=False)
            if stream is not None and seq <= stream.highest:
                held = rows.held(self.db, stream, seq)
                if held == sealed:
                    self.again(stream)
                    return
                if held is not None:
                    self._refuse_second(received, sealed, seq)
                    return
        fact = admit(sealed, received.vehicle, self.keys.get(received.vehicle, {}))
        if isinstance(fact, NotCounted):
            self.refuse(received, sealed, fact.why, "forged" if fact.forged else "quarantine")
            return
        if stream is None:
            stream = self.stream(received.vehicle, "fact", fact.epoch, begin=True)
            assert stream is not None, "a stream to begin"
        if fact.seq <= stream.upto + AHEAD_LIMIT:
            self._keep(received, stream, fact)

    def _refuse_second(self, received: Received, sealed: bytes, seq: int) -> None:
        fact = admit(sealed, received.vehicle, self.keys.get(received.vehicle, {}))
        if isinstance(fact, Counted):
            why = f"fact {seq} came twice with different content, both signed"
            self.refuse(received, sealed, why, "conflict")
        else:
            self.refuse(received, sealed, fact.why, "forged")

    def _keep(self, received: Received, stream: Stream, fact: Counted) -> None:
        readable = fact.event is not None
        rows.keep_fact(self.db, stream, fact.seq, fact.sealed, readable=readable, utc=self.utc)
        stream.highest = max(stream.highest, fact.seq)
        self.taken.facts += 1
        if not readable:
            why = f"fact {fact.seq} cannot be read here: {fact.why}"
            self.refuse(received, fact.sealed, why)
        if fact.seq != stream.upto + 1:
            return
        self._pass(stream, fact.event)
        while stream.upto < stream.highest:
            sealed = rows.held(self.db, stream, stream.upto + 1)
            if sealed is None:
                break
            self._pass(stream, _readable(sealed))

    def _pass(self, stream: Stream, event: FactEvent | None) -> None:
        """Count the next fact of a stream and apply it, if it can be read."""
        stream.upto += 1
        if stream.upto == 1:
            stream.began_utc = (event.time if event else self.utc).isoformat()
        self._pages.add(f"facts/{stream.vehicle}", stream.epoch)
        if event is None:
            return
        if self._careful and not self._try(stream, event):
            return
        if not self._careful:
            effects.apply(self._pages, event, stream.began_utc)
        self.taken.events.append(event)

    def _try(self, stream: Stream, event: FactEvent) -> bool:
        """Apply a fact; one that our own code trips over changes nothing and blocks nothing."""
        self._pages.flush()
        self.db.execute("SAVEPOINT fact")
        self._pages = Pages(self.db)
        try:
            effects.apply(self._pages, event, stream.began_utc)
            self._pages.flush()
        except Exception as error:
            log.exception("fact not applied", extra={"fact": event.id})
            self.db.execute("ROLLBACK TO fact")
            text = f"Fact {event.id} could not be applied, a fault of this program: {error}"
            self.alarm("quarantine", stream.vehicle, text)
            return False
        finally:
            self.db.execute("RELEASE fact")
            self.taken.alarmed |= self._pages.alarmed
            self._pages = Pages(self.db)
        return True


def _readable(sealed: bytes) -> FactEvent | None:
    try:
        return read_fact(sealed)
    except UndecodableError:
        return None
