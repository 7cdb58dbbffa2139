"""What must hold of the parts of a problem; each check says what is wrong, by ValueError."""

from collections.abc import Sequence

import numpy as np

from edge.native.replan.parts import (
    INT32_MAX,
    LONGEST_LEG_MS,
    MOST_BREAKS,
    MOST_DIMENSIONS,
    MOST_SLICES,
    PACES,
    Break,
    Energy,
    ProblemStop,
    TravelSlices,
)


def check_stop(node: int, stop: ProblemStop) -> None:
    """Raise ValueError unless every figure of a stop is in bounds and its times in order."""
    figures = (stop.service_ms, stop.drop_ms, stop.late_weight)
    if not all(0 <= figure <= INT32_MAX for figure in figures):
        raise ValueError(f"stop {node}: service, drop or lateness out of bounds: {figures}")
    edges = [edge for window in stop.windows for edge in window]
    if edges != sorted(edges) or any(abs(edge) > INT32_MAX for edge in edges):
        raise ValueError(f"stop {node}: windows not in rising order: {stop.windows}")
    if stop.deadline_ms is not None and abs(stop.deadline_ms) > INT32_MAX:
        raise ValueError(f"stop {node}: the deadline exceeds 32 bits: {stop.deadline_ms}")
    if stop.announced is not None:
        first, last = stop.announced
        if not -INT32_MAX <= first <= last <= INT32_MAX:
            raise ValueError(f"stop {node}: no span of arrivals: {stop.announced}")
    first, last = stop.doubtful or (0, 0)
    if not -INT32_MAX <= first <= last <= INT32_MAX:
        raise ValueError(f"stop {node}: no doubtful span: {stop.doubtful}")
    if not 0 <= (last - first) * stop.doubt_pct <= 100 * INT32_MAX or stop.doubt_pct < 0:
        raise ValueError(f"stop {node}: doubt out of bounds: {stop.doubt_pct} %")


def check_loads(
    stops: Sequence[ProblemStop], on_board: Sequence[int], capacity: Sequence[int]
) -> None:
    """Raise ValueError unless every load has the dimensions of the capacity."""
    dimensions = len(capacity)
    if dimensions > MOST_DIMENSIONS or len(on_board) != dimensions:
        raise ValueError(
            f"capacity and on_board need the same dimensions, {MOST_DIMENSIONS} at most:"
            f" {capacity} and {on_board}"
        )
    for node, stop in enumerate(stops, 1):
        if stop.load and len(stop.load) != dimensions:
            raise ValueError(f"stop {node}: load {stop.load}, but the capacity is {capacity}")
    for load in (capacity, on_board, *(stop.load for stop in stops)):
        if any(abs(figure) > INT32_MAX for figure in load):
            raise ValueError(f"a load exceeds 32 bits: {load}")


def check_pairs(pairs: Sequence[tuple[int, int]], locked: Sequence[int], end: int) -> None:
    """Raise ValueError unless each stop is in one pair at most, and locked ones can be kept."""
    nodes = [node for pair in pairs for node in pair]
    if len(set(nodes)) != len(nodes) or not all(1 <= node < end for node in nodes):
        raise ValueError(f"pairs name a node twice or one that is no stop: {pairs}")
    rank = {node: place for place, node in enumerate(locked)}
    for pickup, delivery in pairs:
        if delivery in rank and rank.get(pickup, len(rank)) > rank[delivery]:
            raise ValueError(f"delivery {delivery} is locked before its pickup {pickup}")


def check_breaks(breaks: tuple[Break, ...]) -> None:
    """Raise ValueError unless the breaks are few, in order and of bounded length."""
    edges = [edge for pause in breaks for edge in (pause.opens_ms, pause.closes_ms)]
    if len(breaks) > MOST_BREAKS or edges != sorted(edges):
        raise ValueError(f"more than {MOST_BREAKS} breaks, or not in rising order: {breaks}")
    if any(abs(edge) > INT32_MAX for edge in edges):
        raise ValueError(f"a break exceeds 32 bits: {breaks}")
    if not all(0 <= pause.lasts_ms <= LONGEST_LEG_MS for pause in breaks):
        raise ValueError(f"a break lasts less than 0 or more than {LONGEST_LEG_MS}: {breaks}")


def check_energy(energy: Energy | None, stops: Sequence[ProblemStop]) -> None:
    """Raise ValueError unless battery, use and charges fit together."""
    charges = [stop.charge for stop in stops]
    if not all(0 <= charge <= INT32_MAX for charge in charges):
        raise ValueError(f"a charge is out of bounds: {charges}")
    if energy is None:
        if any(charges):
            raise ValueError("a stop charges, but the problem has no energy")
        return
    nodes = (len(stops) + 2, len(stops) + 2)
    if energy.use.shape != nodes or energy.use.dtype != np.int32:
        raise ValueError(
            f"the use of energy is {energy.use.dtype} of {energy.use.shape},"
            f" not int32 of {nodes}"
        )
    if not energy.use.flags.c_contiguous or energy.use.min() < 0:
        raise ValueError("a use of energy is negative, or the rows do not lie one by one")
    if not 0 <= energy.at_start <= energy.capacity <= INT32_MAX:
        raise ValueError(f"energy at the start {energy.at_start} of {energy.capacity}")
    if not 0 <= energy.reserve <= INT32_MAX:
        raise ValueError(f"the reserve of energy is out of bounds: {energy.reserve}")


def check_slices(slices: TravelSlices, nodes: tuple[int, int]) -> None:
    """Raise ValueError unless starts, classes and paces fit together."""
    starts, classes, permille = slices.starts_ms, slices.class_of, slices.permille
    if len(starts) >= MOST_SLICES or list(starts) != sorted(set(starts)):
        raise ValueError(f"{MOST_SLICES} slices at most, their starts rising: {starts}")
    if any(abs(start) > INT32_MAX for start in starts):
        raise ValueError(f"the start of a slice exceeds 32 bits: {starts}")
    if permille.ndim != 2 or permille.shape[1] != len(starts) + 1 or permille.dtype != np.int32:
        raise ValueError(
            f"paces are {permille.dtype} of {permille.shape},"
            f" not int32 with a column for each of {len(starts) + 1} slices"
        )
    if classes.shape != nodes or classes.dtype != np.uint8 or not classes.flags.c_contiguous:
        raise ValueError(
            f"traffic classes are {classes.dtype} of {classes.shape},"
            f" not uint8 of {nodes}, row by row"
        )
    if not permille.size or permille.min() < PACES[0] or permille.max() > PACES[1]:
        raise ValueError(f"a pace lies outside {PACES} permille")
    if classes.max() >= permille.shape[0]:
        raise ValueError(f"traffic class {classes.max()} has no pace")
