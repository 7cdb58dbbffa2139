"""The pavements of a generated town: its streets as a map, and what a station makes of it."""

import math
from collections.abc import Sequence
from pathlib import Path

from edge.roads.classes import CLASS_INDEX, EVERYONE, FOOT, POSTED
from edge.roads.stored.kerbs import write_kerbs
from edge.roads.stored.layout import Source
from sim.town.streets import XY, Flat, Segment
from station.roads.countries import rules_of
from station.roads.pavements.ground import Ground
from station.roads.pavements.making import made_of
from station.roads.reader import Extract

MAIN_M, LANE_M, PAVEMENT_M = 9.0, 6.0, 3.5
CROSSED_M = 12.0
"""From a junction: there a street is crossed on foot."""
FIRST_CROSSING = 1_000_000
"""Of their nodes; those of junctions are counted from 1."""


def write_pavements(
    flat: Flat,
    junctions: Sequence[XY],
    segments: Sequence[Segment],
    roads: Path,
    kerbs: Path,
) -> None:
    """Write what a robot's planner and guard know of the town."""
    made = made_of(extract_of(flat, junctions, segments), rules_of(None), lambda _: None)
    made.graph.write(roads)
    write_kerbs(kerbs, made.kerbs)


def extract_of(flat: Flat, junctions: Sequence[XY], segments: Sequence[Segment]) -> Extract:
    """Return the streets as a map has them, each with a pavement on both sides."""
    extract = Extract(source=Source(file="the town"))
    for number, segment in enumerate(segments):
        a, b = junctions[segment.a], junctions[segment.b]
        share = CROSSED_M / math.dist(a, b)
        crossed = [FIRST_CROSSING + 2 * number, FIRST_CROSSING + 2 * number + 1]
        extract.crossings.update(crossed)
        for ref, part in (
            (segment.a + 1, 0.0),
            (crossed[0], share),
            (crossed[1], 1.0 - share),
            (segment.b + 1, 1.0),
        ):
            place = flat.place((a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part))
            extract.ref.append(ref)
            extract.lat_e7.append(round(place.lat_deg * 1e7))
            extract.lon_e7.append(round(place.lon_deg * 1e7))
        extract.first_ref.append(len(extract.ref))
        extract.way_id.append(number + 1)
        extract.road_class.append(CLASS_INDEX["secondary" if segment.main else "residential"])
        extract.forward_kmh.append(segment.limit_kmh)
        extract.backward_kmh.append(segment.limit_kmh)
        extract.forward.append(EVERYONE)
        extract.backward.append(FOOT if segment.one_way else EVERYONE)
        extract.flags.append(POSTED)
        extract.name.append(extract.names.setdefault(segment.street, len(extract.names)))
        width_m = MAIN_M if segment.main else LANE_M
        extract.ground.append(Ground("road", width_m, PAVEMENT_M, PAVEMENT_M))
    return extract
