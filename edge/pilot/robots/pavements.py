"""A robot's ways: along pavements where a road file is known, straight where none is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from edge.conditions.layers import Layers
from edge.config import SidewalkSection
from edge.messages.conditions import Circle, Layer, Zone
from edge.messages.geo import Place, distance_m
from edge.messages.parcels import StopId
from edge.pilot.craft import Situation
from edge.planner.travel.roads import RoadTravel
from edge.roads.crossings import Crossings
from edge.roads.graph import RoadGraph
from edge.sidewalk.plan import (
    DoorSite,
    DrivePlan,
    MappedCrossing,
    Purpose,
    UndrivableError,
    plan_leg,
)
from edge.sidewalk.way import stretches, without_spurs

SHUT_FOR = timedelta(hours=1)
LEAST_WAY_M = 0.5
MOST_POINTS = 2000


class Pavements:
    """Plans the legs of one robot."""

    def __init__(self, section: SidewalkSection, graph: RoadGraph | None) -> None:
        self._section = section
        self._travel = RoadTravel(graph, "foot", kind="robot") if graph else None
        self._crossings = Crossings(graph) if graph else None
        self._told = tuple(
            MappedCrossing(
                crossing_id=one.crossing_id,
                middle=Place(lat_deg=one.lat_deg, lon_deg=one.lon_deg),
                reach_m=one.reach_m,
            )
            for one in section.crossing
        )
        self.known: dict[str, MappedCrossing] = {one.crossing_id: one for one in self._told}
        """Crossings of the ways that were planned, and those that the file names."""

    def leg(
        self,
        plan_id: str,
        here: Place,
        goal: Place,
        at: Situation,
        *,
        purpose: Purpose = "stop",
        stop_id: StopId | None = None,
        door: DoorSite | None = None,
        avoid: Sequence[str] = (),
    ) -> DrivePlan | str:
        """Return a leg from here, or why there is none."""
        points = self._points(here, goal, at, avoid)
        if isinstance(points, str):
            return points
        mapped = self._mapped(points)
        if any(one.crossing_id in avoid for one in _met(points, mapped)):
            return f"there is no way round {', '.join(avoid)}"
        try:
            plan = plan_leg(
                plan_id,
                points,
                mapped,
                speed_mps=self._section.speed_mps,
                purpose=purpose,
                stop_id=stop_id,
                door=door,
            )
        except UndrivableError as error:
            return str(error)
        self.known |= {one.crossing_id: one for one in mapped}
        return plan

    def of_leg(self, plan: DrivePlan | None) -> tuple[MappedCrossing, ...]:
        """Return the crossings that the file names, and those of a leg."""
        ids = {name for road in plan.crossings for name in road.crossing_ids} if plan else set()
        more = tuple(self.known[name] for name in sorted(ids) if name in self.known)
        return tuple(dict.fromkeys((*self._told, *more)))

    def _points(
        self, here: Place, goal: Place, at: Situation, avoid: Sequence[str]
    ) -> tuple[Place, ...] | str:
        if distance_m(here, goal) < LEAST_WAY_M:
            goal = _beside(goal)
        if self._travel is None:
            return (here, goal)
        layers = self._closed(at, avoid)
        leg = self._travel.leg(here, None, goal, layers=layers, utc=at.utc)
        if leg is None:
            return "no pavement leads there"
        points = without_spurs((here, *leg.points, goal))
        if len(points) > MOST_POINTS:
            return f"the way has {len(points)} bends, {MOST_POINTS} at most"
        return points

    def _mapped(self, points: Sequence[Place]) -> tuple[MappedCrossing, ...]:
        found = self._crossings.of(points) if self._crossings else ()
        by_map = tuple(
            MappedCrossing(
                crossing_id=f"osm{one.osm_node}", middle=one.place, reach_m=one.reach_m
            )
            for one in found
        )
        return (*self._told, *by_map)

    def _closed(self, at: Situation, avoid: Sequence[str]) -> Layers:
        """Return the layers with those crossings shut."""
        zones = tuple(
            Zone(
                zone_id=name,
                kind="hard",
                area=Circle(centre=self.known[name].middle, radius_m=self.known[name].reach_m),
                applies_to=("robot",),
            )
            for name in avoid
            if name in self.known
        )
        if not zones:
            return at.layers
        shut = Layer(
            name="crossings",
            version=1,
            issued_utc=at.utc,
            expires_utc=at.utc + SHUT_FOR,
            zones=zones,
        )
        return replace(at.layers, parts=(*at.layers.parts, shut))


def _met(points: Sequence[Place], mapped: Sequence[MappedCrossing]) -> list[MappedCrossing]:
    """Return those that the way goes over."""
    return [one for one in mapped if stretches(points, one.middle, one.reach_m)]


def _beside(place: Place) -> Place:
    """Return a place a step away: a way has a length."""
    return Place(lat_deg=place.lat_deg + 1e-5, lon_deg=place.lon_deg)
