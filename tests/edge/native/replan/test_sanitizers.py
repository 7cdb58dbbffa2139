"""Absurd problems, put to a kernel that is watched by the address and behaviour sanitizers."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import edge.native
from edge.native.build import compile_library
from tests.edge.native.replan.exact import compiler

ROOT = Path(__file__).parents[4]
WATCH = "-g -fsanitize=address,undefined -fno-sanitize-recover=all"


@pytest.fixture(scope="module", name="watched")
def _watched(tmp_path_factory):
    """The library, built from these sources with sanitizers, and what must be preloaded."""
    command = shlex.join(compiler())
    runtime = subprocess.run(
        [*compiler(), "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if not Path(runtime).is_file():
        pytest.skip(f"{command} has no libasan.so")
    folder = tmp_path_factory.mktemp("watched")
    sources = Path(edge.native.__file__).parent
    for source in sources.rglob("*.[ch]"):
        copy = folder / source.relative_to(sources)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    library = compile_library(folder, {**os.environ, "CC": f"{command} {WATCH}"})
    return library, runtime


def run_watched(watched, seed, count, timeout_s):
    library, runtime = watched
    arguments = [str(library), str(seed), str(count)]
    return subprocess.run(
        [sys.executable, "-m", "tests.edge.native.replan.fuzz_kernel", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "LD_PRELOAD": runtime,
            "ASAN_OPTIONS": "detect_leaks=0",  # Python keeps what it has until it ends
            "UBSAN_OPTIONS": "print_stacktrace=1",
        },
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def test_a_wrong_access_would_be_seen(watched):
    done = run_watched(watched, seed=0, count=0, timeout_s=60)
    assert done.returncode != 0
    assert "heap-buffer-overflow" in done.stderr


def test_absurd_problems_break_nothing(watched):
    done = run_watched(watched, seed=1, count=60, timeout_s=100)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_absurd_problems_break_nothing(watched, seed):
    done = run_watched(watched, seed, count=5_000, timeout_s=3600)
    assert done.returncode == 0, done.stderr[-3000:]
