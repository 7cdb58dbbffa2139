"""Facts as they are kept: the exact bytes beside what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from edge.messages.broker.wire import UndecodableError, read_fact
from edge.messages.facts import FactEvent
from edge.store.healing import healed


@dataclass(frozen=True, slots=True)
class Kept:
    """One fact of a vehicle's store."""

    sealed: bytes
    event: FactEvent | None
    """None: the bytes cannot be read."""


def kept(seq: int, crc: int, sealed: bytes) -> Kept:
    """Read a fact as far as it can be read, with a rotten bit healed as the store would."""
    if crc32(sealed, seq) != crc:  # as FactStore.read does
        sealed = healed(sealed, crc, seq) or sealed
    try:
        return Kept(sealed, read_fact(sealed))
    except UndecodableError:
        return Kept(sealed, None)


def events_of(facts: Sequence[Kept]) -> list[FactEvent]:
    """Return the facts that can be read, in order."""
    return [fact.event for fact in facts if fact.event is not None]
