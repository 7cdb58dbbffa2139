"""Every fact once, in any order, through every restart; acknowledged only when it is kept."""

import asyncio
import hashlib
import sqlite3
from pathlib import Path

import msgspec
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.clock import LoopClock
from edge.messages import facts as f
from edge.messages.broker.stream import ProofChunk, TrackItem, with_crc
from edge.messages.broker.wire import to_json, to_msgpack
from station.books.ledger import Ledger
from station.store import effects
from station.store.alarms import shown_alarms
from station.store.database import Database
from station.store.ledger import AHEAD_LIMIT, held_facts, media, streams
from tests.station.live.vans import NOON, Van

STATE = {
    "vehicle_state": "*",
    "route_state": "*",
    "stop_state": "*",
    "parcel_state": "*",
    "tally": "*",
    "fact": "stream, seq, sealed, readable",
}


def open_ledger(database: Database, *vans: Van) -> Ledger:
    keys = {name: ring for van in vans for name, ring in van.keys.items()}
    clock = LoopClock(asyncio.get_running_loop(), NOON, "simulated")
    return Ledger(database, keys, clock)


@pytest.fixture
async def database(tmp_path: Path):
    database = await Database.open(tmp_path / "station.db")
    yield database
    await database.close()


def state_of(db: sqlite3.Connection) -> dict[str, list]:
    """Everything that must not depend on how the facts came in."""
    state = {
        table: sorted(db.execute(f"SELECT {columns} FROM {table}").fetchall())
        for table, columns in STATE.items()
        if table != "fact"
    }
    state["fact"] = [(h.vehicle, h.epoch, h.seq, h.sealed) for h in held_facts(db)]
    return state


