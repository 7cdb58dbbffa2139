"""`python -m tests.mutation [--every N]`: the score, and which faults nobody noticed."""

import argparse
import importlib
import os
import sys
import tomllib
from pathlib import Path

from tests.mutation.mutants import mutants
from tests.mutation.trial import ROOT, SURVIVED, modules, try_out

EXPLAINED = Path(__file__).with_name("survivors.toml")
NEEDED = (
    "hypothesis", "numpy", "pytest", "shapely", "edge.air.airframe", "edge.vehicles",
    "edge.messages.conditions", "edge.messages.machines.cleared",
)  # fmt: skip


def explained():
    """Return why each listed fault cannot be noticed, by module and key."""
    listed = tomllib.loads(EXPLAINED.read_text())
    return {
        (module, mutant): why
        for module, reasons in listed.items()
        for why, keys in reasons.items()
        for mutant in keys
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="try one of so many")
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--only", default="", help="modules with this in their name")
    asked = parser.parse_args()
    for name in NEEDED:
        importlib.import_module(name)
    assert not any(name.startswith("edge.guard") for name in sys.modules)
    known, tried, killed, excused, left = explained(), 0, 0, 0, []
    everything = [
        (name, mutant)
        for name, path in modules()
        if asked.only in name
        for mutant in mutants(path.read_text())
    ]
    keys = {(name, mutant.key) for name, mutant in everything}
    stale = [] if asked.only else sorted(set(known) - keys)
    for name, mutant in everything[asked.offset :: asked.every]:
        tried += 1
        if try_out(name, mutant.tree) != SURVIVED:
            killed += 1
        elif (name, mutant.key) in known:
            excused += 1
        else:
            left.append((name, mutant.key))
            print(f"{name}: {mutant.key}", flush=True)
    print(f"{tried} of {len(everything)} faults tried: {killed} killed, {excused} explained,"
          f" {len(left)} neither")  # fmt: skip
    for name, key in stale:
        print(f"explained, and not there any more: {name}: {key}")
    os.chdir(ROOT)
    return bool(left or stale)


if __name__ == "__main__":
    sys.exit(main())
