"""Whatever order, whoever commits, however often: each item once, answered without a gap."""

import asyncio
from contextlib import AsyncExitStack
from random import Random

import pytest

from edge.handover.proof import fact_hash
from edge.messages import facts as f
from station.ingest.commit import Streams, commit, make_stages
from station.ingest.prepare import prepare
from station.ingest.reading import read_books, read_status, verify_all
from station.ingest.server import connected
from station.store.ledger import AHEAD_LIMIT, WINDOW
from tests.real.ingest.cluster import PASSWORD
from tests.station.live.vans import NOON, Van

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("postgres")]


async def take(connection, *group, keys, streams=None):
    return await commit(connection, prepare(group, keys), streams or Streams(), NOON)


def acked(taken, lane="fact"):
    return {
        (vehicle, ack.epoch): (ack.upto, ack.missing)
        for vehicle, ack in taken.acks
        if ack.stream == lane
    }


async def test_a_day_is_kept_once_and_its_books_balance(connection):
    van = Van()
    day = van.day(4)
    first = await take(connection, van.facts_of(*day[:10]), keys=van.keys)
    again = await take(connection, van.facts_of(*day), van.facts_of(*day[3:5]), keys=van.keys)
    assert (first.facts, first.resent, first.refused) == (10, 0, 0)
    assert (again.facts, again.resent, again.refused) == (len(day) - 10, 12, 0)
    assert acked(again) == {(van.name, van.epoch): (len(day), ())}
    books = await read_books(connection, {(van.name, van.epoch): len(day)})
    assert books.balanced, books.problems
    assert (books.facts, books.facts_lost, books.facts_counted_twice) == (len(day), 0, 0)
    assert (books.facts_resent, books.parcels) == (12, 5)
    verified = await verify_all(connection, van.keys)
    assert verified.ok
    assert verified.facts == len(day)


async def test_a_gap_is_named_and_what_closes_it_acknowledges_all(connection):
    van = Van()
    day = van.day(2)
    ahead = await take(connection, van.facts_of(*day[4:8]), keys=van.keys)
    assert acked(ahead) == {(van.name, van.epoch): (0, (1, 2, 3, 4))}
    assert (await read_status(connection)).gaps == 1
    two = await take(connection, van.facts_of(*day[:2]), keys=van.keys)
    assert acked(two) == {(van.name, van.epoch): (2, (3, 4))}
    rest = await take(connection, van.facts_of(*day[2:4]), keys=van.keys)
    assert acked(rest) == {(van.name, van.epoch): (8, ())}
    assert (await read_status(connection)).gaps == 0


async def test_what_is_far_ahead_is_not_kept(connection):
    van = Van()
    van.seq = AHEAD_LIMIT
    sealed = van.fact(f.LoadingStarted())
    taken = await take(connection, van.facts_of(sealed), keys=van.keys)
    assert (taken.facts, acked(taken)) == (0, {(van.name, van.epoch): (0, ())})


async def test_two_workers_share_a_fleet_in_any_order(url, connection):
    """Each acknowledgement is true when it is given, and the last covers everything."""
    vans = [Van(f"van-{number}") for number in range(6)]
    keys = {name: ring for van in vans for name, ring in van.keys.items()}
    days = {van.name: van.day(8) for van in vans}
    pieces = [
        van.facts_of(*days[van.name][at : at + 3])
        for van in vans
        for at in range(0, len(days[van.name]), 3)
    ]
    rng = Random(5)
    messages = pieces + rng.sample(pieces, 20)
    rng.shuffle(messages)
    highest = {}

    async def work(own, mine):
        streams = Streams()
        while mine:
            group = [mine.pop() for _ in range(min(len(mine), rng.randint(1, 7)))]
            taken = await take(own, *group, keys=keys, streams=streams)
            for vehicle, ack in taken.acks:
                held = await own.fetchval(
                    "SELECT count(*) FROM fact f JOIN stream s ON s.id = f.stream"
                    " WHERE s.vehicle = $1 AND f.seq <= $2",
                    vehicle,
                    ack.upto,
                )
                assert held == ack.upto, "acknowledged, and not all of it is there"
                highest[vehicle] = max(highest.get(vehicle, 0), ack.upto)

    async with AsyncExitStack() as stack:
        own = [await stack.enter_async_context(connected(url, PASSWORD)) for _ in range(3)]
        for each in own:
            await make_stages(each)
        shares = [messages[number::3] for number in range(3)]
        await asyncio.gather(*map(work, own, shares))
    assert highest == {name: len(day) for name, day in days.items()}
    last = {(van.name, van.epoch): len(days[van.name]) for van in vans}
    books = await read_books(connection, last)
    assert books.balanced, books.problems
    assert (books.facts, books.facts_lost) == (sum(map(len, days.values())), 0)


