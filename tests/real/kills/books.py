"""After the last kill: what the vehicle wrote, the station holds and the driver was told."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.evidence import verify_store
from edge.handover.proof import verify_chain
from edge.messages.broker.wire import read_fact
from edge.messages.facts import (
    CommandRefused,
    DayClosed,
    Fact,
    ItemQuarantined,
    ParcelEnded,
    RouteAccepted,
)
from station.books.audit import Books, read_books
from station.store import day as orders
from station.store.ledger import held_facts, media, streams
from tests.real.kills.driving.sheet import Day
from tests.real.kills.processes.sites import VAN, Sites


@dataclass(frozen=True, slots=True)
class Told:
    """What was found."""

    books: Books
    photos: int
    track_batches: int


def audit_campaign(
    sites: Sites,
    days: Iterable[Day],
    outcomes: Mapping[str, str],
    photos: Iterable[str],
    *,
    damaged: bool = False,
) -> Told:
    """Hold the books of vehicle, station and driver against each other.

    `outcomes` are what the driver was answered, by parcel; `photos` the hashes of what was
    handed over as proof. What was `damaged` on the way may lie in quarantine besides. Raises
    AssertionError.
    """
    sent = {day.route_id: day.parcels for day in days}
    epoch, written = facts_on_board(sites.store)
    checked, faults = verify_store(sites.store, sites.van_key)
    assert (checked, faults) == (len(written), []), f"the vehicle's chain: {faults[:5]}"
    with closing(sqlite3.connect(sites.station_db)) as db:
        held = [(one.epoch, one.seq, one.sealed) for one in held_facts(db, VAN)]
        wanted = [(epoch, seq, sealed) for seq, sealed in written]
        assert held == wanted, _difference(held, wanted)
        public = sites.van_key.public
        checked, faults = verify_chain((s for _, _, s in held), {public.key_id: public})
        assert (checked, faults) == (len(written), []), f"the ledger's chain: {faults[:5]}"
        books = read_books(db, {(VAN, epoch): len(written)}, sent)
        facts = [read_fact(sealed).data for _, sealed in written]
        _check_orders(db, facts, sent, sites.store)
        _check_outcomes(facts, outcomes)
        count = _check_photos(db, facts, set(photos))
        batches = _check_lanes(db)
        quarantined = db.execute("SELECT why FROM quarantine").fetchall()
        assert damaged or not quarantined, f"set aside at the station: {quarantined[:5]}"
    assert books.balanced, books.problems
    assert (books.facts_lost, books.facts_counted_twice) == (0, 0), books
    return Told(books, count, batches)


def facts_on_board(store: Path) -> tuple[str, list[tuple[int, bytes]]]:
    """Return the epoch and every numbered fact of a store whose daemon has ended."""
    with closing(sqlite3.connect(store / "facts.db")) as db:
        (epoch,) = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
        facts = db.execute("SELECT seq, sealed FROM fact ORDER BY seq").fetchall()
    assert [seq for seq, _ in facts] == list(range(1, len(facts) + 1)), "a hole on board"
    return str(epoch), facts


def _difference(
    held: list[tuple[str, int, bytes]], wanted: list[tuple[str, int, bytes]]
) -> str:
    """Say what the ledger lacks, holds too often or holds otherwise."""
    have, want = Counter(one[:2] for one in held), Counter(one[:2] for one in wanted)
    lost, more = sorted((want - have).elements()), sorted((have - want).elements())
    other = sorted(set(held) - set(wanted))
    return (
        f"{len(lost)} facts lost {lost[:5]}, {len(more)} more than written {more[:5]}, "
        f"{len(other)} with other bytes {[one[:2] for one in other[:5]]}"
    )


def _check_orders(
    db: sqlite3.Connection, facts: list[Fact], sent: Mapping[str, frozenset[str]], store: Path
) -> None:
    """Every order was carried out, once and in order; every day was closed."""
    accepted = [fact.route_id for fact in facts if isinstance(fact, RouteAccepted)]
    assert accepted == list(sent), f"sent were {list(sent)}, taken over {accepted}"
    closed = [fact.route_id for fact in facts if isinstance(fact, DayClosed)]
    assert closed == list(sent), f"sent were {list(sent)}, closed {closed}"
    odd = [fact for fact in facts if isinstance(fact, CommandRefused | ItemQuarantined)]
    assert not odd, f"refused or set aside on board: {odd[:5]}"
    stream = orders.down_stream(db, VAN)
    assert stream is not None, "no order has ever been sent"
    assert (stream.last, stream.acked) == (len(sent), len(sent)), stream
    with closing(sqlite3.connect(store / "facts.db")) as board:
        received = board.execute("SELECT epoch, upto FROM received").fetchall()
    assert received == [(stream.epoch, stream.last)], received


def _check_outcomes(facts: list[Fact], outcomes: Mapping[str, str]) -> None:
    """Every parcel ended once, as the driver was told."""
    ended = [(f.parcel_id, f.outcome.value) for f in facts if isinstance(f, ParcelEnded)]
    assert sorted(ended) == sorted(outcomes.items()), (
        f"told and not recorded: {sorted(set(outcomes.items()) - set(ended))[:5]}, "
        f"recorded otherwise: {sorted(set(ended) - set(outcomes.items()))[:5]}, "
        f"{len(ended)} recorded of {len(outcomes)}"
    )


def _check_photos(db: sqlite3.Connection, facts: list[Fact], photos: set[str]) -> int:
    """Everything that proves something is at the station, whole; return how many."""
    named = {
        one.sha256: one
        for fact in facts
        if isinstance(fact, ParcelEnded)
        for one in (*fact.photos, *((fact.signature,) if fact.signature else ()))
    }
    assert set(named) == photos, f"{len(photos)} taken, {len(named)} in the facts"
    for digest, photo in named.items():
        kept = media(db, digest)
        assert kept is not None, f"photo {digest[:16]} is not at the station"
        media_type, content = kept
        assert hashlib.sha256(content).hexdigest() == digest, f"photo {digest[:16]} is another"
        assert (media_type, len(content)) == (photo.media_type, photo.size), digest
    return len(named)


def _check_lanes(db: sqlite3.Connection) -> int:
    """No lane has a hole; return how many batches of track there are."""
    for lane in ("fact", "track", "proof"):
        for stream in streams(db, lane):
            assert stream.upto == stream.highest, f"a hole in {lane} behind {stream.upto}"
    return sum(stream.upto for stream in streams(db, "track"))
