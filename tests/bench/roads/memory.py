"""python -m tests.bench.roads.memory FILE: what a road graph in use adds to a process."""

import json
import sys
from pathlib import Path

from edge.roads.graph import RoadGraph
from edge.roads.search import WeightedRoads, matrix_ms
from edge.roads.weights import base_ms
from tests.bench.roads.towns import snapped, stops


def resident_mib() -> float:
    """Return the resident memory of this process, shared pages of files included."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    kib = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kib / 1024


def main() -> None:
    """Open, snap 100 stops, weigh, search 100 x 100; write the growth so far after each."""
    before_mib = resident_mib()
    graph = RoadGraph.open(Path(sys.argv[1]))
    opened_mib = resident_mib() - before_mib
    snaps = snapped(graph, stops(graph, 100, seed=1), "van")
    base = base_ms(graph, "van")
    matrix_ms(WeightedRoads(graph, "van", base, base), snaps)
    print(json.dumps({"opened_mib": opened_mib, "in_use_mib": resident_mib() - before_mib}))


if __name__ == "__main__":
    main()
