"""OR-Tools' routing library on the same events: it knows soft windows and priced drops."""

import time
from datetime import timedelta

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from tests.bench.replan.events import Event, judged
from tests.bench.replan.ours import insert

HORIZON_MS = 2**40


def guided(event: Event, until_s: float, seed: int) -> list[int]:
    """Ask for guided local search from the kept plan; it takes no seed."""
    kept = insert(event) if event.known else []
    end = len(event.windows) - 1
    index = pywrapcp.RoutingIndexManager(end + 1, 1, [0], [end])
    routing = pywrapcp.RoutingModel(index)
    price = routing.RegisterTransitMatrix(event.travel_ms.tolist())
    legs = event.travel_ms.astype(np.int64) + np.array(event.service_ms)[:, None]
    leg = routing.RegisterTransitMatrix(legs.tolist())
    routing.SetArcCostEvaluatorOfAllVehicles(price)
    routing.AddDimension(leg, HORIZON_MS, HORIZON_MS, False, "clock")
    clock = routing.GetDimensionOrDie("clock")
    clock.CumulVar(routing.Start(0)).SetRange(event.start_ms, event.start_ms)
    clock.SetCumulVarSoftUpperBound(routing.End(0), event.shift_end_ms, event.late_weight)
    for node in event.stops:
        at = index.NodeToIndex(node)
        routing.AddDisjunction([at], event.drop_ms)
        window = event.windows[node]
        if window is not None:
            clock.CumulVar(at).SetMin(max(0, window[0]))
            clock.SetCumulVarSoftUpperBound(at, window[1], event.late_weight)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    search.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    left = timedelta(seconds=max(0.001, until_s - time.perf_counter()))
    search.time_limit.FromTimedelta(left)
    routing.CloseModelWithParameters(search)
    if kept:
        warm = routing.ReadAssignmentFromRoutes([[index.NodeToIndex(n) for n in kept]], True)
        found = routing.SolveFromAssignmentWithParameters(warm, search) if warm else None
    else:
        found = routing.SolveWithParameters(search)
    orders = [kept]
    if found:
        order, at = [], found.Value(routing.NextVar(routing.Start(0)))
        while not routing.IsEnd(at):
            order.append(index.IndexToNode(at))
            at = found.Value(routing.NextVar(at))
        orders.append(order)
    return min(orders, key=lambda order: judged(event, order).cost_ms)
