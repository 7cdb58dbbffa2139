"""Speeds by OSM node pair: `from,to,kmh` on each line, as OSRM and Mapbox have them."""

import csv

from edge.messages.conditions import SegmentSpeed
from station.conditions.formats.reading import FaultyRecordError, Found, number

MAX_NODE = 2**53
MAX_KMH = 300


def read_traffic_csv(text: str, found: Found) -> None:
    """Read speeds; further columns are ignored, and so is a first line without numbers."""
    lines = text.splitlines()
    first = next((line for line in lines if line.strip() and line[:1] != "#"), "")
    delimiter = next((mark for mark in (",", ";", "\t") if mark in first), ",")
    titled = first and not first.split(delimiter)[0].strip().lstrip("-").isdecimal()

    def read(line: str) -> None:
        if not line.strip() or line.startswith("#") or (titled and line is first):
            return
        cells = next(csv.reader([line], delimiter=delimiter), [])
        if len(cells) < 3:
            raise FaultyRecordError("the line", line, "write from,to,kmh")
        segment = SegmentSpeed(_node("from", cells[0]), _node("to", cells[1]), _kmh(cells[2]))
        pair = segment.from_node, segment.to_node
        if pair in found.segments and found.segments[pair] != segment:
            found.note(f"{pair[0]} to {pair[1]} has several speeds: the last one counts")
        found.segments[pair] = segment

    try:
        found.each(lines, lambda line: f"line {line}", read)
    except csv.Error as error:
        found.faults.append(f"{error}: write from,to,kmh on each line")


def _node(key: str, cell: str) -> int:
    text = cell.strip()
    if not text.isdecimal() or len(text) > 16 or not 1 <= int(text) <= MAX_NODE:
        raise FaultyRecordError(key, cell, "write the number of an OSM node")
    return int(text)


def _kmh(cell: str) -> int:
    """Return whole km/h; only 0 itself closes a road."""
    kmh = number("kmh", cell.strip(), 0, MAX_KMH)
    return 0 if kmh == 0 else max(1, round(kmh))
