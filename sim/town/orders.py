"""What the people of the town have ordered, as the spreadsheet the station gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Annotated

import msgspec
import xlsxwriter
from msgspec import Meta

from sim.town.town import Address

FIRST_NAMES = """
    Ada Amir Anna Bas Ben Carla Chloe Daan David Elena Emil Eva Femke Finn Greta Hana Hugo Ines
    Iris Ivo Jan Jasmin Jonas Julia Kaya Lars Lea Leila Luca Maja Malik Mara Mees Mila Mo Nadia
    Nils Nora Olga Omar Otto Paula Pim Rosa Ruben Sam Sanne Sofia Stef Tess Thijs Tim Uma Vera
    Wim Yara Yusuf Zoe
"""
LAST_NAMES = """
    Aalders Aydin Bakker Becker Berg Blom Boer Bos Brandt Costa Dahl Dekker Diaz Dijkstra Evers
    Fischer Garcia Groot Haas Hansen Hoekstra Huber Ivanova Jansen Jong Kaiser Khan Klein Koch
    Kok Kuiper Lange Larsen Meyer Mulder Nowak Okafor Peters Petrov Post Ramos Reis Ricci Rossi
    Schmidt Silva Smit Spits Stein Tan Terpstra Vos Wagner Weber Willems Wolf Yilmaz Zijlstra
"""
NOTES = (
    "ring twice", "side door", "beware of the goose", "third floor, no lift", "shut the gate",
    "bell is broken, knock", "baby asleep, please call", "behind the bakery",
)  # fmt: skip
HEADERS = (
    "Order ID", "Tracking No", "Name", "Address", "City", "Latitude", "Longitude",
    "Earliest Time", "Latest Time", "Service Time (min)", "Weight (kg)", "Volume (l)",
    "Photo", "Signature", "PIN", "Minimum Age", "Notes",
)  # fmt: skip

Fraction = Annotated[float, Meta(ge=0, le=1)]


class OrderBook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much was ordered, and with which wishes."""

    stops: Annotated[int, Meta(ge=1, le=20_000)] = 90
    more_parcels_frac: Fraction = 0.25
    """Chance of each further parcel of a stop, up to six."""
    most_kg: Annotated[float, Meta(gt=0, le=2000)] = 2000.0
    """A heavier parcel weighs only so much."""
    window_frac: Fraction = 0.2
    """Of stops with a promised window."""
    hour_frac: Fraction = 0.0
    """Of these windows, how many last one hour; the others last two."""
    photo_frac: Fraction = 0.6
    signature_frac: Fraction = 0.25
    pin_frac: Fraction = 0.1
    age_frac: Fraction = 0.03
    notes_frac: Fraction = 0.1
    service_min: tuple[Annotated[int, Meta(ge=1, le=60)], ...] = (1, 2, 2, 3, 4)
    """What is planned for a stop; each is drawn as often as it stands here."""
    first_window: Annotated[int, Meta(ge=0, le=23)] = 9
    """Hour of the earliest window."""
    last_window: Annotated[int, Meta(ge=1, le=24)] = 16
    """Hour at which the latest window ends."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """One row of the sheet: one parcel."""

    order_id: str
    parcel_id: str
    name: str
    address: Address
    window: tuple[int, int] | None
    service_min: int
    weight_kg: float
    volume_l: float
    photo: bool
    signature: bool
    pin: str
    minimum_age: int | None
    notes: str


def order(
    book: OrderBook, addresses: Sequence[Address], day: date, rng: Random
) -> list[Ordered]:
    """Draw a day's orders; each order is one stop."""
    prefix = f"{day:%y%m%d}"
    homes = rng.sample(addresses, book.stops)
    rows: list[Ordered] = []
    first_names, last_names = FIRST_NAMES.split(), LAST_NAMES.split()
    for number, home in enumerate(homes, start=1):
        name = f"{rng.choice(first_names)} {rng.choice(last_names)}"
        window = _window(book, rng) if rng.random() < book.window_frac else None
        service_min = rng.choice(book.service_min)
        notes = rng.choice(NOTES) if rng.random() < book.notes_frac else ""
        letters = "A"
        while len(letters) < 6 and rng.random() < book.more_parcels_frac:
            letters += "ABCDEF"[len(letters)]
        rows += [
            Ordered(
                order_id=f"N{prefix}-{number:04d}",
                parcel_id=f"P{prefix}{number:04d}{letter}",
                name=name,
                address=home,
                window=window,
                service_min=service_min,
                weight_kg=min(book.most_kg, round(rng.lognormvariate(0.6, 0.9), 1) + 0.1),
                volume_l=round(rng.lognormvariate(2.2, 0.8), 1) + 0.5,
                photo=rng.random() < book.photo_frac,
                signature=rng.random() < book.signature_frac,
                pin=f"{rng.randrange(10**6):06d}" if rng.random() < book.pin_frac else "",
                minimum_age=18 if rng.random() < book.age_frac else None,
                notes=notes,
            )
            for letter in letters
        ]
    return rows


def _window(book: OrderBook, rng: Random) -> tuple[int, int]:
    opens = rng.randrange(book.first_window, max(book.first_window + 1, book.last_window - 1))
    lasts = 1 if book.hour_frac and rng.random() < book.hour_frac else 2
    return opens, min(opens + lasts, book.last_window)


def write_sheet(rows: list[Ordered], city: str, path: Path) -> None:
    """Write the orders as a spreadsheet, as a shop would send it."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Orders")
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet.write_row(0, 0, HEADERS, bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(HEADERS) - 1, 13)
        for at, row in enumerate(rows, start=1):
            opens, closes = row.window or (None, None)
            cells = (
                row.order_id, row.parcel_id, row.name, row.address.text, city,
                row.address.place.lat_deg, row.address.place.lon_deg,
                "" if opens is None else f"{opens:02d}:00",
                "" if closes is None else f"{closes:02d}:00",
                row.service_min, row.weight_kg, row.volume_l,
                "yes" if row.photo else "", "yes" if row.signature else "",
                row.pin, row.minimum_age or "", row.notes,
            )  # fmt: skip
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(at, column, cell, text)
                else:
                    sheet.write_number(at, column, cell)
