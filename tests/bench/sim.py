"""How much faster than life one van's whole day runs, station and all."""

import time
from dataclasses import dataclass

from msgspec.structs import replace

from sim.run import run_scenario
from sim.scenario import load_scenario
from tests.bench.report import Figure, Told


@dataclass(frozen=True, slots=True)
class Effort:
    """How many days of how many stops."""

    stops: int
    seeds: int


FULL = Effort(stops=60, seeds=2)
TINY = Effort(stops=2, seeds=1)


def measure(effort: Effort) -> Told:
    """Run the shipped scenario of one van."""
    scenario = load_scenario("one_van")
    orders = replace(scenario.orders, stops=effort.stops)
    scenario = replace(scenario, orders=orders)
    days, spent_s = [], []
    for seed in range(1, effort.seeds + 1):
        began_s = time.process_time()
        days.append(run_scenario(scenario, seed))
        spent_s.append(time.process_time() - began_s)
    assert all(day.good for day in days), [day.problems for day in days]
    fastest = max(days, key=lambda day: day.speed_factor)
    of_processor = max(
        day.speed_factor * day.wall_s / used_s
        for day, used_s in zip(days, spent_s, strict=True)
    )
    figures = [
        Figure(
            "speed_factor",
            "simulated over real time, best run",
            fastest.speed_factor,
            "≥ 1,000",
        ),
        Figure("of_processor", "  simulated over processor time, best run", of_processor),
        Figure("wall_s", "real seconds for that day", fastest.wall_s),
        Figure("facts", "facts of that day", fastest.facts),
        Figure(
            "facts_lost", "facts lost in all runs", sum(day.facts_lost for day in days), "0"
        ),
    ]
    return Told(figures, [f"one van, {effort.stops} stops, {effort.seeds} seeds"])
