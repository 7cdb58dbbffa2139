"""Guess what each column of a sheet means, and show how sure that is."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from edge.errors import RefusedError

SURE_PCT = 85.0  # likeness from which a header counts as recognised (docs/operating)
MOST_WINDOWS = 3
IGNORED = "ignore"
SHORTEST_MISSPELT = 5  # letters; "foo" is not meant to be "foto"

# The headers of Circuit, Upper, Detrack, Droppath, Cartrack and Route4Me, and what people
# write by hand. Normalised: lower case, no accents, no digits, no units.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "order_id": (
        "order id", "order number", "order no", "order", "do no", "d o no", "delivery order",
        "reference", "ref", "job id", "stop id", "bestellnummer", "auftragsnummer", "id",
        "external id", "customer reference", "numero de commande", "pedido", "shipment id",
    ),
    "parcel_id": (
        "parcel id", "parcel", "parcel ids", "package id", "tracking no", "tracking number",
        "tracking", "tracking id", "barcode", "sku", "sendungsnummer", "paketnummer",
        "label", "consignment", "waybill", "awb", "parcel number",
    ),
    "name": (
        "name", "full name", "deliver to", "recipient", "recipient name", "customer",
        "customer name", "contact", "contact name", "company", "firma", "consignee",
        "empfanger", "kunde", "nom", "nombre", "destinataire", "alias", "stop name",
        "deliver to name",
    ),
    "first_name": ("first name", "vorname", "prenom"),
    "last_name": ("last name", "surname", "nachname"),
    "address": (
        "address", "address line", "street", "street address", "full address", "adresse",
        "anschrift", "strasse", "direccion", "addresse", "delivery address", "location",
        "destination", "stop address", "calle", "rue", "indirizzo", "adres",
    ),
    "address_more": (
        "apartment", "unit", "suite", "floor", "address line two", "hausnummer",
        "house number", "building",
    ),
    "city": ("city", "town", "ort", "stadt", "ville", "ciudad", "suburb", "stadt ort"),
    "state": ("state", "province", "region", "bundesland", "state province"),
    "zip": (
        "zip", "zip code", "postal code", "postcode", "post code", "plz", "postleitzahl",
        "code postal", "codigo postal", "zip postal code",
    ),
    "country": ("country", "land", "pays", "pais", "country code"),
    "lat": ("lat", "latitude", "breitengrad", "breite", "gps lat", "y", "latitud"),
    "lon": ("lon", "lng", "long", "longitude", "langengrad", "lange", "gps lon", "gps lng",
            "x", "longitud"),
    "lat_lon": (
        "lat lon", "lat lng", "lat long", "latlng", "coordinates", "coordinate", "gps",
        "latitude longitude", "koordinaten", "geo", "gps coordinates",
        "address or lat lon",
    ),
    "day": ("date", "delivery date", "day", "datum", "scheduled date", "liefertag", "fecha",
            "lieferdatum", "job date"),
    "window_from": (
        "earliest time", "earliest", "earliest arrival", "earliest arrival time", "from",
        "time from", "window from", "time window start", "window start", "start time",
        "delivery time from", "time window from", "open", "von", "not before", "after",
        "ready time", "window open", "desde",
    ),
    "window_to": (
        "latest time", "latest", "latest arrival", "latest arrival time", "to", "time to",
        "window to", "time window end", "window end", "end time", "delivery time to",
        "time window to", "close", "bis", "not after", "before", "due time", "deadline",
        "window close", "hasta", "until",
    ),
    "deliver_by": (
        "deliver by", "deliver before", "to be delivered by", "must arrive by", "chilled until",
        "cold until", "keep cold until", "liefern bis", "zustellen bis", "kuhlen bis",
        "gekuhlt bis", "livrer avant", "entregar antes de",
    ),
    "window": ("time window", "window", "delivery window", "delivery time", "zeitfenster",
               "time slot", "slot", "delivery time window", "lieferfenster"),
    "service_min": (
        "service time", "time at stop", "service", "service min", "stop duration", "duration",
        "service duration", "servicezeit", "time on site", "stop time", "service minutes",
        "unloading time",
    ),
    "quantity": ("quantity", "qty", "parcels", "packages", "pieces", "number of parcels",
                 "anzahl", "menge", "package count", "parcel count", "packages count"),
    "weight_kg": ("weight", "gewicht", "poids", "peso", "total weight", "mass", "kg", "lbs",
                  "gross weight"),
    "volume_l": ("volume", "volumen", "cube", "cubic", "total volume"),
    "photo": ("photo", "photo required", "requires photo", "foto", "picture", "photo proof"),
    "signature": ("signature", "signature required", "requires signature", "unterschrift",
                  "sign"),
    "proof": ("proof of delivery", "proof", "pod", "proof required", "require proof"),
    "pin": ("pin", "pin code", "delivery code", "delivery pin", "otp"),
    "minimum_age": ("minimum age", "age", "age check", "min age", "mindestalter",
                    "age verification", "alter"),
    "notes": ("notes", "note", "comment", "comments", "instructions", "remarks", "hinweis",
              "delivery instructions", "driver notes", "notiz", "bemerkung", "description",
              "special instructions", "bemerkungen", "notas"),
    "priority": ("priority", "prio", "prioritat", "prioridad", "stop priority"),
    "kind": ("stop type", "type", "job type", "service type", "kind", "activity"),
    "phone": ("phone", "phone number", "telephone", "mobile", "telefon", "tel",
              "recipient phone number", "telefono", "contact number"),
    "email": ("email", "e mail", "mail", "recipient email address", "email address",
              "notify email"),
}  # fmt: skip

NOT_KEPT = {
    "phone": "recognised, not kept: nothing needs it yet",
    "email": "recognised, not kept: nothing needs it yet",
}
NEEDED = (("address",), ("lat", "lon"), ("lat_lon",))
"""One of these must be there."""
NUMBERED = frozenset({"window_from", "window_to", "window", "address"})
EXACT = frozenset({"deliver_by"})
"""Known by their very names only: "delivered by" is a driver."""
JOINED = frozenset({"name", "address", "address_more", "notes"})
"""More than one column may say it."""

UNIT = re.compile(
    r"[\(\[]?\b(kgs?|g|lbs?|pounds?|litres?|liters?|l|m3|m³|cbm|dm3|ft3|cu ?ft|"
    r"mins?|minutes?|secs?|seconds?|s|h|hh:mm)\b[\)\]]?\s*$",
    re.IGNORECASE,
)
_EXACT = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
_LIKE = [alias for alias, name in _EXACT.items() if name not in EXACT]


class ColumnError(RefusedError):
    """A column that somebody named does not exist."""


@dataclass(frozen=True, slots=True)
class Column:
    """What one column was taken for."""

    index: int
    header: str
    field: str = ""
    number: int = 1
    """Of several windows or address lines."""
    unit: str = ""
    """From the header, lower case: `lb` of "Weight (lb)"."""
    likeness_pct: float = 0.0
    note: str = ""


def normalised(header: str) -> str:
    """Return a header as the alias table writes it."""
    plain = unicodedata.normalize("NFKD", header.replace("ß", "ss"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = re.sub(r"([a-z])([A-Z])", r"\1 \2", plain)
    return " ".join(re.sub(r"[^a-z]+", " ", plain.lower()).split())


def guess_columns(
    headers: Sequence[str], named: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """Return what each column means; `named` (header → field, or `ignore`) is never doubted.

    Raises ColumnError if `named` names a header or a field that does not exist.
    """
    told = _told(headers, named or {})
    guesses = [told.get(index) or _guess(index, header) for index, header in enumerate(headers)]
    taken: dict[tuple[str, int], Column] = {}
    for guess in sorted(
        guesses, key=lambda guess: (guess.index not in told, -guess.likeness_pct, guess.index)
    ):
        if guess.field and guess.field not in JOINED:
            taken.setdefault((guess.field, guess.number), guess)
    return tuple(_unless_taken(guess, taken) for guess in guesses)


def count_known(headers: Sequence[str], named: Mapping[str, str] | None = None) -> int:
    """Return how many headers are recognised; 0 if there is neither address nor place."""
    present = {header: name for header, name in (named or {}).items() if header in headers}
    fields = {column.field for column in guess_columns(headers, present) if column.field}
    if not any(fields.issuperset(needed) for needed in NEEDED):
        return 0
    return len(fields)


def _told(headers: Sequence[str], named: Mapping[str, str]) -> dict[int, Column]:
    told = {}
    for header, name in named.items():
        if name not in ALIASES and name != IGNORED:
            known = ", ".join((*ALIASES, IGNORED))
            raise ColumnError(f"{name!r} is no field; known: {known}")
        places = [index for index, found in enumerate(headers) if found == header]
        if not places:
            raise ColumnError(
                f"no column is headed {header!r}; there are: {', '.join(headers)}"
            )
        if name == IGNORED:
            told[places[0]] = Column(places[0], header, note="not used, as you said")
        else:
            told[places[0]] = _column(places[0], header, name, 100.0, _unit(header))
    return told


def _guess(index: int, header: str) -> Column:
    unit = _unit(header)
    candidates = [normalised(header), normalised(UNIT.sub("", header))]
    for plain in candidates:
        if plain in _EXACT:
            return _column(index, header, _EXACT[plain], 100.0, unit)
    plain = candidates[1] or candidates[0]
    if len(plain) < SHORTEST_MISSPELT:
        return Column(index, header, unit=unit)
    alias = max(_LIKE, key=lambda alias: _likeness(plain, alias))
    likeness = _likeness(plain, alias)
    if likeness < SURE_PCT:
        return Column(index, header, likeness_pct=round(likeness, 1), unit=unit)
    return _column(index, header, _EXACT[alias], likeness, unit)


def _likeness(plain: str, alias: str) -> float:
    if abs(len(plain) - len(alias)) > 4 or len(alias) < 3:
        return 0.0
    return float(max(fuzz.ratio(plain, alias), fuzz.token_sort_ratio(plain, alias)))


def _column(index: int, header: str, name: str, likeness: float, unit: str) -> Column:
    number = _number(header) if name in NUMBERED else 1
    likeness_pct = round(likeness, 1)
    return Column(index, header, name, number, unit, likeness_pct, NOT_KEPT.get(name, ""))


def _number(header: str) -> int:
    found = re.search(r"[1-9]", header)
    return int(found.group()) if found else 1


def _unit(header: str) -> str:
    found = UNIT.search(header)
    return found.group(1).lower().replace(" ", "") if found else ""


def _unless_taken(guess: Column, taken: Mapping[tuple[str, int], Column]) -> Column:
    if not guess.field or guess.field in JOINED:
        return guess
    winner = taken[guess.field, guess.number]
    if winner is guess:
        if guess.number > MOST_WINDOWS:
            note = f"a {guess.number}th is not used"
            return Column(guess.index, guess.header, note=note)
        return guess
    note = f"{guess.field} is taken from {winner.header!r}"
    return Column(guess.index, guess.header, likeness_pct=guess.likeness_pct, note=note)
