"""One transaction of an ingest worker: items in once, how far each stream is, what to answer.

Batches of one vehicle may reach different workers in any order. So nothing about a stream is
remembered here between transactions: its row is locked, the items go in, and how far it is
without a gap is asked of the database, under the lock. Whoever commits last sees what all
others committed, and its acknowledgement covers them. Locks are taken in the order of their
numbers, so that two workers never wait for each other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from edge.messages.broker.stream import Ack
from station.books.intake import Taken
from station.ingest.prepare import Batch, Key, Refused, second
from station.ingest.server import Connection
from station.store.ledger import (
    AHEAD_LIMIT,
    KEPT_B,
    MISSING_LIMIT,
    QUARANTINE_LIMIT,
    TABLE,
    WINDOW,
    Lane,
)

COLUMNS: Mapping[Lane, tuple[str, ...]] = {
    "fact": ("stream", "seq", "sealed", "readable"),
    "track": ("stream", "seq", "route", "from_utc", "points", "batch"),
    "proof": (
        "stream", "seq", "sha256", "media_type", "piece_index", "piece_count", "piece",
    ),
}  # fmt: skip

BEGIN = """
    INSERT INTO stream (vehicle, lane, epoch)
    SELECT v, $1, e FROM unnest($2::text[], $3::text[]) AS n (v, e) ORDER BY v, e
    ON CONFLICT DO NOTHING"""
FIND = """
    SELECT s.vehicle, s.epoch, s.id FROM stream s
    JOIN unnest($2::text[], $3::text[]) AS n (v, e) ON s.vehicle = n.v AND s.epoch = n.e
    WHERE s.lane = $1"""
LOCK = "SELECT id FROM stream WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"
KEEP = """
    WITH kept AS (
        INSERT INTO {table} ({columns})
        SELECT {staged} FROM stage_{table} g JOIN stream s ON s.id = g.stream
        WHERE g.seq <= s.upto + {ahead}
        ON CONFLICT DO NOTHING RETURNING stream)
    SELECT stream, count(*) FROM kept GROUP BY stream"""
ADVANCE = """
    WITH far AS (
        SELECT s.id, s.upto AS was,
            coalesce((
                SELECT max(r.seq) FROM (
                    SELECT i.seq, row_number() OVER (ORDER BY i.seq) AS n
                    FROM {table} i WHERE i.stream = s.id AND i.seq > s.upto) AS r
                WHERE r.seq = s.upto + r.n), s.upto) AS upto,
            greatest(s.highest, (
                SELECT max(i.seq) FROM {table} i WHERE i.stream = s.id)) AS highest
        FROM stream s WHERE s.id = ANY($1::bigint[]))
    UPDATE stream s SET upto = f.upto, highest = f.highest,
        counted = s.counted + f.upto - f.was,
        gap_since_utc = CASE
            WHEN f.upto = f.highest THEN NULL
            WHEN f.upto > f.was THEN $2
            ELSE coalesce(s.gap_since_utc, $2) END
    FROM far f WHERE s.id = f.id
    RETURNING s.id, s.vehicle, s.epoch, s.upto, s.highest"""
MISSING = """
    SELECT s.id, ARRAY(
        SELECT n FROM generate_series(s.upto + 1, s.highest) AS n
        WHERE NOT EXISTS (SELECT FROM {table} i WHERE i.stream = s.id AND i.seq = n)
        ORDER BY n LIMIT {limit}) AS missing
    FROM stream s WHERE s.id = ANY($1::bigint[])"""
AGAIN = """
    SELECT g.stream, g.seq, {same} AS same
    FROM stage_{table} g JOIN {table} i ON i.stream = g.stream AND i.seq = g.seq"""
COUNT_AGAIN = """
    UPDATE stream s SET resent = s.resent + n.n
    FROM unnest($1::bigint[], $2::bigint[]) AS n (id, n) WHERE s.id = n.id"""
SET_ASIDE = """
    INSERT INTO quarantine AS q (sha256, kind, topic, why, content, seen)
    SELECT n.* FROM
        unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[])
        AS n (sha256, kind, topic, why, content, seen)
    WHERE (SELECT count(*) FROM quarantine) < $7
        OR EXISTS (SELECT FROM quarantine k WHERE k.sha256 = n.sha256)
    ORDER BY n.sha256
    ON CONFLICT (sha256) DO UPDATE SET seen = q.seen + excluded.seen"""


@dataclass(slots=True)
class Streams:
    """The numbers of the streams in this database; they never change."""

    ids: dict[tuple[Lane, Key], int] = field(default_factory=dict)

    async def find(
        self, connection: Connection, lane: Lane, keys: Iterable[Key]
    ) -> dict[Key, int]:
        """Return the numbers of streams, beginning those that are new."""
        new = sorted(key for key in keys if (lane, key) not in self.ids)
        if new:
            vehicles, epochs = [key[0] for key in new], [key[1] for key in new]
            await connection.execute(BEGIN, lane, vehicles, epochs)
            for vehicle, epoch, number in await connection.fetch(FIND, lane, vehicles, epochs):
                self.ids[lane, (vehicle, epoch)] = number
        return {key: self.ids[lane, key] for key in keys}


async def make_stages(connection: Connection) -> None:
    """Make the tables that COPY fills; they are this connection's own and emptied each time."""
    for table in TABLE.values():
        await connection.execute(
            f"CREATE TEMPORARY TABLE stage_{table} (LIKE {table}) ON COMMIT DELETE ROWS;"
            f"ALTER TABLE stage_{table} DROP COLUMN received_utc"
        )


