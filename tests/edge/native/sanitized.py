"""The C library built with the address and behaviour sanitizers, and a process that uses it."""

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

ROOT = Path(__file__).parents[3]
WATCH = "-g -fsanitize=address,undefined -fno-sanitize-recover=all"


def build_watched(folder):
    """Return the library, built from these sources with sanitizers, and what is preloaded."""
    command = shlex.join(compiler())
    runtime = subprocess.run(
        [*compiler(), "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if not Path(runtime).is_file():
        pytest.skip(f"{command} has no libasan.so")
    sources = Path(edge.native.__file__).parent
    for source in sources.rglob("*.[ch]"):
        copy = folder / source.relative_to(sources)
        copy.parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(source, copy)
    library = compile_library(folder, {**os.environ, "CC": f"{command} {WATCH}"})
    return library, runtime


def run_watched(watched, module, *arguments, timeout_s):
    """Run `python -m module LIBRARY ARGUMENTS…` under the sanitizers."""
    library, runtime = watched
    return subprocess.run(
        [sys.executable, "-m", module, str(library), *map(str, arguments)],
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
