"""What the ledger may count: the checks on one fact before anything is written.

The policy, by what is known about who sent the bytes:

- *Signed by the vehicle and readable*: counted.
- *Signed by the vehicle, not readable* (a newer version, a bug): the bytes are the vehicle's
  fact of that number, so they are kept, counted and passed over, with an alarm; nothing
  behind them waits.
- *Not signed by a known key of the vehicle whose topic they came on* (forged, damaged, a new
  vehicle whose key is not here yet): kept aside with an alarm, never counted and never
  acknowledged. If a true fact has that number, the vehicle keeps it and sends it again.

A signature costs a hundred times as much as a hash, and each fact says the hash of the one
before it. So of facts that come together `admit_batch` checks the last one's signature and the
others by the chain (docs/decisions/0017); `verify` checks every signature.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.handover.proof import VerifyingKey, fact_hash
from edge.messages.broker.wire import UndecodableError, from_json, read_fact
from edge.messages.facts import FactEvent

EPOCH = r"^[^\x00]{1,64}\Z"  # no NUL: PostgreSQL cannot keep one
LAST_SEQ = 2**53


class _Head(msgspec.Struct, frozen=True):
    """The members that say whose number a fact has, whatever else is in it."""

    id: str
    vehicle: str
    epoch: Annotated[str, Meta(pattern=EPOCH)]
    seq: Annotated[int, Meta(ge=1, le=LAST_SEQ)]
    keyid: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A fact of the vehicle; `event` is None if its content cannot be read, `why` says why."""

    epoch: str
    seq: int
    sealed: bytes
    event: FactEvent | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Bytes that are nobody's fact; `forged`: they claim to be, without its signature."""

    sealed: bytes
    why: str
    forged: bool = False

    @property
    def sha256(self) -> str:
        """Name of the bytes in quarantine."""
        return hashlib.sha256(self.sealed).hexdigest()


Link = tuple[str, int, str]
"""(epoch, seq, SHA-256) that a fact which is the vehicle's own names as the one before it."""


def position(sealed: bytes) -> tuple[str, int] | None:
    """Return the (epoch, seq) that some bytes claim, unchecked; None if they claim none."""
    try:
        head = from_json(sealed, _Head)
    except UndecodableError:
        return None
    return head.epoch, head.seq


def admit(
    sealed: bytes,
    vehicle: str,
    keys: Mapping[str, VerifyingKey],
    link: Link | None = None,
) -> Counted | NotCounted:
    """Check the exact bytes of one fact that came on the topic of `vehicle`.

    `keys` are the public keys of that vehicle by key id, none if it is not known here. Bytes
    that a `link` names need no signature check: the vehicle signed their hash.
    """
    try:
        head = from_json(sealed, _Head)
    except UndecodableError as error:
        return NotCounted(sealed, str(error))
    if head.vehicle != vehicle:
        why = f"a fact of {head.vehicle!r} on the topic of {vehicle!r}"
        return NotCounted(sealed, why, forged=True)
    if not keys:
        return NotCounted(sealed, f"no vehicle {vehicle!r} in station.toml", forged=True)
    key = keys.get(head.keyid)
    if key is None:
        why = f"signed by the key {head.keyid[:32]!r}, which is none of {vehicle}'s"
        return NotCounted(sealed, why, forged=True)
    named = link is not None and link == (head.epoch, head.seq, fact_hash(sealed))
    if not named and not key.signed(sealed):
        return NotCounted(sealed, "its signature does not fit its bytes", forged=True)
    if head.id != f"{vehicle}/{head.epoch}/{head.seq}":
        return Counted(head.epoch, head.seq, sealed, None, "its id is not its number")
    try:
        return Counted(head.epoch, head.seq, sealed, read_fact(sealed))
    except UndecodableError as error:
        return Counted(head.epoch, head.seq, sealed, None, str(error))


def admit_batch(
    pieces: Sequence[bytes], vehicle: str, keys: Mapping[str, VerifyingKey]
) -> list[Counted | NotCounted]:
    """Check facts that came together, as `admit` does, one signature for each unbroken run.

    Where the chain does not hold, or its last fact is not the vehicle's, the fact before it is
    checked by itself.
    """
    checked: list[Counted | NotCounted] = []
    link: Link | None = None
    for sealed in reversed(pieces):
        fact = admit(sealed, vehicle, keys, link)
        checked.append(fact)
        event = fact.event if isinstance(fact, Counted) else None
        link = (event.epoch, event.seq - 1, event.prevhash) if event is not None else None
    checked.reverse()
    return checked
