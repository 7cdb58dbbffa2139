"""A hand-over between vehicles in the report and on the console."""

import asyncio
from datetime import date

import pytest
from msgspec.structs import replace

from edge.clock import LoopClock
from edge.messages.broker.wire import read_fact
from edge.messages.parcels import Parcel
from edge.messages.routes import Meeting, Route, Stop
from station.books.ledger import Ledger
from station.console.rows import read_route, sum_books
from station.report.day import day_report
from station.store.database import Database
from station.store.day import KeptRoute
from tests.station.books.test_transfers import PARCELS, WHOLE, take
from tests.station.live.vans import NOON, STATION, Van

SIDE = Meeting(
    meeting_id="m", vehicle="robot-1", gives=True, key="00" * 16, waits_until_utc=NOON
)


def route_of(vehicle: str) -> Route:
    stops = [
        Stop(stop_id="meet", kind="rendezvous", place=STATION, parcels=PARCELS, meeting=SIDE)
    ]
    if vehicle != "van-1":
        side = replace(SIDE, vehicle="van-1", gives=False)
        stops = [
            stop
            for p in PARCELS
            for stop in (
                Stop(
                    stop_id=f"take-{p}",
                    kind="rendezvous",
                    place=STATION,
                    parcels=(p,),
                    meeting=side,
                ),
                Stop(stop_id=f"door-{p}", place=STATION, parcels=(p,)),
            )
        ]
    return Route(
        route_id=Van(vehicle).route,
        revision=1,
        vehicle=vehicle,
        station=STATION,
        departs_utc=NOON,
        returns_by_utc=NOON,
        stops=tuple(stops),
        parcels=tuple(Parcel(parcel_id=p) for p in PARCELS),
    )


ROUTES = [route_of(name) for name in sorted(WHOLE)]


def report_of(*vehicles: str):
    facts = [read_fact(sealed) for name in sorted(vehicles) for sealed in WHOLE[name]]
    told = {"station": "S", "org": "o", "day": date(2026, 11, 2), "timezone": "UTC"}
    return day_report(facts, ROUTES, made_utc=NOON, **told)


def test_l1_the_report_counts_each_parcel_once():
    report = report_of("van-1", "robot-1")
    assert (report.balanced, report.outcomes) == (True, {"DELIVERED": 2})
    assert [one.outcomes for one in report.vehicles] == [{"DELIVERED": 2}, {"HANDED_OVER": 2}]
    assert not [one for one in report.incidents if one.kind == "custody"]


@pytest.mark.parametrize(("heard", "silent"), [("van-1", "robot-1"), ("robot-1", "van-1")])
def test_the_report_names_the_side_that_has_not_spoken(heard, silent):
    report = report_of(heard)
    assert not report.balanced
    whats = [one.what for one in report.incidents if one.kind == "custody"]
    assert len(whats) == len(PARCELS)
    assert all(f"no fact of {silent} says" in what for what in whats)


@pytest.mark.parametrize("order", [("van-1", "robot-1"), ("robot-1", "van-1")])
async def test_the_console_counts_each_parcel_once_at_every_moment(order, tmp_path):
    database = await Database.open(tmp_path / "station.db")
    clock = LoopClock(asyncio.get_running_loop(), NOON, "simulated")
    vans = {name: Van(name) for name in WHOLE}
    keys = {name: keys for van in vans.values() for name, keys in van.keys.items()}
    ledger = Ledger(database, keys, clock)
    kept = [KeptRoute(route, "h", NOON.date(), NOON, None, None) for route in ROUTES]
    for name in order:
        for sealed in WHOLE[name]:
            await take(ledger, vans[name], [sealed])
            shown = await database.read(
                lambda db: sum_books([read_route(db, each).books for each in kept])
            )
            assert shown.expected == len(PARCELS)
    assert shown.delivered == len(PARCELS)
    await database.close()