def alarms(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return sorted((alarm.kind, alarm.vehicle) for alarm in shown_alarms(db))


async def state_after_in_order(folder: Path, vans: list[tuple[Van, list[bytes]]]) -> dict:
    database = await Database.open(folder / "in-order.db")
    ledger = open_ledger(database, *(van for van, _ in vans))
    for van, day in vans:
        await ledger.take([van.facts_of(*day)])
    state = await database.read(state_of)
    await database.close()
    return state


async def test_a_day_is_counted_and_acknowledged(database):
    van = Van()
    day = van.day()
    taken = await open_ledger(database, van).take([van.facts_of(*day)])
    assert taken.facts == len(day) == len(taken.events)
    [(name, ack)] = taken.acks
    assert (name, ack.upto, ack.missing) == ("van-1", len(day), ())
    state = await database.read(state_of)
    assert [row[0:1] + row[-3:] for row in state["vehicle_state"]] == [
        ("van-1", "closed", "", "")
    ]
    outcomes = [row[7] for row in state["parcel_state"]]
    assert outcomes == ["DELIVERED", "DELIVERED", "DELIVERED", "DELIVERED", "RETURNED"]


@given(data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_duplicates_splits_and_restarts_give_the_same_state(data, tmp_path_factory):
    """Facts of two vehicles, shuffled, repeated, cut up, the station killed between."""
    folder = tmp_path_factory.mktemp("ledger")

    async def main() -> None:
        vans = [Van("van-1"), Van("van-2", epoch="f" * 16)]
        days = [(van, van.day(3)) for van in vans]
        wanted = await state_after_in_order(folder, days)
        pool = [(van, sealed) for van, day in days for sealed in day]
        repeats = data.draw(st.lists(st.sampled_from(pool), max_size=12))
        order = data.draw(st.permutations(pool + repeats))
        database = await Database.open(folder / "any-order.db")
        ledger = open_ledger(database, *vans)
        while order:
            cut = data.draw(st.integers(1, len(order)))
            group = [van.facts_of(sealed) for van, sealed in order[:cut]]
            order = order[cut:]
            await ledger.take(group)
            if data.draw(st.booleans()):
                await database.close()
                database = await Database.open(folder / "any-order.db")
                ledger = open_ledger(database, *vans)
        assert await database.read(state_of) == wanted
        counted = await database.read(streams)
        assert sum(stream.resent for stream in counted) == len(repeats)
        assert await database.read(alarms) == []
        await database.close()

    asyncio.run(main())


async def test_a_gap_is_named_and_closes(database):
    van = Van()
    day = van.day()
    ledger = open_ledger(database, van)
    taken = await ledger.take([van.facts_of(*day[:3], *day[5:7], day[8])])
    [(_, ack)] = taken.acks
    assert (ack.upto, ack.missing) == (3, (4, 5, 8))
    [stream] = await database.read(streams)
    assert stream.gap_since_utc is not None
    taken = await ledger.take([van.facts_of(day[3], day[4])])
    assert [event.seq for event in taken.events] == [4, 5, 6, 7]
    taken = await ledger.take([van.facts_of(day[7])])
    [(_, ack)] = taken.acks
    assert (ack.upto, ack.missing) == (9, ())
    [stream] = await database.read(streams)
    assert stream.gap_since_utc is None


async def test_nothing_is_acknowledged_before_it_is_committed(tmp_path: Path):
    """The acknowledged facts are found in a copy of the files as they are on the disk."""
    database = await Database.open(tmp_path / "station.db")
    van = Van()
    taken = await open_ledger(database, van).take([van.facts_of(*van.day())])
    for name in ("station.db", "station.db-wal"):
        (tmp_path / f"copy-{name}").write_bytes((tmp_path / name).read_bytes())
    (tmp_path / "copy-station.db-wal").rename(tmp_path / "copy.db-wal")
    (tmp_path / "copy-station.db").rename(tmp_path / "copy.db")
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT max(seq) FROM fact").fetchone() == (taken.acks[0][1].upto,)
    copy.close()
    await database.close()


async def test_a_forged_fact_is_set_aside_and_never_acknowledged(database):
    van, stranger = Van(), Van("van-1")
    stranger.key = Van("somebody-else").key
    ledger = open_ledger(database, van)
    taken = await ledger.take([van.facts_of(stranger.fact(f.LoadingStarted()))])
    assert (taken.facts, taken.refused, taken.acks) == (0, 1, [])
    assert await database.read(alarms) == [("forged", "van-1")]
    true = van.fact(f.LoadingStarted())
    taken = await ledger.take([van.facts_of(true)])
    assert taken.facts == 1


@pytest.mark.parametrize("at", [10, 120, 300, -60, -5])
async def test_one_altered_byte_is_found(database, at: int):
    van = Van()
    sealed = bytearray(van.fact(f.ParcelLoaded(parcel_id="P1")))
    sealed[at] = ord("x") if sealed[at] != ord("x") else ord("y")
    taken = await open_ledger(database, van).take([van.facts_of(bytes(sealed))])
    assert (taken.facts, taken.acks) == (0, [])


async def test_another_vehicles_fact_is_not_counted(database):
    van, other = Van(), Van("van-2")
    taken = await open_ledger(database, van, other).take(
        [other.facts_of(van.fact(f.LoadingStarted()))]
    )
    assert (taken.facts, taken.acks) == (0, [])
    assert await database.read(alarms) == [("forged", "van-2")]


async def test_a_vehicle_that_is_not_in_the_fleet_is_not_counted(database):
    van, stranger = Van(), Van("van-9")
    taken = await open_ledger(database, van).take(
        [stranger.facts_of(stranger.fact(f.LoadingStarted())), stranger.track(1)]
    )
    assert (taken.facts, taken.refused, taken.acks) == (0, 2, [])


async def test_the_same_number_with_other_content_is_a_conflict(database):
    van, twin = Van(), Van()
    ledger = open_ledger(database, van)
    await ledger.take([van.facts_of(van.fact(f.LoadingStarted()))])
    taken = await ledger.take([twin.facts_of(twin.fact(f.ParcelLoaded(parcel_id="P1")))])
    assert taken.facts == 0
    assert await database.read(alarms) == [("conflict", "van-1")]
    assert len(await database.read(lambda db: list(held_facts(db)))) == 1


async def test_an_unreadable_signed_fact_is_passed_over(database):
    """A vehicle of a later version says something this one does not know."""
    van = Van()
    before = van.fact(f.LoadingStarted())
    event = van.event(f.LoadingStarted())
    body = to_json(event).replace(b'"loading_started"', b'"levitation_started"')
    poison = van.key.seal(msgspec.Raw(body))
    after = van.fact(f.ParcelLoaded(parcel_id="P1"))
    taken = await open_ledger(database, van).take([van.facts_of(before, poison, after)])
    [(_, ack)] = taken.acks
    assert ack.upto == 3
    assert [event.seq for event in taken.events] == [1, 3]
    assert await database.read(alarms) == [("quarantine", "van-1")]


@given(payload=st.binary(max_size=300))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_on_any_lane_harm_nobody(payload, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")

    async def main() -> None:
        van = Van()
        database = await Database.open(folder / "station.db")
        ledger = open_ledger(database, van)
        group = [van.received(lane, payload) for lane in ("fact", "track", "proof")]
        taken = await ledger.take([*group, van.facts_of(van.fact(f.LoadingStarted()))])
        assert taken.facts == 1
        await database.close()

    asyncio.run(main())


async def test_a_fact_our_own_code_trips_over_blocks_nothing(database, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setitem(effects.EFFECTS, f.Arrived, broken)
    van = Van()
    day = van.day()
    taken = await open_ledger(database, van).take([van.facts_of(*day)])
    [(_, ack)] = taken.acks
    assert ack.upto == len(day)
    assert len(taken.events) == len(day) - 4
    assert ("quarantine", "van-1") in await database.read(alarms)


async def test_facts_far_ahead_are_left_to_be_sent_again(database):
    van = Van()
    van.seq = AHEAD_LIMIT
    taken = await open_ledger(database, van).take([van.facts_of(van.fact(f.LoadingStarted()))])
    assert taken.facts == 0
    [(_, ack)] = taken.acks
    assert ack.upto == 0


async def test_a_new_epoch_counts_from_one_and_is_told(database):
    van, reborn = Van(), Van(epoch="e" * 16)
    reborn.utc = van.utc.replace(hour=15)
    ledger = open_ledger(database, van)
    await ledger.take([van.facts_of(*van.day())])
    started = reborn.fact(f.EpochStarted(reason="the store failed its check"))
    taken = await ledger.take([reborn.facts_of(started)])
    assert taken.acks[0][1].upto == 1
    assert await database.read(alarms) == [("store", "van-1")]


async def test_a_track_is_kept_and_a_bad_one_blocks_nothing(database):
    van = Van()
    poison = van.received("track", to_msgpack(TrackItem(van.epoch, 2, b"no zstd")))
    group = [van.track(1), poison, van.track(3), van.track(1), van.track(4, vehicle="van-2")]
    taken = await open_ledger(database, van).take(group)
    [(_, ack)] = taken.acks
    assert (ack.stream, ack.upto, taken.resent, taken.refused) == ("track", 4, 1, 2)
    points = await database.read(
        lambda db: db.execute("SELECT points FROM track ORDER BY seq").fetchall()
    )
    assert points == [(30,), (0,), (30,), (0,)]


async def test_a_zstd_bomb_is_not_unpacked(database):
    bomb = zstandard.ZstdCompressor().compress(bytes(50_000_000))
    van = Van()
    taken = await open_ledger(database, van).take(
        [van.received("track", to_msgpack(TrackItem(van.epoch, 1, bomb)))]
    )
    assert taken.refused == 1


@given(order=st.permutations(range(6)), cut=st.integers(0, 6))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_photo_comes_together_in_any_order(order, cut, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")

    async def main() -> None:
        van = Van()
        photo = bytes(range(256)) * 22
        chunks = van.chunks(photo)
        database = await Database.open(folder / "station.db")
        await open_ledger(database, van).take([chunks[n] for n in order[:cut]])
        await database.close()
        database = await Database.open(folder / "station.db")
        await open_ledger(database, van).take([chunks[n] for n in order])
        [stream] = await database.read(lambda db: streams(db, "proof"))
        assert (stream.upto, stream.resent) == (6, cut)
        digest = hashlib.sha256(photo).hexdigest()
        assert await database.read(lambda db: media(db, digest)) == ("image/jpeg", photo)
        left = await database.read(
            lambda db: db.execute("SELECT count(piece) FROM chunk").fetchone()
        )
        assert left == (0,)
        await database.close()

    asyncio.run(main())


async def test_pieces_that_do_not_make_their_photo_are_set_aside(database):
    van = Van()
    good = van.chunks(b"a" * 1500)
    bad = van.received(
        "proof",
        to_msgpack(ProofChunk(van.epoch, 2, "0" * 64, "image/jpeg", 0, 1, b"altered")),
    )
    odd = van.received(
        "proof", to_msgpack(ProofChunk(van.epoch, 3, "1" * 64, "image/jpeg", 7, 2, b"odd"))
    )
    taken = await open_ledger(database, van).take([good[0], bad, odd])
    [(_, ack)] = taken.acks
    assert (ack.upto, taken.refused) == (3, 2)


async def test_a_piece_that_changed_on_the_way_is_not_acknowledged_and_comes_again(database):
    van = Van()
    chunk = ProofChunk(van.epoch, 1, "0" * 64, "image/jpeg", 0, 1, b"drawn")
    item = TrackItem(van.epoch, 1, b"of positions")
    for lane, whole, changed in (
        ("proof", chunk, {"piece": b"dr\x01wn"}),
        ("proof", chunk, {"index": 1, "count": 2}),
        ("track", item, {"seq": 2}),
    ):
        sent = with_crc(whole)
        damaged = van.received(lane, to_msgpack(msgspec.structs.replace(sent, **changed)))
        taken = await open_ledger(database, van).take([damaged])
        assert (taken.acks, taken.refused) == ([], 1)


async def test_the_queue_is_bounded_and_sheds_without_loss(database, monkeypatch):
    monkeypatch.setattr("station.books.waiting.QUEUE_B", 3_000)
    van = Van()
    ledger = open_ledger(database, van)
    day = van.day()
    kept = [sealed for sealed in day if ledger.offer(van.facts_of(sealed))]
    assert 0 < len(kept) < len(day)
    assert ledger.shed == len(day) - len(kept)
    taken = await ledger.take([van.facts_of(join) for join in day])
    assert taken.acks[0][1].upto == len(day)
