"""Looks at the whole fleet every few seconds and raises or clears its alarms."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import datetime

from edge.clock import Clock
from edge.messages.broker.wire import UndecodableError, from_json
from edge.messages.facts import PlanChanged
from station.fleet.alarms import DECIDED, Cause, Look, causes, changes
from station.fleet.carrier import Carrier
from station.fleet.presence import Presence
from station.store.alarms import clear_alarm, raise_alarm, standing
from station.store.database import Database

LOOK_EVERY_S = 10.0


class Overseer:
    """The shell around the rules of `station.fleet.alarms`."""

    def __init__(
        self, database: Database, presence: Presence, carrier: Carrier, clock: Clock
    ) -> None:
        self._database = database
        self._presence = presence
        self._carrier = carrier
        self._clock = clock
        self._late: dict[str, tuple[bytes, tuple[tuple[str, float], ...]]] = {}

    async def run(self, changed: Callable[[], None]) -> None:
        """Look for ever; call `changed` when an alarm came, went or reads differently."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if await self.look():
                changed()

    async def look(self) -> bool:
        """Look once; tell whether an alarm changed."""
        raised, cleared = await self._database.read(self._compare)
        if not raised and not cleared:
            return False
        utc = self._clock.utc()

        def write(db: sqlite3.Connection) -> None:
            for cause in raised:
                raise_alarm(db, cause.key, cause.kind, cause.vehicle, cause.text, utc)
            for key in cleared:
                clear_alarm(db, key, utc)

        await self._database.transaction(write)
        return True

    def _compare(self, db: sqlite3.Connection) -> tuple[list[Cause], list[str]]:
        wanted = causes(self._looks(db), self._clock.utc())
        known = {key: text for kind in DECIDED for key, text in standing(db, kind).items()}
        return changes(known, wanted)

    def _looks(self, db: sqlite3.Connection) -> list[Look]:
        rows = db.execute("SELECT vehicle, phase, route FROM vehicle_state").fetchall()
        states = {vehicle: (phase, route) for vehicle, phase, route in rows}
        gaps = dict(
            db.execute(
                "SELECT vehicle, min(gap_since_utc) FROM stream"
                " WHERE lane = 'fact' AND gap_since_utc IS NOT NULL GROUP BY vehicle"
            ).fetchall()
        )
        now_s = self._clock.now_s()
        looks = []
        for name, heard in self._presence.vehicles.items():
            phase, route = states.get(name, ("idle", ""))
            gap = gaps.get(name)
            looks.append(
                Look(
                    vehicle=name,
                    phase=phase,
                    silent_s=now_s - heard.heard_s,
                    offline=heard.status is not None and heard.status.state == "offline",
                    gap_since_utc=None if gap is None else datetime.fromisoformat(gap),
                    deaf_s=self._carrier.deaf_s(name),
                    late=self._late_stops(db, route) if phase != "closed" else (),
                )
            )
        return looks

    def _late_stops(self, db: sqlite3.Connection, route: str) -> tuple[tuple[str, float], ...]:
        row = db.execute("SELECT plan FROM route_state WHERE route = ?", (route,)).fetchone()
        if row is None or row[0] is None:
            return ()
        known = self._late.get(route)
        if known is None or known[0] != row[0]:
            known = self._late[route] = (row[0], _late_of(row[0]))
        if not known[1]:
            return ()
        closed = {
            stop
            for (stop,) in db.execute(
                "SELECT stop FROM stop_state"
                " WHERE route = ? AND (closed_utc IS NOT NULL OR cancelled)",
                (route,),
            )
        }
        return tuple(stop for stop in known[1] if stop[0] not in closed)


def _late_of(plan: bytes) -> tuple[tuple[str, float], ...]:
    try:
        stops = from_json(plan, PlanChanged).stops
    except UndecodableError:
        return ()
    return tuple((stop.stop_id, stop.late_s) for stop in stops if stop.late_s > 0)
