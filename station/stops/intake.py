"""A file of stops → the station's books: read, compared, stored, answered row by row."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from station.stops import cells
from station.stops.addresses import address_key
from station.stops.columns import Column, count_known, guess_columns
from station.stops.gather import Gathered, Key
from station.stops.orders import (
    AddressState,
    CellIssue,
    ColumnUse,
    ImportAnswer,
    Order,
    RowAnswer,
)
from station.stops.row_cells import by_field
from station.stops.rows import Context, Draft, read_row
from station.stops.sheet import Sheet, column_letter, read_sheet
from station.store import day as books

SAMPLES = 5  # cells shown of each column
SAMPLE_CHARS = 40
PRIVATE_FIELDS = frozenset({"pin", "phone", "email"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a file."""

    file: str
    sheet: Sheet
    columns: tuple[Column, ...]
    drafts: tuple[Draft, ...]

    @property
    def address_keys(self) -> set[str]:
        """The addresses that it would help to know."""
        unsure = (draft for draft in self.drafts if draft.state is not AddressState.VERIFIED)
        return {key for draft in unsure if (key := address_key(draft.address))}


def read_orders(
    file: str, content: bytes, context: Context, named: Mapping[str, str] | None = None
) -> Reading:
    """Read a file; `named` (header → field) corrects the guesses.

    Raises SheetError or ColumnError if the file as a whole cannot be used.
    """
    told = named or {}

    sheet = read_sheet(file, content, lambda headers: count_known(headers, told))
    columns = guess_columns(sheet.headers, told)
    fields = by_field(columns)
    day_order = cells.day_order_of(
        [
            cells.text_of(values[column.index])
            for name in ("day", "window_from", "window_to", "deliver_by")
            for column in fields.get(name, ())
            for _, values in sheet.rows
            if column.index < len(values)
        ]
    )
    drafts = tuple(
        read_row(fields, number, values, context, day_order) for number, values in sheet.rows
    )
    return Reading(file, sheet, columns, drafts)


def store_orders(
    db: sqlite3.Connection, reading: Reading, gathered: Gathered, day: date
) -> ImportAnswer:
    """Bring the orders into the books; what is there already stays as it is."""
    changes: Counter[str] = Counter()
    states: Counter[str] = Counter()
    parcels = 0
    on_routes = _stops_on_routes(db, gathered)
    books.release_parcels(db, gathered.orders)
    for key, order in gathered.orders.items():
        rows = gathered.rows[key]
        old = books.order_of(db, *key)
        wanted = _as_people_left_it(order, old)
        refusal = _refusal(db, wanted, old)
        if refusal:
            if old is not None:
                books.keep_parcels(db, old)
            _refuse(gathered, rows, refusal)
            continue
        change = "added" if old is None else "unchanged" if old == wanted else "changed"
        if change == "unchanged":
            books.keep_parcels(db, wanted)
        else:
            books.keep_order(db, wanted, f"{reading.file}:{rows[0]}")
        _learn(db, wanted, reading.file)
        changes[change] += 1
        states[wanted.state.value] += 1
        parcels += len(wanted.parcels)
        told = on_routes.get(key) if change == "changed" else None
        for row in rows:
            gathered.answers[row] = _kept(gathered.answers[row], change, wanted, told)
    answers = tuple(gathered.answers.values())
    verdicts = Counter(answer.verdict for answer in answers)
    states["DUPLICATE"] = sum(answer.state is AddressState.DUPLICATE for answer in answers)
    return ImportAnswer(
        file=reading.file,
        sheet=reading.sheet.name,
        day=day,
        columns=_uses(reading),
        rows=answers,
        ok=verdicts["ok"],
        review=verdicts["review"],
        rejected=verdicts["rejected"],
        empty=reading.sheet.empty,
        added=changes["added"],
        changed=changes["changed"],
        unchanged=changes["unchanged"],
        parcels=parcels,
        states={state.value: states[state.value] for state in AddressState},
    )


def _stops_on_routes(db: sqlite3.Connection, gathered: Gathered) -> dict[Key, str]:
    return {
        (day, stop.stop_id): kept.route.route_id
        for day in {day for day, _ in gathered.orders}
        for kept in books.dispatched_routes_of(db, day)
        for stop in kept.route.stops
    }


def _as_people_left_it(order: Order, old: Order | None) -> Order:
    """Keep a cancellation, and a place somebody gave that the sheet still does not know."""
    if old is None:
        return order
    order = replace(order, cancelled=old.cancelled)
    if old.state is AddressState.VERIFIED and order.state is not AddressState.VERIFIED:
        order = replace(order, place=old.place, state=old.state, why="")
    return order


def _learn(db: sqlite3.Connection, order: Order, file: str) -> None:
    address = address_key(order.address)
    if address and order.place is not None and order.state is AddressState.VERIFIED:
        books.learn_place(db, address, order.place, file)


def _refusal(db: sqlite3.Connection, order: Order, old: Order | None) -> str:
    """Return why an order cannot be kept; empty if it can."""
    if old is not None and _is_another(order, old):
        there = f"{old.name}, {old.address}"
        return f"order {order.stop_id} of {order.day} is another one here: {there}"
    for parcel in order.parcels:
        owner = books.owner_of_parcel(db, order.day, parcel.parcel_id)
        if owner not in (None, order.stop_id):
            return f"parcel {parcel.parcel_id} is at stop {owner} of {order.day} already"
    return ""


def _is_another(order: Order, old: Order) -> bool:
    same_address = address_key(old.address) == address_key(order.address)
    return old.name != order.name and not same_address


def _refuse(gathered: Gathered, rows: list[int], why: str) -> None:
    for row in rows:
        answer = gathered.answers[row]
        cure = "give it a number of its own"
        issue = CellIssue(cell=f"row {row}", column="", why=why, cure=cure)
        gathered.answers[row] = replace(
            answer,
            verdict="rejected",
            state=AddressState.DUPLICATE,
            issues=(*answer.issues, issue),
        )


def _kept(answer: RowAnswer, change: str, order: Order, route_id: str | None) -> RowAnswer:
    issues = answer.issues
    if route_id is not None:
        why = f"changed, but route {route_id} went out with it as it was"
        cure = "send the change by `assign --again` and `dispatch`"
        cell = f"row {answer.row}"
        issues = (*issues, CellIssue(cell=cell, column="", why=why, cure=cure))
    return replace(
        answer,
        verdict="review" if issues else "ok",
        change=change,
        state=order.state,
        issues=issues,
    )


def _uses(reading: Reading) -> tuple[ColumnUse, ...]:
    return tuple(
        ColumnUse(
            column=column_letter(column.index),
            header=column.header,
            field=column.field,
            likeness_pct=column.likeness_pct,
            note=column.note,
            samples=_samples(reading.sheet, column),
        )
        for column in reading.columns
        if column.header or column.field
    )


def _samples(sheet: Sheet, column: Column) -> tuple[str, ...]:
    if column.field in PRIVATE_FIELDS:
        return ()
    texts: list[str] = []
    for _, values in sheet.rows:
        text = cells.text_of(values[column.index]) if column.index < len(values) else ""
        if text:
            texts.append(text[:SAMPLE_CHARS])
        if len(texts) == SAMPLES:
            break
    return tuple(texts)
