"""The rows of facts.db: the SQL of the fact store, run in the database's worker."""

import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from zlib import crc32

from edge.errors import ConfigError
from edge.handover.proof import FIRST_PREVHASH, fact_hash
from edge.messages.facts import ItemQuarantined
from edge.store.healing import healed

log = logging.getLogger(__name__)

KEPT_ANSWERS = 1000  # a page that asks again after a thousand other actions is not repeating
KEPT_EPOCHS = 16

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE fact (seq INTEGER PRIMARY KEY, utc_ms INTEGER, crc INTEGER, sealed BLOB);
CREATE TABLE state (name TEXT PRIMARY KEY, crc INTEGER, value BLOB) WITHOUT ROWID;
CREATE TABLE answer (number INTEGER PRIMARY KEY, action_id TEXT UNIQUE, value BLOB);
CREATE TABLE received (number INTEGER PRIMARY KEY, epoch TEXT UNIQUE, upto INTEGER);
CREATE TABLE quarantine (number INTEGER PRIMARY KEY, what TEXT, value BLOB);
CREATE TABLE media (first_seq INTEGER PRIMARY KEY, last_seq INTEGER, sha256 TEXT UNIQUE,
                    media_type TEXT, size INTEGER, crcs BLOB, acked_ms INTEGER,
                    wiped INTEGER DEFAULT 0);
"""


@dataclass(frozen=True, slots=True)
class Head:
    """End of the chain."""

    seq: int
    hash: str


@dataclass(slots=True)
class Memory:
    """Everything of the file that is kept in memory too."""

    epoch: str
    boot: int
    head: Head
    acked: int
    proof_acked: int
    state: dict[str, bytes]
    answers: "OrderedDict[str, bytes]"
    received: dict[str, int]
    spoiled: list[ItemQuarantined]
    """State blobs that have rotted: set aside, and to be told."""


def load(connection: sqlite3.Connection, vehicle: str, new_epoch: Callable[[], str]) -> Memory:
    """Read the small memory and count a start; begin an epoch in an empty file.

    Raises ConfigError if the file is another vehicle's.
    """
    meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    if not meta:
        meta = {"vehicle": vehicle, "epoch": new_epoch(), "boot": 0}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", list(meta.items()))
    if meta["vehicle"] != vehicle:
        raise ConfigError(f"the store belongs to {meta['vehicle']}, not to {vehicle}")
    boot = meta["boot"] + 1
    write_meta(connection, "boot", boot)
    last = connection.execute(
        "SELECT seq, sealed FROM fact ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    answers = connection.execute("SELECT action_id, value FROM answer ORDER BY number")
    received = connection.execute("SELECT epoch, upto FROM received ORDER BY number")
    state, spoiled = _load_state(connection)
    return Memory(
        epoch=meta["epoch"],
        boot=boot,
        head=Head(last[0], fact_hash(last[1])) if last else Head(0, FIRST_PREVHASH),
        acked=meta.get("acked", 0),
        proof_acked=meta.get("proof_acked", 0),
        state=state,
        answers=OrderedDict(answers.fetchall()),
        received=dict(received.fetchall()),
        spoiled=spoiled,
    )


def _load_state(
    connection: sqlite3.Connection,
) -> tuple[dict[str, bytes], list[ItemQuarantined]]:
    state, spoiled = {}, []
    for name, crc, value in connection.execute("SELECT * FROM state").fetchall():
        whole = value if crc32(value) == crc else healed(value, crc)
        if whole is not None:
            state[name] = whole
            if whole != value:
                log.error("a bit of state has rotted, found again", extra={"state": name})
                write_state(connection, {name: whole})
            continue
        log.error("state has rotted", extra={"state": name})
        quarantine(connection, f"state {name}", value)
        connection.execute("DELETE FROM state WHERE name = ?", (name,))
        digest = sha256(value).hexdigest()
        spoiled.append(
            ItemQuarantined(stream=f"state/{name}", seq=0, sha256=digest, why="bit rot")
        )
    return state, spoiled


def write_meta(connection: sqlite3.Connection, name: str, value: int | str) -> None:
    """Set one value that is kept for ever."""
    connection.execute("REPLACE INTO meta VALUES (?, ?)", (name, value))


def write_fact(connection: sqlite3.Connection, seq: int, utc_ms: int, sealed: bytes) -> None:
    """Append one fact, or replace a rotten one; 0 for a time that nobody vouches for."""
    row = (seq, utc_ms, crc32(sealed, seq), sealed)
    connection.execute("REPLACE INTO fact VALUES (?, ?, ?, ?)", row)


def write_state(connection: sqlite3.Connection, state: Mapping[str, bytes | None]) -> None:
    """Replace the named blobs; None removes one."""
    for name, blob in state.items():
        if blob is None:
            connection.execute("DELETE FROM state WHERE name = ?", (name,))
        else:
            row = (name, crc32(blob), blob)
            connection.execute("REPLACE INTO state VALUES (?, ?, ?)", row)


def write_answer(connection: sqlite3.Connection, action_id: str, value: bytes) -> None:
    """Keep the answer to a driver's action among the newest."""
    added = connection.execute(
        "REPLACE INTO answer (action_id, value) VALUES (?, ?)", (action_id, value)
    )
    oldest = (added.lastrowid or 0) - KEPT_ANSWERS
    connection.execute("DELETE FROM answer WHERE number <= ?", (oldest,))


