"""python -m tests.bench.roads [--data FOLDER] [--json]: the road search, others beside it."""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

from tests.bench.report import as_json, as_table
from tests.bench.roads import FULL, TINY, measure


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.roads", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the extracts; default: as shared")
    parser.add_argument("--pairs", type=int, default=FULL.pairs, help="of ways beside OSRM")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--tiny", action="store_true", help="only see whether it runs")
    asked = parser.parse_args()
    effort = TINY if asked.tiny else replace(FULL, pairs=asked.pairs)
    started_s = time.perf_counter()
    told = measure(effort, asked.data)
    wall_s = time.perf_counter() - started_s
    if asked.json:
        print(json.dumps(as_json("roads", told, wall_s)))
    else:
        print(as_table("roads", told, wall_s))


if __name__ == "__main__":
    main()
