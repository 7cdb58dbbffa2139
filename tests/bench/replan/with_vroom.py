"""VROOM (pyvroom) on the same events.

Its windows are hard, it cannot price a drop, and it raises if its start is infeasible: every
window is widened to what the kept plan reaches, so that it begins with the kept plan.
"""

import time
from datetime import timedelta

import vroom

from tests.bench.replan.events import Event, judged
from tests.bench.replan.ours import insert
from tests.bench.replan.with_pyvrp import reached

LATEST = 2**31 - 1
MOST_EXPLORATION = 5


def explored(event: Event, until_s: float, seed: int) -> list[int]:
    """Ask VROOM on one thread; it takes no seed, and heeds the time as it can."""
    kept = insert(event) if event.known else []
    arrivals = reached(event, kept) if kept else {}
    end = len(event.windows) - 1
    question = vroom.Input()
    question.set_durations_matrix("car", event.travel_ms)
    route = [
        vroom.VehicleStep("start"),
        *(vroom.VehicleStep("single", node) for node in kept),
        vroom.VehicleStep("end"),
    ]
    steps = route if kept else []
    latest = min(LATEST, max(event.shift_end_ms, arrivals.get(end, 0)))
    question.add_vehicle(
        vroom.Vehicle(1, start=0, end=end, time_window=(event.start_ms, latest), steps=steps)
    )
    jobs = []
    for node in event.stops:
        window = event.windows[node]
        spans = []
        if window is not None:
            opens, closes = (max(0, edge) for edge in window)
            spans = [vroom.TimeWindow(opens, max(closes, arrivals.get(node, 0)))]
        jobs.append(
            vroom.Job(
                node, location=node, default_service=event.service_ms[node], time_windows=spans
            )
        )
    question.add_job(jobs)
    left = timedelta(milliseconds=max(1, int((until_s - time.perf_counter()) * 1000)))
    try:
        found = question.solve(MOST_EXPLORATION, nb_threads=1, timeout=left)
    except vroom.VroomInputException:  # a start that it finds infeasible after its rounding
        return kept
    order = [int(step) for step in found.routes["id"].dropna() if int(step) != 0]
    return min([order, kept], key=lambda order: judged(event, order).cost_ms)
