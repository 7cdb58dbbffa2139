"""An extract read a second time, as plainly as can be: what the importer is compared with."""

import itertools
import math

import networkx
import osmium

DRIVEN = {
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "road",
    "residential",
    "living_street",
    "service",
    "motorway_link",
    "primary_link",
    "secondary_link",
    "tertiary_link",
}
SHUT = {"no", "private", "agricultural", "forestry", "permit", "military"}
OPEN = {"yes", "permissive", "destination", "delivery"}
PASSABLE = {"gate", "lift_gate", "toll_booth", "kerb", "entrance", "cattle_grid", "sally_port"}
KEYS = ("access", "vehicle", "motor_vehicle", "motorcar", "goods")
ROLES = ("from", "via", "to")


def haversine_m(here, there):
    lat_1, lon_1, lat_2, lon_2 = map(math.radians, (*here, *there))
    half = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def restrictions(path):
    """Return (from, via, to) of what is forbidden and of what is the only way on."""
    forbidden, only = [], []
    for relation in osmium.FileProcessor(str(path), osmium.osm.RELATION):
        kind = relation.tags.get("restriction", "")
        roles = {role: [m.ref for m in relation.members if m.role == role] for role in ROLES}
        if any(len(refs) != 1 for refs in roles.values()) or "except" in relation.tags:
            continue
        if any(m.role == "via" and m.type != "n" for m in relation.members):
            continue
        one = tuple(roles[role][0] for role in ROLES)
        (only if kind.startswith("only") else forbidden).append(one)
    return forbidden, only


def way_ends(path, ways):
    """Return {way: node pairs in which it leaves one of its ends}, for ways that part there."""
    found = {way: set() for way in ways}
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY):
        if way.id in found:
            refs = [node.ref for node in way.nodes]
            found[way.id] = {(refs[0], refs[1]), (refs[-1], refs[-2])}
    return found


def leaves(ends, nodes):
    return (nodes[0], nodes[1]) in ends


def van_network(path):
    """Return every segment that a van may drive, each as an edge, where one gets about."""
    shut = {
        node.id
        for node in osmium.FileProcessor(str(path), osmium.osm.NODE)
        if "barrier" in node.tags and not _passable(dict(node.tags))
    }
    network = networkx.DiGraph()
    for way in osmium.FileProcessor(str(path)).with_locations():
        if not way.is_way() or not _driven(dict(way.tags)):
            continue
        circle = way.tags.get("junction") == "roundabout"
        one_way = way.tags.get("oneway", "yes" if circle else "no")
        places = [(node.ref, (node.lat, node.lon)) for node in way.nodes]
        for (here, place), (there, next_place) in itertools.pairwise(places):
            if shut & {here, there}:
                continue
            metres = haversine_m(place, next_place)
            if one_way != "-1":
                network.add_edge(here, there, m=metres)
            if one_way in ("no", "-1"):
                network.add_edge(there, here, m=metres)
    biggest = max(networkx.strongly_connected_components(network), key=len)
    return network.subgraph(biggest)


def _passable(tags):
    said = [tags[key] for key in KEYS if key in tags]
    if said and said[-1] in SHUT:
        return False
    return tags["barrier"] in PASSABLE or tags.get("motor_vehicle") in OPEN


def _driven(tags):
    said = [tags[key] for key in KEYS if key in tags]
    if "highway" not in tags or "area" in tags or (said and said[-1] in SHUT):
        return False
    if tags.get("tracktype") in ("grade1", "grade2") or tags["highway"] in DRIVEN:
        return True
    return tags["highway"] in ("footway", "pedestrian") and tags.get("motor_vehicle") in OPEN
