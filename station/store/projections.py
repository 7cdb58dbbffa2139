"""What the facts say so far: the tables of vehicles, routes, stops, parcels and tallies.

Filled by `station.store.effects`; worked out anew from the raw facts by `station.books.audit`.
"""

import sqlite3
from dataclasses import astuple, dataclass
from typing import Literal

from edge.messages.facts import FactEvent
from station.books.transfers import Transfer
from station.store.alarms import AlarmKind, clear_alarm, raise_alarm

CREATE: tuple[str, ...] = (
    """
    CREATE TABLE vehicle_state (
        vehicle TEXT PRIMARY KEY,
        began_utc TEXT NOT NULL,
        epoch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        utc TEXT NOT NULL,
        driver TEXT NOT NULL,
        route TEXT NOT NULL,
        phase TEXT NOT NULL,
        stop TEXT NOT NULL,
        gnss TEXT NOT NULL
    );
    CREATE TABLE route_state (
        route TEXT PRIMARY KEY,
        vehicle TEXT NOT NULL DEFAULT '',
        revision INTEGER NOT NULL DEFAULT 0,
        hash TEXT NOT NULL DEFAULT '',
        parcels INTEGER NOT NULL DEFAULT 0,
        accepted_utc TEXT,
        plan BLOB,
        day BLOB
    );
    CREATE TABLE stop_state (
        route TEXT NOT NULL,
        stop TEXT NOT NULL,
        arrived_utc TEXT,
        closed_utc TEXT,
        late_s REAL NOT NULL DEFAULT 0,
        delivered INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0,
        code TEXT NOT NULL DEFAULT '',
        cancelled INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (route, stop)
    ) WITHOUT ROWID;
    CREATE TABLE parcel_state (
        route TEXT NOT NULL,
        parcel TEXT NOT NULL,
        vehicle TEXT NOT NULL,
        loaded_utc TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        code TEXT NOT NULL DEFAULT '',
        custody TEXT NOT NULL DEFAULT 'station',
        outcome TEXT,
        stop TEXT NOT NULL DEFAULT '',
        ended_utc TEXT,
        ends INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (route, parcel)
    ) WITHOUT ROWID;
    CREATE INDEX parcel_by_id ON parcel_state (parcel);
    CREATE TABLE tally (
        scope TEXT NOT NULL,
        name TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (scope, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE transfer (
        parcel TEXT NOT NULL,
        giver TEXT NOT NULL,
        taker TEXT NOT NULL,
        meeting TEXT NOT NULL,
        given_utc TEXT,
        taken_utc TEXT,
        PRIMARY KEY (parcel, giver, taker, meeting)
    ) WITHOUT ROWID
    """,
)


@dataclass(slots=True)
class VehicleRow:
    """The last state of one vehicle, as its facts tell it."""

    vehicle: str
    began_utc: str
    epoch: str
    seq: int = 0
    utc: str = ""
    driver: str = ""
    route: str = ""
    phase: str = "idle"
    stop: str = ""
    gnss: str = ""
    """Why there is no position; empty while there is one."""


TransferSide = Literal["given_utc", "taken_utc"]


def transfer_alarm(one: Transfer) -> str:
    """Return the name of the alarm that one side of a transfer has not spoken."""
    return f"transfer/{one.parcel_id}/{one.giver}/{one.taker}/{one.meeting}"


