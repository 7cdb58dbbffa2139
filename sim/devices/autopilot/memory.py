"""What a flight controller keeps while it has no power: parameters and plans."""

import itertools
import math
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sim.devices.autopilot.manners.manner import Manner

TABLES = Path(__file__).parent / "manners" / "parameters"
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
TYPES = {"int8": 2, "int16": 4, "uint32": 5, "int32": 6, "real32": 9}
"""MAV_PARAM_TYPE by the word of the tables."""
LIMITS = {2: (-128, 127), 4: (-32768, 32767), 5: (0, 2**32 - 1), 6: (-(2**31), 2**31 - 1)}
REAL32 = 9


class Item(NamedTuple):
    """One item of a plan, as it is stored."""

    frame: int
    command: int
    params: tuple[float, float, float, float]
    x: int
    y: int
    z: float
    autocontinue: int = 1


class Parameters:
    """Numbered, typed and bounded by their types."""

    def __init__(self, files: tuple[str, ...]) -> None:
        self._values: dict[str, float] = {}
        self.types: dict[str, int] = {}
        for name, kind, value in sorted(row for file in files for row in _rows(file)):
            self.types[name] = TYPES[kind]
            self._values[name] = as_stored(value, TYPES[kind])
        self.names = tuple(self._values)

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str, otherwise: float = 0.0) -> float:
        """Return a value; one that this vehicle does not have is as given."""
        return self._values.get(name, otherwise)

    def set(self, name: str, value: float) -> None:
        """Change a value, within what its type holds. Raises KeyError for no such name."""
        self._values[name] = as_stored(value, self.types[name])


class Memory:
    """Everything that outlives a restart."""

    def __init__(self, manner: Manner) -> None:
        self.parameters = Parameters(manner.parameters)
        self.plans: dict[int, list[Item]] = {0: [], 1: [], 2: []}
        """By mission type: mission, fence, rally points."""


def as_stored(value: float, kind: int) -> float:
    """Return a value as its type holds it."""
    if kind == REAL32:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    least, most = LIMITS[kind]
    return float(min(most, max(least, round(value)))) if math.isfinite(value) else 0.0


def _rows(file: str) -> Iterator[tuple[str, str, float]]:
    for line in (TABLES / file).read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        name, kind, value = line.split("\t")
        spans = [range(int(a), int(b) + 1) for a, b in RANGE.findall(name)]
        pattern = RANGE.sub("{}", name)
        for numbers in itertools.product(*spans):
            yield pattern.format(*numbers), kind, float(value)
