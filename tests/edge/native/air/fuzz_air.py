"""Put absurd walls and networks to the C: `python -m …air.fuzz_air LIBRARY SEED COUNT`.

Run in a process of its own, because the library is built to end it at the first wrong access.
With COUNT 0 it makes one such access, to show that it would be seen.
"""

import contextlib
import sys
from pathlib import Path

import numpy as np

from edge.native.air import sight, ways
from edge.native.library import bind, open_library

ABSURD = (0.0, 1.0, -1.0, 1e-300, 1e-9, 1e9, 1e150, -1e300, 5e-324)


def fuzz(seed, count):
    """Ask; whatever is given, the answer is in range or a ValueError."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        with contextlib.suppress(ValueError):
            ask_sight(rng)
        with contextlib.suppress(ValueError):
            ask_ways(rng)


def numbers(rng, shape):
    """Return numbers of any size, some of them again and again."""
    plain = rng.normal(0, 10.0 ** rng.integers(0, 6), shape)
    return np.where(rng.random(shape) < 0.2, rng.choice(ABSURD, shape), plain)


def ask_sight(rng):
    """Ask for lines among walls; now and then for a point that there is not."""
    points = numbers(rng, (int(rng.integers(0, 9)), 2))
    zones = [numbers(rng, (int(rng.integers(0, 5)), 5)) for _ in range(rng.integers(0, 6))]
    for zone in zones:
        zone[:, 4] = np.abs(zone[:, 4])
    outside = int(rng.random() < 0.05)
    pairs = rng.integers(-outside, max(1, len(points) + outside), (20, 2)).astype(np.int32)
    with np.errstate(over="ignore", invalid="ignore"):
        blocked = sight.blocking_zones(
            points, pairs[: 20 * bool(len(points))], sight.Walls(zones)
        )
    assert blocked.size == 0 or -1 <= blocked.min() <= blocked.max() < len(zones)


def ask_ways(rng):
    """Ask for ways over lines of any length."""
    n = int(rng.integers(0, 20))
    longest = int(rng.choice([1, 1_000, ways.CLOSED]))
    lines = rng.integers(-(rng.random() < 0.05), longest, (n, n), endpoint=True)
    sources = rng.integers(0, max(1, n), int(rng.integers(0, 5)))
    through = int(rng.integers(-3, n + 3))
    found = ways.quickest_ways(lines.astype(np.int32), sources.astype(np.int32), through)
    for row in range(len(sources)):
        for end in range(n):
            assert len(found.nodes(row, end)) <= n


def write_beyond():
    """Have a pair name a point that there is not, past the face that would refuse it."""
    real = np.ascontiguousarray
    sight.np = type(
        "numpy", (), {**vars(np), "ascontiguousarray": staticmethod(unchecked(real))}
    )
    pairs = np.array([(0, 0)], dtype=np.int32)
    sight.blocking_zones(np.zeros((1, 2)), pairs, sight.Walls([np.ones((1, 5))]))


def unchecked(real):
    """Return a function that hands on pairs whose rows grow after they were looked at."""

    class Grows(np.ndarray):
        def max(self, *_, **__):
            self[...] = 10_000_000
            return 0

    return lambda values, dtype=None: (
        real(values, dtype).view(Grows) if dtype is np.int32 else real(values, dtype)
    )


def main():
    """Run the command line."""
    library = open_library(Path(sys.argv[1]))
    for room in (sight, ways):
        room.native_function = lambda name, returns, *takes: bind(
            library, name, returns, *takes
        )
    seed, count = int(sys.argv[2]), int(sys.argv[3])
    if count:
        fuzz(seed, count)
    else:
        write_beyond()
    print("nothing wrong was seen")


if __name__ == "__main__":
    main()
