"""Fleet hazard memory: what one vehicle met, every vehicle keeps away from.

A fact of a hazard becomes a zone in a layer of its own, named after the fact, so that it is
made once however often the station starts; it goes to every vehicle like any conditions do.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Iterable
from datetime import timedelta

from edge.clock import Clock
from edge.errors import RefusedError
from edge.messages.broker.wire import UndecodableError, read_fact
from edge.messages.conditions import Circle, Zone
from edge.messages.facts import FactEvent, HazardMet
from edge.streams import Latest
from station.conditions.desk import ConditionsDesk
from station.conditions.formats.reading import Found
from station.store.database import Database

log = logging.getLogger(__name__)

KEEP_AWAY_M = 80.0
LASTS = timedelta(hours=2)
MOST_REMEMBERED = 64  # as many layers as a vehicle takes at most
MARK = b'"doorstep.hazard_met.v1"'


class Hazards:
    """Makes zones of what vehicles report."""

    def __init__(self, database: Database, desk: ConditionsDesk, clock: Clock) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock
        self._reported: list[FactEvent] = []
        self._news: Latest[int] = Latest()

    def committed(self, events: Iterable[FactEvent]) -> None:
        """Take note of what has just been committed."""
        met = [event for event in events if isinstance(event.data, HazardMet)]
        if met:
            self._reported = [*self._reported, *met][-MOST_REMEMBERED:]
            self._news.set(len(self._reported))

    async def run(self) -> None:
        """Tell every vehicle, for ever; after a start also what was not told before."""
        self._reported = [*await self._database.read(self._recent), *self._reported]
        version = 0
        while True:
            while self._reported:
                await self._tell(self._reported.pop(0))
            version, _ = await self._news.newer_than(version)

    async def _tell(self, event: FactEvent) -> None:
        utc = self._clock.utc()
        found = Found(utc=utc, until_utc=event.time + LASTS)
        found.zones.append(zone_of(event))
        if found.until_utc <= utc:
            return
        try:
            await self._desk.warn(layer_name(event), found)
        except RefusedError as error:
            log.warning("hazard not told", extra={"fact": event.id, "why": str(error)})
            return
        log.info("hazard told to everybody", extra={"fact": event.id})
        await asyncio.sleep(0)

    def _recent(self, db: sqlite3.Connection) -> list[FactEvent]:
        since = (self._clock.utc() - LASTS).isoformat()
        rows = db.execute(
            "SELECT sealed FROM fact WHERE readable AND received_utc >= ? AND instr(sealed, ?)"
            " ORDER BY received_utc DESC LIMIT ?",
            (since, MARK, MOST_REMEMBERED),
        ).fetchall()
        return [event for (sealed,) in reversed(rows) if (event := _read(sealed)) is not None]


def zone_of(event: FactEvent) -> Zone:
    """Return the zone that others keep out of."""
    hazard = event.data
    assert isinstance(hazard, HazardMet), "only hazards make zones"
    return Zone(
        zone_id=layer_name(event)[:64],
        name=f"{hazard.what}, said by {event.vehicle}"[:120],
        kind="hard",
        area=Circle(centre=hazard.place, radius_m=KEEP_AWAY_M),
        applies_to=("drone",),
        reason=f"{event.vehicle}: {hazard.why}"[:500],
    )


def layer_name(event: FactEvent) -> str:
    """Return the one name of a hazard's layer."""
    kept = "".join(c if c in "abcdefghijklmnopqrstuvwxyz0123456789-" else "-" for c in
                   event.vehicle.lower())  # fmt: skip
    return f"hazard:{kept[:24]}:{event.epoch[:8]}-{event.seq}"[:64]


def _read(sealed: bytes) -> FactEvent | None:
    try:
        event = read_fact(sealed)
    except UndecodableError:
        return None
    return event if isinstance(event.data, HazardMet) else None
