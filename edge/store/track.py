"""track.db: positions in numbered, compressed batches; cheap, bounded, thinned when it is full.

A power cut costs at most the last COMMIT_EVERY_S of track. When the file grows over its bound
the oldest batches lose nine points of ten, and when all are thin, the oldest become empty;
each batch says how many points it lost, and a `track_thinned` fact says when. Acknowledged
batches are deleted at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from edge.clock import Clock
from edge.errors import StoreError
from edge.messages.broker.stream import TrackItem, with_crc
from edge.messages.facts import EpochStarted, Fact, ItemQuarantined, TrackThinned
from edge.messages.state import TrackBatch, TrackPoint, VehicleState
from edge.store import batches
from edge.store.database import Database
from edge.store.disk import HOST, Disk
from edge.streams import Latest

log = logging.getLogger(__name__)

FILE = "track.db"
COMMIT_EVERY_S = 10.0
POINT_EVERY_S = 1.0
POINTS_PER_BATCH = 60
BATCH_SPAN_S = 60.0
BATCHES_IN_MEMORY = 60  # an hour that a full disk does not take
UNTOLD = 100  # losses that wait for the fact store; the batches carry the counts besides

Report = Callable[[Fact], Awaitable[object]]


@dataclass(slots=True)
class _Span:
    """Points that share a route, a driver and a source of time."""

    number: int
    from_utc: datetime
    from_s: float
    time_source: str
    route: str | None
    driver: str | None
    points: list[TrackPoint] = field(default_factory=list)


class TrackStore:
    """The history of positions."""

    def __init__(
        self, database: Database, *, vehicle: str, clock: Clock, report: Report
    ) -> None:
        self.epoch = ""
        self.acked = 0
        """The ledger has committed every batch up to this one; they are deleted here."""
        self.appended: Latest[int] = Latest()
        """Number of the last finished durable batch; wakes the uplink."""
        self._database = database
        self._vehicle = vehicle
        self._clock = clock
        self._report = report
        self._next = 1
        self._full: list[_Span] = []
        self._open: _Span | None = None
        self._last_point_s = float("-inf")
        self._stored_b = 0
        self._most_b = 0
        self._untold: list[Fact] = []
        self._lock = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        vehicle: str,
        clock: Clock,
        new_epoch: Callable[[], str],
        report: Report,
        max_mb: int = 256,
        disk: Disk = HOST,
    ) -> "TrackStore":
        """Open track.db in `folder`; `report` makes facts of losses. Raises StoreError."""
        # NORMAL would let a power cut undo batches that the station has already acknowledged.
        database = await Database.open(
            folder / FILE, batches.SCHEMA, synchronous="FULL", ballast_b=0, disk=disk
        )
        store = cls(database, vehicle=vehicle, clock=clock, report=report)
        found = await database.transact(lambda c: batches.load(c, new_epoch))
        store.epoch, store.acked = found.epoch, found.acked
        store._next, store._stored_b = found.last + 1, found.stored_b
        store._most_b = max_mb * 1_000_000
        store.appended.set(found.last)
        if database.set_aside:
            await store._tell(EpochStarted(reason=f"{FILE}: {database.set_aside}"))
        return store

    @property
    def last_seq(self) -> int:
        """Number of the last finished durable batch."""
        return self.appended.value or 0

    def add(
        self,
        state: VehicleState,
        *,
        route: str | None = None,
        driver: str | None = None,
        every_s: float = POINT_EVERY_S,
    ) -> None:
        """Take a position, at most one in `every_s`; it is durable after the next flush."""
        if state.place is None or state.at_s - self._last_point_s < every_s - 0.05:
            return
        self._last_point_s = state.at_s
        span = self._span(state, route, driver)
        speed, heading = state.speed_mps, state.heading_deg
        point = TrackPoint(
            t_ms=round((state.at_s - span.from_s) * 1000),
            lat_1e7=round(state.place.lat_deg * 1e7),
            lon_1e7=round(state.place.lon_deg * 1e7),
            accuracy_dm=-1 if state.accuracy_m is None else round(state.accuracy_m * 10),
            speed_cmps=None if speed is None else round(speed * 100),
            heading_cdeg=None if heading is None else round(heading * 100),
        )
        span.points.append(point)
        if len(span.points) == POINTS_PER_BATCH:
            self._finish()

    async def run(self) -> None:
        """Make the track durable every COMMIT_EVERY_S, for ever."""
        while True:
            await asyncio.sleep(COMMIT_EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """Make every point so far durable; thin the oldest ones if the file is too large."""
        async with self._lock:
            await self._flush()
            untold, self._untold = self._untold, []
            for fact in untold:
                await self._tell(fact)

    async def read(self, first: int, limit: int) -> list[tuple[int, TrackItem]]:
        """Return up to `limit` finished batches from number `first` on, in order.

        A batch whose bytes have rotted comes empty, and a fact says so.
        """
        last = self.last_seq
        sound, rotten = await self._database.read(lambda c: batches.read(c, first, last, limit))
        if not rotten:
            return [
                (seq, with_crc(TrackItem(self.epoch, seq, packed))) for seq, packed in sound
            ]
        empty = batches.empty(self._vehicle, self._clock.utc())
        replaced = [(seq, empty) for seq, _ in rotten]
        await self._database.transact(lambda c: batches.write(c, replaced))
        for seq, packed in rotten:
            log.error("track has rotted", extra={"seq": seq})
            digest = sha256(packed).hexdigest()
            await self._tell(
                ItemQuarantined(stream="track", seq=seq, sha256=digest, why="bit rot")
            )
        return await self.read(first, limit)

    async def stand_ins(self, numbers: Sequence[int]) -> list[tuple[int, TrackItem]]:
        """Return empty batches in the place of those that are deleted."""
        empty = batches.pack(batches.empty(self._vehicle, self._clock.utc()))
        return [(seq, with_crc(TrackItem(self.epoch, seq, empty))) for seq in numbers]

    async def acknowledge(self, upto: int) -> None:
        """Delete what the ledger has; when it is less than before, only note that."""
        upto = min(upto, self.last_seq)
        if upto == self.acked:
            return
        self.acked = upto
        last = self.last_seq
        self._stored_b -= await self._database.transact(lambda c: batches.delete(c, upto, last))

    async def close(self) -> None:
        """Make everything durable and let go of the file."""
        await self.flush()
        await self._database.close()

    async def _flush(self) -> None:
        if self._open is not None and self._age_s(self._open) >= BATCH_SPAN_S:
            self._finish()
        spans = [*self._full, self._open] if self._open else list(self._full)
        if not spans:
            return
        written = [(span.number, self._batch(span)) for span in spans]
        finished = len(self._full)
        try:
            added_b = await self._database.transact(lambda c: batches.write(c, written))
        except StoreError:
            await self._give_up_oldest()
            return
        self._stored_b += added_b
        del self._full[:finished]
        if finished:
            self.appended.set(written[finished - 1][0])
        if self._stored_b > self._most_b:
            await self._thin()

    def _span(self, state: VehicleState, route: str | None, driver: str | None) -> _Span:
        """Return the open span if the point belongs to it, or begin one."""
        source = self._clock.source
        span = self._open
        if span is not None:
            same = (span.time_source, span.route, span.driver) == (source, route, driver)
            if same and state.at_s - span.from_s < BATCH_SPAN_S:
                return span
            self._finish()
        utc = self._clock.utc() - timedelta(seconds=self._clock.now_s() - state.at_s)
        self._open = _Span(self._next, utc, state.at_s, source, route, driver)
        self._next += 1
        return self._open

    def _finish(self) -> None:
        assert self._open is not None, "no span to finish"
        self._full.append(self._open)
        self._open = None

    def _age_s(self, span: _Span) -> float:
        return self._clock.now_s() - span.from_s

    def _batch(self, span: _Span) -> TrackBatch:
        return TrackBatch(
            vehicle=self._vehicle,
            from_utc=span.from_utc,
            time_source=span.time_source,
            route_id=span.route,
            driver=span.driver,
            points=tuple(span.points),
        )

    async def _thin(self) -> None:
        wanted_b, last = self._stored_b - self._most_b * 9 // 10, self.last_seq
        freed_b, thinned = await self._database.transact(
            lambda c: batches.thin(c, wanted_b, last)
        )
        self._stored_b -= freed_b
        if thinned is not None:
            await self._tell(thinned)
        await self._database.tidy()

    async def _give_up_oldest(self) -> None:
        """Free memory when the disk takes nothing: an empty batch keeps the numbers whole."""
        spare = [span for span in self._full if span.points]
        if len(spare) <= BATCHES_IN_MEMORY:
            return
        span = spare[0]
        until = span.from_utc + timedelta(milliseconds=span.points[-1].t_ms)
        points = len(span.points)
        span.points.clear()
        await self._tell(TrackThinned(points=points, from_utc=span.from_utc, until_utc=until))

    async def _tell(self, fact: Fact) -> None:
        """Report a loss; when not even that can be kept, try again with the next flush."""
        try:
            await self._report(fact)
        except StoreError:
            log.exception("loss of track not told yet")
            self._untold = [*self._untold, fact][-UNTOLD:]
