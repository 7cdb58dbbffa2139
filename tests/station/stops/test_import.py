import time as time_s
from datetime import UTC, date, datetime, time

import pytest

from edge.errors import RefusedError
from edge.handover.pin import pin_fits
from edge.messages.geo import Place
from station.stops.orders import AddressState
from tests.station.office.sheets import text_file, workbook

DAY = date(2026, 11, 23)
HEAD = ("Order", "Parcel", "Name", "Address", "Lat", "Lon", "From", "To")
GOOD = ("A1", "P1", "Anna", "Weg 1", 48.14, 11.58, time(8), time(10))


def answer_of(answer, row):
    return next(one for one in answer.rows if one.row == row)


def told(answer, row):
    return "\n".join(issue.told() for issue in answer_of(answer, row).issues)


async def test_a_good_row_becomes_a_stop_with_its_window_in_utc(office):
    answer = await office.import_stops("a.xlsx", workbook(HEAD, GOOD))
    (order,) = await office.orders()
    assert (answer.ok, answer.added, answer.parcels) == (1, 1, 1)
    assert (order.day, order.stop_id, order.name) == (DAY, "A1", "Anna")
    assert order.place == Place(lat_deg=48.14, lon_deg=11.58)
    assert order.state is AddressState.VERIFIED
    (window,) = order.windows
    assert window.opens_utc == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert window.closes_utc == datetime(2026, 11, 23, 9, tzinfo=UTC)


async def test_u3_a_sheet_of_everything_wrong_is_answered_row_by_row(office):
    book = workbook(
        HEAD,
        GOOD,
        [],
        ("A3", "P3", "C", "Weg 3", 48.14, 11.58, time(12), time(10)),  # 4: before it begins
        ("A4", "P4", "D", "Weg 4", 48.14, 11.58, "8:00", "25:00"),  # 5: no time
        ("A5", "P5", "E", "Weg 5", 481.4, 11.58, None, None),  # 6: no latitude
        ("A6", "P6", "F", "Weg 6", 0, 0, None, None),  # 7: nowhere
        ("A7", "P7", "G", "Weg 7", 48.14, None, None, None),  # 8: half a place
        ("A8", "P8", "H", "Weg 8", 11.58, 48.14, None, None),  # 9: swapped
        ("A9", "P9", "I", "Weg 9", 52.52, 13.40, None, None),  # 10: far away
        ("A10", "P10", "J", "Weg 10", None, None, None, None),  # 11: not placed
        ("A11", "P11", "K", "", None, None, None, None),  # 12: nothing to go by
        GOOD,  # 13: again
        ("A1", "P13", "X", "Weg 99", 48.20, 11.58, None, None),  # 14: the number of another
        ("A14", "P1", "L", "Weg 14", 48.14, 11.58, None, None),  # 15: the parcel of another
        (None, None, "M", "Weg 15", 48.14, 11.59, None, None),
        (None, None, "M", "weg 15", 48.14, 11.59, None, None),  # 17: the same stop
    )
    answer = await office.import_stops("a.xlsx", book)
    verdicts = {row.row: row.verdict for row in answer.rows}
    assert verdicts == {
        2: "ok",
        9: "review",
        10: "review",
        11: "review",
        16: "ok",
    } | dict.fromkeys((4, 5, 6, 7, 8, 12, 13, 14, 15, 17), "rejected")
    assert answer.empty == 1
    assert "H4 (To) '10:00': ends at 10:00, not after it begins at 12:00 →" in told(answer, 4)
    assert "H5 (To) '25:00': is not a time of day → write HH:MM" in told(answer, 5)
    assert "E6 (Lat) '481.4': the latitude lies outside ±90°" in told(answer, 6)
    assert "E7 (Lat) '0': 0, 0 is what a geocoder answers that found nothing" in told(answer, 7)
    assert "E8 (Lat) '48.14': the longitude is missing" in told(answer, 8)
    assert "latitude and longitude look swapped" in told(answer, 9)
    assert "lies 504 km from the station" in told(answer, 10)
    assert "is not known here yet" in told(answer, 11)
    assert "D12 (Address): neither an address nor coordinates" in told(answer, 12)
    assert "parcel P1 is in row 2 already" in told(answer, 13)
    assert "order A1 is in row 2 with another address" in told(answer, 14)
    assert "parcel P1 is in row 2 already" in told(answer, 15)
    assert "the same name, address and day as row 16" in told(answer, 17)
    assert answer.states == {"VERIFIED": 2, "REVIEW": 2, "NOT_FOUND": 1, "DUPLICATE": 4}
    assert {row: answer_of(answer, row).state for row in (2, 9, 11, 13, 4)} == {
        2: AddressState.VERIFIED,
        9: AddressState.REVIEW,
        11: AddressState.NOT_FOUND,
        13: AddressState.DUPLICATE,
        4: None,
    }
    assert len(await office.orders()) == 5

    again = await office.import_stops("a.xlsx", book)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 5)
    assert "nothing changed: all 5 stops were known already" in again.summary
    assert {row.row: row.verdict for row in again.rows} == verdicts


