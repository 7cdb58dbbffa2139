"""The face of exact.c: the least cost of up to a dozen stops, compiled when first asked for."""

import ctypes
import functools
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest

from edge.native.build import system_compiler

SOURCE = Path(__file__).with_name("exact.c")


def compiler():
    """Return the C compiler as a command; skip where there is none (CI has one)."""
    command = system_compiler(os.environ)
    if command is None:
        pytest.skip("no C compiler on PATH: the exact judge and the sanitizers need one")
    return command


@functools.cache
def _exact_least():
    with tempfile.TemporaryDirectory(prefix="doorstep-exact-") as folder:
        library = Path(folder, "exact.so")
        flags = ["-std=c99", "-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror"]
        subprocess.run(
            [*compiler(), *flags, str(SOURCE), "-o", str(library)], check=True, timeout=100
        )
        function = ctypes.CDLL(str(library)).exact_least
    function.restype = ctypes.c_int64
    return function


def least_cost_ms(problem):
    """Return the cost of the best order of a problem, of all that may leave stops out."""
    n = len(problem.stops)
    windows = [(), *(stop.windows for stop in problem.stops)]
    rank = np.full(n + 2, -1, dtype=np.int32)
    rank[0] = 0
    for place, node in enumerate(problem.order_before, 1):
        rank[node] = place
    arrays = [
        problem.travel_ms,
        np.array([0, *(stop.service_ms for stop in problem.stops)], dtype=np.int32),
        np.array([0, *(stop.drop_ms for stop in problem.stops)], dtype=np.int32),
        np.array([0, *(stop.late_weight for stop in problem.stops)], dtype=np.int32),
        np.cumsum([0, *(len(spans) for spans in windows)]).astype(np.int32),
        np.array([opens for spans in windows for opens, _ in spans], dtype=np.int64),
        np.array([closes for spans in windows for _, closes in spans], dtype=np.int64),
    ]
    prices = problem.prices
    figures = (
        problem.start_ms,
        problem.shift_end_ms,
        prices.wait_pct,
        prices.overtime_weight,
        prices.change_ms,
    )
    locked = np.array([*problem.locked, 0], dtype=np.int32)
    fine = _exact_least()(
        ctypes.c_int32(n),
        *(ctypes.c_void_p(array.ctypes.data) for array in arrays),
        *(ctypes.c_int64(figure) for figure in figures),
        ctypes.c_void_p(rank.ctypes.data),
        ctypes.c_void_p(locked.ctypes.data),
        ctypes.c_int32(len(problem.locked)),
    )
    assert fine >= 0, "no memory"
    return fine // 100
