"""What happens to a planned day: the questions that every planner is asked.

The objective is J = travel + 10 x true lateness + P x stops left out, P a fifth of what the
tour cost before. Being late at the end counts like being late at a stop; waiting costs nothing.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.native.replan.kernel import solve
from edge.native.replan.problem import (
    INT32_MAX,
    LONGEST_LEG_MS,
    Budget,
    Prices,
    Problem,
    ProblemStop,
)
from edge.native.replan.reference import Simulation, simulate
from tests.bench.planning.instances import Instance, Window

KINDS = ("mild", "harsh", "late", "road closed")
LATE_WEIGHT = 10
DROP_SHARE = 0.2
CHANGED_STOPS = 3  # cancelled, and as many new
SLOWER, SLOWER_SHARE = 1.3, 0.2
SERVED_SHARE = 0.25  # of the plan, when something happens on the way
DELAY_SHARE = 0.1  # of the whole tour's time
CLOSED_LEGS, CLOSED_AROUND, DETOUR = 3, 5, 5


@dataclass(frozen=True, slots=True)
class Event:
    """A question in plain figures, so that every planner builds its own model of it.

    Node 0 is where the vehicle is, the last one where it ends; stops lie between.
    """

    name: str
    kind: str
    travel_ms: NDArray[np.int32]
    service_ms: tuple[int, ...]
    windows: tuple[Window, ...]
    start_ms: int
    shift_end_ms: int
    drop_ms: int
    known: tuple[int, ...]
    """The order people know. It lacks new stops, or has them at random places. May be empty."""
    late_weight: int = LATE_WEIGHT

    @property
    def stops(self) -> range:
        """The nodes to serve."""
        return range(1, len(self.service_ms) - 1)


def problem_of(event: Event) -> Problem:
    """Return the question as our kernel is asked it."""
    return Problem(
        event.travel_ms,
        tuple(
            ProblemStop(
                event.service_ms[node],
                event.drop_ms,
                () if (window := event.windows[node]) is None else (window,),
                event.late_weight,
            )
            for node in event.stops
        ),
        start_ms=event.start_ms,
        shift_end_ms=event.shift_end_ms,
        prices=Prices(overtime_weight=event.late_weight),
    )


def judged(event: Event, order: Sequence[int]) -> Simulation:
    """Drive an answer; its `cost_ms` is J. Raises ValueError if it is no order of the stops."""
    return simulate(problem_of(event), order)


def events(days: Sequence[Instance], plan_rounds: int) -> Iterator[Event]:
    """Yield one event of each kind for each day; the day is planned before, in some rounds."""
    for day in days:
        for kind in KINDS:
            rng = np.random.default_rng(zlib.crc32(f"{day.name} {kind}".encode()))
            make = _on_the_way if kind in ("late", "road closed") else _before_leaving
            yield make(day, kind, rng, plan_rounds)


def whole_day(
    day: Instance, nodes: Sequence[int], *, drop_ms: int = INT32_MAX, name: str = ""
) -> Event:
    """Return the question of serving some of a day's stops, with no order known."""
    rows = [0, *nodes, 0]
    return Event(
        name=name or day.name,
        kind="whole day",
        travel_ms=np.ascontiguousarray(day.travel_ms[np.ix_(rows, rows)]),
        service_ms=tuple(day.service_ms[row] for row in rows),
        windows=tuple(day.windows[row] for row in rows),
        start_ms=0,
        shift_end_ms=day.shift_end_ms,
        drop_ms=drop_ms,
        known=(),
    )


def _planned(day: Event, rounds: int) -> Simulation:
    """Plan a calm day as a station would, long before it begins."""
    return solve(problem_of(day), [], Budget(rounds)).simulation


def _before_leaving(day: Instance, kind: str, rng: np.random.Generator, rounds: int) -> Event:
    """Three stops are cancelled, three are new, and a fifth of the ways is slower."""
    mixed = [int(node) for node in rng.permutation(np.arange(1, day.stops + 1))]
    new, gone = mixed[:CHANGED_STOPS], mixed[CHANGED_STOPS : 2 * CHANGED_STOPS]
    promised = sorted(mixed[CHANGED_STOPS:])
    plan = _planned(whole_day(day, promised), rounds)
    served = sorted(set(mixed) - set(gone))
    node_of = {row: node for node, row in enumerate(served, 1)}
    known = [node_of[promised[n - 1]] for n in plan.order if promised[n - 1] not in gone]
    if kind == "harsh":
        for row in new:
            known.insert(int(rng.integers(0, len(known) + 1)), node_of[row])
    calm = whole_day(
        day, served, drop_ms=_drop_ms(plan.travel_cost_ms), name=f"{day.name} {kind}"
    )
    slower = np.where(rng.random(calm.travel_ms.shape) < SLOWER_SHARE, SLOWER, 1.0)
    return _changed(calm, kind, known, calm.travel_ms * slower)


def _on_the_way(day: Instance, kind: str, rng: np.random.Generator, rounds: int) -> Event:
    """A quarter is served; the vehicle is late, or roads round some legs ahead are closed."""
    whole = whole_day(day, range(1, day.stops + 1))
    plan = _planned(whole, rounds)
    served = max(1, int(len(plan.order) * SERVED_SHARE))
    rest = sorted(plan.order[served:])
    calm = whole_day(
        day, rest, drop_ms=_drop_ms(plan.travel_cost_ms), name=f"{day.name} {kind}"
    )
    node_of = {row: node for node, row in enumerate(rest, 1)}
    known = [node_of[row] for row in plan.order[served:]]
    here = plan.order[served - 1]
    travel = calm.travel_ms.astype(float)
    travel[0, 1:-1] = day.travel_ms[here, rest]
    travel[0, -1] = day.travel_ms[here, 0]
    start_ms = plan.depart_ms[served - 1]
    if kind == "late":
        start_ms += round(plan.end_ms * DELAY_SHARE)
    else:
        _close_roads(travel, known, rng)
    return _changed(calm, kind, known, travel, start_ms)


def _close_roads(
    travel: NDArray[np.float64], known: Sequence[int], rng: np.random.Generator
) -> None:
    """Make the ways between the surroundings of both ends of some planned legs a detour."""
    for leg in rng.choice(len(known) - 1, min(CLOSED_LEGS, len(known) - 1), replace=False):
        ends = []
        for stop in known[leg], known[leg + 1]:
            nearest = np.argsort(travel[stop, 1:-1], kind="stable") + 1
            ends.append([stop, *[int(n) for n in nearest if n != stop][: CLOSED_AROUND - 1]])
        near, far = ends[0], [node for node in ends[1] if node not in ends[0]]
        for one, other in ((near, far), (far, near)):
            travel[np.ix_(one, other)] *= DETOUR


def _changed(
    calm: Event,
    kind: str,
    known: Sequence[int],
    travel: NDArray[np.float64],
    start_ms: int = 0,
) -> Event:
    return Event(
        name=calm.name,
        kind=kind,
        travel_ms=np.minimum(np.rint(travel), LONGEST_LEG_MS).astype(np.int32),
        service_ms=calm.service_ms,
        windows=calm.windows,
        start_ms=start_ms,
        shift_end_ms=calm.shift_end_ms,
        drop_ms=calm.drop_ms,
        known=tuple(known),
    )


def _drop_ms(tour_ms: int) -> int:
    return min(INT32_MAX, round(DROP_SHARE * tour_ms))