async def test_the_same_stops_from_another_kind_of_file_change_nothing(office):
    await office.import_stops("a.xlsx", workbook(HEAD, GOOD))
    row = ("A1", "P1", "Anna", "Weg 1", "48,14", "11,58", "08:00", "10:00")
    content = text_file(HEAD, row, delimiter=";", encoding="cp1252")
    assert (await office.import_stops("b.csv", content)).unchanged == 1


async def test_a_changed_row_changes_its_stop(office):
    await office.import_stops("a.xlsx", workbook(HEAD, GOOD))
    answer = await office.import_stops("a.xlsx", workbook(HEAD, (*GOOD[:7], time(11))))
    assert (answer.added, answer.changed, answer.unchanged) == (0, 1, 0)
    assert answer_of(answer, 2).change == "changed"


async def test_an_order_number_of_another_sender_is_not_overwritten(office):
    await office.import_stops("a.xlsx", workbook(HEAD, GOOD))
    other = ("A1", "P9", "Zoe", "Elsewhere 5", 48.2, 11.6, None, None)
    answer = await office.import_stops("b.xlsx", workbook(HEAD, other))
    assert answer_of(answer, 2).verdict == "rejected"
    assert "is another one here: Anna, Weg 1" in told(answer, 2)
    assert (await office.orders())[0].name == "Anna"


async def test_a_parcel_that_another_stop_has_is_refused_and_may_move_with_its_sheet(office):
    await office.import_stops("a.xlsx", workbook(HEAD, GOOD))
    other = ("B1", "P1", "Bea", "Weg 2", 48.15, 11.58, None, None)
    answer = await office.import_stops("b.xlsx", workbook(HEAD, other))
    assert "parcel P1 is at stop A1 of 2026-11-23 already" in told(answer, 2)
    moved = workbook(HEAD, other, ("A1", "P2", *GOOD[2:]))
    assert (await office.import_stops("c.xlsx", moved)).rejected == 0
    orders = {one.stop_id: one for one in await office.orders()}
    assert orders["B1"].parcels[0].parcel_id == "P1"
    assert orders["A1"].parcels[0].parcel_id == "P2"


async def test_rows_of_one_order_are_one_stop_with_several_parcels(office):
    head = (
        "D.O. No.",
        "Deliver to",
        "Address",
        "lat,lon",
        "Tracking No.",
        "Weight",
        "Quantity",
    )
    book = workbook(
        head,
        ("D1", "Anna", "Weg 1", "48.14, 11.58", "T1", "2 kg", None),
        ("D1", "Anna", "Weg 1", "48.14, 11.58", "T2", "500 g", None),
        ("D2", "Bea", "Weg 2", "48.15, 11.58", "T3; T4", 3, None),
        ("D3", "Cem", "Weg 3", "48.16, 11.58", None, 9, 3),
    )
    answer = await office.import_stops("d.xlsx", book)
    orders = {one.stop_id: one.parcels for one in await office.orders()}
    assert (answer.ok, answer.added, answer.parcels) == (4, 3, 7)
    assert [(one.parcel_id, one.weight_kg) for one in orders["D1"]] == [("T1", 2), ("T2", 0.5)]
    assert [one.weight_kg for one in orders["D2"]] == [1.5, 1.5]
    assert [one.parcel_id for one in orders["D3"]] == ["D3-1", "D3-2", "D3-3"]


async def test_what_a_hand_over_needs_is_taken_over(office):
    head = ("Name", "Address", "Lat", "Lon", "PIN", "Age", "Photo", "Signature", "Priority")
    row = ("Anna", "Weg 1", 48.14, 11.58, "0042", "18+", "yes", "x", "high")
    await office.import_stops("a.xlsx", workbook(head, row))
    (order,) = await office.orders()
    (parcel,) = order.parcels
    needs = parcel.requirements
    assert (needs.photo, needs.signature, needs.minimum_age, order.priority) == (
        True,
        True,
        18,
        8,
    )
    assert pin_fits("0042", needs)
    assert not pin_fits("42", needs)


