"""Zones for unmanned aircraft as states publish them: EUROCAE ED-269 and ED-318, JSON.

Where a file leaves something open, the zone is taken as larger rather than smaller.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from edge.messages.conditions import Area, HeightReference, Zone, ZoneKind
from station.conditions.formats.applicability import windows_of
from station.conditions.formats.geometry import areas, circle, polygon
from station.conditions.formats.reading import (
    FaultyRecordError,
    Found,
    Record,
    json_of,
    number,
)

KINDS: dict[str, ZoneKind | None] = {
    "PROHIBITED": "hard",
    "REQAUTHORISATION": "permit",  # ED-269
    "REQAUTHORIZATION": "permit",  # ED-318
    "CONDITIONAL": "permit",
    "USPACE": "permit",
    "NORESTRICTION": None,
}
METRES_PER_FOOT = 0.3048
APPLIES_TO = ("drone",)
# The geoid lies between these heights above the ellipsoid (EGM96) [m]: AMSL = height - geoid.
GEOID_M = (-107.0, 86.0)
HIGHEST_M = 100_000.0
AREA_FAULT = "nothing else says where the zone is"


def read_ed269(text: str, found: Found) -> None:
    """Read a file of ED-269: `{"features": […]}`, or the bare list."""
    whole = json_of(text)
    features = whole if isinstance(whole, list) else Record.of(whole, "file").get("features")
    if not isinstance(features, list):
        raise FaultyRecordError("features", features, "write a list of zones")

    def read(value: object) -> None:
        feature = Record.of(value, "zone")
        inner = feature.get("properties")  # GeoJSON with the keys of ED-269 inside
        if inner is not None:
            feature = Record({**Record.of(inner).values, **feature.values})
        volumes = feature.get("geometry")
        volumes = [volumes] if isinstance(volumes, dict) else volumes
        if not isinstance(volumes, list) or not volumes:
            raise FaultyRecordError("geometry", volumes, AREA_FAULT)
        parts = [part for one in volumes for part in _volume_of_ed269(one, found)]
        kind = feature.text("restriction") or feature.text("type")
        _take(feature, kind, parts, feature.get("applicability"), found)

    found.each(features, _where(features), read)


def read_ed318(text: str, found: Found) -> None:
    """Read a FeatureCollection of ED-318."""
    whole = Record.of(json_of(text), "the file")
    features = whole.get("features")
    if not isinstance(features, list):
        raise FaultyRecordError("features", features, "write a list of features")
    about = whole.get("metadata")
    if isinstance(about, dict):
        found.attribution = Record.of(about).text("provider", longest=200)

    def read(value: object) -> None:
        feature = Record.of(value, "feature")
        zone = Record.of(feature.get("properties"), "properties")
        geometry = Record.of(feature.get("geometry"), "geometry")
        listed = geometry.get("geometries")
        volumes = listed if isinstance(listed, list) and listed else [feature.get("geometry")]
        parts = [part for one in volumes for part in _volume_of_ed318(one, found)]
        _take(zone, zone.text("type"), parts, zone.get("limitedApplicability"), found)

    found.each(features, _where(features), read)


@dataclass(frozen=True, slots=True)
class _Volume:
    """An area and its limits."""

    area: Area
    lower_m: float
    lower_reference: HeightReference
    upper_m: float | None
    upper_reference: Literal["AGL", "AMSL"]


def _take(
    zone: Record, restriction: str, parts: list[_Volume], periods: object, found: Found
) -> None:
    name = zone.text("name", longest=120)
    country = zone.text("country", longest=8)
    identifier = zone.text("identifier", "zoneId", longest=40)
    if not identifier:
        identifier = f"zone-{len(found.zones) + 1}"
    zone_id = f"{country}/{identifier}" if country else identifier
    word = restriction.upper().replace("_", "").replace("-", "").replace(" ", "")
    kind = KINDS.get(word, "hard")
    if kind is None:
        found.ignored += 1
        found.note("zones without a restriction: ignored")
        return
    if word not in KINDS:
        found.note(f"restriction {restriction or '(none)'} is not known: taken as prohibited")
    windows = windows_of(periods, found)
    if windows is None:
        found.ignored += 1
        found.note("zones that never apply again: ignored")
        return
    reason = zone.text("message") or ", ".join(zone.words("reason"))
    for order, part in enumerate(parts, 1):
        found.zones.append(
            Zone(
                zone_id=zone_id if len(parts) == 1 else f"{zone_id}/{order}",
                name=name,
                kind=kind,
                area=part.area,
                lower_m=part.lower_m,
                lower_reference=part.lower_reference,
                upper_m=part.upper_m,
                upper_reference=part.upper_reference,
                applies_to=APPLIES_TO,
                windows=windows,
                reason=reason[:500],
            )
        )


def _volume_of_ed269(value: object, found: Found) -> list[_Volume]:
    volume = Record.of(value, "geometry")
    projection = volume.get("horizontalProjection")
    shape = Record.of(projection, "horizontalProjection")
    if shape.text("type").lower() == "circle":
        every: tuple[Area, ...] = (circle("circle", shape.get("center"), shape.get("radius")),)
    elif shape.text("type").lower() == "polygon":
        every = (polygon("polygon", shape.get("coordinates"), found.note),)
    else:
        every = areas("horizontalProjection", projection, found.note)
    unit = volume.text("uomDimensions", "uom")
    low = volume.get("lowerLimit"), volume.text("lowerVerticalReference")
    high = volume.get("upperLimit"), volume.text("upperVerticalReference")
    return [_limited(area, unit, low, high, found) for area in every]


def _volume_of_ed318(value: object, found: Found) -> list[_Volume]:
    every = areas("geometry", value, found.note)
    layer = Record.of(Record.of(value).get("layer") or {}, "layer")
    low = layer.get("lower"), layer.text("lowerReference")
    high = layer.get("upper"), layer.text("upperReference")
    return [_limited(area, layer.text("uom"), low, high, found) for area in every]


def _limited(
    area: Area, unit: str, low: tuple[Any, str], high: tuple[Any, str], found: Found
) -> _Volume:
    """Return a volume in metres, never smaller than what the file means."""
    lowest_m, highest_m = _units(unit, found)
    lower_m = number("lower limit", low[0] if low[0] is not None else 0, -1e5, 1e6) * lowest_m
    lower_m, lower_reference = _lower(lower_m, low[1].upper(), found)
    upper_m: float | None = None
    if high[0] is not None:
        upper_m = number("upper limit", high[0], -1e5, 1e6) * highest_m
    upper_m, upper_reference = _upper(upper_m, high[1].upper(), found)
    if upper_m is not None and lower_reference == upper_reference and upper_m < lower_m:
        raise FaultyRecordError("upper limit", high[0], "it is below the lower limit")
    return _Volume(area, max(lower_m, -1000.0), lower_reference, upper_m, upper_reference)


def _units(unit: str, found: Found) -> tuple[float, float]:
    """Return how many metres the unit of the lower and of the upper limit is at least."""
    match unit.upper():
        case "M":
            return 1.0, 1.0
        case "FT":
            return METRES_PER_FOOT, METRES_PER_FOOT
        case "":
            found.note("limits without a unit: the lower taken as feet, the upper as metres")
            return METRES_PER_FOOT, 1.0
    raise FaultyRecordError("unit", unit, "write M or FT")


def _lower(lower_m: float, reference: str, found: Found) -> tuple[float, HeightReference]:
    match reference:
        case "AGL" | "SFC" | "GND":
            return (lower_m, "AGL") if lower_m > 0 else (0.0, "ground")
        case "AMSL" | "MSL":
            return min(lower_m, HIGHEST_M), "AMSL"
        case "WGS84":
            found.note("heights above the ellipsoid: widened by what the geoid may differ")
            return min(lower_m - GEOID_M[1], HIGHEST_M), "AMSL"
    found.note(f"lower reference {reference or '(none)'}: taken from the ground up")
    return 0.0, "ground"


def _upper(
    upper_m: float | None, reference: str, found: Found
) -> tuple[float | None, Literal["AGL", "AMSL"]]:
    if upper_m is None or upper_m > HIGHEST_M:
        return None, "AMSL" if reference in ("AMSL", "MSL") else "AGL"
    match reference:
        case "AGL" | "SFC" | "GND":
            return upper_m, "AGL"
        case "AMSL" | "MSL":
            return upper_m, "AMSL"
        case "WGS84":
            return upper_m - GEOID_M[0], "AMSL"
    found.note(f"upper reference {reference or '(none)'}: taken as without an upper limit")
    return None, "AGL"


def _where(features: list[object]) -> Callable[[int], str]:
    """Return how to name a zone in a fault: by number and identifier."""

    def where(order: int) -> str:
        value = features[order - 1]
        inner = value.get("properties", value) if isinstance(value, dict) else {}
        name = inner.get("identifier", "") if isinstance(inner, dict) else ""
        return f"zone {order}{f' ({name!s:.40})' if name else ''}"

    return where
