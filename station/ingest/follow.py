"""Keeps a station up to date with what the ingest workers have committed.

The station's own ledger takes the items from PostgreSQL as if they came from the broker, with
the same checks and counted once; the vehicles have been answered by the workers.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Any

from edge.errors import LinkError
from edge.messages.broker import catalog
from edge.messages.broker.stream import ProofChunk, TrackItem
from edge.messages.broker.wire import join_facts, to_msgpack
from edge.supervise import keep_alive
from station.books.intake import Received, Taken
from station.books.ledger import Ledger
from station.ingest.server import Connection, told_errors
from station.store.ledger import TABLE, Lane

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
AT_ONCE = 200  # items of one stream; a chunk of a photo has up to 96 kB
OpenDatabase = Callable[[], AbstractAsyncContextManager[Connection]]
Key = tuple[str, Lane, str]
"""(vehicle, lane, epoch)."""

STREAMS = """
    SELECT id, vehicle, lane, epoch, upto FROM stream
    WHERE vehicle = ANY($1::text[]) ORDER BY began_utc, id"""
ITEMS = """
    SELECT i.* FROM {table} i WHERE i.stream = $1 AND i.seq > $2 AND i.seq <= $3
    ORDER BY i.seq LIMIT $4"""


class Follower:
    """Reads what is new of some vehicles; everything up to the first gap, in order."""

    def __init__(
        self,
        open_database: OpenDatabase,
        ledger: Ledger,
        org: str,
        vehicles: Sequence[str],
        rng: Random,
    ) -> None:
        self._open_database = open_database
        self._ledger = ledger
        self._org = org
        self._vehicles = list(vehicles)
        self._rng = rng
        self._taken_upto: dict[Key, int] = {}

    async def run(self, held: Mapping[Key, int], committed: Callable[[Taken], None]) -> None:
        """Follow for ever; `held` is how far the station's ledger is.

        `committed` is told of each of its transactions, which no vehicle waits for.
        """
        self._taken_upto |= held

        async def session() -> None:
            async with self._open_database() as connection:
                log.info("following the ingest workers")
                while True:
                    if not await self.look(connection, committed):
                        await asyncio.sleep(LOOK_EVERY_S)

        await keep_alive("ingested facts", session, self._rng)

    async def look(self, connection: Connection, committed: Callable[[Taken], None]) -> int:
        """Take some of what is new; return how many items that were."""
        with told_errors("PostgreSQL"):
            streams = await connection.fetch(STREAMS, self._vehicles)
        count = 0
        for number, vehicle, lane, epoch, upto in streams:
            key = (vehicle, lane, epoch)
            taken_upto = self._taken_upto.get(key, 0)
            if upto <= taken_upto:
                continue
            with told_errors("PostgreSQL"):
                query = ITEMS.format(table=TABLE[lane])
                rows = await connection.fetch(query, number, taken_upto, upto, AT_ONCE)
            if not rows:
                raise LinkError(f"{vehicle}: {lane} {taken_upto + 1} was counted and is gone")
            topic = catalog.topic(self._org, vehicle, lane)
            payloads = PAYLOADS[lane](epoch, rows)
            group = [Received(vehicle, lane, topic, payload) for payload in payloads]
            taken = await self._ledger.take(group)
            taken.acks.clear()  # the workers have answered
            committed(taken)
            self._taken_upto[key] = rows[-1]["seq"]
            count += len(rows)
        return count


def _facts(_: str, rows: Sequence[Mapping[str, Any]]) -> list[bytes]:
    return [join_facts([row["sealed"] for row in rows])]


def _tracks(epoch: str, rows: Sequence[Mapping[str, Any]]) -> list[bytes]:
    return [to_msgpack(TrackItem(epoch, row["seq"], row["batch"])) for row in rows]


def _chunks(epoch: str, rows: Sequence[Mapping[str, Any]]) -> list[bytes]:
    return [
        to_msgpack(
            ProofChunk(
                epoch,
                row["seq"],
                row["sha256"],
                row["media_type"],
                row["piece_index"],
                row["piece_count"],
                row["piece"],
            )
        )
        for row in rows
    ]


PAYLOADS: Mapping[Lane, Callable[[str, Sequence[Mapping[str, Any]]], list[bytes]]] = {
    "fact": _facts,
    "track": _tracks,
    "proof": _chunks,
}
