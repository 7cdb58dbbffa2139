"""A real city with its suburbs: whether its roads fit into a small computer."""

import subprocess
import sys

import pytest

from edge.roads.graph import RoadGraph
from station.roads.countries import rules_of
from station.roads.importer import import_roads

OPENED = """
import pathlib, sys
from edge.roads.graph import RoadGraph

def resident_mb():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))

before = resident_mb()
graph = RoadGraph.open(pathlib.Path(sys.argv[1]))
opened = resident_mb()
total = sum(int(values.sum()) for values in graph.arrays().values())
print(opened - before, resident_mb() - before)
"""


@pytest.fixture(scope="module")
def made(shared, tmp_path_factory):
    extract_path = shared / "data" / "roads" / "porto_portugal.osm.pbf"
    if not extract_path.is_file():
        pytest.skip(f"no {extract_path}: set DOORSTEP_SHARED to the folder with the extracts")
    graph, _ = import_roads(extract_path, rules_of("pt"), lambda line: None)
    path = tmp_path_factory.mktemp("roads") / "porto.roads"
    graph.write(path)
    return path


def test_a_vehicle_holds_what_it_touches_and_at_most_60_mb(made):
    command = [sys.executable, "-c", OPENED, str(made)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    opened_mb, touched_mb = map(float, answer.split())

    assert opened_mb < 10
    assert touched_mb < 60


def test_the_whole_city_is_in_it(made):
    graph = RoadGraph.open(made)

    # The plain car graph of the same extract has 62,246 nodes and 145,568 arcs.
    assert 62_000 < graph.nodes < 90_000
    assert 145_000 < (graph.arc_access & 1 != 0).sum() < 165_000
    assert graph.imported_from.timestamp_utc == "2015-06-06T00:23:02Z"
