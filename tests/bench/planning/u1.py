"""How good a day's plan is while traffic, weather and zones hold, with PyVRP beside it.

A day: stops in Porto, live speeds on a twentieth of the roads, a jam, rain, a zone nobody may
enter and one to be avoided. PyVRP gets the same table and the very same objective; both begin
from nothing. Ours is asked again with what the table's processor time leaves of its second.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from statistics import median

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from edge.conditions.areas import contains
from edge.conditions.layers import Layers
from edge.messages.conditions import Circle, Layer, TrafficFactor, Weather, Zone
from edge.messages.geo import Place
from edge.messages.routes import Stop, TimeWindow
from edge.native.replan.reference import Simulation, simulate
from edge.planner.barred import unreachable
from edge.planner.problem import Budget, Problem, problem_of
from edge.planner.replan import replan
from edge.planner.travel.roads import RoadTravel
from edge.roads.graph import RoadGraph
from edge.roads.snap import Snapper
from tests.bench.report import Figure, Told
from tests.bench.roads import roads_folder
from tests.bench.roads.ours import FROM, news
from tests.bench.roads.towns import stops as places_in
from tests.bench.roads.towns import town
from tests.edge.roads.towns import grid_town

SERVICE_S = 120.0
SPARE = 20  # a zone may cut some off
PROMISED = 3  # every third stop
WINDOW = timedelta(hours=2)
SHIFT = timedelta(hours=12)
FOREVER_UTC = datetime(2026, 12, 31, tzinfo=UTC)
GOAL_PCT = 2.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How many days of how many stops, and how long each may think."""

    town: str
    """Empty: a generated one."""
    days: int
    stops: int
    ours_s: float
    pyvrp_s: float


FULL = Effort("porto", 10, 120, 1.0, 5.0)
TINY = Effort("", 1, 8, 0.05, 0.1)


@dataclass(frozen=True, slots=True)
class Day:
    """Where to, and what holds all day."""

    station: Place
    stops: tuple[Stop, ...]
    layers: Layers


def measure(effort: Effort) -> Told:
    """Plan every day three times and compare the costs."""
    graph = town(effort.town, roads_folder()).graph if effort.town else grid_town(12, 12)
    gaps_pct, all_in_pct, tables_s, late = [], [], [], [0, 0]
    for seed in range(effort.days):
        day = a_day(graph, effort.stops, seed)
        started_s = time.thread_time()
        problem = asked(RoadTravel(graph, "van"), day)
        tables_s.append(time.thread_time() - started_s)
        ours = _searched(problem, effort.ours_s)
        all_in = _searched(problem, effort.ours_s - tables_s[-1])
        theirs = simulate(problem, pyvrp_order(problem, effort))
        gaps_pct.append(100 * (ours.cost_ms / theirs.cost_ms - 1))
        all_in_pct.append(100 * (all_in.cost_ms / theirs.cost_ms - 1))
        late[0] += sum(late_ms > 0 for late_ms in ours.late_ms)
        late[1] += sum(late_ms > 0 for late_ms in theirs.late_ms)
    within = sum(gap <= GOAL_PCT for gap in all_in_pct)
    goal = f"≤ {GOAL_PCT:g}"
    worst_pct, best_pct = max(0.0, *gaps_pct), max(0.0, -min(gaps_pct))
    return Told(
        [
            Figure("worst_pct", "cost above PyVRP's, the worst day [%]", worst_pct, goal),
            Figure("best_pct", "cost below PyVRP's, the best day [%]", best_pct),
            Figure("dearer", f"of {effort.days} days dearer", sum(gap > 0 for gap in gaps_pct)),
            Figure(
                "table_worst_cpu_s", "the table, the slowest [s of processor]", max(tables_s)
            ),
            Figure("all_in_within", f"days {goal} % with the table in the time", within),
            Figure("late_ours", "stops late, ours, all days", late[0]),
            Figure("late_pyvrp", "stops late, PyVRP, all days", late[1]),
        ],
        [
            f"{effort.stops} stops in {effort.town or 'a generated town'}; ours "
            f"{effort.ours_s:g} s, PyVRP {effort.pyvrp_s:g} s",
            f"median of the cost against PyVRP's: {median(gaps_pct):+.2f} %",
        ],
    )


def _searched(problem: Problem, seconds: float) -> Simulation:
    budget = Budget(wall_ms=max(0.0, 1000 * seconds))
    return simulate(problem, replan(problem, range(1, problem.end), budget).order)


