"""Which moments of a drive are events, which are nearly, and how well a watch found them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.driving.truth import STEP_S

Floats = NDArray[np.float64]

EDGE = 0.1  # within a tenth of the limit a moment counts neither as missed nor as false
SLACK_S = 1.2  # a found moment may begin so much before or after a labelled one


@dataclass(frozen=True, slots=True)
class Label:
    """One moment beyond a limit."""

    kind: str
    from_s: float
    until_s: float
    sure: bool
    """Beyond it by a tenth; else it may be found or not."""


@dataclass(frozen=True, slots=True)
class Found:
    """How well events fit labels."""

    hit: int
    missed: int
    false: int

    @property
    def precision(self) -> float:
        """Share of the found that are true; 1 if nothing was found."""
        return self.hit / (self.hit + self.false) if self.hit + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of the true that were found; 1 if there are none."""
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0

    def __add__(self, other: "Found") -> "Found":
        return Found(self.hit + other.hit, self.missed + other.missed, self.false + other.false)


def labels(
    at_s: Floats, signals: Mapping[str, Floats], limits: Mapping[str, float], least_s: float
) -> list[Label]:
    """Return the moments in which a signal is beyond its limit for at least `least_s`."""
    found = []
    for kind, signal in signals.items():
        sure = _runs(signal >= limits[kind] * (1 + EDGE), least_s, at_s)
        for from_s, until_s in _runs(signal >= limits[kind] * (1 - EDGE), 0.0, at_s):
            within = any(from_s <= one[0] and one[1] <= until_s for one in sure)
            found.append(Label(kind, from_s, until_s, within))
    return found


def compare(seen: Sequence[tuple[str, float, float]], known: Sequence[Label]) -> Found:
    """Compare found (kind, from, until) with labels."""
    hit, false = set(), 0
    for kind, from_s, until_s in seen:
        fits = [
            number
            for number, label in enumerate(known)
            if label.kind == kind
            and from_s <= label.until_s + SLACK_S
            and until_s >= label.from_s - SLACK_S
        ]
        false += not fits
        hit.update(fits)
    sure = {number for number, label in enumerate(known) if label.sure}
    return Found(len(hit & sure), len(sure - hit), false)


def _runs(beyond: NDArray[np.bool_], least_s: float, at_s: Floats) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], beyond, [False]]).astype(np.int8)))
    return [
        (float(at_s[first]), float(at_s[last - 1]))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if (last - first) * STEP_S >= least_s
    ]
