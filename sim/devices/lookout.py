"""A robot's lookout at the far end of a cable: passers-by, free roads, what is typed."""

import asyncio
import json
import math
from collections.abc import Callable
from random import Random

import numpy as np

from edge.messages.geo import metres_per_degree
from edge.roads.graph import RoadGraph
from sim.people.walkers import Walker, sightings
from sim.wire import Cable
from sim.world import Truth

LOOK_S = 0.1
FORGOTTEN_M = 25.0
COMES_AHEAD_M = 13.0
FREE_S, BUSY_S = 40.0, 25.0  # of a road's cycle
NEAR_M = 16.0  # of a crossing that it looks at
SAYS_S = 1.0
IN_FRONT = 0.3  # the cosine of what is still in front


class Lookout:
    """Says what it sees ten times a second, one word a line."""

    def __init__(
        self,
        cable: Cable,
        truth: Callable[[], Truth],
        rng: Random,
        *,
        graph: RoadGraph | None = None,
        passers_per_min: float = 1.0,
    ) -> None:
        """`truth` is where the robot really is; without a `graph` there are no crossings."""
        self._cable = cable
        self._truth = truth
        self._rng = rng
        self._graph = graph
        self._per_s = passers_per_min / 60.0
        self.walkers: list[Walker] = []
        self._origin = truth()
        self._cycle_s = rng.uniform(0.0, FREE_S + BUSY_S)
        if graph is not None:
            self._north_e7 = graph.node_lat_e7.astype(np.float64) / 1e7
            self._east_e7 = graph.node_lon_e7.astype(np.float64) / 1e7

    def say(self, kind: str, **fields: object) -> None:
        """Say a word, as its makers write them."""
        self._cable.send(json.dumps({"kind": kind, **fields}).encode() + b"\n")

    def nearest_ahead_m(self) -> float:
        """Return how far the nearest passer-by in front of the robot really is."""
        here, heading = self._here(), math.radians(self._truth().heading_deg)
        ahead = math.inf
        for one in self.walkers:
            east_m, north_m = one.east_m - here[0], one.north_m - here[1]
            away_m = math.hypot(east_m, north_m)
            front_m = east_m * math.sin(heading) + north_m * math.cos(heading)
            if front_m > IN_FRONT * away_m:
                ahead = min(ahead, away_m)
        return ahead

    async def run(self) -> None:
        """Look for ever."""
        loop = asyncio.get_running_loop()
        said_s = -math.inf
        while True:
            now_s, here = loop.time(), self._here()
            self._pass(now_s, here)
            seen = sightings(self.walkers, here, self._rng)
            people = [
                {
                    "east_m": round(one.east_m, 2),
                    "north_m": round(one.north_m, 2),
                    "east_mps": round(one.east_mps, 2),
                    "north_mps": round(one.north_mps, 2),
                }
                for one in seen
            ]
            self.say("looked_around", people=people, dark=False)
            if now_s - said_s >= SAYS_S:
                said_s = now_s
                self._tell_roads(now_s)
            await asyncio.sleep(LOOK_S)

    def _here(self) -> tuple[float, float]:
        truth = self._truth()
        north_m, east_m = metres_per_degree(self._origin.lat_deg)
        return (
            (truth.lon_deg - self._origin.lon_deg) * east_m,
            (truth.lat_deg - self._origin.lat_deg) * north_m,
        )

    def _pass(self, now_s: float, here: tuple[float, float]) -> None:
        truth, rng = self._truth(), self._rng
        moves = truth.speed_mps > 0.3
        if moves and rng.random() < self._per_s * LOOK_S:
            heading = math.radians(truth.heading_deg) + rng.gauss(0.0, 0.15)
            pace_mps = rng.uniform(0.8, 1.7)
            self.walkers.append(
                Walker(
                    "oncoming",
                    here[0] + COMES_AHEAD_M * math.sin(heading),
                    here[1] + COMES_AHEAD_M * math.cos(heading),
                    (-pace_mps * math.sin(heading), -pace_mps * math.cos(heading)),
                )
            )
        for one in self.walkers:
            one.step(now_s, LOOK_S, here, rng)
        self.walkers = [
            one
            for one in self.walkers
            if math.dist((one.east_m, one.north_m), here) < FORGOTTEN_M
        ]

    def _tell_roads(self, now_s: float) -> None:
        """Say of each road near how long it stays free, while it is."""
        left_s = FREE_S - (now_s + self._cycle_s) % (FREE_S + BUSY_S)
        if self._graph is None or left_s <= 0:
            return
        truth = self._truth()
        north_m, east_m = metres_per_degree(truth.lat_deg)
        away_m = np.hypot(
            (self._east_e7 - truth.lon_deg) * east_m, (self._north_e7 - truth.lat_deg) * north_m
        )
        for node in np.flatnonzero(away_m < NEAR_M).tolist():
            arc = int(self._graph.first_arc[node])
            osm = int(self._graph.osm_nodes(arc)[0])
            self.say(
                "crossing_leave",
                crossing_id=f"osm{osm}",
                source="gap",
                lasts_s=round(left_s, 1),
            )