def a_day(graph: RoadGraph, count: int, seed: int) -> Day:
    """Return a day whose promises can be kept: they lie round the arrivals of a rough plan."""
    station, *doors = islice(_free(graph, seed), count + SPARE)
    layers = conditions(graph, doors, seed)
    found = tuple(
        Stop(stop_id=f"s{number}", place=place, service_s=SERVICE_S)
        for number, place in enumerate(doors)
    )
    travel = RoadTravel(graph, "van")
    whole = asked(travel, Day(station, found, layers))
    cut_off = {one.stop.stop_id for one in unreachable(found, whole.travel_ms)}
    stops = tuple(stop for stop in found if stop.stop_id not in cut_off)[:count]
    assert len(stops) == count, "a zone cut most of the town off"
    problem = asked(travel, Day(station, stops, layers))
    rough = replan(problem, range(1, problem.end), Budget(iterations=300)).simulation
    arrival_ms = dict(zip(rough.order, rough.arrival_ms, strict=True))
    rng = np.random.default_rng(seed)
    promised = tuple(
        _promised(stop, arrival_ms[node], float(rng.uniform(0.2, 0.8)))
        if node % PROMISED == 0 and node in arrival_ms
        else stop
        for node, stop in enumerate(stops, 1)
    )
    return Day(station, promised, layers)


def conditions(graph: RoadGraph, doors: Sequence[Place], seed: int) -> Layers:
    """Return live speeds, a jam, rain, and two zones without a door in them, all day."""
    rng = np.random.default_rng(1000 + seed)
    middle = doors[int(rng.integers(len(doors)))]
    jammed = Circle(centre=middle, radius_m=1500)
    forbidden = _clear_of(doors, rng, 150.0)
    avoided = _clear_of(doors, rng, 250.0)
    times = {"from_utc": FROM, "until_utc": FOREVER_UTC}
    layer = Layer(
        name="city",
        version=1,
        issued_utc=FROM,
        expires_utc=FOREVER_UTC,
        factors=(TrafficFactor(**times, factor=1.6, area=jammed),),
        weather=(Weather(**times, rain_mm_h=2.0),),
        zones=(
            Zone(zone_id="fire", name="Fire", kind="hard", area=forbidden),
            Zone(zone_id="school", name="School", kind="avoid", area=avoided),
        ),
    )
    return news(graph, seed).take(layer, FROM)


def _free(graph: RoadGraph, seed: int) -> Iterator[Place]:
    """Yield places a van may stop at."""
    snapper = Snapper(graph)
    for place in places_in(graph, 500, seed):
        if snapper.snap(place, "van") is not None:
            yield place


def _clear_of(doors: Sequence[Place], rng: np.random.Generator, radius_m: float) -> Circle:
    """Return a circle among the doors that holds none of them; smaller where it must be."""
    while True:
        one, other = (doors[int(number)] for number in rng.integers(len(doors), size=2))
        centre = Place(
            lat_deg=(one.lat_deg + other.lat_deg) / 2, lon_deg=(one.lon_deg + other.lon_deg) / 2
        )
        circle = Circle(centre=centre, radius_m=radius_m)
        if not any(contains(circle, door) for door in doors):
            return circle
        radius_m *= 0.97


def _promised(stop: Stop, arrival_ms: int, before: float) -> Stop:
    opens_utc = FROM + timedelta(milliseconds=arrival_ms) - before * WINDOW
    window = TimeWindow(opens_utc=opens_utc, closes_utc=opens_utc + WINDOW)
    return Stop(
        stop_id=stop.stop_id, place=stop.place, service_s=stop.service_s, windows=(window,)
    )


def asked(travel: RoadTravel, day: Day) -> Problem:
    """Return the day as the kernel is asked, with the times of the roads as they are."""
    times = travel.times(
        day.station, None, day.stops, day.station,
        layers=day.layers, from_utc=FROM, until_utc=FROM + SHIFT,
    )  # fmt: skip
    assert times.slices is None, "the conditions of these days hold all day"
    problem = problem_of(day.stops, times.base_ms, zero_utc=FROM, shift_end_utc=FROM + SHIFT)
    certain = tuple(replace(stop, doubtful=None) for stop in problem.stops)
    return replace(problem, stops=certain)  # PyVRP knows no doubt


def pyvrp_order(problem: Problem, effort: Effort) -> list[int]:
    """Return PyVRP's order; its objective is ours: driving once, waiting half."""
    clients = [
        pyvrp.Client(
            node,
            service_duration=stop.service_ms,
            tw_early=max(0, stop.windows[0][0]) if stop.windows else 0,
            tw_late=stop.windows[-1][1] if stop.windows else problem.shift_end_ms,
        )
        for node, stop in enumerate(problem.stops, 1)
    ]
    vehicle = pyvrp.VehicleType(
        end_depot=1,
        start_late=0,
        tw_late=problem.shift_end_ms,
        unit_distance_cost=1,
        unit_duration_cost=1,
    )
    travel = problem.travel_ms.astype(np.int64)
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(travel))],
        clients=clients,
        depots=[pyvrp.Depot(0), pyvrp.Depot(len(travel) - 1)],
        vehicle_types=[vehicle],
        distance_matrices=[travel],
        duration_matrices=[travel],
    )
    best = pyvrp.solve(data, MaxRuntime(effort.pyvrp_s), seed=1, collect_stats=False).best
    (route,) = best.routes()
    return [visit.idx + 1 for visit in route.schedule() if visit.is_client()]
