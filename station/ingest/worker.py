"""One ingest worker: messages from its share of a subscription, committed, then acknowledged.

It listens only while its database answers, so that the messages go to others otherwise. When it
dies, whatever it had not committed was not acknowledged, and comes again to somebody.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from random import Random

from edge.clock import Clock
from edge.errors import DoorstepError, LinkError
from edge.handover.proof import SigningKey
from edge.messages.broker import catalog
from edge.streams import Latest
from edge.supervise import keep_alive
from edge.uplink.port import BrokerLink, Connect
from station.books.intake import KeyRing, Received, Taken
from station.books.waiting import Waiting
from station.fleet.acks import Acks
from station.ingest.commit import Streams, commit, make_stages
from station.ingest.prepare import Batch, prepare
from station.ingest.server import Connection, told_errors

log = logging.getLogger(__name__)

STOP_S = 10.0  # for what was taken when told to stop; what is left comes again
LANES = ("fact", "track", "proof")
OpenDatabase = Callable[[], AbstractAsyncContextManager[Connection]]


class Totals:
    """What a worker has done since it started."""

    def __init__(self) -> None:
        self.facts = 0
        self.resent = 0
        self.refused = 0
        self.commits = 0
        self.acks = 0

    def add(self, taken: Taken) -> None:
        """Count a transaction that is committed."""
        self.facts += taken.facts
        self.resent += taken.resent
        self.refused += taken.refused
        self.commits += 1
        self.acks += len(taken.acks)


class Worker:
    """Takes messages until told to stop; any number of them share the work."""

    def __init__(
        self,
        *,
        org: str,
        group: str,
        key: SigningKey,
        keys: KeyRing,
        open_database: OpenDatabase,
        connect: Connect,
        clock: Clock,
        rng: Random,
    ) -> None:
        """`key` is the station's: what is acknowledged is signed.

        `connect` shares the subscriptions of `filters` among those who ask for the same.
        """
        self.totals = Totals()
        self.connected: Latest[bool] = Latest()
        """Whether it takes messages now."""
        self.filters = tuple(
            f"$share/{group}/{catalog.ROOT}/{org}/+/{catalog.BY_NAME[lane].topic}"
            for lane in LANES
        )
        self._org = org
        self._key = key
        self._keys = keys
        self._open_database = open_database
        self._connect = connect
        self._clock = clock
        self._rng = rng
        self._stopping = asyncio.Event()
        self._shed = 0

    @property
    def shed(self) -> int:
        """Messages let go because too many waited; unacknowledged, they come again."""
        return self._shed

    def stop(self) -> None:
        """Take nothing more; commit and acknowledge what was taken, then let `run` end."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. Raises ConfigError for what only a person can change."""
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(
                keep_alive("ingest", self._session, self._rng), name="ingest"
            )
            ending = tasks.create_task(self._end(working), name="end")
            await asyncio.wait((working,))
            ending.cancel()

    async def _end(self, working: asyncio.Task[None]) -> None:
        """Once told to stop, give what was taken some time."""
        await self._stopping.wait()
        if self.connected.value:
            await asyncio.wait((working,), timeout=STOP_S)
        working.cancel()

    async def _session(self) -> None:
        """One life of both connections."""
        async with self._open_database() as connection:
            with told_errors("PostgreSQL"):
                await make_stages(connection)
            async with self._connect(self.filters, None) as link:
                log.info("taking messages", extra={"filters": list(self.filters)})
                self.connected.set(True)
                try:
                    await self._work(connection, link)
                finally:
                    self.connected.set(False)

    async def _work(self, connection: Connection, link: BrokerLink) -> None:
        waiting, acks = Waiting(), Acks(self._org, self._key)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(acks.run(link), name="acknowledgements")
            tasks.create_task(self._commit(connection, waiting, acks), name="commits")
            listening = tasks.create_task(self._listen(link, waiting), name="messages")
            await self._stopping.wait()
            listening.cancel()
            waiting.close()

    async def _listen(self, link: BrokerLink, waiting: Waiting) -> None:
        async for topic, payload in link.messages():
            parsed = catalog.parse_topic(topic)
            if parsed is None:
                continue
            _, vehicle, row = parsed
            if row.lane == "fact" or row.lane == "track" or row.lane == "proof":
                taken = waiting.offer(Received(vehicle, row.lane, topic, payload))
                self._shed += not taken
        raise LinkError("the broker says nothing more")

    async def _commit(self, connection: Connection, waiting: Waiting, acks: Acks) -> None:
        streams = Streams()
        while group := await waiting.next_group():
            for taken in await self._take(connection, streams, group):
                self.totals.add(taken)
                acks.put(taken.acks)
        acks.close()

    async def _take(
        self, connection: Connection, streams: Streams, group: list[Received]
    ) -> list[Taken]:
        """Commit a group; if our own code or the server trips over it, each by itself."""
        try:
            return [await self._once(connection, streams, prepare(group, self._keys))]
        except DoorstepError:
            raise
        except Exception:
            log.exception("group not taken, each by itself", extra={"messages": len(group)})
        done: list[Taken] = []
        for received in group:
            try:
                done.append(
                    await self._once(connection, streams, prepare([received], self._keys))
                )
            except DoorstepError:
                raise
            except Exception as error:
                log.exception("message not taken", extra={"topic": received.topic[:200]})
                poison = Batch()
                poison.refuse(received, received.payload, f"not taken: {error}")
                done.append(await self._once(connection, streams, poison))
        return done

    async def _once(self, connection: Connection, streams: Streams, batch: Batch) -> Taken:
        with told_errors("PostgreSQL"):
            return await commit(connection, batch, streams, self._clock.utc())
