"""python -m tests.fuzz [PARSER …] --inputs N --seed S: what came of it, a line each."""

import argparse
import time

from tests.fuzz.driver import FuzzedError, keep, run
from tests.fuzz.parsers import PARSERS


def main() -> None:
    """Run what is asked for, or everything."""
    names = [one.name for one in PARSERS]
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("parsers", nargs="*", metavar="PARSER", help=", ".join(names))
    parser.add_argument("--inputs", type=int, default=100_000, help="of each parser")
    parser.add_argument("--keep", action="store_true", help="put what failed into the corpus")
    parser.add_argument("--seed", type=int, default=time.time_ns())
    asked = parser.parse_args()
    if wrong := set(asked.parsers) - set(names):
        parser.error(f"no such parser: {', '.join(sorted(wrong))}")
    for one in PARSERS:
        if not asked.parsers or one.name in asked.parsers:
            try:
                print(run(one, asked.inputs, asked.seed), flush=True)
            except FuzzedError as failed:
                if asked.keep:
                    print(keep(one, failed.content))
                raise


if __name__ == "__main__":
    main()
