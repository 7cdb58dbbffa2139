"""Bytes of a spreadsheet or text file → rows of cells, whatever dialect they are in."""

import csv
import io
import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from edge.errors import RefusedError

MOST_BYTES = 50_000_000
MOST_UNPACKED_BYTES = 1_000_000_000  # of a zipped workbook, whatever it claims
NOT_UNPACKED = (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error)
"""What zipfile says of an archive that is damaged or of a version to come."""
MOST_ROWS = 200_000
MOST_COLUMNS = 200
HEADER_WITHIN = 20  # non-empty rows from the top in which the header must stand
DELIMITERS = ",;\t|"
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

Cell = str | int | float | bool | datetime | date | time | timedelta | None
"""What a spreadsheet may hold; text files hold only `str`."""

Rows = Sequence[Sequence[Cell]]


class SheetError(RefusedError):
    """The file as a whole cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its header and the rows below, as the spreadsheet counts them."""

    name: str
    headers: tuple[str, ...]
    header_row: int
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    """(row number, cells); rows without content are left out."""
    empty: int
    """How many rows without content stood between the others."""


CountKnown = Callable[[Sequence[str]], int]
"""How many of these headers mean something; 0 if the table cannot be used."""


def read_sheet(file: str, content: bytes, count_known: CountKnown) -> Sheet:
    """Return the first table of the file that has a usable header.

    Raises SheetError if there is none or the file is no spreadsheet.
    """
    if len(content) > MOST_BYTES:
        raise SheetError(f"{file}: {len(content):,} bytes are more than {MOST_BYTES:,}")
    if not content:
        raise SheetError(f"{file}: the file is empty")
    tables: list[tuple[str, Rows]]
    if is_workbook(file, content):
        tables = _workbook_tables(file, content)
    else:
        tables = [("", _text_rows(file, content))]
    headers_seen: list[str] = []
    for name, rows in tables:
        if len(rows) > MOST_ROWS:
            raise SheetError(f"{file}: {len(rows):,} rows are more than {MOST_ROWS:,}")
        at = _header_index(rows, count_known)
        if at is not None:
            return _sheet(name, rows, at)
        headers_seen += next((_texts(row) for row in rows if _has_content(row)), [])
    seen = ", ".join(repr(header) for header in headers_seen if header)[:300]
    raise SheetError(
        f"{file}: no row is a header with an address or coordinates"
        f" (found {seen or 'nothing'}) → name a column `Address`, or two `Latitude` and"
        " `Longitude`, or say `--column HEADER=address`"
    )


def is_workbook(file: str, content: bytes) -> bool:
    """Tell a workbook from a text file by its first bytes, not by its name alone."""
    return content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or (
        file.lower().endswith(WORKBOOK_SUFFIXES)
    )


def column_letter(index: int) -> str:
    """Return the letters of a column counted from 0: A to Z, then AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def decoded(content: bytes) -> str:
    """Return the text, by its byte order mark, else UTF-8, else Windows-1252."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def delimiter_of(text: str) -> str:
    """Return the delimiter that splits the first lines most evenly."""
    lines = [line for line in text.splitlines()[:50] if line.strip()][:20]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        ranked = sorted(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
        width, times = ranked[-1] if ranked else (0, 0)
        return (times if width > 1 else 0, width)

    return max(DELIMITERS, key=evenness)


def _workbook_tables(file: str, content: bytes) -> list[tuple[str, Rows]]:
    _check_unpacked_size(file, content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
    except PasswordError as error:
        raise SheetError(f"{file}: has a password → save it without one") from error
    except (CalamineError, OSError, ValueError) as error:
        raise SheetError(f"{file}: cannot be read as a workbook: {error}") from error


def _check_unpacked_size(file: str, content: bytes) -> None:
    if content[:2] != b"PK":
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except NOT_UNPACKED as error:
        raise SheetError(f"{file}: is damaged: {error}") from error
    if size > MOST_UNPACKED_BYTES:
        raise SheetError(f"{file}: unpacks to {size:,} bytes, more than is read")


def _text_rows(file: str, content: bytes) -> Rows:
    text = decoded(content)
    if "\0" in text[:10_000]:
        raise SheetError(f"{file}: is neither a spreadsheet nor text")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
        return [list(row) for row in reader]
    except csv.Error as error:
        raise SheetError(f"{file}: no table in text: {error}") from error


def _header_index(rows: Rows, count_known: CountKnown) -> int | None:
    """Return the index of the row that looks most like a header."""
    best: tuple[int, int] | None = None
    looked = 0
    for index, row in enumerate(rows):
        if not _has_content(row):
            continue
        looked += 1
        if looked > HEADER_WITHIN:
            break
        known = count_known(_texts(row))
        if known and (best is None or known > best[0]):
            best = (known, index)
    return None if best is None else best[1]


def _sheet(name: str, rows: Rows, at: int) -> Sheet:
    last = max((index for index, row in enumerate(rows) if _has_content(row)), default=at)
    below = rows[at + 1 : last + 1]
    kept = tuple(
        (at + 2 + offset, tuple(row[:MOST_COLUMNS]))
        for offset, row in enumerate(below)
        if _has_content(row)
    )
    return Sheet(
        name=name,
        headers=tuple(_texts(rows[at])[:MOST_COLUMNS]),
        header_row=at + 1,
        rows=kept,
        empty=len(below) - len(kept),
    )


def _has_content(row: Sequence[Cell]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _texts(row: Sequence[Cell]) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in row]
