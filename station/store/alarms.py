"""Alarms: what a dispatcher has to look at, raised once, cleared by itself or by hand.

An alarm has a key, so that the same trouble is one row however often it is noticed.
"""

import sqlite3
from datetime import datetime
from typing import Literal

import msgspec

AlarmKind = Literal[
    "silent",
    "gap",
    "late",
    "foreseen",
    "tamper",
    "help",
    "hazard",
    "barred",
    "gnss",
    "quarantine",
    "forged",
    "conflict",
    "deaf",
    "refused",
    "parcel",
    "books",
    "store",
]

CREATE: tuple[str, ...] = (
    """
    CREATE TABLE alarm (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        vehicle TEXT NOT NULL,
        text TEXT NOT NULL,
        raised_utc TEXT NOT NULL,
        cleared_utc TEXT,
        seen_utc TEXT,
        seen_by TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX alarm_open ON alarm (cleared_utc, seen_utc)
    """,
)

COLUMNS = "id, key, kind, vehicle, text, raised_utc, cleared_utc, seen_utc, seen_by"


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One trouble, as the console shows it."""

    id: int
    key: str
    kind: AlarmKind
    vehicle: str
    text: str
    raised_utc: datetime
    cleared_utc: datetime | None = None
    seen_utc: datetime | None = None
    """When somebody acknowledged it."""
    seen_by: str = ""


def raise_alarm(
    db: sqlite3.Connection, key: str, kind: AlarmKind, vehicle: str, text: str, utc: datetime
) -> None:
    """Raise an alarm, again if it had cleared; one that stands only gets the new text."""
    db.execute(
        "INSERT INTO alarm (key, kind, vehicle, text, raised_utc) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (key) DO UPDATE SET text = ?4,"
        " raised_utc = iif(cleared_utc IS NULL, raised_utc, ?5),"
        " seen_utc = iif(cleared_utc IS NULL, seen_utc, NULL),"
        " seen_by = iif(cleared_utc IS NULL, seen_by, ''), cleared_utc = NULL",
        (key, kind, vehicle, text, utc.isoformat()),
    )


def clear_alarm(db: sqlite3.Connection, key: str, utc: datetime) -> None:
    """Note that the trouble is over; nothing happens if there was none."""
    db.execute(
        "UPDATE alarm SET cleared_utc = ? WHERE key = ? AND cleared_utc IS NULL",
        (utc.isoformat(), key),
    )


def acknowledge_alarm(db: sqlite3.Connection, row: int, who: str, utc: datetime) -> bool:
    """Note who has seen an alarm; False if there is none with this id to see."""
    changed = db.execute(
        "UPDATE alarm SET seen_utc = ?, seen_by = ? WHERE id = ? AND seen_utc IS NULL",
        (utc.isoformat(), who, row),
    ).rowcount
    return changed > 0


def shown_alarms(db: sqlite3.Connection, limit: int = 200) -> list[Alarm]:
    """Return the alarms that stand or that nobody has seen yet, the newest first."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM alarm WHERE cleared_utc IS NULL OR seen_utc IS NULL"  # noqa: S608
        " ORDER BY seen_utc IS NOT NULL, raised_utc DESC, id DESC LIMIT ?",
        (limit,),
    )
    names = COLUMNS.split(", ")
    return [msgspec.convert(dict(zip(names, row, strict=True)), Alarm) for row in rows]


def standing(db: sqlite3.Connection, kind: AlarmKind) -> dict[str, str]:
    """Return the keys and texts of the alarms of a kind that have not cleared."""
    rows = db.execute(
        "SELECT key, text FROM alarm WHERE kind = ? AND cleared_utc IS NULL", (kind,)
    )
    return dict(rows.fetchall())