async def test_a_bad_pin_is_refused_and_not_repeated(office):
    row = ("Anna", "Weg 1", 48.14, 11.58, 42)
    answer = await office.import_stops(
        "a.xlsx", workbook(("Name", "Address", "Lat", "Lon", "PIN"), row)
    )
    assert answer_of(answer, 2).verdict == "rejected"
    assert "'42'" not in told(answer, 2)
    assert next(use for use in answer.columns if use.field == "pin").samples == ()


async def test_what_cannot_be_read_is_taken_for_the_safe_value_and_told(office):
    head = ("Name", "Address", "Lat", "Lon", "Weight", "Signature", "Service", "Priority")
    row = ("Anna", "Weg 1", 48.14, 11.58, "heavy", "perhaps", "quick", "soon")
    answer = await office.import_stops("a.xlsx", workbook(head, row))
    (order,) = await office.orders()
    assert answer_of(answer, 2).verdict == "review"
    assert len(answer_of(answer, 2).issues) == 4
    assert order.parcels[0].requirements.signature
    assert order.parcels[0].weight_kg is None
    assert (order.service_s, order.priority) == (120, 5)


async def test_an_address_once_placed_is_known_for_ever(office):
    head = ("Name", "Street", "City", "Lat", "Lon")
    await office.import_stops("a.xlsx", workbook(head, ("A", "Weg 1", "Köln", 48.14, 11.58)))
    later = date(2026, 11, 24)
    row = ("B", "WEG 1", "koln", None, None)
    answer = await office.import_stops("b.xlsx", workbook(head, row), day=later)
    (order,) = await office.orders(later)
    assert answer.states["VERIFIED"] == 1
    assert order.place == Place(lat_deg=48.14, lon_deg=11.58)


async def test_a_person_places_a_stop_and_importing_again_keeps_that(office):
    rows = workbook(
        HEAD,
        ("A8", "P8", "H", "", 11.58, 48.14, None, None),
        ("A9", "P9", "I", "Weg 9", None, None, None, None),
    )
    await office.import_stops("a.xlsx", rows)
    home = Place(lat_deg=48.14, lon_deg=11.58)
    for stop_id in ("A8", "A9"):
        assert (await office.place(stop_id, home)).state is AddressState.VERIFIED
    answer = await office.import_stops("a.xlsx", rows)
    assert (answer.unchanged, answer.states["VERIFIED"]) == (2, 2)
    with pytest.raises(RefusedError, match="no stop 'A7'"):
        await office.place("A7", home)


async def test_dates_of_rows_go_to_their_days_and_windows_must_fit_them(office):
    head = ("Order", "Name", "Address", "Lat", "Lon", "Date", "From", "To")
    where = ("Anna", "Weg 1", 48.14, 11.58)
    book = workbook(
        head,
        ("A1", *where, date(2026, 11, 24), None, None),
        ("A2", *where, "25.11.2026", datetime(2026, 11, 25, 9), datetime(2026, 11, 25, 10)),  # noqa: DTZ001
        ("A3", *where, "25.11.2026", datetime(2026, 11, 26, 9), datetime(2026, 11, 26, 10)),  # noqa: DTZ001
        ("A4", *where, "31.11.2026", None, None),
        ("A5", *where, "25.11.2026", "22:00", "2026-11-26 02:00"),
    )
    answer = await office.import_stops("a.xlsx", book)
    assert [row.verdict for row in answer.rows] == ["ok", "ok", "rejected", "rejected", "ok"]
    assert "is on 2026-11-26, but the row's day is 2026-11-25" in told(answer, 4)
    assert "is a day that does not exist" in told(answer, 5)
    assert [len(await office.orders(date(2026, 11, day))) for day in (23, 24, 25)] == [0, 1, 2]


async def test_windows_may_be_three_and_stand_in_one_cell(office):
    head = ("Name", "Address", "Lat", "Lon", "Time window", "Time window 2", "Time window 3")
    row = ("Anna", "Weg 1", 48.14, 11.58, "14:00-16:00", "8–10 Uhr", "6pm to 8pm")
    await office.import_stops("a.xlsx", workbook(head, row))
    (order,) = await office.orders()
    opens = [window.opens_utc.hour for window in order.windows]
    assert opens == [7, 13, 17]


async def test_u3_ten_thousand_rows_take_less_than_ten_seconds(office):
    rows = [
        (f"O{n}", f"P{n}", f"N{n}", f"Street {n}", 48 + n % 997 / 5000, 11.5, "08:00", "12:00")
        for n in range(10_000)
    ]
    began_s = time_s.process_time()
    answer = await office.import_stops("big.csv", text_file(HEAD, *rows))
    assert time_s.process_time() - began_s < 10
    assert (answer.ok, answer.added) == (10_000, 10_000)
