"""Spreadsheets for the tests, made as senders make them."""

import io
from datetime import date, datetime, time

import xlsxwriter


def workbook(*rows, sheet="Stops", before=None):
    """Return the bytes of an .xlsx with these rows; dates and times become Excel's own."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    if before is not None:
        book.add_worksheet("Cover").write_row(0, 0, before)
    page = book.add_worksheet(sheet)
    shown = {
        datetime: book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
        date: book.add_format({"num_format": "dd.mm.yyyy"}),
        time: book.add_format({"num_format": "hh:mm"}),
    }
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if type(value) in shown:
                page.write_datetime(number, column, value, shown[type(value)])
            elif value is not None:
                page.write(number, column, value)
    book.close()
    return out.getvalue()


def text_file(*rows, delimiter=",", encoding="utf-8", newline="\r\n"):
    """Return the bytes of a CSV with these rows."""
    lines = (delimiter.join(str(cell) for cell in row) for row in rows)
    return newline.join(lines).encode(encoding)