async def commit(
    connection: Connection, batch: Batch, streams: Streams, utc: datetime
) -> Taken:
    """Write a batch; what it returns is on the disk.

    A transaction that is not committed leaves nothing behind but streams without items.
    """
    taken = Taken()
    numbers = {
        lane: await streams.find(connection, lane, items) for lane, items in batch.items.items()
    }
    refused = list(batch.refused)
    async with connection.transaction(isolation="read_committed"):
        locked = sorted(number for ids in numbers.values() for number in ids.values())
        await connection.execute(LOCK, locked)
        for lane in COLUMNS:
            items = batch.items.get(lane)
            if items:
                refused += await _keep(connection, batch, lane, numbers[lane], taken)
                await _advance(connection, lane, sorted(numbers[lane].values()), utc, taken)
        await _set_aside(connection, refused)
    taken.refused = len(refused)
    return taken


async def _keep(
    connection: Connection, batch: Batch, lane: Lane, ids: Mapping[Key, int], taken: Taken
) -> list[Refused]:
    """Put the items of a lane in; return the facts whose number has other bytes already."""
    table, columns = TABLE[lane], COLUMNS[lane]
    rows = [
        (ids[key], seq, *row)
        for key, stream in batch.items[lane].items()
        for seq, row in stream.items()
    ]
    await connection.copy_records_to_table(f"stage_{table}", records=rows, columns=columns)
    kept: dict[int, int] = dict(
        await connection.fetch(
            KEEP.format(
                table=table,
                columns=", ".join(columns),
                staged=", ".join(f"g.{column}" for column in columns),
                ahead=AHEAD_LIMIT,
            )
        )
    )
    new = sum(kept.values())
    if lane == "fact":
        taken.facts += new
    again = Counter({ids[key]: batch.again[lane, key] for key in batch.items[lane]})
    other: list[Refused] = []
    if new < len(rows):
        names = {number: key for key, number in ids.items()}
        again.subtract(kept)
        other = await _again(connection, batch, lane, names, again)
    came = +again
    if came:
        await connection.execute(COUNT_AGAIN, list(came), list(came.values()))
        taken.resent += came.total()
    return other


async def _again(
    connection: Connection,
    batch: Batch,
    lane: Lane,
    names: Mapping[int, Key],
    again: Counter[int],
) -> list[Refused]:
    """Count, by stream, the staged items that are here now; return those with other bytes.

    What is further ahead than anything is kept is not here: it will be sent again.
    """
    same = "i.sealed = g.sealed" if lane == "fact" else "true"
    other: list[Refused] = []
    query = AGAIN.format(table=TABLE[lane], same=same)
    for number, seq, is_same in await connection.fetch(query):
        if is_same:
            again[number] += 1
            continue
        key = names[number]
        sealed = batch.items[lane][key][seq][0]
        assert isinstance(sealed, bytes), "a fact's first column are its bytes"
        other.append(
            Refused(key[0], batch.topics[key], second(seq), "conflict", sealed[:KEPT_B])
        )
    return other


async def _advance(
    connection: Connection, lane: Lane, ids: Sequence[int], utc: datetime, taken: Taken
) -> None:
    """Work out how far each stream is now, and what its vehicle is to be told."""
    table = TABLE[lane]
    far = await connection.fetch(ADVANCE.format(table=table), ids, utc)
    gaps = [number for number, _, _, upto, highest in far if upto < highest]
    missing: dict[int, list[int]] = {}
    if gaps:
        query = MISSING.format(table=table, limit=MISSING_LIMIT)
        missing = dict(await connection.fetch(query, gaps))
    for number, vehicle, epoch, upto, _ in far:
        ack = Ack(
            stream=lane,
            epoch=epoch,
            upto=upto,
            window=WINDOW,
            missing=tuple(missing.get(number, ())),
        )
        taken.acks.append((vehicle, ack))


async def _set_aside(connection: Connection, refused: Sequence[Refused]) -> None:
    if not refused:
        return
    seen = Counter(each.sha256 for each in refused)
    first = {each.sha256: each for each in reversed(refused)}
    names = sorted(first)
    ordered = [first[name] for name in names]
    await connection.execute(
        SET_ASIDE,
        names,
        [each.kind for each in ordered],
        [each.topic for each in ordered],
        [each.why for each in ordered],
        [each.content for each in ordered],
        [seen[name] for name in names],
        QUARANTINE_LIMIT,
    )
