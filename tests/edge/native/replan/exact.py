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


NOTHING = -(2**63)
CLASSES = 4  # of traffic, in exact.c


def least_cost_ms(problem, known_ms=2**54):
    """Return the cost of the best order of a problem, of all that may leave stops out.

    If a cost is known to be possible and no order is cheaper, that cost is returned.
    """
    asked = _Asked(problem, known_ms)
    fine = _exact_least()(ctypes.byref(asked))
    assert fine >= 0, "no memory"
    return fine // 100


class _Asked(ctypes.Structure):
    """As asked_t in exact.c."""

    FIGURES = (
        *("n", "start_ms", "shift_end_ms", "wait_pct", "overtime_weight", "change_ms"),
        *("announced_weight", "locked_count", "dimensions", "breaks", "has_energy"),
        *("at_start", "battery", "reserve", "slices", "bound"),
    )
    ARRAYS = (
        *("travel", "service", "drop", "late_weight", "window_from", "opens", "closes"),
        *("first_told", "last_told", "deadline", "first_doubt", "last_doubt", "doubt_pct"),
        *("rank", "locked", "pickup_of"),
        *("load", "on_board", "capacity", "pause_opens", "pause_closes"),
        *("pause_lasts", "use", "charge", "starts", "permille", "class_of"),
    )
    _fields_ = [(name, ctypes.c_int64) for name in FIGURES] + [
        (name, ctypes.c_void_p) for name in ARRAYS
    ]

    def __init__(self, problem, known_ms):
        prices, stops, n = problem.prices, problem.stops, len(problem.stops)
        windows = [(), *(stop.windows for stop in stops), ()]
        told = [(NOTHING, NOTHING), *(s.announced or (NOTHING, NOTHING) for s in stops)]
        doubts = [(0, 0), *(s.doubtful or (0, 0) for s in stops)]
        rank, pickup_of = [0] + [-1] * (n + 1), [0] * (n + 2)
        for place, node in enumerate(problem.order_before, 1):
            rank[node] = place
        for pickup, delivery in problem.pairs:
            pickup_of[delivery] = pickup
        none = (0,) * len(problem.capacity)
        energy, slices = problem.energy, problem.slices
        permille = np.full((CLASSES, len(slices.starts_ms) + 1 if slices else 1), 1000)
        if slices:
            permille[: len(slices.permille)] = slices.permille
        parts = {
            "n": n,
            "start_ms": problem.start_ms,
            "shift_end_ms": problem.shift_end_ms,
            "wait_pct": prices.wait_pct,
            "overtime_weight": prices.overtime_weight,
            "change_ms": prices.change_ms,
            "announced_weight": prices.announced_weight,
            "locked_count": len(problem.locked),
            "dimensions": len(problem.capacity),
            "breaks": len(problem.breaks),
            "has_energy": bool(energy),
            "at_start": energy.at_start if energy else 0,
            "battery": energy.capacity if energy else 0,
            "reserve": energy.reserve if energy else 0,
            "slices": permille.shape[1] if slices else 0,
            "bound": known_ms * 100,
            "travel": problem.travel_ms,
            "service": [0, *(stop.service_ms for stop in stops), 0],
            "drop": [0, *(stop.drop_ms for stop in stops)],
            "late_weight": [0, *(stop.late_weight for stop in stops)],
            "window_from": np.cumsum([0, *(len(spans) for spans in windows)]),
            "opens": [opens for spans in windows for opens, _ in spans],
            "closes": [closes for spans in windows for _, closes in spans],
            "first_told": [first for first, _ in told],
            "last_told": [last for _, last in told],
            "deadline": [
                0,
                *(NOTHING if s.deadline_ms is None else s.deadline_ms for s in stops),
            ],
            "first_doubt": [first for first, _ in doubts],
            "last_doubt": [last for _, last in doubts],
            "doubt_pct": [0, *(s.doubt_pct if s.doubtful else 0 for s in stops)],
            "rank": rank,
            "locked": problem.locked,
            "pickup_of": pickup_of,
            "load": [none, *(stop.load or none for stop in stops), none],
            "on_board": problem.on_board,
            "capacity": problem.capacity,
            "pause_opens": [pause.opens_ms for pause in problem.breaks],
            "pause_closes": [pause.closes_ms for pause in problem.breaks],
            "pause_lasts": [pause.lasts_ms for pause in problem.breaks],
            "use": energy.use if energy else [],
            "charge": [0, *(stop.charge for stop in stops)],
            "starts": slices.starts_ms if slices else [],
            "permille": permille,
            "class_of": slices.class_of if slices else [],
        }
        self.arrays = [
            np.ascontiguousarray(parts[name], dtype=np.int64) for name in self.ARRAYS
        ]
        figures = [int(parts[name]) for name in self.FIGURES]
        super().__init__(*figures, *(array.ctypes.data for array in self.arrays))
