"""The books: every parcel one outcome, every fact once; whatever is wrong is named."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from edge.clock import LoopClock
from edge.messages import facts as f
from edge.messages.parcels import FailureCode, Outcome
from station.books.audit import Books, read_books
from station.books.ledger import Ledger
from station.store.database import Database
from tests.station.live.vans import NOON, Van


@pytest.fixture
async def database(tmp_path: Path):
    database = await Database.open(tmp_path / "station.db")
    yield database
    await database.close()


async def books_of(database: Database, van: Van, sealed: list[bytes], **kwargs) -> Books:
    clock = LoopClock(asyncio.get_running_loop(), NOON, "simulated")
    await Ledger(database, van.keys, clock).take([van.facts_of(piece) for piece in sealed])
    last_seqs = kwargs.pop("last_seqs", {(van.name, van.epoch): van.seq})
    return await database.read(lambda db: read_books(db, last_seqs, **kwargs))


async def test_a_good_day_balances(database):
    van = Van()
    day = van.day()
    wanted = frozenset(f"van-1-P{n}" for n in range(5))
    books = await books_of(database, van, day + day[:7], dispatched={van.route: wanted})
    assert books == Books(
        parcels=5,
        outcomes={"DELIVERED": 4, "RETURNED": 1},
        balanced=True,
        facts=len(day),
        facts_lost=0,
        facts_counted_twice=0,
        facts_resent=7,
    )


async def test_a_lost_fact_is_counted_in_the_middle_and_at_the_end(database):
    van = Van()
    day = van.day()
    books = await books_of(database, van, day[:10] + day[11:-2])
    assert (books.facts_lost, books.balanced) == (3, False)


async def test_a_vehicle_never_heard_of_has_lost_everything(database):
    van = Van()
    last_seqs = {(van.name, van.epoch): 7, ("van-2", "f" * 16): 5}
    books = await books_of(database, van, van.day(1)[:7], last_seqs=last_seqs)
    assert books.facts_lost == 5


async def test_a_fact_that_took_effect_twice_is_found(database):
    van = Van()
    day = van.day()
    await books_of(database, van, day)
    await database.transaction(
        lambda db: db.execute("UPDATE tally SET count = count + 1 WHERE scope LIKE 'facts/%'")
    )
    books = await books_of(database, van, [])
    assert (books.facts_counted_twice, books.balanced) == (1, False)


async def test_an_outcome_that_took_effect_twice_is_found(database):
    van = Van()
    await books_of(database, van, van.day())
    await database.transaction(
        lambda db: db.execute("UPDATE tally SET count = count + 1 WHERE name = 'RETURNED'")
    )
    books = await books_of(database, van, [])
    assert not books.balanced
    assert "projections counted" in books.problems[0]


async def test_a_fact_altered_in_the_ledger_is_found(database):
    van = Van()
    await books_of(database, van, van.day())
    await database.transaction(
        lambda db: db.execute(
            "UPDATE fact SET sealed = CAST(replace(sealed, 'DELIVERED', 'LOST IT') AS BLOB)"
            " WHERE seq = (SELECT min(seq) FROM fact WHERE instr(sealed, 'DELIVERED'))"
        )
    )
    books = await books_of(database, van, [])
    assert not books.balanced
    assert any("cannot be read" in problem for problem in books.problems)


END = {
    "outcome": Outcome.FAILED,
    "code": FailureCode.MISSING,
    "custody": "station",
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parcel_id": "van-1-P0", **END}, "has 2 outcomes"),
        ({"parcel_id": "P99", **END, "outcome": Outcome.DELIVERED}, "never loaded"),
        ({"parcel_id": "P99", **END}, "5 parcels were accepted, 6 have ended"),
    ],
)
async def test_a_parcel_too_many_is_named(database, changes: dict, said: str):
    van = Van()
    day = [*van.day(), van.fact(f.ParcelEnded(**changes))]
    books = await books_of(database, van, day)
    assert not books.balanced
    assert any(said in problem for problem in books.problems)


async def test_a_parcel_without_an_end_is_named(database):
    van = Van()
    day = van.day()
    ended = next(n for n, sealed in enumerate(day) if b"parcel_ended" in sealed)
    shorter = Van()
    skipped = [
        shorter.fact(msgspec.json.decode(piece, type=f.FactEvent).data)
        for n, piece in enumerate(day)
        if n != ended
    ]
    books = await books_of(database, shorter, skipped)
    assert books.facts_lost == 0
    assert any("loaded and has no outcome" in problem for problem in books.problems)
    assert any("the vehicle closed with" in problem for problem in books.problems)


async def test_a_dispatched_parcel_nobody_spoke_of_is_named(database):
    van = Van()
    wanted = {van.route: frozenset({"van-1-P0", "van-1-P1", "forgotten"}), "R-9": frozenset()}
    books = await books_of(database, van, van.day(1), dispatched=wanted)
    assert books.problems == (
        f"{van.route}: parcel forgotten was dispatched and has no outcome",
    )


async def test_a_missing_parcel_that_was_never_loaded_balances(database):
    van = Van()
    van_day = [
        van.fact(
            f.RouteAccepted(route_id=van.route, revision=1, route_hash="h", stops=1, parcels=2)
        ),
        van.fact(f.ParcelLoaded(parcel_id="A")),
        van.fact(f.LoadingFinished(loaded=1, missing=("B",))),
        van.fact(f.ParcelEnded(parcel_id="B", **END)),
        van.fact(van.delivered("A", "S0")),
        van.fact(
            f.DayClosed(
                route_id=van.route,
                expected=2,
                loaded=1,
                outcomes={"DELIVERED": 1, "FAILED": 1, "RETURNED": 0},
                balanced=True,
                driven_m=1.0,
            )
        ),
    ]
    books = await books_of(database, van, van_day)
    assert books.balanced, books.problems
    assert books.outcomes == {"DELIVERED": 1, "FAILED": 1}