def write_received(connection: sqlite3.Connection, epoch: str, upto: int) -> None:
    """Note how far the command stream has taken effect."""
    connection.execute(
        "INSERT INTO received (epoch, upto) VALUES (?, ?)"
        " ON CONFLICT (epoch) DO UPDATE SET upto = excluded.upto",
        (epoch, upto),
    )
    connection.execute(
        "DELETE FROM received WHERE number <= (SELECT max(number) FROM received) - ?",
        (KEPT_EPOCHS,),
    )


def quarantine(connection: sqlite3.Connection, what: str, value: bytes) -> None:
    """Keep bytes aside that cannot be used, for whoever wants to salvage them."""
    connection.execute("INSERT INTO quarantine (what, value) VALUES (?, ?)", (what, value))


def read_facts(
    connection: sqlite3.Connection, first: int, limit: int, signed: Callable[[bytes], bool]
) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]:
    """Return (sound, rotten) facts from number `first` on, at most `limit` together.

    One with a single wrong bit is healed, if it is then as it was `signed`.
    """
    found = connection.execute(
        "SELECT seq, crc, sealed FROM fact WHERE seq >= ? ORDER BY seq LIMIT ?", (first, limit)
    ).fetchall()
    sound = [(seq, sealed) for seq, crc, sealed in found if crc32(sealed, seq) == crc]
    if len(sound) == len(found):
        return sound, []
    sound, rotten = [], []
    for seq, crc, sealed in found:
        whole = sealed if crc32(sealed, seq) == crc else healed(sealed, crc, seq)
        if whole is None or (whole != sealed and not signed(whole)):
            rotten.append((seq, sealed))
            continue
        if whole != sealed:
            log.error("a bit of a fact has rotted, found again", extra={"seq": seq})
        sound.append((seq, whole))
    return sound, rotten


def prune_facts(connection: sqlite3.Connection, upto: int, before_ms: int) -> int:
    """Delete facts up to a number and from before an instant; return how many.

    Those whose time nobody vouches for go with the ones after them.
    """
    (last,) = connection.execute(
        "SELECT max(seq) FROM fact WHERE seq <= ? AND utc_ms BETWEEN 1 AND ?", (upto, before_ms)
    ).fetchone()
    return connection.execute("DELETE FROM fact WHERE seq <= ?", (last or 0,)).rowcount


def to_ms(utc: datetime) -> int:
    """Return milliseconds since 1970."""
    return int(utc.timestamp() * 1000)
