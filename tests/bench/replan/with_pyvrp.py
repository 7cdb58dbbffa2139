"""PyVRP on the same events: as it comes, and with what we learnt to set for one long route.

Its windows are hard. As it comes it is told the windows as promised. Tuned, every window is
widened to what the kept plan reaches, so that its start is feasible and it can only improve.
"""

import time

import numpy as np
import pyvrp
from pyvrp.search import NeighbourhoodParams
from pyvrp.stop import MaxRuntime

from tests.bench.replan.events import Event, judged
from tests.bench.replan.ours import insert

NO_END = 2**40
TUNED_NEIGHBOURS = 20


def default(event: Event, until_s: float, seed: int) -> list[int]:
    """Ask PyVRP with its own settings, from the kept plan."""
    return _solved(event, until_s, seed, pyvrp.SolveParams(), widened=False)


def tuned(event: Event, until_s: float, seed: int) -> list[int]:
    """Ask PyVRP with few neighbours, no exhaustive search of each best, wider windows."""
    params = pyvrp.SolveParams(
        ils=pyvrp.IteratedLocalSearchParams(exhaustive_on_best=False),
        neighbourhood=NeighbourhoodParams(num_neighbours=TUNED_NEIGHBOURS),
    )
    return _solved(event, until_s, seed, params, widened=bool(event.known))


def reached(event: Event, order: list[int]) -> dict[int, int]:
    """Return when an order reaches each of its stops, and the end (the last node) [ms]."""
    driven = judged(event, order)
    return {
        **dict(zip(driven.order, driven.arrival_ms, strict=True)),
        len(event.windows) - 1: driven.end_ms,
    }


def _solved(
    event: Event,
    until_s: float,
    seed: int,
    params: pyvrp.SolveParams,
    *,
    widened: bool,
) -> list[int]:
    kept = insert(event) if event.known else []
    arrivals = reached(event, kept) if widened else {}
    problem = _as_pyvrp(event, arrivals)
    warm = pyvrp.Solution(problem, [[node - 1 for node in kept]]) if kept else None
    left_s = max(0.001, until_s - time.perf_counter())
    found = pyvrp.solve(
        problem,
        MaxRuntime(left_s),
        seed=seed,
        collect_stats=False,
        params=params,
        initial_solution=warm,
    ).best
    orders = [
        [visit.idx + 1 for visit in route.schedule() if visit.is_client()]
        for route in found.routes()
    ]
    return min([*orders, kept], key=lambda order: judged(event, order).cost_ms)


def _as_pyvrp(event: Event, arrivals: dict[int, int]) -> pyvrp.ProblemData:
    end = len(event.windows) - 1
    clients = []
    for node in event.stops:
        opens, closes = event.windows[node] or (0, NO_END)
        clients.append(
            pyvrp.Client(
                node,
                service_duration=event.service_ms[node],
                tw_early=max(0, opens),
                tw_late=max(0, opens, closes, arrivals.get(node, 0)),
                prize=event.drop_ms,
                required=False,
            )
        )
    latest = max(event.start_ms, event.shift_end_ms, arrivals.get(end, 0))
    vehicle = pyvrp.VehicleType(
        start_depot=0,
        end_depot=1,
        tw_early=event.start_ms,
        tw_late=latest,
        start_late=event.start_ms,
        unit_distance_cost=1,
    )
    travel = event.travel_ms.astype(np.int64)
    np.fill_diagonal(travel, 0)
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(end + 1)],
        clients=clients,
        depots=[pyvrp.Depot(0), pyvrp.Depot(end)],
        vehicle_types=[vehicle],
        distance_matrices=[travel],
        duration_matrices=[travel],
    )
