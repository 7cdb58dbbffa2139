import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from random import Random

import pytest
from msgspec.structs import replace
from python_calamine import CalamineWorkbook

from edge.errors import RefusedError
from edge.handover.proof import SigningKey
from edge.messages import facts as f
from edge.messages.broker.wire import from_json, to_json
from edge.messages.geo import Place
from edge.messages.parcels import FailureCode, Outcome, Parcel
from edge.messages.routes import Route, Stop, TimeWindow
from station.report.day import day_report
from station.report.page import report_page
from station.report.words import DayReport
from station.report.workbook import report_workbook
from station.routes.assign import Limits
from station.store import day as books
from tests.station.office.days import Chain, drive_day, taken
from tests.station.office.sheets import text_file

DAY = date(2026, 11, 23)
LEAVES = datetime(2026, 11, 23, 7, tzinfo=UTC)
STATION = Place(lat_deg=48.137, lon_deg=11.575)


def route_of(vehicle="van-1", stops=8, *, window_h=None):
    made = []
    for n in range(stops):
        windows = ()
        if window_h is not None:
            closes = LEAVES + timedelta(hours=window_h)
            windows = (TimeWindow(opens_utc=LEAVES, closes_utc=closes),)
        made.append(
            Stop(
                stop_id=f"{vehicle}-S{n}",
                place=Place(lat_deg=48.14 + n / 300, lon_deg=11.58),
                parcels=(f"{vehicle}-P{n}a", f"{vehicle}-P{n}b"),
                windows=windows,
                name=f"Anna <{n}>",
                address=f"Weg {n} & Sohn",
            )
        )
    return Route(
        route_id=f"2026-11-23-{vehicle}",
        revision=1,
        vehicle=vehicle,
        station=STATION,
        departs_utc=LEAVES,
        returns_by_utc=LEAVES + timedelta(hours=10),
        stops=tuple(made),
        parcels=tuple(Parcel(parcel_id=p) for stop in made for p in stop.parcels),
    )


@dataclass
class Told:
    """A route and the chain that tells facts of it."""

    route: Route
    chain: Chain

    def at(self, minutes, fact):
        self.chain.add(LEAVES + timedelta(minutes=minutes), fact, self.route.route_id)

    def ended(self, minutes, stop, letter, outcome, custody, **more):
        self.at(
            minutes,
            f.ParcelEnded(
                parcel_id=f"van-1-P{stop}{letter}",
                outcome=outcome,
                stop_id=f"van-1-S{stop}",
                custody=custody,
                **more,
            ),
        )

    def closed(self, outcomes, *, loaded=0, balanced=True):
        parcels = len(self.route.parcels)
        self.at(
            300,
            f.DayClosed(
                route_id=self.route.route_id,
                expected=parcels,
                loaded=loaded,
                outcomes=outcomes,
                balanced=balanced,
                driven_m=5000.0,
            ),
        )


@pytest.fixture
def told():
    route = route_of(stops=2, window_h=1)
    return Told(route, Chain("van-1", SigningKey.from_seed(bytes(32))))


def report(*routes, events, **more):
    return day_report(
        events,
        routes,
        station="Depot North",
        org="acme",
        day=DAY,
        timezone="Europe/Berlin",
        made_utc=LEAVES + timedelta(hours=12),
        **more,
    )


def driven(*vehicles, fails=0.2, **more):
    rng, routes, events = Random(7), [], []
    for vehicle in vehicles:
        route = route_of(vehicle, 12)
        chain = Chain(vehicle, SigningKey.from_seed(vehicle.encode().ljust(32)))
        drive_day(chain, route, rng, fails=fails, **more)
        routes.append(route)
        events += chain.events
    return routes, events


def test_a_whole_day_balances_and_sums_over_the_vehicles():
    routes, events = driven("van-1", "van-2")
    made = report(*routes, events=events)
    assert made.balanced
    assert made.complete
    assert sum(made.outcomes.values()) == 48
    assert made.outcomes["RETURNED"] == sum(made.failures.values())
    assert [vehicle.vehicle for vehicle in made.vehicles] == ["van-1", "van-2"]
    one = made.vehicles[0]
    assert (one.books.expected, one.books.loaded, one.books.ended) == (24, 24, 24)
    assert one.count("served") + one.count("failed") == 12
    assert (one.drivers, one.plans, one.completeness.starts) == (("Sam",), 1, 1)
    assert one.driven_m == 12_000
    assert one.departed_utc >= one.planned_departs_utc
    assert one.planned_m > 2 * 5_000


def test_the_same_facts_give_the_same_report_and_it_survives_json():
    routes, events = driven("van-1")
    first = report(*routes, events=events)
    assert report(*routes, events=events) == first
    assert from_json(to_json(first), DayReport) == first


