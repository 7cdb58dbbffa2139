"""Check a day's evidence with public keys only: signatures, chains, photos by their hash."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from edge.handover.proof import VerifyingKey, fact_hash, verify_chain
from edge.messages.broker.wire import UndecodableError, read_fact
from edge.messages.commands import Photo
from edge.messages.facts import AttemptFailed, FactEvent, ParcelEnded
from station.store.evidence import SealedFact

NOT_FIRST = "follows number 0:"  # how a chain says that it does not begin at number 1


class HeldMedia(Struct, frozen=True):
    """What a photo or signature is now, whatever it is called."""

    media_type: str
    sha256: str
    size: int


def measured(media_type: str, content: bytes) -> HeldMedia:
    """Return what these bytes are."""
    return HeldMedia(media_type, hashlib.sha256(content).hexdigest(), len(content))


class Span(Struct, frozen=True, kw_only=True):
    """The facts of one epoch that were checked, without a gap if there is no fault."""

    vehicle: str
    epoch: str
    first: int
    last: int
    facts: int
    head: str
    """Hash of the last fact: pins everything before it."""
    from_utc: datetime | None
    until_utc: datetime | None


class EvidenceFault(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that does not hold."""

    vehicle: str = ""
    epoch: str = ""
    seq: int = 0
    what: str

    def told(self) -> str:
        """Return the fault as one line for people."""
        where = f"{self.vehicle}/{self.epoch}/{self.seq}: " if self.vehicle else ""
        return where + self.what


class VerifyAnswer(Struct, frozen=True, kw_only=True):
    """What was checked, and what does not hold."""

    ok: bool
    facts: int
    media: int
    """Photos and signatures whose bytes fit the hash that a fact signs."""
    spans: tuple[Span, ...]
    faults: tuple[EvidenceFault, ...]
    missing_media: tuple[EvidenceFault, ...]
    """Named by a fact, and not here (yet)."""

    @property
    def summary(self) -> str:
        """One line for people."""
        vehicles = len({span.vehicle for span in self.spans})
        what = f"{self.facts} facts of {vehicles} vehicles, {self.media} photos and signatures"
        if self.ok:
            return f"verified: {what}: every signature, chain and hash holds"
        return (
            f"NOT verified: {what}: {len(self.faults)} faults, "
            f"{len(self.missing_media)} photos or signatures missing"
        )


def verify_evidence(
    facts: Iterable[SealedFact],
    keys: Mapping[str, Mapping[str, VerifyingKey]],
    media: Mapping[str, HeldMedia],
    *,
    whole: bool = True,
) -> VerifyAnswer:
    """Check sealed facts given by vehicle, epoch and number.

    `keys` are public keys by vehicle and key id, `media` what is held by name. `whole`:
    chains must begin at number 1; else they may begin later, as in the evidence of a day.
    """
    spans: list[Span] = []
    faults: list[EvidenceFault] = []
    missing: list[EvidenceFault] = []
    good_media: set[str] = set()
    for (vehicle, epoch), group in groupby(facts, key=attrgetter("vehicle", "epoch")):
        chain = list(group)
        span, found = _check_chain(vehicle, epoch, chain, keys.get(vehicle, {}), whole=whole)
        spans.append(span)
        faults += found
        for event in readable(chain):
            for photo in _photos(event):
                held = media.get(photo.sha256)
                where = EvidenceFault(
                    vehicle=vehicle, epoch=epoch, seq=event.seq, what=_media_fault(photo, held)
                )
                if held is None:
                    missing.append(where)
                elif where.what:
                    faults.append(where)
                else:
                    good_media.add(photo.sha256)
    return VerifyAnswer(
        ok=not faults and not missing,
        facts=sum(span.facts for span in spans),
        media=len(good_media),
        spans=tuple(spans),
        faults=tuple(faults),
        missing_media=tuple(missing),
    )


def _check_chain(
    vehicle: str,
    epoch: str,
    chain: list[SealedFact],
    keys: Mapping[str, VerifyingKey],
    *,
    whole: bool,
) -> tuple[Span, list[EvidenceFault]]:
    checked, found = verify_chain((fact.sealed for fact in chain), keys)
    if not whole and chain[0].seq > 1:
        found = [
            fault
            for fault in found
            if not (fault.seq == chain[0].seq and fault.what.startswith(NOT_FIRST))
        ]
    events = list(readable(chain))
    faults = [
        EvidenceFault(vehicle=fault.vehicle, epoch=fault.epoch, seq=fault.seq, what=fault.what)
        for fault in found
    ]
    faults += [
        EvidenceFault(
            vehicle=vehicle,
            epoch=epoch,
            seq=event.seq,
            what=f"is kept as {vehicle}/{epoch}, but says that it is {event.id}",
        )
        for event in events
        if (event.vehicle, event.epoch) != (vehicle, epoch)
        or event.id != f"{event.vehicle}/{event.epoch}/{event.seq}"
    ]
    span = Span(
        vehicle=vehicle,
        epoch=epoch,
        first=chain[0].seq,
        last=chain[-1].seq,
        facts=checked,
        head=fact_hash(chain[-1].sealed),
        from_utc=events[0].time if events else None,
        until_utc=events[-1].time if events else None,
    )
    return span, faults


def readable(chain: Iterable[SealedFact]) -> Iterator[FactEvent]:
    """Yield the facts that this version understands; the chain names the others."""
    for fact in chain:
        try:
            yield read_fact(fact.sealed)
        except UndecodableError:
            continue


def photos_of(facts: Iterable[SealedFact]) -> dict[str, Photo]:
    """Return every photo and signature that these facts name, by hash."""
    return {photo.sha256: photo for event in readable(facts) for photo in _photos(event)}


def _photos(event: FactEvent) -> tuple[Photo, ...]:
    match event.data:
        case ParcelEnded() as ended:
            return ended.photos if ended.signature is None else (*ended.photos, ended.signature)
        case AttemptFailed() as failed:
            return failed.photos
        case _:
            return ()


def _media_fault(photo: Photo, held: HeldMedia | None) -> str:
    """Return what is wrong with a photo's bytes; empty if they are those of the fact."""
    named = f"the {photo.media_type} {photo.sha256[:16]}"
    if held is None:
        return f"{named} is not here"
    if held.sha256 != photo.sha256:
        return f"{named} was altered: it is {held.sha256[:16]} now"
    if held.size != photo.size:
        return f"{named} has {held.size} bytes, the fact says {photo.size}"
    return ""
