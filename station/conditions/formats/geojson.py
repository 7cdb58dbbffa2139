"""Our own conditions as GeoJSON: factors, closures and zones by their geometry.

A feature's properties say what it is: `factor` (a line or an area), `closed` (a line), or
`kind` with `hard`, `avoid` or `permit` (an area). docs/operating/conditions.md lists them all.
"""

from datetime import datetime
from typing import Literal, get_args

from edge.messages.conditions import (
    Circle,
    Closure,
    HeightReference,
    Polygon,
    TrafficFactor,
    Window,
    Zone,
    ZoneKind,
)
from edge.messages.geo import Place
from station.conditions.formats.applicability import days_of, time_zone_of
from station.conditions.formats.geometry import areas, corridor, line
from station.conditions.formats.reading import FaultyRecordError, Found, Record, json_of

HALF_ROAD_M = 20.0  # a factor on a line touches what is so near to it
REFERENCES = get_args(HeightReference)


def read_geojson(text: str, found: Found) -> None:
    """Read the features of a collection, or one feature."""
    whole = json_of(text)
    record = Record.of(whole, "the file")
    features = [whole] if record.text("type") == "Feature" else record.get("features")
    if not isinstance(features, list):
        raise FaultyRecordError("features", features, "write a FeatureCollection")
    found.each(features, lambda number: f"feature {number}", lambda one: _read(one, found))


def _read(value: object, found: Found) -> None:
    feature = Record.of(value, "feature")
    properties = Record.of(feature.get("properties") or {}, "properties")
    geometry = feature.get("geometry")
    if properties.get("kind") is not None:
        _zone(feature, properties, found)
    elif properties.get("factor") is not None:
        _factor(geometry, properties, found)
    elif properties.flag("closed"):
        begins, ends = _span(properties, found)
        for places in _lines(geometry):
            found.closures.append(
                Closure(
                    from_utc=begins,
                    until_utc=ends,
                    line=places,
                    both_ways=properties.flag("both_ways") is not False,
                    reason=properties.text("reason", "name"),
                )
            )
    else:
        cure = "say what it is: factor, closed, or kind (hard, avoid, permit)"
        raise FaultyRecordError("properties", sorted(properties.values), cure)


def _factor(geometry: object, properties: Record, found: Found) -> None:
    begins, ends = _span(properties, found)
    factor = properties.number("factor", low=0.2, high=20)
    assert factor is not None, "it was there a moment ago"
    for area in _touched(geometry, properties):
        found.factors.append(
            TrafficFactor(
                from_utc=begins,
                until_utc=ends,
                factor=factor,
                area=area,
                road_classes=properties.words("road_classes"),
                vehicle_kinds=properties.words("vehicle_kinds"),
            )
        )


def _zone(feature: Record, properties: Record, found: Found) -> None:
    kind = properties.text("kind").lower()
    if kind not in get_args(ZoneKind):
        raise FaultyRecordError("kind", kind, "write hard, avoid or permit")
    name = properties.text("name", longest=120)
    zone_id = properties.text("zone_id", "id") or str(feature.get("id") or name)
    zone_id = zone_id[:56] or f"feature-{len(found.zones) + 1}"
    every = areas("geometry", _with_radius(feature.get("geometry"), properties), found.note)
    lower_m = properties.number("lower_m", low=-1000, high=100_000)
    begins, ends = properties.instant("from"), properties.instant("until")
    for number, area in enumerate(every, 1):
        found.zones.append(
            Zone(
                zone_id=zone_id if len(every) == 1 else f"{zone_id}/{number}",
                name=name,
                kind=kind,  # type: ignore[arg-type] # it is one of them
                area=area,
                lower_m=lower_m or 0.0,
                lower_reference=_reference(
                    properties, "lower_reference", "AGL" if lower_m else "ground"
                ),
                upper_m=properties.number("upper_m", low=-1000, high=100_000),
                upper_reference=_upper(properties),
                applies_to=properties.words("vehicle_kinds", "applies_to"),
                windows=_windows(properties, begins, ends),
                reason=properties.text("reason"),
            )
        )


def _windows(
    properties: Record, begins: datetime | None, ends: datetime | None
) -> tuple[Window, ...]:
    daily = [properties.get(key) for key in ("days", "opens", "closes")]
    if begins is None and ends is None and not any(daily):
        return ()
    window = Window(
        from_utc=begins,
        until_utc=ends,
        days=days_of(properties.words("days")),
        opens=_time(properties, "opens", "00:00"),
        closes=_time(properties, "closes", "24:00"),
        time_zone=time_zone_of(properties.text("time_zone") or "UTC"),
    )
    return (window,)


def _time(properties: Record, key: str, otherwise: str) -> str:
    text = properties.text(key) or otherwise
    hours, _, minutes = text.partition(":")
    whole = len(text) == 5 and hours.isdecimal() and minutes.isdecimal()
    if not whole or not ((int(hours) < 24 and int(minutes) < 60) or text == "24:00"):
        raise FaultyRecordError(key, text, "write a time of day like 08:30")
    return text


def _reference(properties: Record, key: str, otherwise: HeightReference) -> HeightReference:
    text = properties.text(key) or otherwise
    found = next((name for name in REFERENCES if name.lower() == text.lower()), None)
    if found is None:
        raise FaultyRecordError(key, text, f"write {', '.join(REFERENCES)}")
    reference: HeightReference = found
    return reference


def _upper(properties: Record) -> Literal["AGL", "AMSL"]:
    reference = _reference(properties, "upper_reference", "AGL")
    if reference == "ground":
        raise FaultyRecordError("upper_reference", reference, "write AGL or AMSL")
    return reference


def _span(properties: Record, found: Found) -> tuple[datetime, datetime]:
    begins = properties.instant("from") or found.utc
    ends = properties.instant("until") or found.until_utc
    if ends <= begins:
        raise FaultyRecordError("until", properties.get("until"), "it is not after `from`")
    return begins, ends


def _lines(geometry: object) -> tuple[tuple[Place, ...], ...]:
    record = Record.of(geometry, "geometry")
    kind, coordinates = record.text("type"), record.get("coordinates")
    if kind == "LineString":
        return (line("geometry", coordinates),)
    if kind == "MultiLineString" and isinstance(coordinates, list) and coordinates:
        return tuple(line("geometry", part) for part in coordinates)
    cure = "what is closed is a LineString along the road; close an area by kind: hard"
    raise FaultyRecordError("geometry", kind, cure)


def _with_radius(geometry: object, properties: Record) -> dict[str, object]:
    """Return a geometry with the radius that the properties of a point say."""
    values = dict(Record.of(geometry, "geometry").values)
    values.setdefault("radius", properties.get("radius_m", "radius"))
    return values


def _touched(geometry: object, properties: Record) -> tuple[Circle | Polygon | None, ...]:
    """Return the areas a factor is for; without a geometry it is for everywhere."""
    if geometry is None:
        return (None,)
    if "LineString" in Record.of(geometry, "geometry").text("type"):
        return tuple(corridor(places, HALF_ROAD_M) for places in _lines(geometry))
    return areas("geometry", _with_radius(geometry, properties))
