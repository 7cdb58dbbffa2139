"""The guard's tests notice every small fault of the guard, or it is said why they cannot."""

import ast
import re
import subprocess
import sys

import pytest

from tests.mutation.mutants import mutants
from tests.mutation.trial import ROOT

SLICE = ("--only", "rules.leases", "--every", "6")  # in `make test`
WATCHED = (
    "air.sites", "guard.link_loss", "pavement.crossing", "pavement.tamper", "rules.leases",
    "rules.limits", "rules.position", "rules.substates", "rules.weather",
)  # fmt: skip
"""The modules of the guard whose tests notice every fault, but those that are explained."""


def tried(*options):
    """Run in a process of its own, which has not imported the guard yet."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.mutation", *options],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    count = re.search(r"(\d+) of (\d+) faults tried", ran.stdout)
    assert count, ran.stdout + ran.stderr
    return ran, int(count[1])


def test_a_slice_of_all_faults_is_noticed():
    ran, count = tried(*SLICE)
    assert ran.returncode == 0, ran.stdout
    assert count >= 5


@pytest.mark.soak
@pytest.mark.parametrize("module", WATCHED)
def test_every_fault_is_noticed_or_explained(module):
    """The other modules still have faults that nobody notices: `python -m tests.mutation`."""
    ran, count = tried("--only", module)
    assert ran.returncode == 0, ran.stdout
    assert count >= 10


def changed(source):
    return {mutant.key: ast.unparse(mutant.tree) for mutant in mutants(source)}


def test_faults_are_made_of_comparisons_arithmetic_constants_booleans_and_returns():
    found = changed("def f(a, b):\n    return a < b and not a + 2.0 == b\n")
    assert set(found.values()) == {
        "def f(a, b):\n    return None",
        "def f(a, b):\n    return a < b or not a + 2.0 == b",
        "def f(a, b):\n    return a <= b and (not a + 2.0 == b)",
        "def f(a, b):\n    return a >= b and (not a + 2.0 == b)",
        "def f(a, b):\n    return a < b and a + 2.0 == b",
        "def f(a, b):\n    return a < b and (not a + 2.0 != b)",
        "def f(a, b):\n    return a < b and (not a - 2.0 == b)",
        "def f(a, b):\n    return a < b and (not a + 3.0 == b)",
    }


def test_sentences_types_and_what_cannot_happen_are_left_alone():
    source = (
        'def f(a: "x < 1") -> "y + 2":\n    """Text."""\n'
        '    assert a < 1, "why"\n    b = f"{a + 1}"\n'
    )
    assert changed(source) == {}


def test_two_faults_with_the_same_words_have_two_names():
    keys = [mutant.key for mutant in mutants("def f(a):\n    g(a + b)\n    h(a + b)\n")]
    assert keys == ["f: a + b -> a - b", "f: a + b -> a - b #2"]
