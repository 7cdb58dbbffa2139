"""The shell around driver behaviour: readings on duty in, facts with evidence out."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from edge.behaviour.evidence import MEDIA_TYPE, Raw
from edge.behaviour.mounting import Mounting
from edge.behaviour.score import holds_for, mark_of, score_of, still_counting
from edge.behaviour.watch import DriverWatch, Seen
from edge.clock import Clock
from edge.errors import DoorstepError
from edge.executor.executor import Executor
from edge.executor.mission.progress import WORKING
from edge.messages.broker.wire import from_msgpack, to_msgpack
from edge.messages.commands import Photo
from edge.messages.driving.view import DrivingMark, DrivingView
from edge.messages.facts import DrivingEvent
from edge.messages.geo import Place
from edge.messages.state import VehicleState
from edge.store.facts import FactStore
from edge.streams import Latest, Mailbox

log = logging.getLogger(__name__)

LimitAt = Callable[[Place, float | None], float | None]
"""The posted limit at a place for a heading [m/s]; None: unknown."""

MOST_WAITING = 64  # events that wait for the disk; the newest are left out then
MOST_MARKS = 500  # of seven days, all drivers; the oldest are left out of the page then
MOST_SHOWN = 50
LIMIT_EVERY_S = 1.0
LIMIT_ACCURACY_M = 15.0  # known worse, it may be another road
LIMIT_FROM_MPS = 3.0
WAKE_S = 1.0
NEVER = (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))


class Conduct:
    """Watches how the vehicle is driven while somebody is on duty, and nothing else."""

    def __init__(
        self,
        *,
        executor: Executor,
        facts: FactStore,
        state: Latest[VehicleState],
        clock: Clock,
        latency_s: float,
        limit_at: LimitAt | None = None,
    ) -> None:
        self._executor = executor
        self._facts = facts
        self._state = state
        self._clock = clock
        self._limit_at = limit_at
        mounting = facts.state("mounting")
        self._mounting = from_msgpack(mounting, Mounting) if mounting is not None else None
        self._watch = DriverWatch(latency_s=latency_s, mounting=self._mounting)
        self._seen: Mailbox[Seen] = Mailbox("driving events", MOST_WAITING)
        blob = facts.state("driving")
        self._marks: tuple[DrivingMark, ...] = (
            from_msgpack(blob, tuple[DrivingMark, ...]) if blob is not None else ()
        )
        self._on_duty = False
        self._shown: DrivingView | None = None
        self._shown_of: tuple[tuple[DrivingMark, ...], str, bool] | None = None
        self._shown_span = NEVER
        """From when until when the same marks make the same view."""

    def hear(self, reading: object) -> None:
        """Take a reading of a device session; off duty nothing of it is kept."""
        if not isinstance(reading, Raw):
            return
        on_duty = self._executor.mission.phase in WORKING
        if self._on_duty and not on_duty:
            self._watch.off_duty()
        self._on_duty = on_duty
        if on_duty:
            self._keep(self._watch.take(reading))

    def _keep(self, events: list[Seen]) -> None:
        for event in events:
            if len(self._seen) < MOST_WAITING:
                self._seen.put(event)
            else:
                log.error("driving event left out", extra={"kind": event.kind})

    async def run(self) -> None:
        """Look up limits, record events and show them, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._record_all(), name="conduct.record")
            tasks.create_task(self._tick(), name="conduct.tick")
            if self._limit_at is not None:
                tasks.create_task(self._look_up(self._limit_at), name="conduct.limits")

    async def _tick(self) -> None:
        """Complete events when no reading comes, keep the mounting and the page true."""
        while True:
            if self._on_duty:
                self._keep(self._watch.wake(self._clock.now_s()))
            if self._watch.mounting != self._mounting:
                self._mounting = self._watch.mounting
                kept = None if self._mounting is None else to_msgpack(self._mounting)
                await self._facts.commit((), state={"mounting": kept})
            self._show()
            await asyncio.sleep(WAKE_S)

    async def _look_up(self, limit_at: LimitAt) -> None:
        version, looked_s = 0, 0.0
        while True:
            version, state = await self._state.newer_than(version)
            if not self._on_duty or state.at_s - looked_s < LIMIT_EVERY_S:
                continue
            looked_s = state.at_s
            self._watch.limit(state.at_s, _posted(state, limit_at))

    async def _record_all(self) -> None:
        while True:
            event = await self._seen.get()
            try:
                await self._record(event)
            except DoorstepError:
                log.exception("driving event not kept", extra={"kind": event.kind})

    async def _record(self, event: Seen) -> None:
        """Keep the evidence, then the fact that names it, with the marks on the page."""
        age_s = self._clock.now_s() - event.began_s
        fact = DrivingEvent(
            kind=event.kind,
            began_utc=self._clock.utc() - timedelta(seconds=age_s),
            lasts_s=round(event.lasts_s, 2),
            worst=round(event.worst, 2),
            limit=round(event.limit, 2),
            by=event.by,
            speed_mps=None if event.speed_mps is None else round(event.speed_mps, 2),
            place=event.place,
            evidence=await self._evidence(event.evidence),
        )
        driver = self._executor.mission.progress.driver
        marks = (mark_of(fact, driver), *self._marks)
        marks = still_counting(marks, self._clock.utc())[:MOST_MARKS]
        await self._executor.record(fact, state={"driving": to_msgpack(marks)})
        self._marks = marks
        log.info("driving event", extra={"kind": fact.kind, "worst": fact.worst})
        self._show()

    async def _evidence(self, packed: bytes) -> Photo | None:
        try:
            return await self._executor.attach(packed, MEDIA_TYPE)
        except DoorstepError:
            log.exception("evidence not kept")  # the fact says so, and counts all the same
            return None

    def _show(self) -> None:
        utc, driver = self._clock.utc(), self._executor.mission.progress.driver
        made_of = self._marks, driver, self._watch.learning
        since_utc, until_utc = self._shown_span
        if made_of == self._shown_of and since_utc <= utc < until_utc:
            return
        self._shown_of, self._shown_span = made_of, holds_for(self._marks, utc)
        mine = [mark for mark in still_counting(self._marks, utc) if mark.driver == driver]
        shown = DrivingView(
            score=score_of(mine, utc),
            events=tuple(
                msgspec.structs.replace(mark, driver="") for mark in mine[:MOST_SHOWN]
            ),
            learning=self._watch.learning,
        )
        if shown != self._shown:
            self._shown = shown
            self._executor.show_driving(shown)


def _posted(state: VehicleState, limit_at: LimitAt) -> float | None:
    """Return the posted limit where the vehicle is; None unless that is well known."""
    if state.place is None or state.doubtful or state.fix == "none":
        return None
    if state.accuracy_m is None or state.accuracy_m > LIMIT_ACCURACY_M:
        return None
    if state.speed_mps is None or state.speed_mps < LIMIT_FROM_MPS:
        return None
    return limit_at(state.place, state.heading_deg)
