"""Small maps, written as OSM XML and imported, and asked by the numbers of their nodes."""

from xml.sax.saxutils import quoteattr

import numpy as np

from edge.roads.classes import ACCESS_BITS
from station.roads.countries import rules_of
from station.roads.importer import import_roads

STEP_DEG = 0.001  # of the grid: 111 m northwards


def grid(*rows):
    """Return {node: (lat, lon)} of rows of node numbers, north first; 0 is no node."""
    return {
        node: (50.0 - STEP_DEG * south, 8.0 + STEP_DEG * east)
        for south, row in enumerate(rows)
        for east, node in enumerate(row)
        if node
    }


def xml(nodes, ways, relations=(), node_tags=None):
    """Return OSM XML; ways are (id, nodes, tags), relations (tags, [(type, ref, role)])."""
    lines = ['<?xml version="1.0"?>', '<osm version="0.6" generator="by hand">']
    for node, (lat, lon) in sorted(nodes.items()):
        lines.append(f'<node id="{node}" version="1" lat="{lat:.7f}" lon="{lon:.7f}">')
        lines += _tags((node_tags or {}).get(node, {}))
        lines.append("</node>")
    for way, refs, tags in ways:
        lines.append(f'<way id="{way}" version="1">')
        lines += [f'<nd ref="{ref}"/>' for ref in refs]
        lines += [*_tags(tags), "</way>"]
    for number, (tags, members) in enumerate(relations, start=1):
        lines.append(f'<relation id="{number}" version="1">')
        lines += [
            f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members
        ]
        lines += [*_tags({"type": "restriction", **tags}), "</relation>"]
    return "\n".join([*lines, "</osm>"])


def _tags(tags):
    return [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]


class Town:
    """An imported map."""

    def __init__(self, folder, *content, country=None, **more):
        path = folder / "town.osm"
        path.write_text(xml(*content, **more), encoding="utf-8")
        self.told = []
        self.graph, self.extract = import_roads(path, rules_of(country), self.told.append)

    @property
    def dropped(self):
        return {what: count for what, count in self.extract.dropped.items() if count}

    def arc(self, here, there):
        """Return the arc on which `here` is followed by `there`, or -1."""
        return int(self.graph.arcs_of_pairs(np.array([[here, there]]))[0])

    def users(self, here, there):
        """Return who may go from one node to the next one."""
        arc = self.arc(here, there)
        bits = 0 if arc < 0 else int(self.graph.arc_access[arc])
        return {user for user, bit in ACCESS_BITS.items() if bits & bit}

    def turn(self, *nodes):
        """Return (who may go by these nodes, what it costs); the second is where they turn."""
        first, second = self.arc(*nodes[:2]), self.arc(*nodes[-2:])
        turns = slice(*self.graph.first_turn[first : first + 2])
        for to, bits, ds in zip(
            self.graph.turn_to[turns].tolist(),
            self.graph.turn_access[turns].tolist(),
            self.graph.turn_ds[turns].tolist(),
            strict=True,
        ):
            if to == second:
                return {user for user, bit in ACCESS_BITS.items() if bits & bit}, ds
        return set(), None


# 1 - 2 - 3      a block with a cross in it
# |   |   |
# 4 - 5 - 6
# |   |   |
# 7 - 8 - 9 - 10
NODES = grid((1, 2, 3), (4, 5, 6), (7, 8, 9, 10))
STREET = {"highway": "residential", "name": "Ringstraße"}
RING = (100, (1, 2, 3, 6, 9, 8, 7, 4, 1), STREET)
DOWN = (101, (2, 5, 8), {"highway": "residential", "name": "Lange Gasse"})
ACROSS = (102, (4, 5, 6), {"highway": "residential", "ref": "K 7"})
STUB = (103, (9, 10), {"highway": "residential"})
WAYS = [RING, DOWN, ACROSS, STUB]


def with_tags(way, **tags):
    return (*way[:2], way[2] | {key.replace("__", ":"): tags[key] for key in tags})
