"""python -m tests.bench [NAME…] [--json] [--tiny]: measure what docs/benchmarks.md promises."""

import argparse
import importlib
import json
import logging
import sys
import time
from collections.abc import Callable

from tests.bench.report import Told, as_json, as_table
from tests.real.ingest.cluster import find_postgres
from tests.real.mosquitto.broker import find_mosquitto

BENCHES = {
    "daemon": "tests.bench.onboard.daemon",
    "latency": "tests.bench.onboard.latency",
    "store": "tests.bench.onboard.store",
    "ledger": "tests.bench.ledger",
    "ingest": "tests.bench.ingest.rate",
    "ingest_live": "tests.bench.ingest.live",
    "mavlink": "tests.bench.onboard.mavlink",
    "air": "tests.bench.air",
    "planner": "tests.bench.planning.planner",
    "roads": "tests.bench.roads",
    "replan": "tests.bench.replan",
    "replan_e2e": "tests.bench.replan_e2e",
    "u1": "tests.bench.planning.u1",
    "cold": "tests.bench.cold",
    "position": "tests.bench.position",
    "driving": "tests.bench.onboard.driving",
    "uplink_volume": "tests.bench.onboard.uplink_volume",
    "memory": "tests.bench.onboard.memory",
    "fortnight": "tests.bench.onboard.fortnight",
    "sim": "tests.bench.sim",
}
"""A file or folder each, with `measure(effort)` and the efforts `FULL` and `TINY`."""
NEED_MOSQUITTO = frozenset({"daemon", "latency", "ingest", "ingest_live"})
NEED_POSTGRES = frozenset({"ingest", "ingest_live"})


def run(name: str, *, tiny: bool = False) -> tuple[Told, float]:
    """Run one bench; return what it says and how long it took [s]."""
    room = importlib.import_module(BENCHES[name])
    measure: Callable[[object], Told] = room.measure
    started_s = time.perf_counter()
    told = measure(room.TINY if tiny else room.FULL)
    return told, time.perf_counter() - started_s


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {' '.join(BENCHES)}; none: all"
    )
    parser.add_argument("--json", action="store_true", help="one JSON line for each")
    parser.add_argument("--tiny", action="store_true", help="only see whether they run")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHES]
    if unknown:
        parser.error(f"no bench {', '.join(unknown)}: there are {', '.join(BENCHES)}")
    logging.basicConfig(level=logging.ERROR)
    left_out = []
    for name in arguments.names or BENCHES:
        if name in NEED_MOSQUITTO and find_mosquitto() is None:
            left_out.append(name)
            continue
        if name in NEED_POSTGRES and find_postgres() is None:
            left_out.append(name)
            continue
        told, wall_s = run(name, tiny=arguments.tiny)
        if arguments.json:
            print(json.dumps(as_json(name, told, wall_s)), flush=True)
        else:
            print(as_table(name, told, wall_s), end="\n\n", flush=True)
    if left_out:
        sys.exit(f"not measured: {', '.join(left_out)} (apt-get install mosquitto postgresql)")


if __name__ == "__main__":
    main()
