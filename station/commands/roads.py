"""The commands of the roads: roads import, roads show."""

import argparse
import asyncio
import resource
from pathlib import Path

from edge.errors import RefusedError
from edge.roads.graph import RoadGraph
from edge.roads.stored.file import digest_holds
from edge.roads.stored.kerbs import write_kerbs
from edge.roads.stored.layout import GraphFileError
from station.commands import told
from station.roads.countries import rules_of
from station.roads.importer import import_roads
from station.roads.pavements.making import make_pavements
from station.roads.report import (
    KerbsMade,
    RoadsAnswer,
    RoadsImported,
    foot_km,
    roads_answer,
)

SUFFIX = ".roads"
KERBS_SUFFIX, PAVEMENTS_SUFFIX = ".kerbs", ".pavements"


async def import_extract(arguments: argparse.Namespace) -> int:
    """Make a road graph of an extract."""
    rules = rules_of(arguments.country)
    extract_path: Path = arguments.file
    path = _path_for(extract_path, arguments.out)
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    graph, extract = await asyncio.to_thread(import_roads, extract_path, rules, told.progress)
    await asyncio.to_thread(graph.write, path)
    answer = RoadsImported(
        graph=roads_answer(path, graph),
        ways=len(extract.way_id),
        restrictions=len(extract.restrictions),
        marks=len(extract.marks),
        dropped={what: count for what, count in extract.dropped.most_common() if count},
        took_s=round(loop.time() - begun_s, 2),
        peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    )
    if arguments.json:
        told.print_json(answer)
    else:
        told.tell_roads_import(answer)
    return 0


async def make_robots_map(arguments: argparse.Namespace) -> int:
    """Make a kerb map of an extract, and the road file that goes with it."""
    rules = rules_of(arguments.country)
    kerbs_path = _path_for(arguments.file, arguments.out, KERBS_SUFFIX)
    roads_path = kerbs_path.with_suffix(PAVEMENTS_SUFFIX)
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    made = await asyncio.to_thread(make_pavements, arguments.file, rules, told.progress)
    await asyncio.to_thread(made.graph.write, roads_path)
    await asyncio.to_thread(write_kerbs, kerbs_path, made.kerbs)
    answer = KerbsMade(
        kerbs=str(kerbs_path),
        roads=str(roads_path),
        rings=len(made.kerbs.rings),
        corners=made.kerbs.corners,
        laid=made.laid,
        shut=made.shut,
        foot_km=foot_km(made.graph),
        attribution=made.kerbs.attribution,
        took_s=round(loop.time() - begun_s, 2),
    )
    if arguments.json:
        told.print_json(answer)
    else:
        told.tell_kerbs(answer)
    return 0


async def show(arguments: argparse.Namespace) -> int:
    """Check a road graph, every byte of it, and describe it."""
    answer = await asyncio.to_thread(_looked_at, arguments.file)
    if arguments.json:
        told.print_json(answer)
    else:
        told.tell_roads(answer)
    return 0


def _looked_at(path: Path) -> RoadsAnswer:
    graph = RoadGraph.open(path)
    if not digest_holds(path):
        raise GraphFileError(path, "is damaged: its content does not fit its digest")
    return roads_answer(path, graph)


def _path_for(extract_path: Path, named: Path | None, suffix: str = SUFFIX) -> Path:
    """Return where the graph goes: city.roads for city.osm.pbf. Raises RefusedError."""
    path = named or extract_path.with_name(extract_path.name.split(".")[0] + suffix)
    if not path.parent.is_dir():
        raise RefusedError(f"--out {path}: there is no folder {path.parent}; make it first")
    if path.exists() and extract_path.exists() and path.samefile(extract_path):
        raise RefusedError(f"--out {path}: is the extract itself; name another file")
    return path
