"""An extract read by osmium into flat arrays: the ways of a road, their nodes, the marks."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import osmium
from osmium.filter import KeyFilter, TagFilter
from osmium.osm import NODE, RELATION, WAY

from edge.errors import RefusedError
from edge.roads.classes import CLASS_INDEX, POSTED
from edge.roads.stored.layout import Source
from station.roads.access import access_of
from station.roads.countries import Rules
from station.roads.marks import Mark, mark_of
from station.roads.pavements.ground import Ground, ground_of, is_walked_area
from station.roads.restrictions import Member, Restriction, restrictions_of
from station.roads.speed import speeds_of

TELL_EVERY = 250_000  # ways and marked nodes
UNREADABLE = (RuntimeError, ValueError, osmium.InvalidLocationError)
SPELLINGS: Mapping[str, str] = {"road": "unclassified"}  # "road": class not known yet


@dataclass(slots=True)
class Extract:
    """What an extract says of roads. Way w owns refs first_ref[w] to first_ref[w+1]-1."""

    source: Source
    first_ref: "array[int]" = field(default_factory=lambda: array("q", [0]))
    ref: "array[int]" = field(default_factory=lambda: array("q"))
    lat_e7: "array[int]" = field(default_factory=lambda: array("i"))
    lon_e7: "array[int]" = field(default_factory=lambda: array("i"))
    way_id: "array[int]" = field(default_factory=lambda: array("q"))
    road_class: "array[int]" = field(default_factory=lambda: array("B"))
    forward_kmh: "array[int]" = field(default_factory=lambda: array("B"))
    backward_kmh: "array[int]" = field(default_factory=lambda: array("B"))
    forward: "array[int]" = field(default_factory=lambda: array("B"))
    backward: "array[int]" = field(default_factory=lambda: array("B"))
    flags: "array[int]" = field(default_factory=lambda: array("B"))
    name: "array[int]" = field(default_factory=lambda: array("i"))
    names: dict[str, int] = field(default_factory=lambda: {"": 0})
    ground: list[Ground] = field(default_factory=list)
    """Of each way: what it is to who goes on foot."""
    areas: list[list[tuple[int, int]]] = field(default_factory=list)
    """Mapped areas to walk on: their corners, latitude and longitude in e7."""
    crossings: set[int] = field(default_factory=set)
    """Nodes of streets where they are crossed on foot."""
    marks: dict[int, Mark] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


def read_extract(path: Path, rules: Rules, progress: Callable[[str], None]) -> Extract:
    """Read an extract (.osm.pbf, .osm, .osm.gz …). Raises RefusedError."""
    extract = Extract(source=_source(path))
    progress(f"{path}: reading")
    seen = 0
    try:
        found = osmium.FileProcessor(str(path)).with_locations()
        for kind, wanted in (
            (NODE, KeyFilter("barrier", "highway", "railway")),
            (WAY, KeyFilter("highway", "route", "area:highway")),
            (RELATION, TagFilter(("type", "restriction"))),
        ):
            wanted.enable_for(kind)
            found = found.with_filter(wanted)
        for each in found:
            seen += 1
            if seen % TELL_EVERY == 0:
                progress(f"{path}: {seen:,} ways and marked nodes read")
            if isinstance(each, osmium.osm.Node):
                _take_node(extract, each)
            elif isinstance(each, osmium.osm.Way):
                _take_way(extract, each, rules)
            elif isinstance(each, osmium.osm.Relation):
                _take_relation(extract, each)
    except UNREADABLE as error:
        raise RefusedError(
            f"{path}: is no OpenStreetMap extract that can be read ({error}); "
            "download it again, or check it with `osmium fileinfo -e`"
        ) from error
    if not extract.way_id:
        where = "no way with `highway` and its nodes in it"
        cure = "name an extract with roads, nodes before ways (`osmium sort`)"
        raise RefusedError(f"{path}: {where}; {cure}")
    return extract


def _source(path: Path) -> Source:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with osmium.io.Reader(str(path)) as reader:
            timestamp = reader.header().get("osmosis_replication_timestamp")
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from error
    except UNREADABLE as error:
        cure = "name a file that ends in .osm.pbf or .osm"
        raise RefusedError(f"{path}: is no OpenStreetMap file ({error}); {cure}") from error
    return Source(file=path.name, sha256=digest, timestamp_utc=timestamp)


def _take_node(extract: Extract, node: osmium.osm.Node) -> None:
    tags = dict(node.tags)
    if tags.get("highway") == "crossing" and tags.get("crossing") != "no":
        extract.crossings.add(node.id)
    mark = mark_of(tags)
    if mark is not None:
        extract.marks[node.id] = mark


def _take_relation(extract: Extract, relation: osmium.osm.Relation) -> None:
    members = [Member(member.type, member.ref, member.role) for member in relation.members]
    found, left_out = restrictions_of(dict(relation.tags), members)
    extract.restrictions += found
    if left_out is not None:
        extract.dropped[left_out] += 1


def _take_way(extract: Extract, way: osmium.osm.Way, rules: Rules) -> None:
    tags = dict(way.tags)
    if is_walked_area(tags):
        corners = [(node.y, node.x) for node in way.nodes if node.location.valid()]
        if len(corners) > 3 and corners[0] == corners[-1]:
            extract.areas.append(corners)
    if "highway" not in tags and "route" not in tags:
        return
    road_class, why_not = _class_of(tags)
    if road_class is None:
        extract.dropped[why_not] += 1
        return
    access = access_of(tags, road_class)
    if not access.forward | access.backward:
        extract.dropped["closed to everyone (access, barriers of size, under repair)"] += 1
        return
    speeds = speeds_of(tags, road_class, rules)
    if speeds.unreadable is not None:
        extract.dropped["maxspeed that cannot be read (class default taken)"] += 1
    conditional = sum(key.endswith(":conditional") for key in tags)
    if conditional:
        extract.dropped["conditional tag on a way"] += conditional
    name = tags.get("name") or tags.get("ref") or ""
    number = extract.names.setdefault(name, len(extract.names))
    ground = ground_of(tags, road_class, access)
    for run in _runs(extract, way):
        for ref, lat_e7, lon_e7 in run:
            extract.ref.append(ref)
            extract.lat_e7.append(lat_e7)
            extract.lon_e7.append(lon_e7)
        extract.first_ref.append(len(extract.ref))
        extract.way_id.append(way.id)
        extract.road_class.append(CLASS_INDEX[road_class])
        extract.forward_kmh.append(speeds.forward_kmh)
        extract.backward_kmh.append(speeds.backward_kmh)
        extract.forward.append(access.forward)
        extract.backward.append(access.backward)
        extract.flags.append(access.flags | POSTED * speeds.posted)
        extract.name.append(number)
        extract.ground.append(ground)


def _class_of(tags: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the class of a way, or why it is none."""
    highway = tags.get("highway")
    if highway is None:
        kind = "ferry" if tags.get("route") == "ferry" else "route that is no road"
        return None, f"{kind} (way without highway)"
    if highway == "steps":
        if tags.get("ramp:wheelchair") == "yes":
            return "footway", ""
        return None, "steps: wheels cannot climb them"
    spelt = (SPELLINGS.get(part.strip(), part.strip()) for part in highway.split(";"))
    road_class = next((name for name in spelt if name in CLASS_INDEX), None)
    if road_class is None:
        return None, f"highway={highway}"
    if tags.get("area") == "yes" and road_class not in ("pedestrian", "footway", "path"):
        return None, "area that is no square to walk on"
    return road_class, ""


def _runs(extract: Extract, way: osmium.osm.Way) -> list[list[tuple[int, int, int]]]:
    """Return the nodes of a way in the extract, each once in a row, parted at gaps."""
    runs: list[list[tuple[int, int, int]]] = [[]]
    for node in way.nodes:
        if not node.location.valid():
            extract.dropped["node of a way outside the extract"] += 1
            runs.append([])
        elif not runs[-1] or runs[-1][-1][0] != node.ref:
            runs[-1].append((node.ref, node.y, node.x))
    return [run for run in runs if len(run) >= 2]
