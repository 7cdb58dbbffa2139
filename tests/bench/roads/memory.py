"""python -m tests.bench.roads.memory FILE < PLACES: what a graph in use adds to a process.

Imports what a vehicle has, and no more. PLACES is a JSON array of [latitude, longitude].
"""

import json
import sys
from pathlib import Path

from edge.messages.geo import Place
from edge.roads.graph import RoadGraph
from edge.roads.search import WeightedRoads, matrix_ms
from edge.roads.snap import Snapper
from edge.roads.weights import base_ms


def resident_mib() -> float:
    """Return the resident memory of this process, shared pages of files included."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    kib = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return kib / 1024


def main() -> None:
    """Open, snap, weigh and search; write the growth after opening and after all."""
    places = [Place(lat_deg=lat, lon_deg=lon) for lat, lon in json.load(sys.stdin)]
    before_mib = resident_mib()
    graph = RoadGraph.open(Path(sys.argv[1]))
    opened_mib = resident_mib() - before_mib
    snapper = Snapper(graph)
    snaps = [snapper.snap(place, "van") for place in places]
    base = base_ms(graph, "van")
    matrix_ms(WeightedRoads(graph, "van", base, base), snaps)
    print(json.dumps({"opened_mib": opened_mib, "in_use_mib": resident_mib() - before_mib}))


if __name__ == "__main__":
    main()