def test_a_day_in_the_middle_is_open_and_not_wrong():
    routes, events = driven("van-1", close=False)
    made = report(*routes, events=events[: len(events) // 2])
    (vehicle,) = made.vehicles
    assert made.balanced
    assert not vehicle.books.closed
    assert vehicle.count("open") > 0
    assert vehicle.driven_m is None


def test_facts_of_other_routes_and_vehicles_are_left_out():
    routes, events = driven("van-1", "van-2")
    made = report(routes[0], events=events)
    assert [vehicle.vehicle for vehicle in made.vehicles] == ["van-1"]
    elsewhere = replace(routes[0], route_id="another")
    assert report(elsewhere, events=events).vehicles[0].completeness.facts == 0


def test_a_late_stop_is_late_by_its_promise_not_by_the_plan(told):
    told.at(59, f.Arrived(stop_id="van-1-S0", by="position"))
    told.at(90, f.Arrived(stop_id="van-1-S1", by="driver"))
    made = report(told.route, events=told.chain.events)
    first, second = made.vehicles[0].stops
    assert (first.late_s, second.late_s, second.arrived_by) == (0, 1800, "driver")
    assert (made.punctuality.promised, made.punctuality.on_time) == (2, 1)
    assert made.punctuality.on_time_pct == 50
    assert [one.what for one in made.incidents] == ["Anna <1>: 30 min late"]


def test_a_stop_done_before_its_window_is_early_and_one_that_waited_is_not(told):
    stops = told.route.stops
    opens = LEAVES + timedelta(hours=3)
    window = TimeWindow(opens_utc=opens, closes_utc=opens + timedelta(hours=1))
    told.route = replace(
        told.route, stops=tuple(replace(stop, windows=(window,)) for stop in stops)
    )
    for stop, minutes in ((0, 30), (1, 185)):
        told.at(20, f.Arrived(stop_id=f"van-1-S{stop}", by="position"))
        told.at(minutes, f.StopClosed(stop_id=f"van-1-S{stop}", delivered=2, failed=0))
    made = report(told.route, events=told.chain.events)
    assert [stop.early_s for stop in made.vehicles[0].stops] == [9000, 0]
    times = made.punctuality
    assert (times.promised, times.on_time, times.early, times.late) == (2, 1, 1, 0)
    assert [one.what for one in made.incidents] == ["Anna <0>: done 2 h 30 min early"]


def test_a_stop_of_which_one_parcel_came_back_is_partly_served(told):
    told.at(10, f.AttemptFailed(
        stop_id="van-1-S0", parcel_ids=("van-1-P0b",), code=FailureCode.DAMAGED, note="wet"
    ))  # fmt: skip
    told.ended(10, 0, "a", Outcome.DELIVERED, "customer", pin_verified=True)
    told.ended(200, 0, "b", Outcome.RETURNED, "station", code=FailureCode.DAMAGED)
    made = report(told.route, events=told.chain.events)
    stop = made.vehicles[0].stops[0]
    assert (stop.state, stop.delivered, stop.codes) == ("partly", 1, ("DAMAGED",))
    parcel = made.vehicles[0].parcels[1]
    assert (parcel.attempts, parcel.outcome, parcel.custody) == (1, "RETURNED", "station")
    assert made.vehicles[0].parcels[0].proof == ("PIN",)
    assert made.failures == {"DAMAGED": 1}
    assert made.incidents[0].what == "Anna <0>: 1 parcel not delivered, DAMAGED (wet)"


def test_books_that_differ_say_in_what(told):
    told.at(0, f.ParcelLoaded(parcel_id="van-1-P0a"))
    told.ended(1, 0, "a", Outcome.DELIVERED, "customer")
    told.ended(2, 0, "a", Outcome.DELIVERED, "customer")
    told.ended(3, 0, "b", Outcome.DELIVERED, "customer")
    told.ended(4, 1, "a", Outcome.FAILED, "lost", code=FailureCode.MISSING)
    told.at(5, f.ParcelEnded(
        parcel_id="stranger", outcome=Outcome.DELIVERED, custody="customer"
    ))  # fmt: skip
    told.closed({"DELIVERED": 3}, loaded=4, balanced=False)
    made = report(told.route, events=told.chain.events)
    assert not made.balanced
    assert made.vehicles[0].books.differences == (
        "van-1-P0a ended 2 times",
        "stranger ended, but is not on the route",
        "van-1-P0b is DELIVERED, but was never loaded",
        "van-1-P1a is lost",
        "van-1-P1b has no outcome",
        "the vehicle counts 3 DELIVERED, its facts 2",
        "the vehicle counts 0 FAILED, its facts 1",
        "the vehicle counts 4 loaded, not 1",
        "the vehicle says that its own books do not balance",
    )


def test_what_went_otherwise_is_listed_in_order_of_time(told):
    told.at(-30, f.LoadingFinished(loaded=1, missing=("van-1-P0a",)))
    told.at(40, f.GnssLost(device="ttyACM0", silent_s=3.0, why="silent"))
    told.at(50, f.GnssRecovered(device="ttyACM0"))
    told.at(60, f.DaemonStarted(version="0.1.0", boot=2, phase="underway"))
    told.at(61, f.EpochStarted(reason="facts.db was damaged"))
    told.at(62, f.TrackThinned(points=99, from_utc=LEAVES, until_utc=LEAVES))
    told.ended(63, 0, "b", Outcome.DELIVERED, "customer", off_site=True, distance_m=412.0)
    told.at(64, f.StopsCancelled(stop_ids=("van-1-S1",), reason="called off"))
    made = report(told.route, events=told.chain.events, missing={"van-1": 2})
    assert [one.what for one in made.incidents] == [
        "missing at load-out: van-1-P0a",
        "no position after 3 s: silent",
        "position is back",
        "the daemon started again (number 2) in underway",
        "a new store began: facts.db was damaged",
        "99 positions were given up for lack of space",
        "van-1-P0b was handed over 412 m away from its stop",
        "cancelled: Anna <1> (called off)",
    ]
    known = made.vehicles[0].completeness
    assert (known.gnss_lost_s, known.track_points_thinned, known.missing) == (600, 99, 2)
    assert not made.complete
    assert made.vehicles[0].stops[1].state == "cancelled"


class Page(HTMLParser):
    """Checks that every tag is closed, and collects the text."""

    VOID = frozenset({"meta", "br", "rect", "line", "circle", "path", "polyline", "i"})

    def __init__(self, page):
        super().__init__()
        self.open, self.text = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "img"), "nothing is loaded"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, text):
        self.text.append(text)


