"""Hand-overs between vehicles in the ledger: joined in any order, and what is half is named."""

import asyncio
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.clock import LoopClock
from edge.messages import facts as f
from edge.messages.broker.wire import read_fact
from edge.messages.parcels import FailureCode, Outcome
from station.books.audit import Books, Counters, audit, read_books
from station.books.ledger import Ledger
from station.books.transfers import Transfers
from station.store.alarms import standing
from station.store.database import Database
from station.store.ledger import HeldFact
from tests.station.live.vans import NOON, Van

PARCELS = ("P1", "P2")
TOOK = [
    f.ParcelLoaded(parcel_id=p, stop_id=f"take-{p}", from_vehicle="van-1", meeting="m")
    for p in PARCELS
]
GAVE = [
    f.ParcelEnded(
        parcel_id=p,
        outcome=Outcome.HANDED_OVER,
        stop_id="meet",
        custody="vehicle",
        to_vehicle="robot-1",
        meeting="m",
    )
    for p in PARCELS
]
BACK = f.ParcelEnded(
    parcel_id="P1", outcome=Outcome.RETURNED, code=FailureCode.OTHER, custody="station"
)
NEVER = f.ParcelEnded(
    parcel_id="P1", outcome=Outcome.FAILED, code=FailureCode.OUT_OF_TIME, custody="vehicle"
)
BROUGHT = [
    f.ParcelEnded(parcel_id=p, outcome=Outcome.DELIVERED, custody="customer") for p in PARCELS
]


def sealed_day(name: str, *facts) -> list[bytes]:
    """Return a vehicle's day: its route, these facts, and books of its own that fit them."""
    vehicle = Van(name)
    ends = [fact for fact in facts if isinstance(fact, f.ParcelEnded)]
    outcomes: dict[str, int] = {}
    for end in ends:
        outcomes[end.outcome.value] = outcomes.get(end.outcome.value, 0) + 1
    accepted = f.RouteAccepted(
        route_id=vehicle.route, revision=1, route_hash="h", stops=3, parcels=len(ends)
    )
    closed = f.DayClosed(
        route_id=vehicle.route,
        expected=len(ends),
        loaded=sum(isinstance(fact, f.ParcelLoaded) for fact in facts),
        outcomes=outcomes,
        balanced=True,
        driven_m=0.0,
    )
    return [vehicle.fact(fact) for fact in (accepted, *facts, closed)]


FROM_STATION = [f.ParcelLoaded(parcel_id=p) for p in PARCELS]
WHOLE = {
    "van-1": sealed_day("van-1", *FROM_STATION, *GAVE),
    "robot-1": sealed_day("robot-1", *TOOK, *BROUGHT),
}


def books_of(days: dict[str, list[bytes]]) -> Books:
    """Audit sealed facts as the ledger would hold them, without its projections."""
    held = [
        HeldFact(vehicle=event.vehicle, epoch=event.epoch, seq=event.seq, sealed=sealed)
        for day in days.values()
        for sealed in day
        for event in (read_fact(sealed),)
    ]
    counted = {(name, Van(name).epoch): len(day) for name, day in days.items()}
    return audit(held, Counters(facts=counted, outcomes=None, resent=0), {})


def test_l1_each_parcel_is_counted_once_by_the_vehicle_that_brought_it():
    books = books_of(WHOLE)
    assert (books.balanced, books.parcels, books.outcomes) == (True, 2, {"DELIVERED": 2})


def test_a_parcel_that_was_not_taken_over_is_the_vans():
    books = books_of(
        {
            "van-1": sealed_day("van-1", FROM_STATION[0], BACK),
            "robot-1": sealed_day("robot-1", NEVER),
        }
    )
    assert (books.problems, books.parcels, books.outcomes) == ((), 1, {"RETURNED": 1})


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"van-1": WHOLE["van-1"]}, "no fact of robot-1 says that it took it"),
        ({"robot-1": WHOLE["robot-1"]}, "no fact of van-1 says that it gave it"),
        (
            {
                "van-1": sealed_day("van-1", FROM_STATION[0], BACK),
                "robot-1": sealed_day("robot-1", TOOK[0], BROUGHT[0]),
            },
            "robot-1 has taken it over from van-1, and no fact of van-1",
        ),
        (
            {
                "van-1": sealed_day("van-1", *FROM_STATION, *BROUGHT),
                "van-2": sealed_day("van-2", *FROM_STATION, *BROUGHT),
            },
            "P1 was loaded on R-van-1 and on R-van-2",
        ),
        (
            {
                "van-1": sealed_day("van-1", *FROM_STATION, *BROUGHT),
                "robot-1": sealed_day("robot-1", *TOOK, *BROUGHT),
            },
            "P2 was delivered on R-robot-1 and on R-van-1",
        ),
    ],
)
def test_one_side_alone_two_holders_and_two_deliveries_are_named(days, said):
    books = books_of(days)
    assert not books.balanced
    assert any(said in problem for problem in books.problems), books.problems


ALL = [(name, read_fact(sealed).data) for name, day in WHOLE.items() for sealed in day]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(range(len(ALL))), max_size=40), st.randoms(use_true_random=False)
)
def test_any_order_with_duplicates_joins_to_the_same(again, rng: Random):
    order = [*range(len(ALL)), *again]
    rng.shuffle(order)
    joined = Transfers()
    for at in order:
        joined.take(*ALL[at])
        for one, said in joined.half():  # on the way one side may wait for the other
            assert one.parcel_id in said
    assert joined.given == joined.taken
    assert not joined.half()


@pytest.mark.parametrize("seed", range(4))
async def test_the_ledger_joins_them_whoever_is_heard_first_and_however_often(
    seed: int, tmp_path: Path
):
    rng = Random(seed)
    database = await Database.open(tmp_path / "station.db")
    clock = LoopClock(asyncio.get_running_loop(), NOON, "simulated")
    vans = {name: Van(name) for name in WHOLE}
    ledger = Ledger(
        database, {k: v for van in vans.values() for k, v in van.keys.items()}, clock
    )
    first, second = rng.sample(sorted(WHOLE), 2)  # the second one is offline until the end
    await take(ledger, vans[first], WHOLE[first])
    half = list((await database.read(lambda db: standing(db, "parcel"))).values())
    assert len(half) == len(PARCELS)
    assert all(second in text for text in half)
    for start in rng.sample(range(len(WHOLE[second])), 3):  # pieces come twice
        await take(ledger, vans[second], WHOLE[second][:start])
    await take(ledger, vans[second], WHOLE[second])
    await take(ledger, vans[first], WHOLE[first])
    last_seqs = {(name, van.epoch): len(WHOLE[name]) for name, van in vans.items()}
    books = await database.read(lambda db: read_books(db, last_seqs))
    alarms = await database.read(lambda db: standing(db, "parcel"))
    await database.close()
    assert (books.problems, books.outcomes) == ((), {"DELIVERED": 2})
    assert books.facts_counted_twice == books.facts_lost == 0
    assert not alarms


async def take(ledger: Ledger, van: Van, facts: list[bytes]) -> None:
    await ledger.take([van.facts_of(sealed) for sealed in facts])