async def test_a_transaction_that_is_cut_off_leaves_nothing(url, connection):
    van = Van()
    day = van.day(2)
    async with connected(url, PASSWORD) as dying:
        await make_stages(dying)
        await dying.transaction(isolation="read_committed").start()
        await take(dying, van.facts_of(*day), keys=van.keys)
    books = await read_books(connection, {})
    assert books.facts == 0
    taken = await take(connection, van.facts_of(*day), keys=van.keys)
    assert acked(taken) == {(van.name, van.epoch): (len(day), ())}


async def test_poison_and_forgery_are_set_aside_and_block_nothing(connection):
    van, thief = Van(), Van("thief")
    good = [van.fact(f.LoadingStarted()), van.fact(f.ParcelLoaded(parcel_id="P1"))]
    newer = van.fact(f.ParcelLoaded(parcel_id="P2"), specversion="2.0")
    last = van.fact(f.LoadingFinished(loaded=1))
    forged = good[1].replace(b'"P1"', b'"P9"')
    stolen = thief.fact(f.LoadingStarted())
    group = [
        van.facts_of(good[0], forged),
        van.facts_of(stolen),
        van.received("fact", b"\x00 no JSON"),
        van.received("track", b"\xff"),
        van.facts_of(good[1], newer, last),
    ]
    taken = await take(connection, *group, keys=van.keys)
    assert acked(taken) == {(van.name, van.epoch): (4, ())}
    await take(connection, *group, keys=van.keys)
    status = await read_status(connection)
    assert (status.facts, status.forged, status.quarantined, status.conflicts) == (4, 2, 3, 0)
    assert await connection.fetchval("SELECT min(seen) FROM quarantine") == 2


async def test_a_number_given_twice_keeps_its_first_fact(connection):
    van, restored = Van(), Van()
    first, second = van.fact(f.LoadingStarted()), restored.fact(f.LoadingFinished(loaded=0))
    await take(connection, van.facts_of(first), keys=van.keys)
    taken = await take(connection, van.facts_of(second), keys=van.keys)
    assert (taken.facts, taken.refused) == (0, 1)
    assert (await read_status(connection)).conflicts == 1
    assert await connection.fetchval("SELECT sealed FROM fact") == first


async def test_tracks_and_photos_are_kept_and_acknowledged_by_their_own_numbers(connection):
    van = Van()
    content = b"a signature in ink" * 200
    chunks = van.chunks(content)
    taken = await take(
        connection, van.track(2), van.track(1), van.track(1), *chunks[1:], keys=van.keys
    )
    assert acked(taken, "track") == {(van.name, van.epoch): (2, ())}
    assert acked(taken, "proof") == {(van.name, van.epoch): (0, (1,))}
    taken = await take(connection, chunks[0], keys=van.keys)
    assert acked(taken, "proof") == {(van.name, van.epoch): (len(chunks), ())}
    status = await read_status(connection)
    assert (status.tracks, status.chunks) == (2, len(chunks))


async def test_a_bad_signature_below_a_good_chain_is_found_by_verify(connection):
    """Its hash is signed by the fact behind it, so it is the vehicle's, and counted."""
    van = Van()
    first = van.fact(f.LoadingStarted())
    broken = first[:-12] + (b"A" if first[-12:-11] != b"A" else b"B") + first[-11:]
    van.prevhash = fact_hash(broken)
    second = van.fact(f.LoadingFinished(loaded=0))
    taken = await take(connection, van.facts_of(broken, second), keys=van.keys)
    assert taken.facts == 2
    verified = await verify_all(connection, van.keys)
    assert not verified.ok
    assert [(fault.seq, fault.what) for fault in verified.faults] == [
        (1, "its signature does not fit its bytes")
    ]


async def test_the_window_is_the_ledgers_own(connection):
    van = Van()
    taken = await take(connection, van.facts_of(van.fact(f.LoadingStarted())), keys=van.keys)
    assert taken.acks[0][1].window == WINDOW
