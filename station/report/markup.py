"""The few pieces of HTML the report is made of; what is handed in is escaped already."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

Cells = Sequence[str]


def section(title: str, content: str, *, kind: str = "") -> str:
    """Return a card with a heading."""
    return f'<section class="{kind}"><h2>{title}</h2>{content}</section>'


def tile(figure: str, told: str, kind: str) -> str:
    """Return one of the figures at the top; `kind` is good, warn, bad or empty."""
    return f'<div class="tile {kind}"><b>{figure}</b><span>{told}</span></div>'


def table(head: Cells, rows: Iterable[Cells]) -> str:
    """Return a table; a head that begins with * is a column of numbers."""
    kinds = [' class="n"' if name.startswith("*") else "" for name in head]
    titles = "".join(
        f"<th{kind}>{name.lstrip('*')}</th>" for name, kind in zip(head, kinds, strict=True)
    )
    lines = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"


def clock(utc: datetime | None, timezone: ZoneInfo) -> str:
    """Return HH:MM at the station."""
    return "–" if utc is None else utc.astimezone(timezone).strftime("%H:%M")