def test_the_page_is_whole_escapes_what_senders_write_and_loads_nothing():
    routes, events = driven("van-1", "van-2")
    page = Page(report_page(report(*routes, events=events)))
    assert page.open == []
    told = " ".join(page.text)
    assert "Anna <3>" in told
    assert "Weg 3 & Sohn" in told
    assert "every parcel has one end" in told
    assert "Monday, 23 November 2026" in told


def test_the_page_can_show_a_day_on_which_nothing_has_happened():
    page = Page(report_page(report(route_of(), events=[])))
    assert page.open == []
    assert "no stop was reached yet" in page.text


def test_the_workbook_has_every_parcel_and_real_times():
    routes, events = driven("van-1", "van-2")
    content = report_workbook(report(*routes, events=events))
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["Vehicles", "Stops", "Parcels", "Exceptions", "Books and data"]
    parcels = book.get_sheet_by_name("Parcels").to_python()
    assert len(parcels) == 1 + 48
    assert isinstance(parcels[1][3], datetime)
    vehicles = book.get_sheet_by_name("Vehicles").to_python()
    assert vehicles[1][4] == datetime(2026, 11, 23, 8)  # noqa: DTZ001
    assert zipfile.is_zipfile(io.BytesIO(content))


async def test_u6_the_office_reports_the_facts_that_the_ledger_took(office, station):
    head = ("Order", "Name", "Address", "Lat", "Lon")
    rows = [(f"A{n}", f"N{n}", f"Weg {n}", 48.14 + n / 500, 11.58) for n in range(9)]
    await office.import_stops("a.csv", text_file(head, *rows))
    await office.assign(limits=Limits(iterations=50))
    with pytest.raises(RefusedError, match="no route of 2026-11-23 went out"):
        await office.report()
    await office.dispatch()
    for kept in await station.database.read(lambda db: books.routes_of(db, DAY)):
        chain = Chain(kept.route.vehicle, station.van_key(kept.route.vehicle))
        drive_day(chain, kept.route, Random(3))
        await taken(station, chain)
    made = await office.report()
    assert (made.day, made.station, made.balanced, made.complete) == (
        DAY,
        "Depot North",
        True,
        True,
    )
    assert sum(made.outcomes.values()) == 9
    station.clock.now += timedelta(days=2)
    assert (await office.report()).vehicles == made.vehicles, "the last day with routes"


async def test_facts_known_to_be_missing_make_the_data_incomplete(office, station):
    head = ("Order", "Name", "Address", "Lat", "Lon")
    await office.import_stops("a.csv", text_file(head, ("A1", "N", "Weg 1", 48.14, 11.58)))
    await office.assign(limits=Limits(iterations=50))
    await office.dispatch()
    (kept,) = await station.database.read(lambda db: books.routes_of(db, DAY))
    chain = Chain(kept.route.vehicle, station.van_key(kept.route.vehicle))
    drive_day(chain, kept.route, Random(3))
    del chain.sealed[4:6]
    await taken(station, chain)
    made = await office.report()
    assert made.vehicles[0].completeness.missing == 2
    assert not made.complete
