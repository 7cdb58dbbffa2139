"""One row of a sheet → one draft of a stop, with every complaint about its cells."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from edge.messages.geo import Place
from edge.messages.routes import TimeWindow
from station.stops import cells
from station.stops.addresses import address_key, is_nowhere, judge_place
from station.stops.cells import CellError, DayOrder
from station.stops.orders import (
    DEFAULT_PRIORITY,
    DEFAULT_SERVICE_S,
    AddressState,
    CellIssue,
)
from station.stops.row_cells import ColumnsByField, RowCells
from station.stops.sheet import Cell
from station.stops.windows import read_deliver_by, read_windows

MOST_PARCELS = 500  # of one row
MOST_SERVICE_S = 14_400.0
MOST_KG = 2000.0
MOST_L = 20_000.0
ID_CHARS = 64
NAME_CHARS, ADDRESS_CHARS, NOTES_CHARS = 120, 250, 500
FEWEST_PIN_DIGITS, MOST_PIN_DIGITS = 4, 12
ADULT = 18
PRIORITIES = {"low": 2, "normal": DEFAULT_PRIORITY, "medium": DEFAULT_PRIORITY, "high": 8,
              "urgent": 9, "hoch": 8, "niedrig": 2}  # fmt: skip
DELIVERIES = frozenset(("", "delivery", "deliver", "drop off", "dropoff", "drop", "lieferung"))
PHOTO_WORDS = ("photo", "foto", "picture", "both", "any")
SIGNATURE_WORDS = ("sign", "unterschrift", "both")


@dataclass(frozen=True, slots=True)
class Context:
    """What reading a sheet needs to know of the station."""

    day: date
    """Of rows that name none."""
    timezone: ZoneInfo
    station: Place
    pin_secret: bytes


@dataclass(slots=True)
class Draft:
    """What one row says."""

    row: int
    day: date
    order_id: str = ""
    parcel_ids: tuple[str, ...] = ()
    name: str = ""
    address: str = ""
    place: Place | None = None
    state: AddressState = AddressState.NOT_FOUND
    why: str = ""
    windows: tuple[TimeWindow, ...] = ()
    deliver_by_utc: datetime | None = None
    service_s: float = DEFAULT_SERVICE_S
    quantity: int = 1
    weight_kg: float | None = None
    """Of the whole row."""
    volume_l: float | None = None
    photo: bool = False
    signature: bool = False
    pin: str = ""
    minimum_age: int | None = None
    notes: str = ""
    priority: int = DEFAULT_PRIORITY
    issues: list[CellIssue] = field(default_factory=list)
    rejected: bool = False

    @property
    def stop_id(self) -> str:
        """The order id if it can be one, else a hash of what names the stop."""
        if self.order_id and len(self.order_id) <= ID_CHARS:
            return self.order_id
        place = "" if self.address or self.place is None else repr(self.place)
        named = self.order_id or "\n".join((self.name, address_key(self.address), place))
        digest = hashlib.sha256(f"{self.day}\n{named}".encode()).hexdigest()
        return f"s-{digest[:16]}"


def read_row(
    columns: ColumnsByField,
    number: int,
    values: Sequence[Cell],
    context: Context,
    order: DayOrder,
) -> Draft:
    """Return the draft of a row; `rejected` if it cannot become a stop."""
    row = RowCells(columns, number, values)
    day = row.take("day", lambda cell, _: cells.day_of(cell, order), empty=context.day)
    draft = Draft(row=number, day=day, order_id=row.text("order_id"))
    name = row.joined("name") or f"{row.text('first_name')} {row.text('last_name')}".strip()
    draft.name = row.bounded("name", name, NAME_CHARS)
    draft.notes = row.bounded("notes", row.joined("notes", "; "), NOTES_CHARS)
    _read_place(row, draft, context)
    draft.windows = read_windows(row, day, context.timezone, order)
    draft.deliver_by_utc = read_deliver_by(row, day, context.timezone, order, draft.windows)
    draft.service_s = row.take_or(
        "service_min",
        lambda cell, unit: cells.seconds_of(cell, unit, MOST_SERVICE_S),
        empty=DEFAULT_SERVICE_S,
        unreadable=DEFAULT_SERVICE_S,
        taken=f"taken as {DEFAULT_SERVICE_S / 60:g} minutes",
    )
    draft.priority = row.take_or(
        "priority",
        _priority,
        empty=DEFAULT_PRIORITY,
        unreadable=DEFAULT_PRIORITY,
        taken=f"taken as {DEFAULT_PRIORITY}",
    )
    if row.text("kind").lower() not in DELIVERIES:
        row.reject("kind", "only deliveries can be planned", "write delivery")
    _read_parcels(row, draft)
    _read_requirements(row, draft)
    draft.issues, draft.rejected = row.issues, row.rejected
    return draft


def _read_place(row: RowCells, draft: Draft, context: Context) -> None:
    street, both = row.joined("address"), row.text("lat_lon")
    lat, lon, at = row.cell("lat"), row.cell("lon"), "lat"
    if both:
        pair = cells.pair_of(both)
        if pair is None:
            row.reject("lat_lon", "is no pair of coordinates", "write 48.1372, 11.5756")
            return
        (lat, lon), at = pair, "lat_lon"
    elif pair := cells.pair_of(street):
        (lat, lon), at, street = pair, "address", ""
    more = row.joined("address_more") if street else ""
    town = " ".join(filter(None, (row.text("zip"), row.text("city"))))
    parts = (street, more, town, row.text("state"), row.text("country"))
    address = ", ".join(filter(None, parts))
    draft.address = row.bounded("address", address, ADDRESS_CHARS)
    if lat is None and lon is None:
        if street:
            draft.why = "no coordinates, and where this address is is not known here yet"
        else:
            where = "address" if row.has("address") else at
            row.reject(where, "neither an address nor coordinates", "give one of the two")
    elif lat is None or lon is None:
        missing, given = ("longitude", "lat") if lon is None else ("latitude", "lon")
        row.reject(given, f"the {missing} is missing", "give both or neither")
    else:
        _read_coordinates(row, draft, at, (lat, lon), context.station)


def _read_coordinates(
    row: RowCells, draft: Draft, at: str, pair: tuple[Cell, Cell], station: Place
) -> None:
    try:
        place = cells.place_of(*pair)
    except CellError as error:
        at = "lon" if at == "lat" and "longitude" in error.why else at
        row.reject(at, error.why, error.cure)
        return
    if is_nowhere(place):
        why = "0, 0 is what a geocoder answers that found nothing"
        row.reject(at, why, "leave both empty or give the place")
        return
    draft.place = place
    draft.state, draft.why = judge_place(place, station)
    if draft.why:
        row.review(at, draft.why, "correct it, or confirm it by `doorstep-station place`")


def _read_parcels(row: RowCells, draft: Draft) -> None:
    names = tuple(name.strip() for name in re.split(r"[;\n]", row.text("parcel_id")))
    draft.parcel_ids = tuple(filter(None, names))
    if any(len(name) > ID_CHARS for name in draft.parcel_ids):
        row.reject("parcel_id", f"is longer than {ID_CHARS} characters", "shorten it")
    if len(set(draft.parcel_ids)) != len(draft.parcel_ids):
        row.reject("parcel_id", "names a parcel twice", "name each parcel once")
    draft.quantity = row.take("quantity", _quantity, empty=1)
    unknown = "taken as unknown"
    draft.weight_kg = row.take_or(
        "weight_kg",
        lambda cell, unit: cells.amount_of(cell, cells.KG_PER, unit, MOST_KG),
        empty=None,
        unreadable=None,
        taken=unknown,
    )
    draft.volume_l = row.take_or(
        "volume_l",
        lambda cell, unit: cells.amount_of(cell, cells.L_PER, unit, MOST_L),
        empty=None,
        unreadable=None,
        taken=unknown,
    )


def _read_requirements(row: RowCells, draft: Draft) -> None:
    def needed(name: str) -> bool:
        return row.take_or(
            name,
            lambda cell, _: cells.yes_or_no(cell),
            empty=False,
            unreadable=True,
            taken="taken as required",
        )

    proof = row.text("proof").lower()
    draft.photo = needed("photo") or any(word in proof for word in PHOTO_WORDS)
    draft.signature = needed("signature") or any(word in proof for word in SIGNATURE_WORDS)
    draft.pin = row.take("pin", _pin, empty="")
    draft.minimum_age = row.take_or(
        "minimum_age", _age, empty=None, unreadable=ADULT, taken=f"taken as {ADULT}"
    )


def _quantity(cell: Cell, _unit: str) -> int:
    value, _ = cells.number_of(cell)
    if not value.is_integer() or not 1 <= value <= MOST_PARCELS:
        raise CellError(f"is not a whole number from 1 to {MOST_PARCELS}", "correct it")
    return int(value)


def _priority(cell: Cell, _unit: str) -> int:
    text = cells.text_of(cell).lower()
    if text in PRIORITIES:
        return PRIORITIES[text]
    if len(text) == 1 and text.isdecimal():
        return int(text)
    raise CellError("is no priority", "write 0 (dropped first) to 9 (last)")


def _age(cell: Cell, _unit: str) -> int | None:
    text = cells.text_of(cell).rstrip("+ ")
    if text.isdecimal() and int(text) <= 99:
        return int(text) or None
    return ADULT if cells.yes_or_no(cell) else None


def _pin(cell: Cell, _unit: str) -> str:
    text = cells.text_of(cell)
    if not (text.isdecimal() and FEWEST_PIN_DIGITS <= len(text) <= MOST_PIN_DIGITS):
        digits = f"{FEWEST_PIN_DIGITS} to {MOST_PIN_DIGITS} digits"
        cure = "write the PIN as text, with its leading zeros"
        raise CellError(f"is not {digits}", cure)
    return text
