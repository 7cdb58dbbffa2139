from collections import Counter
from datetime import date

import pytest

from sim.chance import chance
from sim.town.orders import HEADERS, OrderBook, order, write_sheet
from sim.town.town import Town, TownSize
from station.stops.columns import guess_columns

DAY = date(2026, 11, 23)
TOWN = Town(TownSize(), chance(1, "town"))


def orders(seed=1, **book):
    return order(OrderBook(**book), TOWN.addresses, DAY, chance(seed, "orders"))


def test_the_same_seed_orders_the_same():
    assert orders(3) == orders(3) != orders(4)


def test_each_stop_is_one_order_and_each_parcel_has_an_id_of_its_own():
    rows = orders(stops=200, more_parcels_frac=0.5)
    assert len({row.order_id for row in rows}) == 200
    assert len({row.parcel_id for row in rows}) == len(rows)
    homes = {(row.order_id, row.address.text, row.name, row.window) for row in rows}
    assert len(homes) == 200
    assert 2 < max(Counter(row.order_id for row in rows).values()) <= 6


def test_windows_last_two_hours_inside_the_day():
    windows = [row.window for row in orders(stops=500, window_frac=1.0)]
    assert min(opens for opens, _ in windows) == 9
    assert max(closes for _, closes in windows) == 16
    assert {closes - opens for opens, closes in windows} == {2}


def test_every_header_is_one_the_station_knows():
    columns = guess_columns(HEADERS, {})
    unknown = [column.header for column in columns if not column.field or column.note]
    assert unknown == []


@pytest.mark.parametrize("stops", [1, 40])
def test_the_sheet_is_a_workbook_that_another_reader_opens(tmp_path, stops):
    from python_calamine import CalamineWorkbook

    rows = orders(stops=stops, pin_frac=1.0)
    write_sheet(rows, TOWN.name, tmp_path / "orders.xlsx")
    read = (
        CalamineWorkbook.from_path(tmp_path / "orders.xlsx").get_sheet_by_index(0).to_python()
    )
    assert tuple(read[0]) == HEADERS
    assert [row[1] for row in read[1:]] == [row.parcel_id for row in rows]
    assert [row[14] for row in read[1:]] == [row.pin for row in rows]
    assert read[1][5] == rows[0].address.place.lat_deg
