import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.stops.columns import ColumnError, count_known, guess_columns
from station.stops.sheet import SheetError, column_letter, read_sheet
from tests.station.office.sheets import text_file, workbook

PUBLISHED = {
    "Circuit": (
        ("Address Line 1", "address"),
        ("Address Line 2", "address"),
        ("City", "city"),
        ("State", "state"),
        ("Zip", "zip"),
        ("Country", "country"),
        ("Earliest Time", "window_from"),
        ("Latest Time", "window_to"),
        ("Time at stop", "service_min"),
        ("Notes", "notes"),
        ("Proof of delivery", "proof"),
    ),
    "Upper": (
        ("Full Name", "name"),
        ("Address", "address"),
        ("Phone", "phone"),
        ("Email", "email"),
        ("Service Time (HH:mm)", "service_min"),
        ("Time Window Start 1", "window_from"),
        ("Time Window End 1", "window_to"),
        ("Stop Type", "kind"),
    ),
    "Detrack": (
        ("D.O. No.", "order_id"),
        ("Date", "day"),
        ("Deliver to", "name"),
        ("Address", "address"),
        ("Tracking No.", "parcel_id"),
        ("Quantity", "quantity"),
    ),
    "Route4Me": (("Alias", "name"), ("Address", "address"), ("Lat", "lat"), ("Lng", "lon")),
    "by hand, in German": (
        ("Kunde", "name"),
        ("Straße", "address"),
        ("PLZ", "zip"),
        ("Ort", "city"),
        ("Breitengrad", "lat"),
        ("Längengrad", "lon"),
        ("von", "window_from"),
        ("bis", "window_to"),
        ("Gewicht (kg)", "weight_kg"),
    ),
    "in a hurry": (
        ("Adress", "address"),
        ("Lattitude", "lat"),
        ("Longitute", "lon"),
        ("orderNumber", "order_id"),
        ("Signature requird", "signature"),
        ("WEIGHT (LB)", "weight_kg"),
    ),
}


@pytest.mark.parametrize("sender", PUBLISHED)
def test_the_columns_of_known_senders_are_recognised(sender):
    headers, fields = zip(*PUBLISHED[sender], strict=True)
    assert tuple(column.field for column in guess_columns(headers)) == fields


def test_a_header_that_means_nothing_is_left_alone():
    headers = ("Address", "foo", "Warehouse shelf", "", "Colour")
    assert [column.field for column in guess_columns(headers)] == ["address", "", "", "", ""]


def test_of_two_columns_for_one_thing_the_likelier_wins_and_the_other_is_told():
    first, second = guess_columns(("Lattitude", "Latitude"))
    assert (first.field, second.field) == ("", "lat")
    assert "taken from 'Latitude'" in first.note


def test_what_a_person_says_is_never_doubted():
    columns = guess_columns(
        ("Where", "Address", "Notes"), {"Where": "address", "Notes": "ignore"}
    )
    assert [column.field for column in columns] == ["address", "address", ""]
    with pytest.raises(ColumnError, match="no column is headed 'Wher'"):
        guess_columns(("Where",), {"Wher": "address"})
    with pytest.raises(ColumnError, match="is no field; known: order_id"):
        guess_columns(("Where",), {"Where": "place"})


def test_three_windows_are_told_apart_by_their_numbers():
    headers = tuple(f"Window {n} {side}" for n in (1, 2, 3) for side in ("Start", "End"))
    columns = guess_columns((*headers, "Address"))
    assert [(column.field, column.number) for column in columns[:6]] == [
        (field, n) for n in (1, 2, 3) for field in ("window_from", "window_to")
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_files_of_any_dialect_are_read(delimiter, encoding, newline):
    rows = (("Name", "Straße", "Lat"), ("Jürgen", "Weg 3", "48.1"), ("Zoë", "Weg 4", "48.2"))
    content = text_file(*rows, delimiter=delimiter, encoding=encoding, newline=newline)
    sheet = read_sheet("stops.csv", content, count_known)
    assert sheet.headers == rows[0]
    assert sheet.rows == ((2, rows[1]), (3, rows[2]))


def test_decimal_commas_do_not_split_a_file_with_semicolons():
    content = (
        b"Adresse;Breite;Breitengrad\nWeg 1, M\xc3\xbcnchen;1,5;48,1\nWeg 2, Bonn;2,5;50,7"
    )
    sheet = read_sheet("x.csv", content, count_known)
    assert sheet.rows[0][1] == ("Weg 1, München", "1,5", "48,1")


def test_quoted_cells_keep_their_line_breaks_and_delimiters():
    content = b'Name,Address\n"Berg, Anna","Weg 1\nHinterhof"\n'
    assert read_sheet("x.csv", content, count_known).rows == (
        (2, ("Berg, Anna", "Weg 1\nHinterhof")),
    )


def test_a_title_above_the_header_and_empty_rows_keep_the_row_numbers_right():
    book = workbook(
        ["Stops of Monday"], [], ["Name", "Address"], ["A", "Weg 1"], [], ["B", "Weg 2"]
    )
    sheet = read_sheet("x.xlsx", book, count_known)
    assert sheet.header_row == 3
    assert [number for number, _ in sheet.rows] == [4, 6]
    assert sheet.empty == 1


def test_the_sheet_with_a_header_is_found_among_others():
    book = workbook(["Name", "Address"], ["A", "Weg 1"], before=["Read me first"])
    assert read_sheet("x.xlsx", book, count_known).name == "Stops"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02\x00" * 10, "neither a spreadsheet nor text"),
        (b"PK\x03\x04 not really a zip", "damaged"),
        (workbook(("Address",)).replace(b"PK\1\2\x14\3\x14", b"PK\1\2\x14\3\xff"), "damaged"),
        (b"\xd0\xcf\x11\xe0 not really a workbook", "cannot be read as a workbook"),
        (b"Foo,Bar\n1,2\n", "no row is a header .*found 'Foo', 'Bar'.*→ name a column"),
        (b"Name,Notes\nA,B\n", "no row is a header"),
    ],
    # A workbook's bytes tell when they were made: each process would collect other tests.
    ids=["empty", "bytes", "no zip", "damaged zip", "no workbook", "foreign", "no address"],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_name_and_a_cure(content, told):
    with pytest.raises(SheetError, match=f"stops.csv: .*{told}"):
        read_sheet("stops.csv", content, count_known)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_sheet_or_refused(content):
    for start in (b"", b"PK\x03\x04", b"Name,Address\n"):
        try:
            read_sheet("x", start + content, count_known)
        except SheetError:
            continue


def test_columns_are_named_as_spreadsheets_do():
    assert [column_letter(index) for index in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip
