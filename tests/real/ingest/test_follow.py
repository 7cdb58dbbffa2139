"""A station beside the workers: it takes from PostgreSQL what they committed, counted once."""

import asyncio
from contextlib import asynccontextmanager
from random import Random

import pytest

from edge.clock import LoopClock
from sim.broker import NetworkFaults
from station.books.audit import read_books
from station.books.ledger import Ledger
from station.ingest.commit import Streams, commit
from station.ingest.follow import Follower
from station.ingest.prepare import prepare
from station.ingest.server import connected
from station.serve import Station
from station.store.database import Database
from station.store.ledger import held_of_all, media
from tests.real.ingest.cluster import PASSWORD
from tests.station.live.house import House
from tests.station.live.vans import NOON, ORG, Van

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("postgres")]


async def test_it_holds_what_was_counted_and_answers_nobody(connection, tmp_path):
    vans = [Van(f"van-{number}") for number in range(3)]
    keys = {name: ring for van in vans for name, ring in van.keys.items()}
    days = {van.name: van.day(6) for van in vans}
    content = b"ink" * 900
    database = await Database.open(tmp_path / "station.db")
    ledger = Ledger(database, keys, LoopClock.started_now())
    told = []

    async def catch_up():
        """A station that has just started."""
        follower = Follower(None, ledger, ORG, [van.name for van in vans[:2]], Random(1))
        follower._taken_upto |= await database.read(held_of_all)
        while await follower.look(connection, told.append):
            pass

    try:
        for part in (slice(0, 9), slice(12, None), slice(9, 12)):
            group = [van.facts_of(*days[van.name][part]) for van in vans]
            group += [*vans[0].chunks(content), vans[1].track(1)]
            await commit(connection, prepare(group, keys), Streams(), NOON)
            await catch_up()
        assert sum(taken.facts for taken in told) == 2 * len(days["van-0"])
        assert not any(taken.acks or taken.resent or taken.refused for taken in told)
        assert [len(taken.tracks) for taken in told if taken.tracks] == [1]
        last = {(van.name, van.epoch): len(days[van.name]) for van in vans[:2]}
        books = await database.read(lambda db: read_books(db, last))
        assert books.balanced, books.problems
        held = await database.read(
            lambda db: media(db, db.execute("SELECT sha256 FROM media").fetchone()[0])
        )
        assert held == ("image/jpeg", content)
    finally:
        await database.close()


async def test_a_station_beside_workers_leaves_the_recorded_lanes_to_them(
    connection, url, tmp_path
):
    house = House(tmp_path, NetworkFaults(), vans=1)
    database = await Database.open(house.config.database_path)
    van = house.vehicles[0].van
    day = van.day(3)
    await commit(connection, prepare([van.facts_of(*day)], van.keys), Streams(), NOON)
    asked = []
    published = []

    class Link:
        async def publish(self, topic, payload, *, qos, retained=False):
            published.append(topic)

        async def messages(self):
            await asyncio.Event().wait()
            yield "never", b""

    @asynccontextmanager
    async def connect(filters, will):
        asked.extend(filters)
        yield Link()

    station = Station(
        house.config,
        house.keys,
        database,
        connect=connect,
        clock=LoopClock.started_now(),
        rng=Random(5),
        ingested=lambda: connected(url, PASSWORD),
    )
    try:
        async with asyncio.timeout(30):
            serving = asyncio.create_task(station.run())
            key = (van.name, "fact", van.epoch)
            while key not in (held := await database.read(held_of_all)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        serving.cancel()
        await asyncio.wait((serving,))
        await database.close()
    assert held == {(van.name, "fact", van.epoch): len(day)}
    lanes = {topic.rsplit("/", 1)[1] for topic in asked}
    assert lanes == {"live", "status", "ack", "help"}
    assert published == []
