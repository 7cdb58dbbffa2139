"""The cells of one row by what they mean, and the complaints about them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from station.stops import cells
from station.stops.cells import CellError
from station.stops.columns import Column
from station.stops.orders import CellIssue
from station.stops.sheet import Cell, column_letter

T = TypeVar("T")

SECRET = frozenset({"pin"})  # never repeated in a complaint
SHOWN_CHARS = 80

Read = Callable[[Cell, str], T]
"""Cell and the header's unit → value; raises CellError."""
ColumnsByField = Mapping[str, Sequence[Column]]


def by_field(columns: Sequence[Column]) -> ColumnsByField:
    """Group columns by what they mean, in the sheet's order."""
    grouped: dict[str, list[Column]] = {}
    for column in columns:
        if column.field:
            grouped.setdefault(column.field, []).append(column)
    return grouped


class RowCells:
    """One row while it is read."""

    def __init__(self, columns: ColumnsByField, row: int, values: Sequence[Cell]) -> None:
        self._columns = columns
        self._values = values
        self.row = row
        self.issues: list[CellIssue] = []
        self.rejected = False

    def has(self, name: str) -> bool:
        """Tell whether the sheet has a column of this field."""
        return name in self._columns

    def cell(self, name: str, number: int | None = None) -> Cell:
        """Return the first cell of a field that has content."""
        for column in self._columns.get(name, ()):
            value = self._value(column)
            if number in (None, column.number) and cells.text_of(value):
                return value
        return None

    def text(self, name: str) -> str:
        """Return the first cell of a field that has content, as text."""
        return cells.text_of(self.cell(name))

    def joined(self, name: str, between: str = ", ") -> str:
        """Return all cells of a field, each text once."""
        texts = (cells.text_of(self._value(column)) for column in self._columns.get(name, ()))
        return between.join(dict.fromkeys(filter(None, texts)))

    def take(self, name: str, read: Read[T], *, empty: T) -> T:
        """Read a cell that must be right if it has content, else the row is rejected."""
        cell = self.cell(name)
        if cell is None:
            return empty
        try:
            return read(cell, self._columns[name][0].unit)
        except CellError as error:
            self.reject(name, error.why, error.cure)
            return empty

    def take_or(self, name: str, read: Read[T], *, empty: T, unreadable: T, taken: str) -> T:
        """Read a cell for which there is a safe value when it cannot be read."""
        cell = self.cell(name)
        if cell is None:
            return empty
        try:
            return read(cell, self._columns[name][0].unit)
        except CellError as error:
            self.review(name, f"{error.why}: {taken}", error.cure)
            return unreadable

    def bounded(self, name: str, text: str, most: int) -> str:
        """Return the text on one line, cut where it is too long."""
        text = " ".join(text.split())
        if len(text) > most:
            self.review(name, f"is cut to {most} characters", "shorten it")
        return text[:most]

    def reject(self, name: str, why: str, cure: str, *, number: int | None = None) -> None:
        """Say why this row cannot become a stop."""
        self.rejected = True
        self._complain(name, why, cure, number)

    def review(self, name: str, why: str, cure: str) -> None:
        """Say what somebody should look at; the row is used."""
        self._complain(name, why, cure, None)

    def _value(self, column: Column) -> Cell:
        return self._values[column.index] if column.index < len(self._values) else None

    def _complain(self, name: str, why: str, cure: str, number: int | None) -> None:
        named = self._columns.get(name, ())
        column = next((one for one in named if number in (None, one.number)), None)
        if column is None:
            self.issues.append(CellIssue(cell=f"row {self.row}", column="", why=why, cure=cure))
            return
        shown = "" if name in SECRET else cells.text_of(self._value(column))[:SHOWN_CHARS]
        self.issues.append(
            CellIssue(
                cell=f"{column_letter(column.index)}{self.row}",
                column=column.header,
                value=shown,
                why=why,
                cure=cure,
            )
        )