class Pages:
    """The projections as one transaction changes them; `flush` before it commits."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.alarmed = False
        """An alarm was raised or cleared."""
        self._vehicles: dict[str, VehicleRow] = {}
        self._tallies: dict[tuple[str, str], int] = {}

    def vehicle(self, event: FactEvent, began_utc: str) -> VehicleRow | None:
        """Return the vehicle's row to change; None if the fact is of an epoch long over."""
        row = self._vehicles.get(event.vehicle)
        if row is None:
            found = self.db.execute(
                "SELECT * FROM vehicle_state WHERE vehicle = ?", (event.vehicle,)
            ).fetchone()
            row = VehicleRow(*found) if found else None
        if row is None or (began_utc, event.epoch) > (row.began_utc, row.epoch):
            row = VehicleRow(event.vehicle, began_utc, event.epoch)
        self._vehicles[event.vehicle] = row
        return row if row.epoch == event.epoch else None

    def add(self, scope: str, name: str) -> None:
        """Count one more."""
        key = (scope, name)
        self._tallies[key] = self._tallies.get(key, 0) + 1

    def alarm(self, event: FactEvent, kind: AlarmKind, text: str, key: str = "") -> None:
        """Raise an alarm on account of a fact; by default one of its own."""
        self.alarmed = True
        raise_alarm(self.db, key or f"fact/{event.id}", kind, event.vehicle, text, event.time)

    def clear(self, event: FactEvent, key: str) -> None:
        """Clear an alarm on account of a fact."""
        self.alarmed = True
        clear_alarm(self.db, key, event.time)

    def parcel(
        self,
        event: FactEvent,
        parcel: str,
        change: str,
        *values: object,
        only_if: str = "true",
    ) -> bool:
        """Change a parcel's row (?1 route, ?2 parcel, ?3… values); tell whether it was."""
        self.db.execute(
            "INSERT OR IGNORE INTO parcel_state (route, parcel, vehicle) VALUES (?, ?, ?)",
            (event.route, parcel, event.vehicle),
        )
        key = "route = ?1 AND parcel = ?2"
        changed = self.db.execute(
            f"UPDATE parcel_state SET {change} WHERE {key} AND {only_if}",  # noqa: S608
            (event.route, parcel, *values),
        )
        return changed.rowcount > 0

    def transfer(self, event: FactEvent, one: Transfer, side: TransferSide) -> None:
        """Note one side of a hand-over between vehicles; with both its alarm is over."""
        key = (one.parcel_id, one.giver, one.taker, one.meeting)
        self.db.execute("INSERT OR IGNORE INTO transfer VALUES (?, ?, ?, ?, NULL, NULL)", key)
        self.db.execute(
            f"UPDATE transfer SET {side} = coalesce({side}, ?5)"  # noqa: S608
            " WHERE parcel = ?1 AND giver = ?2 AND taker = ?3 AND meeting = ?4",
            (*key, event.time.isoformat()),
        )
        whole = self.db.execute(
            "SELECT 1 FROM transfer WHERE parcel = ?1 AND giver = ?2 AND taker = ?3"
            " AND meeting = ?4 AND given_utc NOTNULL AND taken_utc NOTNULL",
            key,
        ).fetchone()
        if whole is not None:
            self.clear(event, transfer_alarm(one))

    def half_transfers(self, vehicle: str) -> list[tuple[Transfer, bool]]:
        """Return a vehicle's transfers with one side only, and whether that is the giver's."""
        found = self.db.execute(
            "SELECT parcel, giver, taker, meeting, given_utc NOTNULL FROM transfer"
            " WHERE (giver = ?1 OR taker = ?1) AND (given_utc ISNULL OR taken_utc ISNULL)"
            " ORDER BY parcel",
            (vehicle,),
        ).fetchall()
        return [(Transfer(*key), bool(is_given)) for *key, is_given in found]

    def stop(self, event: FactEvent, stop: str, change: str, *values: object) -> None:
        """Change a stop's row (?1 route, ?2 stop, ?3… values)."""
        self.db.execute(
            "INSERT OR IGNORE INTO stop_state (route, stop) VALUES (?, ?)", (event.route, stop)
        )
        self.db.execute(
            f"UPDATE stop_state SET {change} WHERE route = ?1 AND stop = ?2",  # noqa: S608
            (event.route, stop, *values),
        )

    def flush(self) -> None:
        """Write what was gathered."""
        self.db.executemany(
            "INSERT OR REPLACE INTO vehicle_state VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [astuple(row) for row in self._vehicles.values()],
        )
        self.db.executemany(
            "INSERT INTO tally VALUES (?, ?, ?)"
            " ON CONFLICT (scope, name) DO UPDATE SET count = count + excluded.count",
            [(scope, name, count) for (scope, name), count in self._tallies.items()],
        )
