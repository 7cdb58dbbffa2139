"""A zip of evidence that anybody can check: exact facts, media, a signed list of both."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from edge.errors import RefusedError
from edge.handover.proof import SigningKey
from edge.messages.broker.wire import UndecodableError, from_json, read_fact
from station.evidence.public_keys import PublicKeys, ring, rings
from station.evidence.verify import (
    EvidenceFault,
    Span,
    VerifyAnswer,
    measured,
    verify_evidence,
)
from station.store.evidence import SealedFact

MANIFEST = "manifest.json"
README = "README.txt"
MOST_UNPACKED_B = 4_000_000_000
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same evidence gives the same bytes
SAFE_NAME = re.compile(r"^(facts/[A-Za-z0-9_.-]+\.jsonl|media/[0-9a-f]{64})$")
HOW_TO = """Evidence of deliveries, made by doorstep.

facts/<vehicle>.jsonl   one signed fact per line, exactly as the vehicle sealed it
media/<sha256>          photos and signatures, named by the hash that a fact signs
manifest.json           what belongs to this file, signed by the station

Check it with nothing but public keys that you have from a source you trust:

    doorstep-station verify THIS.zip --keys keys.json

By other means: a fact's signature (Ed25519, base64) is its last member and covers all bytes
before ,"signature": ; its prevhash is the SHA-256 of the whole line before it.
"""


class MediaEntry(Struct, frozen=True, kw_only=True):
    """One photo or signature."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    media_type: str
    size: int


class Manifest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What belongs to a bundle, sealed by the station."""

    kind: Literal["doorstep-evidence"]
    version: Literal[1]
    station: str
    org: str
    about: str
    """The day, or `everything`."""
    made_utc: datetime
    spans: tuple[Span, ...]
    media: tuple[MediaEntry, ...]
    key_id: str
    signature: str = ""


def make_bundle(
    facts: Sequence[SealedFact],
    media: Mapping[str, tuple[str, bytes]],
    *,
    station: str,
    org: str,
    about: str,
    made_utc: datetime,
    key: SigningKey,
) -> bytes:
    """Return the zip.

    Facts are given by vehicle, epoch and number; `media` by hash: (media type, content).
    """
    manifest = Manifest(
        kind="doorstep-evidence",
        version=1,
        station=station,
        org=org,
        about=about,
        made_utc=made_utc,
        spans=verify_evidence(facts, {}, {}, whole=False).spans,
        media=tuple(
            MediaEntry(sha256=name, media_type=media_type, size=len(content))
            for name, (media_type, content) in sorted(media.items())
        ),
        key_id=key.key_id,
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        _write(archive, README, HOW_TO.encode())
        _write(archive, MANIFEST, key.seal(manifest))
        for vehicle, lines in groupby(facts, key=attrgetter("vehicle")):
            content = b"".join(fact.sealed + b"\n" for fact in lines)
            _write(archive, f"facts/{vehicle}.jsonl", content)
        for name, (_, content) in sorted(media.items()):
            _write(archive, f"media/{name}", content)
    return out.getvalue()


def verify_bundle(content: bytes, keys: PublicKeys) -> VerifyAnswer:
    """Check a bundle with public keys alone. Raises RefusedError if it is no bundle."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts, damaged = _unpacked(archive)
        sealed = parts.pop(MANIFEST)
        manifest = from_json(sealed, Manifest)
    except (zipfile.BadZipFile, KeyError, UndecodableError) as error:
        raise RefusedError(f"this is no evidence of doorstep: {error}") from error
    parts.pop(README, None)
    media = {
        name.removeprefix("media/"): measured("", part)
        for name, part in parts.items()
        if name.startswith("media/")
    }
    answer = verify_evidence(_facts(parts), rings(keys.vehicles), media, whole=False)
    faults = [
        *(EvidenceFault(what=f"the file {name} is damaged") for name in damaged),
        *_manifest_faults(sealed, manifest, keys),
        *_list_faults(manifest, answer, parts),
        *answer.faults,
    ]
    return replace(answer, ok=not faults and not answer.missing_media, faults=tuple(faults))


def _unpacked(archive: zipfile.ZipFile) -> tuple[dict[str, bytes], list[str]]:
    """Return the files, and the names of those whose own checksum does not fit."""
    if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED_B:
        raise RefusedError(f"the evidence unpacks to more than {MOST_UNPACKED_B:,} bytes")
    parts: dict[str, bytes] = {}
    damaged: list[str] = []
    for name in archive.namelist():
        try:
            parts[name] = archive.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            damaged.append(name)
    return parts, damaged


def _manifest_faults(
    sealed: bytes, manifest: Manifest, keys: PublicKeys
) -> Iterator[EvidenceFault]:
    key = ring(keys.station).get(manifest.key_id)
    if key is None:
        yield EvidenceFault(what=f"the list is signed by the unknown key {manifest.key_id}")
    elif not key.signed(sealed):
        yield EvidenceFault(what="the list's signature does not fit its bytes")


def _list_faults(
    manifest: Manifest, answer: VerifyAnswer, parts: dict[str, bytes]
) -> Iterator[EvidenceFault]:
    """Yield what the list names and is not there, and what is there and not named."""
    there = {(span.vehicle, span.epoch): span for span in answer.spans}
    for listed in manifest.spans:
        span = there.pop((listed.vehicle, listed.epoch), None)
        if span is None or (span.first, span.last, span.head) != (
            listed.first,
            listed.last,
            listed.head,
        ):
            what = f"the list has the facts {listed.first} to {listed.last}, ending otherwise"
            yield EvidenceFault(
                vehicle=listed.vehicle, epoch=listed.epoch, seq=listed.last, what=what
            )
    for span in there.values():
        what = "facts that are not on the list"
        yield EvidenceFault(vehicle=span.vehicle, epoch=span.epoch, seq=span.first, what=what)
    for entry in manifest.media:
        if f"media/{entry.sha256}" not in parts:
            yield EvidenceFault(what=f"{entry.sha256[:16]} is on the list, but not here")
    listed_media = {f"media/{entry.sha256}" for entry in manifest.media}
    for name in sorted(parts):
        known = name in listed_media or name.endswith(".jsonl")
        if not known or not SAFE_NAME.match(name):
            yield EvidenceFault(what=f"the file {name[:80]!r} is not on the list")


def _facts(parts: dict[str, bytes]) -> Iterator[SealedFact]:
    for name, content in sorted(parts.items()):
        if not (SAFE_NAME.match(name) and name.startswith("facts/")):
            continue
        vehicle = name.removeprefix("facts/").removesuffix(".jsonl")
        last = ("", 0)
        for line in filter(None, content.split(b"\n")):
            try:
                event = read_fact(line)
                last = (event.epoch, event.seq)
            except UndecodableError:
                last = (last[0], last[1] + 1)  # a fault of its own, found by the chain
            yield SealedFact(vehicle, *last, line)


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, ZIP_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
