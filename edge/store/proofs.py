"""Photos and signatures: files named by their hash, sent in numbered chunks.

The bytes lie beside facts.db, not in it, so that the check at start stays quick and wiping
gives the space back; the numbers and checksums of the chunks are in facts.db.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import msgspec

from edge.clock import Clock
from edge.errors import RefusedError, StoreError
from edge.messages.broker.stream import ProofChunk, with_crc
from edge.messages.commands import Photo
from edge.messages.facts import ItemQuarantined
from edge.store import rows
from edge.store.disk import HOST, Disk
from edge.store.facts import FactStore
from edge.store.healing import healed
from edge.streams import Latest

log = logging.getLogger(__name__)

FOLDER = "media"
CHUNK_B = 32_768  # one second at 256 kbit/s: the live position does not wait longer for it
MOST_B = 20_000_000


@dataclass(frozen=True, slots=True)
class _Media:
    """One photo or signature and the numbers of its chunks."""

    first_seq: int
    sha256: str
    media_type: str
    size: int
    crcs: Sequence[int]

    @property
    def last_seq(self) -> int:
        return self.first_seq + len(self.crcs) - 1


class ProofStore:
    """The media of proofs, durable until the station has them and some days more."""

    def __init__(self, facts: FactStore, folder: Path, clock: Clock, disk: Disk = HOST) -> None:
        self.epoch = facts.epoch
        self.acked = 0
        """The ledger has committed every chunk up to this one."""
        self.appended: Latest[int] = Latest()
        """Number of the last durable chunk; wakes the uplink."""
        self._facts = facts
        self._database = facts.database
        self._folder = folder / FOLDER
        self._clock = clock
        self._disk = disk
        self._media: dict[str, _Media] = {}
        """What may still be asked for, by hash, in order."""
        self._told: set[str] = set()
        self._lock = asyncio.Lock()

    @classmethod
    async def open(
        cls, facts: FactStore, folder: Path, *, clock: Clock, disk: Disk = HOST
    ) -> "ProofStore":
        """Open the media beside facts.db in `folder`. Raises StoreError."""
        store = cls(facts, folder, clock, disk)
        if facts.database.set_aside:
            await store._database.read(lambda _: _put_aside(store._folder))
        await store._database.read(store._load)
        return store

    @property
    def last_seq(self) -> int:
        """Number of the last durable chunk."""
        return self.appended.value or 0

    async def attach(self, content: bytes, media_type: str) -> Photo:
        """Make a photo or signature durable; the same bytes count once.

        Raises RefusedError for nothing or too much, StoreError when it cannot be kept.
        """
        if not 1 <= len(content) <= MOST_B:
            raise RefusedError(f"a photo of {len(content)} bytes: 1 to {MOST_B} can be kept")
        digest = sha256(content).hexdigest()
        async with self._lock:
            media = self._media.get(digest)
            if media is None:
                media = await self._keep(digest, content, media_type)
        return Photo(sha256=digest, media_type=media.media_type, size=media.size)

    async def read(self, first: int, limit: int) -> list[tuple[int, ProofChunk]]:
        """Return up to `limit` chunks from number `first` on, in order.

        A chunk that has rotted, or whose file is gone, comes without its bytes: the station
        finds that the hash does not fit, and what follows is not held up.
        """
        chunks = await self._database.read(lambda _: self._read(first, limit))
        for seq, chunk in chunks:
            if not chunk.piece and chunk.sha256 not in self._told:
                await self._tell_lost(seq, chunk.sha256)
        return chunks

    async def stand_ins(self, numbers: Sequence[int]) -> list[tuple[int, ProofChunk]]:
        """Return chunks of no photo in the place of those that are wiped."""
        gone = ProofChunk(self.epoch, 0, "", "", 0, 0, b"")
        return [(seq, with_crc(msgspec.structs.replace(gone, seq=seq))) for seq in numbers]

    async def acknowledge(self, upto: int) -> None:
        """Note that the ledger has everything up to `upto`, which may be less than before."""
        upto = min(upto, self.last_seq)
        if upto == self.acked:
            return
        self.acked = upto
        now_ms = rows.to_ms(self._clock.utc())
        await self._database.transact(lambda c: _acknowledge(c, upto, now_ms))

    async def prune(self, before_utc: datetime) -> int:
        """Wipe media that were acknowledged before an instant; return how many."""
        before_ms = rows.to_ms(before_utc)
        wiped = await self._database.transact(lambda c: self._wipe(c, before_ms))
        for digest in wiped:
            self._media.pop(digest, None)
        return len(wiped)

    async def _tell_lost(self, seq: int, digest: str) -> None:
        why = "its file is gone or has rotted"
        lost = ItemQuarantined(stream="proof", seq=seq, sha256=digest, why=why)
        try:
            await self._facts.commit([lost])
        except StoreError:
            log.exception("lost media not told yet", extra={"sha256": digest})
        else:
            self._told.add(digest)

    async def _keep(self, digest: str, content: bytes, media_type: str) -> _Media:
        pieces = [content[at : at + CHUNK_B] for at in range(0, len(content), CHUNK_B)]
        crcs = [crc32(piece) for piece in pieces]
        media = _Media(self.last_seq + 1, digest, media_type, len(content), crcs)
        await self._database.transact(lambda c: self._write(c, media, content))
        self._media[digest] = media
        self.appended.set(media.last_seq)
        return media

    # Everything below runs in the database's worker.

    def _load(self, connection: sqlite3.Connection) -> None:
        found = connection.execute("SELECT value FROM meta WHERE name = 'proof_acked'")
        self.acked = (found.fetchone() or (0,))[0]
        last = 0
        for first, digest, media_type, size, crcs, wiped in connection.execute(
            "SELECT first_seq, sha256, media_type, size, crcs, wiped FROM media"
            " ORDER BY first_seq"
        ):
            checksums = msgspec.msgpack.decode(crcs, type=list[int])
            media = _Media(first, digest, media_type, size, checksums)
            last = media.last_seq
            if not wiped:
                self._media[media.sha256] = media
        self.appended.set(last)
        for file in self._folder.glob("*"):
            if file.name not in self._media:  # its row was never written: nobody refers to it
                file.unlink()

    def _write(self, connection: sqlite3.Connection, media: _Media, content: bytes) -> None:
        """Write the file first: a row without its file would be a promise without a photo."""
        try:
            self._folder.mkdir(exist_ok=True)
            self._disk.keep(self._folder / media.sha256, content)
        except OSError as error:
            with suppress(OSError):
                (self._folder / f".{media.sha256}").unlink()
            raise StoreError(f"{self._folder}: {error}") from error
        crcs = msgspec.msgpack.encode(media.crcs)
        connection.execute(
            "REPLACE INTO media (first_seq, last_seq, sha256, media_type, size, crcs)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                media.first_seq,
                media.last_seq,
                media.sha256,
                media.media_type,
                media.size,
                crcs,
            ),
        )

    def _read(self, first: int, limit: int) -> list[tuple[int, ProofChunk]]:
        chunks: list[tuple[int, ProofChunk]] = []
        for media in list(self._media.values()):
            for seq in range(max(first, media.first_seq), media.last_seq + 1):
                if len(chunks) == limit:
                    return chunks
                chunks.append((seq, self._chunk(media, seq)))
        return chunks

    def _chunk(self, media: _Media, seq: int) -> ProofChunk:
        index = seq - media.first_seq
        try:
            with (self._folder / media.sha256).open("rb") as file:
                file.seek(index * CHUNK_B)
                piece = file.read(CHUNK_B)
        except OSError:
            log.exception("media cannot be read", extra={"sha256": media.sha256})
            piece = b""
        if crc32(piece) != media.crcs[index]:
            piece = healed(piece, media.crcs[index]) or b""
        if crc32(piece) != media.crcs[index]:
            log.error("media has rotted", extra={"sha256": media.sha256, "chunk": index})
            piece = b""
        chunk = ProofChunk(
            epoch=self.epoch,
            seq=seq,
            sha256=media.sha256,
            media_type=media.media_type,
            index=index,
            count=len(media.crcs),
            piece=piece,
        )
        return with_crc(chunk)

    def _wipe(self, connection: sqlite3.Connection, before_ms: int) -> list[str]:
        found = connection.execute(
            "SELECT sha256 FROM media WHERE acked_ms < ? AND NOT wiped", (before_ms,)
        ).fetchall()
        for (digest,) in found:
            (self._folder / digest).unlink(missing_ok=True)
        connection.execute("UPDATE media SET wiped = 1 WHERE acked_ms < ?", (before_ms,))
        connection.execute(
            "DELETE FROM media WHERE wiped AND first_seq < (SELECT max(first_seq) FROM media)"
        )
        return [digest for (digest,) in found]


def _acknowledge(connection: sqlite3.Connection, upto: int, now_ms: int) -> None:
    rows.write_meta(connection, "proof_acked", upto)
    connection.execute(
        "UPDATE media SET acked_ms = ? WHERE acked_ms IS NULL AND last_seq <= ?", (now_ms, upto)
    )
    connection.execute("UPDATE media SET acked_ms = NULL WHERE last_seq > ?", (upto,))


def _put_aside(folder: Path) -> None:
    """Keep the media of a store that was put aside, for whoever salvages it."""
    number = 1
    while (kept := folder.with_name(f"{folder.name}.bad-{number}")).exists():
        number += 1
    if folder.exists():
        folder.rename(kept)
