"""What PostgreSQL holds, read back: how far every stream is, its books, its evidence."""

import asyncio
import hashlib
from collections.abc import Coroutine, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from edge.handover.proof import VerifyingKey
from station.books.audit import Books, Counters, audit
from station.evidence.verify import HeldMedia, VerifyAnswer, verify_evidence
from station.ingest.prepare import Key
from station.ingest.server import Connection, told_errors
from station.store.evidence import SealedFact
from station.store.ledger import HeldFact

T = TypeVar("T")

AT_ONCE = 5_000  # facts in memory
STREAMS = """
    SELECT id, vehicle, epoch, upto, highest, counted, resent FROM stream
    WHERE lane = 'fact' ORDER BY vehicle, began_utc, id"""
FACTS = """
    SELECT seq, sealed FROM fact WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3"""
MEDIA = """
    SELECT sha256, min(media_type),
        string_agg(piece, ''::bytea ORDER BY piece_index) AS content
    FROM (SELECT DISTINCT ON (sha256, piece_index) * FROM chunk
        WHERE sha256 > $1 AND piece_count > 0 AND sha256 IN (
            SELECT DISTINCT sha256 FROM chunk WHERE sha256 > $1 ORDER BY sha256 LIMIT 20)
        ORDER BY sha256, piece_index) AS once
    GROUP BY sha256 HAVING count(*) = max(piece_count) ORDER BY sha256"""
MEDIA_UPTO = """
    SELECT max(sha256) FROM (
        SELECT DISTINCT sha256 FROM chunk WHERE sha256 > $1 ORDER BY sha256 LIMIT 20) AS few"""


class IngestStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the database holds, in a line."""

    version: int
    """Of the tables."""
    vehicles: int
    streams: int
    facts: int
    """Counted: of each stream everything up to its first gap."""
    ahead: int
    """Held behind a gap."""
    gaps: int
    """Streams with a gap."""
    oldest_gap_utc: datetime | None
    resent: int
    tracks: int
    chunks: int
    quarantined: int
    forged: int
    conflicts: int


async def read_status(connection: Connection) -> IngestStatus:
    """Say how far the ingestion is."""
    with told_errors("PostgreSQL"):
        row = await connection.fetchrow("""
            SELECT (SELECT max(version) FROM schema_version) AS version,
                count(DISTINCT vehicle) AS vehicles, count(*) AS streams,
                coalesce(sum(upto) FILTER (WHERE lane = 'fact'), 0)::bigint AS facts,
                coalesce(sum(upto) FILTER (WHERE lane = 'track'), 0)::bigint AS tracks,
                coalesce(sum(upto) FILTER (WHERE lane = 'proof'), 0)::bigint AS chunks,
                count(*) FILTER (WHERE upto < highest) AS gaps,
                min(gap_since_utc) AS oldest_gap_utc,
                coalesce(sum(resent), 0)::bigint AS resent
            FROM stream""")
        ahead = await connection.fetchval("""
            SELECT count(*) FROM stream s JOIN fact f ON f.stream = s.id AND f.seq > s.upto
            WHERE s.lane = 'fact' AND s.upto < s.highest""")
        kinds = dict(
            await connection.fetch("SELECT kind, count(*) FROM quarantine GROUP BY kind")
        )
    return IngestStatus(
        **dict(row),
        ahead=ahead,
        quarantined=kinds.get("quarantine", 0),
        forged=kinds.get("forged", 0),
        conflicts=kinds.get("conflict", 0),
    )


async def read_books(connection: Connection, last_seqs: Mapping[Key, int]) -> Books:
    """Work out the books from the facts alone, whatever the streams' counters say.

    `last_seqs`: how many facts the vehicles wrote, where that is known.
    """
    with told_errors("PostgreSQL"):
        rows = await connection.fetch(STREAMS)
    counters = Counters(
        facts={(row["vehicle"], row["epoch"]): row["counted"] for row in rows},
        outcomes=None,
        resent=sum(row["resent"] for row in rows),
    )
    facts = _Facts(connection)
    return await asyncio.to_thread(lambda: audit(facts.held(rows), counters, last_seqs))


async def verify_all(
    connection: Connection, keys: Mapping[str, Mapping[str, VerifyingKey]]
) -> VerifyAnswer:
    """Check every signature, chain and photo: what was taken by its chain, too."""
    with told_errors("PostgreSQL"):
        rows = await connection.fetch(STREAMS)
        media = await _media(connection)
    facts = _Facts(connection)

    def check() -> VerifyAnswer:
        sealed = (
            SealedFact(fact.vehicle, fact.epoch, fact.seq, fact.sealed)
            for fact in facts.held(rows)
        )
        return verify_evidence(sealed, keys, media)

    return await asyncio.to_thread(check)


class _Facts:
    """Reads facts from a thread, some at a time, by the connection of the loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()

    def held(self, streams: list[Mapping[str, Any]]) -> Iterator[HeldFact]:
        """Yield the facts of streams, by number."""
        for stream in streams:
            last = 0
            while rows := self._wait(self._some(stream["id"], last)):
                for last, sealed in rows:
                    yield HeldFact(stream["vehicle"], stream["epoch"], last, sealed)

    async def _some(self, stream: int, after: int) -> list[tuple[int, bytes]]:
        with told_errors("PostgreSQL"):
            return list(await self._connection.fetch(FACTS, stream, after, AT_ONCE))

    def _wait(self, reading: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(reading, self._loop).result()


async def _media(connection: Connection) -> dict[str, HeldMedia]:
    """Return what the whole photos and signatures are, by the name they go by."""
    found: dict[str, HeldMedia] = {}
    after = ""
    while (upto := await connection.fetchval(MEDIA_UPTO, after)) is not None:
        for name, media_type, content in await connection.fetch(MEDIA, after):
            digest = hashlib.sha256(content).hexdigest()
            found[name] = HeldMedia(media_type, digest, len(content))
        after = upto
    return found
