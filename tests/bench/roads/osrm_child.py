"""Ask OSRM: run by the Python that has `osrm-bindings`, so it imports nothing of the project.

Reads one JSON object from standard input, writes one to standard output; see `with_osrm.py`.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import osrm

HERE = Path(osrm.__file__).parent


def tool(name, *arguments):
    """Run one of OSRM's programs; return how long it took [s]."""
    started_s = time.perf_counter()
    subprocess.run([HERE / "bin" / f"osrm-{name}", *arguments], check=True, capture_output=True)
    return time.perf_counter() - started_s


def engine_of(base):
    """Open the prepared data."""
    return osrm.OSRM(storage_config=str(base), use_shared_memory=False, algorithm="MLD")


def table_s(engine, points, repeats):
    """Return the quickest of some tables between all points [s]."""
    times = []
    for _ in range(repeats):
        started_s = time.perf_counter()
        engine.Table(osrm.TableParameters(coordinates=[tuple(point) for point in points]))
        times.append(time.perf_counter() - started_s)
    return min(times)


def route(engine, start, goal):
    """Return (seconds, metres) of the quickest route; None if there is none."""
    asked = osrm.RouteParameters(coordinates=[tuple(start), tuple(goal)], overview="false")
    try:
        found = engine.Route(asked)["routes"][0]
    except RuntimeError as error:
        if "NoRoute" in str(error) or "NoSegment" in str(error):
            return None
        raise
    return [found["duration"], found["distance"]]


def main():
    """Answer one question."""
    asked = json.load(sys.stdin)
    folder = Path(asked["folder"])
    pbf = folder / "roads.osm.pbf"
    pbf.write_bytes(Path(asked["pbf"]).read_bytes())
    base, threads = folder / "roads.osrm", ("-t", "1")
    told = {
        "extract_s": tool("extract", "-p", HERE / "share/profiles/car.lua", *threads, pbf),
        "partition_s": tool("partition", *threads, base),
        "customize_s": tool("customize", *threads, base),
    }
    engine = engine_of(base)
    told["routes"] = [route(engine, *pair) for pair in asked["pairs"]]
    told["table_s"] = {
        str(size): table_s(engine, asked["points"][:size], asked["repeats"])
        for size in asked["sizes"]
    }
    started_s = time.perf_counter()
    tool("customize", *threads, "--segment-speed-file", asked["changed_csv"], base)
    engine = engine_of(base)
    table_s(engine, asked["points"][: asked["changed_size"]], 1)
    told["changed_table_s"] = time.perf_counter() - started_s
    tool("customize", *threads, "--segment-speed-file", asked["same_speeds_csv"], base)
    engine = engine_of(base)
    told["same_speed_routes"] = [route(engine, *pair) for pair in asked["pairs"]]
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
