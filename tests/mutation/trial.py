"""One fault in a child process: the guard is imported with it, and its tests are run."""

import importlib
import itertools
import os
import signal
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUARD, TESTS = ROOT / "edge/guard", ROOT / "tests/edge/guard"
LONGEST_S = 90
"""Of processor time: a loop that does not end. All tests together take a quarter of it."""
KILLED, SURVIVED = 1, 0
SLOW = ("flights", "geometries", "hostile", "encounter")
FIRST = {
    "position": "guard",
    "energy": "wind",
    "sites": "substates",
    "link_loss": "substates",
    "bounds": "geofence",
    "ways": "escape",
}
"""Whose tests are likeliest to notice, where the names differ."""


class Faulty(MetaPathFinder, Loader):
    """Finds one module with a fault."""

    def __init__(self, name, tree):
        self.name, self.tree = name, tree

    def find_spec(self, fullname, path, target=None):
        return ModuleSpec(fullname, self) if fullname == self.name else None

    def exec_module(self, module):
        exec(compile(self.tree, self.name, "exec"), module.__dict__)


def modules():
    """Return the guard's modules: name, file."""
    return [
        (".".join(path.relative_to(ROOT).with_suffix("").parts), path)
        for path in sorted(GUARD.rglob("*.py"))
        if path.name != "__init__.py"
    ]


def test_files(module):
    """Return the guard's test modules, those of a module first."""
    name = module.rsplit(".", 1)[-1]
    first = tuple(f".test_{one}" for one in (name, FIRST.get(name, name)))
    files = [path for path in TESTS.rglob("test_*.py") if "hostile" not in path.stem]
    names = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files)
    return sorted(
        names, key=lambda one: (not one.endswith(first), not one.endswith(".test_guard"), one)
    )


def cases(test):
    """Yield the arguments of a test, every parameter with every other."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    choices = []
    for mark in marks:
        names, values = mark.args
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
        choices.append(
            [
                dict(zip(names, value if len(names) > 1 else (value,), strict=True))
                for value in values
            ]
        )
    for chosen in itertools.product(*choices):
        yield {name: value for one in chosen for name, value in one.items()}


def run_tests(module):
    """Run the guard's quick tests, file by file; raise what the first raises that fails."""
    for name in test_files(module):
        room = importlib.import_module(name)
        tests = [
            test
            for key, test in vars(room).items()
            if key.startswith("test_")
            and callable(test)
            and not any(word in key for word in SLOW)
            and not any(mark.name == "soak" for mark in getattr(test, "pytestmark", []))
        ]
        for test in sorted(tests, key=lambda one: getattr(one, "is_hypothesis_test", False)):
            for case in cases(test):
                test(**case)


def try_out(module, tree):
    """Return KILLED or SURVIVED for a module with a fault; None: without any."""
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        if tree is not None:
            os.dup2(quiet, 2)
            sys.meta_path.insert(0, Faulty(module, tree))
        try:
            run_tests(module)
        except BaseException as error:
            if tree is None:
                raise
            os._exit(KILLED if not isinstance(error, KeyboardInterrupt) else 3)
        os._exit(SURVIVED)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return KILLED
    return os.waitstatus_to_exitcode(status)
