"""What is left of a vehicle that was killed: a copy of facts.db, read without touching it."""

import shutil
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from edge.executor.mission.progress import Progress
from edge.messages.broker.wire import from_json, from_msgpack, read_fact
from edge.messages.facts import DaemonStarted, FactEvent, ParcelEnded, ParcelLoaded
from edge.messages.view import ActResult
from edge.store.facts import FILE
from edge.store.rows import KEPT_ANSWERS
from tests.real.kills.driving.notebook import Known, Notebook, seen_in_store

PIECES = (FILE, FILE + "-wal")
LOOKED_FOR = KEPT_ANSWERS // 2  # of a long life: the store keeps refusals among its newest, too


@dataclass(frozen=True, slots=True)
class Remains:
    """The durable state at one death."""

    last_seq: int = 0
    boot: int = 0
    known: Known = field(default_factory=Known)
    answers: frozenset[str] = frozenset()
    """Actions of which the store knows that they were done."""
    events: tuple[FactEvent, ...] = ()
    """Facts since the death before."""


class Coroner:
    """Looks at each death before the next life begins."""

    def __init__(self, store: Path, scratch: Path, notebook: Notebook) -> None:
        self._store = store
        self._scratch = scratch
        self._notebook = notebook
        self._told: dict[str, dict[str, str | None]] = {}
        """By route: the parcels that were loaded or have ended, and how."""
        self.last = Remains()
        """Of the death before."""

    def examine(self) -> Remains:
        """Check the dead vehicle's store against the driver's notebook.

        Raises AssertionError if something answered is not there, something that is there was
        never asked, or the life that ended had begun elsewhere than the one before stopped.
        """
        found, before, notebook = self._read(), self.last, self._notebook
        asked = notebook.asked
        newest = [*notebook.answered][-LOOKED_FOR:]
        lost = set(newest) - found.answers
        assert not lost, f"answered and not in the store: {sorted(lost)}"
        notebook.answered.clear()
        done = asked is not None and asked.action_id in found.answers
        if found.last_seq:
            notebook.check(found.known, "the store holds", done=done)
        self._compare_with_facts(found)
        starts = [event for event in found.events if isinstance(event.data, DaemonStarted)]
        assert len(starts) <= 1, f"one life told {len(starts)} starts"
        for event in starts:
            assert isinstance(event.data, DaemonStarted), "chosen so"
            phase, told = before.known.phase, event.data
            assert told.phase == phase, f"resumed as {told.phase}, it had stopped as {phase}"
            assert told.boot == found.boot, f"boot {told.boot} told, {found.boot} counted"
        assert found.boot - before.boot in (0, 1), f"boot {found.boot} after {before.boot}"
        assert found.last_seq >= before.last_seq, (
            f"{before.last_seq} facts, now {found.last_seq}"
        )
        self.last = found
        return found

    def _compare_with_facts(self, found: Remains) -> None:
        """Facts and progress are one transaction: they must tell the same of every parcel."""
        for event in found.events:
            told = self._told.setdefault(event.route, {})
            match event.data:
                case ParcelLoaded(parcel_id=parcel_id):
                    assert parcel_id not in told, f"{parcel_id} was loaded twice"
                    told[parcel_id] = None
                case ParcelEnded(parcel_id=parcel_id, outcome=outcome):
                    assert not told.get(parcel_id), f"{parcel_id} has ended twice"
                    told[parcel_id] = outcome.value
        held = {
            parcel_id: at.outcome
            for parcel_id, at in found.known.parcels.items()
            if at.loaded or at.outcome
        }
        told = self._told.get(found.known.route_id, {})
        assert told == held, f"facts say {told.items() - held.items()}, progress otherwise"

    def _read(self) -> Remains:
        self._scratch.mkdir(exist_ok=True)
        for piece in PIECES:
            (self._scratch / piece).unlink(missing_ok=True)
            if (self._store / piece).exists():
                shutil.copyfile(self._store / piece, self._scratch / piece)
        if not (self._scratch / FILE).exists():
            return Remains()
        db = sqlite3.connect(self._scratch / FILE)
        db.execute("PRAGMA synchronous = OFF")  # a copy for one look
        try:
            return _remains(db, self.last.last_seq)
        finally:
            db.close()


def _remains(db: sqlite3.Connection, known_seq: int) -> Remains:
    (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    assert verdict == "ok", f"facts.db is damaged: {verdict}"
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'fact'").fetchone():
        return Remains()  # killed before its first commit
    meta = dict(db.execute("SELECT name, value FROM meta").fetchall())
    state = dict(db.execute("SELECT name, value FROM state").fetchall())
    sealed = db.execute("SELECT seq, sealed FROM fact WHERE seq > ? ORDER BY seq", (known_seq,))
    events = tuple((seq, read_fact(fact)) for seq, fact in sealed.fetchall())
    numbers = [seq for seq, _ in events]
    wanted = list(range(known_seq + 1, known_seq + 1 + len(events)))
    assert numbers == wanted, f"facts {numbers} follow number {known_seq}"
    yes = [
        action_id
        for action_id, answer in db.execute("SELECT action_id, value FROM answer").fetchall()
        if from_json(answer, ActResult).accepted
    ]
    progress = state.get("progress")
    return Remains(
        last_seq=known_seq + len(events),
        boot=meta.get("boot", 0),
        known=seen_in_store(from_msgpack(progress, Progress)) if progress else Known(),
        answers=frozenset(yes),
        events=tuple(event for _, event in events),
    )
