"""Closures of a Waze CIFS feed, XML or JSON.

Source: developers.google.com/waze/data-feed/cifs-specification. Only ROAD_CLOSED affects
routing there, and only that does here.
"""

from typing import Any
from xml.etree import ElementTree as ET

from edge.messages.conditions import Closure
from station.conditions.formats.geometry import MAX_POINTS, place_at
from station.conditions.formats.reading import (
    FaultyRecordError,
    Found,
    Record,
    json_of,
)


def read_cifs(text: str, found: Found) -> None:
    """Read the closures of a feed; other incidents are counted as ignored."""
    incidents = _of_xml(text) if text.lstrip()[:1] == "<" else _of_json(text)

    def read(value: object) -> None:
        incident = Record.of(value, "incident")
        inner = incident.get("incident")
        incident = Record.of(inner, "incident") if inner is not None else incident
        where = incident.get("location")  # older feeds keep street, line and direction there
        if isinstance(where, dict):
            said = {key: one for key, one in incident.values.items() if one is not None}
            incident = Record({**Record.of(where).values, **said})
        _take(incident, found)

    found.each(incidents, lambda number: f"incident {number}", read)


def _take(incident: Record, found: Found) -> None:
    kind = incident.text("type").upper()
    if kind != "ROAD_CLOSED":
        found.ignored += 1
        found.note(f"incidents of type {kind or '(none)'} do not affect routing: ignored")
        return
    begins = incident.instant("starttime") or found.utc
    ends = incident.instant("endtime") or found.until_utc
    if ends <= found.utc:
        found.ignored += 1
        found.note("closures that are over: ignored")
        return
    if ends <= begins:
        raise FaultyRecordError("endtime", incident.get("endtime"), "it is before starttime")
    if incident.get("schedule") is not None:
        found.note("closures with a schedule: taken as closed all day")
    street, told = incident.text("street"), incident.text("description")
    found.closures.append(
        Closure(
            from_utc=begins,
            until_utc=ends,
            line=_line(incident.get("polyline")),
            both_ways=incident.text("direction").upper() != "ONE_DIRECTION",
            reason=": ".join(part for part in (street, told) if part)[:500],
        )
    )


def _line(value: object) -> tuple[Any, ...]:
    """Return the places of `lat lon lat lon …`."""
    cells = str(value or "").replace(",", " ").split()
    if len(cells) < 4 or len(cells) % 2 or len(cells) > 2 * MAX_POINTS:
        cure = f"write 2 to {MAX_POINTS} points as lat lon lat lon …"
        raise FaultyRecordError("polyline", value, cure)
    places = [
        place_at("polyline", lat, lon) for lat, lon in zip(cells[::2], cells[1::2], strict=True)
    ]
    line = [p for before, p in zip([None, *places], places, strict=False) if p != before]
    if len(line) < 2:
        cure = "one point has no direction: write two or more"
        raise FaultyRecordError("polyline", value, cure)
    return tuple(line)


def _of_json(text: str) -> list[object]:
    whole = json_of(text)
    incidents = whole if isinstance(whole, list) else Record.of(whole, "feed").get("incidents")
    if not isinstance(incidents, list):
        raise FaultyRecordError("incidents", incidents, "write a list of incidents")
    return incidents


def _of_xml(text: str) -> list[object]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FaultyRecordError("the file", "<!DOCTYPE", "a feed declares no types: remove it")
    try:
        root = ET.fromstring(text.strip())  # noqa: S314 — nothing is declared, see above
    except (ET.ParseError, ValueError) as error:
        cure = f"it is no well-formed XML: {error}"
        raise FaultyRecordError("the file", text.strip()[:20], cure) from error
    found = root.iter("incident")
    return [{"id": one.get("id", ""), **_flat(one)} for one in found]


def _flat(parent: ET.Element) -> dict[str, object]:
    """Return an element's texts by tag; those of nested elements as if they were its own."""
    texts: dict[str, object] = {}
    for child in parent.iter():
        if child is not parent:
            texts.setdefault(child.tag.lower(), (child.text or "").strip())
    return texts
