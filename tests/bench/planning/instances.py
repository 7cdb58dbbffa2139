"""Recorded routes and benchmark tours, read from any folder: what they are tells their content.

Two forms are known: a JSON object with `travel_time` (a recorded Amazon route) and the text of
a travelling salesman with time windows. Files of another form are passed over.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.native.replan.problem import INT32_MAX, LONGEST_LEG_MS, NO_SHIFT_END_MS

TSPTW, AMAZON = "tsptw", "amazon"
HOUR_MS = 3_600_000
TEXT_UNIT_MS = 1000  # benchmark tours have whole numbers, or a few decimals
Window = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Instance:
    """One vehicle's day: node 0 is where it starts and ends, the rest are stops."""

    name: str
    form: str
    travel_ms: NDArray[np.int32]
    """(nodes, nodes): row from, column to."""
    service_ms: tuple[int, ...]
    windows: tuple[Window, ...]
    shift_end_ms: int
    best_known_ms: int | None = None
    """Least travel of an order that meets every window, where somebody published one."""

    @property
    def stops(self) -> int:
        """How many there are to serve."""
        return len(self.service_ms) - 1


def instances(folder: Path, fewest: int, most: int) -> dict[str, list[Instance]]:
    """Return all of a size that lie anywhere below a folder, by form, in the order of paths.

    Raises FileNotFoundError if there is none.
    """
    found: dict[str, list[Instance]] = {}
    for path in sorted(folder.rglob("*")):
        for instance in _read(path) if path.is_file() else ():
            if fewest <= instance.stops <= most:
                found.setdefault(instance.form, []).append(instance)
    if not found:
        raise FileNotFoundError(f"no instance of {fewest} to {most} stops below {folder}")
    return found


def spread(values: list[Instance], count: int) -> list[Instance]:
    """Return so many of a list, evenly spread over it."""
    count = min(count, len(values))
    return [values[(2 * i + 1) * len(values) // (2 * count)] for i in range(count)]


def thrown(seed: int, stops: int) -> Instance:
    """Return a day of stops thrown on a plane of 10 km, a fifth of them with a window."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 10_000, (stops + 1, 2))
    metres = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    travel = metres * 100 * rng.uniform(1, 1.2, metres.shape)
    opens = rng.integers(0, 3 * HOUR_MS, stops + 1)
    return Instance(
        f"thrown {seed}",
        "thrown",
        travel.astype(np.int32),
        (0, *rng.integers(30_000, 200_000, stops).tolist()),
        tuple(
            (int(at), int(at) + HOUR_MS) if node and rng.random() < 0.2 else None
            for node, at in enumerate(opens)
        ),
        NO_SHIFT_END_MS,
    )


def _read(path: Path) -> Iterator[Instance]:
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        text = content.decode()
        route = json.loads(text) if text.lstrip().startswith("{") else None
        if route is None:
            yield _from_text(path, text)
        elif isinstance(route, dict) and "travel_time" in route:
            yield _from_route(path, route)
    except (ValueError, IndexError, OSError):
        return  # another form


def _from_route(path: Path, route: dict[str, Any]) -> Instance:
    """Read an Amazon route: tenths of seconds after departure."""
    windows = [
        None if window is None or window[1] is None else (window[0] * 100, window[1] * 100)
        for window in route["time_window"]
    ]
    return Instance(
        path.name,
        AMAZON,
        np.array(route["travel_time"], dtype=np.int32) * 100,
        (0, *(int(service) * 100 for service in route["service"][1:])),
        (None, *windows[1:]),
        NO_SHIFT_END_MS,
    )


def _from_text(path: Path, text: str) -> Instance:
    """Read a tour with windows: the count, the matrix (with service), a window for each."""
    words = " ".join(line.split("#")[0] for line in text.splitlines()).split()
    nodes = int(words[0])
    figures = np.rint(np.array(words[1:], dtype=float) * TEXT_UNIT_MS)
    if nodes < 2 or len(figures) < nodes * (nodes + 2):
        raise ValueError(f"{path} is no tour of {nodes} nodes")
    travel = figures[: nodes * nodes].reshape(nodes, nodes)
    spans = figures[nodes * nodes : nodes * (nodes + 2)].reshape(nodes, 2)
    if travel.min() < 0 or (spans[:, 0] > spans[:, 1]).any():
        raise ValueError(f"{path} goes back in time")
    spans = np.clip(spans, 0, INT32_MAX).astype(int)
    return Instance(
        path.name,
        TSPTW,
        np.minimum(travel, LONGEST_LEG_MS).astype(np.int32),
        (0,) * nodes,
        tuple((int(opens), int(closes)) for opens, closes in spans),
        int(spans[0, 1]),
        _best_known_ms(path),
    )


def _best_known_ms(path: Path) -> int | None:
    """Return what `best_known.json` beside the sets says of a tour."""
    table = path.parent.parent / "best_known.json"
    if not table.is_file():
        return None
    known = json.loads(table.read_bytes()).get(
        f"{path.parent.name}/{path.name.removesuffix('.gz')}"
    )
    if not isinstance(known, dict):
        return None
    figures = [known.get("travel_cost_recomputed"), known.get("lopez_ibanez_blum_bks")]
    said = [figure for figure in figures if figure is not None]
    return round(min(said) * TEXT_UNIT_MS) if said else None
