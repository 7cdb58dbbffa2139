"""By when goods must be handed over, and the drivers' breaks, from file to route."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import msgspec
import pytest

from edge.handover.proof import SigningKey
from edge.messages.facts import BreakEnded
from edge.messages.parcels import Parcel
from edge.messages.routes import DriverBreak
from station.config import load_config
from station.report.day import day_report
from station.routes.fleet import fleet_of
from station.stops.columns import guess_columns
from tests.station.office.days import Chain, drive_day
from tests.station.office.sheets import workbook
from tests.station.office.test_assign import START, order, run, town, van
from tests.station.office.test_config import GOOD, KEY, faults, load
from tests.station.office.test_report import LEAVES, route_of
from tests.station.stops.test_import import HEAD, told

DAY = date(2026, 1, 7)
DAYSHIFT = GOOD.replace('"22:00"', '"08:00"').replace('"06:00"', '"18:00"')
RULE = '\n[[break]]\nafter = "11:00"\nbefore = "13:30"\nminutes = 30\n'
COLUMNS = (*HEAD, "Deliver by")


def row(by, number=1, window=(None, None)):
    return (
        f"A{number}",
        f"P{number}",
        f"N{number}",
        f"Weg {number}",
        48.14,
        11.58,
        *window,
        by,
    )


def breaks(tmp_path, text):
    (vehicle,) = fleet_of(load(tmp_path, text), DAY)
    return vehicle.breaks


async def test_deliver_by_is_read_into_every_parcel_of_the_row(office):
    answer = await office.import_stops(
        "a.xlsx", workbook(COLUMNS, row(time(11, 30)), row(None, 2))
    )
    chilled, plain = await office.orders()
    assert answer.ok == 2
    assert chilled.parcels[0].deliver_by_utc == datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    assert chilled.deliver_by_utc == chilled.parcels[0].deliver_by_utc
    assert plain.deliver_by_utc is None
    again = await office.import_stops(
        "a.xlsx", workbook(COLUMNS, row(time(11, 30)), row(None, 2))
    )
    assert again.unchanged == 2


async def test_a_deadline_that_cannot_be_meant_rejects_its_row(office):
    book = workbook(
        COLUMNS,
        row("soon"),
        row(time(8), 2, (time(10), time(12))),
        row("2026-11-22 10:00", 3),
    )
    answer = await office.import_stops("a.xlsx", book)
    assert answer.rejected == 3
    assert told(answer, 2).startswith("I2 (Deliver by) 'soon': is not a time of day → write HH")
    assert "is before its window opens at 10:00" in told(answer, 3)
    assert "is on 2026-11-22, but the row's day is 2026-11-23" in told(answer, 4)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Deliver by", "deliver_by"),
        ("Kühlen bis", "deliver_by"),
        ("Delivered by", ""),  # a driver
        ("Deliver to", "name"),
        ("Deadline", "window_to"),
    ],
)
def test_only_a_deadline_is_taken_for_one(header, field):
    (column,) = guess_columns([header])
    assert column.field == field


def test_a_break_at_a_time_of_day(tmp_path):
    (one,) = breaks(tmp_path, DAYSHIFT + RULE)
    assert one == DriverBreak(
        opens_utc=datetime(2026, 1, 7, 10, tzinfo=UTC),
        closes_utc=datetime(2026, 1, 7, 12, 30, tzinfo=UTC),
        lasts_s=1800.0,
    )


def test_a_break_counted_from_the_start_of_the_shift(tmp_path):
    rule = '[[break]]\nbefore = "+4:30"\nminutes = 45\n'
    (one,) = breaks(tmp_path, GOOD + rule)
    start = datetime(2026, 1, 7, 21, tzinfo=UTC)
    assert (one.opens_utc, one.closes_utc) == (start, start + timedelta(hours=4.5))


def test_a_night_shift_takes_its_break_on_the_next_day(tmp_path):
    rule = '[[break]]\nafter = "01:00"\nbefore = "02:00"\nminutes = 45\n'
    (one,) = breaks(tmp_path, GOOD + rule)
    assert one.opens_utc == datetime(2026, 1, 8, 0, tzinfo=UTC)
    assert breaks(tmp_path, GOOD + RULE) == ()  # it works from 22:00 to 06:00


def test_contractors_have_no_breaks_but_their_own(tmp_path):
    contractor = DAYSHIFT.replace('name = "van-1"', 'name = "van-1"\nkind = "contractor"')
    assert breaks(tmp_path, contractor + RULE) == ()
    assert len(breaks(tmp_path, contractor + RULE + 'vehicles = ["van-1"]\n')) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minutes = 30", "", "20: break[0].minutes: is missing. For example: minutes = 30"),
        ('"13:30"', '"noon"', '22: break[0].before = "noon": '),
        ('"13:30"', '"10:30"', '22: break[0].before = "10:30": a break is to begin before it'),
        ("minutes = 30", 'minutes = 30\nvehicles = ["van-9"]', "is no vehicle here"),
        ("minutes = 30", "minutes = 30\nmins = 3", "24: break[0].mins = 3: is not known"),
        (
            "minutes = 30\n",
            "minutes = 30\n" + RULE,
            "two breaks overlap, in the shift of van-1",
        ),
    ],
)
def test_a_break_that_cannot_be_meant_names_file_line_key_value_and_cure(
    tmp_path, old, new, message
):
    assert DAYSHIFT.count("[[vehicle]]") == 1
    (only,) = faults(tmp_path, DAYSHIFT + RULE.replace(old, new))
    assert message in only
    assert only.startswith("station.toml:")


def test_the_route_takes_the_breaks_along(tmp_path):
    (vehicle,) = fleet_of(load(tmp_path, DAYSHIFT + RULE), DAY)
    routes, _ = run([order("a")], [vehicle])
    route = routes[0].to_route("r", 1, routes[0].orders[0].place)
    assert route.breaks == vehicle.breaks


def chilled(name, by_h, **more):
    made = order(name, **more)
    parcel = Parcel(parcel_id=f"p-{name}", deliver_by_utc=START + timedelta(hours=by_h))
    return msgspec.structs.replace(made, parcels=(parcel,))


def test_goods_that_spoil_are_assigned_in_time():
    day = [*town(30), *(chilled(f"c{n}", 0.5, lat=48.14 + n / 500) for n in range(3))]
    routes, left = run(day, [van()])
    assert left == []
    at = dict(zip((o.stop_id for o in routes[0].orders), routes[0].arrivals_utc, strict=True))
    assert all(at[f"c{n}"] <= START + timedelta(hours=0.5) for n in range(3))


def test_goods_that_nobody_can_bring_in_time_are_on_no_route():
    routes, left = run([chilled("c", 0.01), order("s")], [van()])
    assert [o.stop_id for o in routes[0].orders] == ["s"]
    assert left[0].why == "its goods are due by 07:00 UTC, and no vehicle can be there by then"


def test_a_break_is_in_the_times_and_inside_the_shift():
    start, hour = START, timedelta(hours=1)
    rest = DriverBreak(opens_utc=start, closes_utc=start + hour, lasts_s=3600.0)
    day = town(40)
    plain = van(hours=4)
    vehicle = replace(plain, breaks=(rest,))
    free, _ = run(day, [plain])
    (route,), _ = run(day, [vehicle])
    assert route.back_utc <= vehicle.ends_utc
    assert len(route.orders) <= len(free[0].orders)
    assert route.arrivals_utc[0] >= start + hour


def test_the_file_of_a_new_station_has_no_breaks(tmp_path):
    path = tmp_path / "station.toml"
    path.write_text(DAYSHIFT)
    assert KEY in DAYSHIFT
    assert load_config(path).breaks == ()


def test_the_report_says_which_breaks_were_taken(tmp_path):
    rest = DriverBreak(opens_utc=LEAVES, closes_utc=LEAVES + timedelta(hours=2), lasts_s=1800.0)
    route = msgspec.structs.replace(route_of(), breaks=(rest,))
    told = []
    for whole in (True, False):
        chain = Chain("van-1", SigningKey.from_seed(b"v" * 32))
        ended = BreakEnded(number=1, lasted_s=1860.0 if whole else 300.0, whole=whole)
        chain.add(LEAVES + timedelta(hours=1), ended, route.route_id)
        drive_day(chain, route, Random(1), fails=0.0)
        report = day_report(
            chain.events, [route], station="Depot", org="acme", day=DAY,
            timezone="Europe/Berlin", made_utc=LEAVES,
        )  # fmt: skip
        told.append([one.what for one in report.incidents if one.kind == "break"])
    assert told == [
        ["break 1 taken, 31 min"],
        ["break 1 taken, 5 min, too short to count", "0 of 1 breaks taken"],
    ]
