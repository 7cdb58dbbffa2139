"""Put absurd networks to the search: `python -m …roads.fuzz_kernel LIBRARY SEED COUNT`.

Run in a process of its own, because the library is built to end it at the first wrong access.
With COUNT 0 it makes one such access, to show that it would be seen.
"""

import contextlib
import ctypes
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

import edge.native.roads.grid as grid
import edge.native.roads.kernel as kernel
from edge.native.library import bind, open_library
from tests.edge.native.roads.nets import places, random_arcs

FIELDS = ("first_arc", "head", "weight_ms", "first_turn", "turn_to", "turn_ds", "turn_access")


def fuzz(seed, count):
    """Ask; whatever is given, the answer is a table in range or a ValueError."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        nodes, many = int(rng.integers(1, 40)), int(rng.integers(0, 150))
        arcs = random_arcs(rng, nodes, many, int(rng.choice([1, 500, 9_000, 2**31 - 1 - 1])))
        if number % 2:
            arcs = damaged(rng, arcs)
        with contextlib.suppress(ValueError):
            ask(rng, arcs, nodes, many)
        with contextlib.suppress(ValueError):
            lay_grid(rng)


def damaged(rng, arcs):
    """Return the arcs with a few cells of one array as they must not be."""
    name = FIELDS[rng.integers(len(FIELDS))]
    values = getattr(arcs, name).copy()
    if values.size:
        span = np.iinfo(values.dtype)
        cells = rng.integers(0, values.size, 3)
        near = rng.integers(-2, values.size + 3, 3)
        far = rng.integers(span.min, span.max, 3)
        values[cells] = np.clip(near if rng.random() < 0.5 else far, span.min, span.max)
    return replace(arcs, **{name: values})


def ask(rng, arcs, nodes, many):
    """Build each network, search it forwards and backwards, and take a way."""
    turns = arcs.turn_network()
    for network, states in ((turns, many), (arcs.node_network(), nodes)):
        starts, goals = absurd_points(rng, states), absurd_points(rng, states)
        reverse = kernel.reversed_network(network)
        for asked in (network, reverse):
            table = kernel.many_ms(asked, places(*starts), places(*goals))
            assert table.size == 0 or (0 <= table.min() <= table.max() <= 400_000_000)
        if starts and goals:
            kernel.way(network, places(starts[0]), places(goals[0]))


def lay_grid(rng):
    """Put segments into cells; every one that lies somewhere is found in as many as it says."""
    shapes, points = int(rng.integers(2, 60)), int(rng.integers(1, 30))
    wild = rng.random() < 0.3
    spread = 2**31 - 1 if wild else 10_000
    raster = grid.Raster(
        *rng.integers(-5, 5, 2), *rng.integers(1 - wild, 3000, 2), *rng.integers(1, 40, 2)
    )
    found = grid.cells_of_segments(
        rng.integers(-wild, shapes - 1 + wild, 20).astype(np.int32),
        rng.integers(-wild, points + wild, shapes).astype(np.int32),
        *rng.integers(-spread, spread, (2, points)).astype(np.int32),
        raster,
        int(rng.integers(0, 20_000)),
    )
    if found is not None:
        first, segments = found
        assert first[0] == 0
        assert first[-1] == segments.size
        assert (np.diff(first) >= 0).all()


def absurd_points(rng, states):
    """Return points with several places, now and then outside or at an absurd time."""
    outside = int(rng.random() < 0.05)
    most_ms = int(rng.choice([0, 1, 10_000, 400_000_000, 400_000_001 if outside else 5]))
    return [
        [
            (
                int(rng.integers(-outside, max(1, states + outside))),
                int(rng.integers(most_ms + 1)),
            )
            for _ in range(rng.integers(0, 5))
        ]
        for _ in range(rng.integers(0, 9))
    ]


def write_beyond():
    """Have the search write its table into a block that is too short for it."""
    network = random_arcs(np.random.default_rng(1), 9, 30).turn_network()
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    block = ctypes.cast(libc.malloc(ctypes.c_size_t(8)), ctypes.POINTER(ctypes.c_int32))
    kernel.np = type(
        "numpy", (), {**vars(np), "empty": lambda shape, dtype: as_array(block, shape)}
    )
    points = places(*[[(state, 0)] for state in range(9)])
    kernel.many_ms(network, points, points)


def as_array(block, shape):
    """Return a block of memory as an array of a shape, whether it fits or not."""
    return np.ctypeslib.as_array(block, shape)


def main():
    """Run the command line."""
    library = open_library(Path(sys.argv[1]))
    for face in (kernel, grid):
        face.native_function = partial(bind, library)
    seed, count = int(sys.argv[2]), int(sys.argv[3])
    if count:
        fuzz(seed, count)
    else:
        write_beyond()
    print("nothing wrong was seen")


if __name__ == "__main__":
    main()
