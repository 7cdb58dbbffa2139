from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.stops import cells
from station.stops.cells import CellError, When

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (3.5, (3.5, "")),
        ("3,5 kg", (3.5, "kg")),
        ("3.5kg", (3.5, "kg")),
        ("1.234,5", (1234.5, "")),
        ("1,234.5", (1234.5, "")),
        ("1 234,5 kg", (1234.5, "kg")),
        ("1'234.5", (1234.5, "")),
        ("-12", (-12.0, "")),
        (".5", (0.5, "")),
        ("1.234.567", (1234567.0, "")),
    ],
)
def test_a_number_is_read_as_people_write_it(written, meant):
    assert cells.number_of(written) == meant


@pytest.mark.parametrize("written", ["heavy", "", True, "kg 3"])
def test_what_is_no_number_is_refused_with_a_cure(written):
    with pytest.raises(CellError) as caught:
        cells.number_of(written)
    assert caught.value.cure


@pytest.mark.parametrize(
    ("written", "unit", "kg"),
    [("10 lb", "", 4.535924), (10, "lbs", 4.535924), ("500 g", "kg", 0.5), (7, "", 7.0)],
)
def test_the_cells_unit_wins_over_the_headers(written, unit, kg):
    assert cells.amount_of(written, cells.KG_PER, unit, 1000) == kg


@pytest.mark.parametrize("written", [-1, 2001, "5 stone"])
def test_an_amount_out_of_bounds_or_in_an_unknown_unit_is_refused(written):
    with pytest.raises(CellError):
        cells.amount_of(written, cells.KG_PER, "", 2000)


@pytest.mark.parametrize(
    ("written", "unit", "seconds"),
    [
        (5, "", 300.0),
        ("5 min", "", 300.0),
        ("90", "sec", 90.0),
        ("00:05", "hh:mm", 300.0),
        ("1:30", "", 5400.0),
        (time(0, 7), "", 420.0),
        (timedelta(minutes=4), "", 240.0),
        (0.5, "h", 1800.0),
    ],
)
def test_a_duration_is_read_as_people_write_it(written, unit, seconds):
    assert cells.seconds_of(written, unit, 14_400) == seconds


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("08:00", When(time(8))),
        ("8:05", When(time(8, 5))),
        ("8.30", When(time(8, 30))),
        ("8h30", When(time(8, 30))),
        ("8:30 pm", When(time(20, 30))),
        ("12 am", When(time(0))),
        ("17", When(time(17))),
        ("17 Uhr", When(time(17))),
        ("24:00", When(time(23, 59))),
        ("08:00:00", When(time(8))),
        (time(9, 15), When(time(9, 15))),
        (datetime(1899, 12, 31, 9, 15), When(time(9, 15))),  # noqa: DTZ001
        (datetime(2026, 11, 23, 9, 15), When(time(9, 15), DAY)),  # noqa: DTZ001
        ("2026-11-23 09:15", When(time(9, 15), DAY)),
        ("2026-11-23T09:15", When(time(9, 15), DAY)),
        ("23.11.2026 9:15", When(time(9, 15), DAY)),
        (0.375, When(time(9))),
        (46349.375, When(time(9), date(2026, 11, 23))),
        (930, When(time(9, 30))),
    ],
)
def test_a_time_of_day_is_read_as_people_write_it(written, meant):
    assert cells.when_of(written, "unknown") == meant


@pytest.mark.parametrize("written", ["25:00", "8:75", "noon", 2575, -1, "13 pm", "0 am", 3e6])
def test_an_impossible_time_is_refused(written):
    with pytest.raises(CellError):
        cells.when_of(written, "unknown")


@pytest.mark.parametrize(
    ("written", "order", "meant"),
    [
        (DAY, "unknown", DAY),
        ("2026-11-23", "unknown", DAY),
        ("23.11.2026", "unknown", DAY),
        ("23.11.26", "unknown", DAY),
        ("23/11/2026", "day first", DAY),
        ("11/23/2026", "month first", DAY),
        ("3/3/2026", "unknown", date(2026, 3, 3)),
        (46349, "unknown", DAY),
        ("46349", "unknown", DAY),
    ],
)
def test_a_day_is_read_as_people_write_it(written, order, meant):
    assert cells.day_of(written, order) == meant


@pytest.mark.parametrize("written", ["3/4/2026", "31.2.2026", "tomorrow", 12, "2026-13-01"])
def test_a_day_that_may_be_two_or_none_is_refused(written):
    with pytest.raises(CellError):
        cells.day_of(written, "unknown")


def test_a_column_tells_which_comes_first_day_or_month():
    assert cells.day_order_of(["3/4/2026", "25/4/2026"]) == "day first"
    assert cells.day_order_of(["3/4/2026", "4/25/2026 08:00"]) == "month first"
    assert cells.day_order_of(["3/4/2026", ""]) == "unknown"


@pytest.mark.parametrize(
    "written",
    [
        "48.1,11.5",
        "48.1, 11.5",
        "48,1; 11,5",
        "(48.1 11.5)",
        "48,1 11,5",
        "48.1/11.5",
        "48,1, 11,5",
    ],
)
def test_two_coordinates_in_one_cell_are_split(written):
    pair = cells.pair_of(written)
    place = cells.place_of(*pair)
    assert (place.lat_deg, place.lon_deg) == (48.1, 11.5)


@pytest.mark.parametrize("written", ["Lindenweg 3", "48.1", "80331 München", "48.1,11.5,9", ""])
def test_an_address_is_no_pair_of_coordinates(written):
    assert cells.pair_of(written) is None


@pytest.mark.parametrize(
    ("lat", "lon", "why"),
    [
        (91, 11, "latitude lies outside"),
        (48, "181", "longitude lies outside"),
        ("N48", 11, "latitude is not a number"),
        ("48° 8'", 11, "plain degrees"),
    ],
)
def test_a_bad_coordinate_is_refused_by_name(lat, lon, why):
    with pytest.raises(CellError, match=why):
        cells.place_of(lat, lon)


@pytest.mark.parametrize("written", ["ja", "X", True, 1, 1.0, "Required", "✓"])
def test_yes_in_many_ways(written):
    assert cells.yes_or_no(written) is True


@pytest.mark.parametrize("written", ["nein", "", None, False, 0, "not required"])
def test_no_in_many_ways(written):
    assert cells.yes_or_no(written) is False


def test_a_whole_number_loses_its_point_and_a_text_keeps_its_zeros():
    assert cells.text_of(80331.0) == "80331"
    assert cells.text_of("01067") == "01067"
    assert cells.text_of(" a\x00b\n") == "a b"


ANY_CELL = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
)


@given(ANY_CELL)
def test_any_cell_is_read_or_refused_never_a_crash(cell):
    for read in (
        cells.number_of,
        cells.yes_or_no,
        lambda one: cells.when_of(one, "unknown"),
        lambda one: cells.day_of(one, "day first"),
        lambda one: cells.seconds_of(one, "", 14_400),
        lambda one: cells.place_of(one, one),
        lambda one: cells.amount_of(one, cells.L_PER, "", 100),
    ):
        with suppress(CellError):
            read(cell)
    cells.pair_of(cells.text_of(cell))
