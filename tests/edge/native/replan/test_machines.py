"""The same seed and rounds give the same plan on x86-64 and on aarch64."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import edge.native.replan
from edge.native.build import FLAGS
from edge.native.replan.kernel import solve
from edge.native.replan.problem import Budget
from edge.native.replan.question import FIGURES, Question
from edge.native.replan.reference import normal_order
from tests.edge.native.replan.exact import compiler
from tests.edge.native.replan.mixed import KINDS, mixed_problem

SEARCH = Path(edge.native.replan.__file__).with_name("search")
PROGRAM = Path(__file__).with_name("plans.c")
EMULATOR = "qemu-aarch64-static"
ROUNDS = 60
BUILD_TIMEOUT_S = 500  # zig compiles a C library first, once on a machine
pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="compares x86-64 with aarch64"
)


def built(command, folder, name):
    flags = [flag for flag in FLAGS if flag not in ("-fPIC", "-shared")]
    sources = [str(PROGRAM), *(str(path) for path in sorted(SEARCH.glob("*.c")))]
    program = folder / name
    subprocess.run(
        [*command, *flags, "-static", f"-I{SEARCH}", *sources, "-o", str(program)],
        env={**os.environ, "ZIG_LOCAL_CACHE_DIR": str(folder)},
        check=True,
        timeout=BUILD_TIMEOUT_S,
    )
    return program


def asked():
    """Return problems of every kind with a start order each."""
    rng = np.random.default_rng(10)
    kinds = [*[(kind,) for kind in KINDS], (), None, None, None, KINDS]
    for size in (0, 1, 7, 40):
        for number, kind in enumerate(kinds):
            problem = mixed_problem(rng, size, kind)
            start = rng.permutation(np.arange(1, size + 1))[: size // 2].tolist()
            yield problem, normal_order(problem, start), size + number
    yield mixed_problem(rng, 150, KINDS), [], 1


def write(path, problems):
    with path.open("wb") as file:
        for problem, start, seed in problems:
            question = Question(problem)
            figures = np.array([getattr(question, name) for name in FIGURES], dtype=np.int64)
            order = np.array(start, dtype=np.int32)
            rounds = np.array([seed, ROUNDS], dtype=np.int64)
            for array in (figures, *question.arrays, order, rounds):
                file.write(np.int64(array.nbytes).tobytes() + array.tobytes())


def plans(command, path):
    done = subprocess.run(
        [*command, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.splitlines()


@pytest.mark.timeout(600)
def test_both_machines_make_the_same_plans(tmp_path):
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("no ziglang: `pip install ziglang` gives the compiler for aarch64")
    if shutil.which(EMULATOR) is None:
        pytest.skip(f"no {EMULATOR} on PATH: it is in Debian's qemu-user-static")
    problems = list(asked())
    path = tmp_path / "problems"
    write(path, problems)
    here = plans([built(compiler(), tmp_path, "here")], path)
    zig = [sys.executable, "-m", "ziglang", "cc", "-target", "aarch64-linux-musl"]
    there = plans([EMULATOR, built(zig, tmp_path, "there")], path)
    assert len(here) == len(problems)
    assert here == there
    for (problem, start, seed), line in list(zip(problems, here, strict=True))[::5]:
        found = solve(problem, start, Budget(ROUNDS, seed=seed))
        assert list(found.order) == [int(word) for word in line.split()[1:]]
