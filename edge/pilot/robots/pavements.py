"""A robot's ways: along pavements where a road file is known, straight where none is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from edge.conditions.layers import Layers
from edge.config import SidewalkSection
from edge.guard.kerbs import Kerbs
from edge.messages.conditions import Circle, Layer, Zone
from edge.messages.geo import Place, distance_m
from edge.messages.parcels import StopId
from edge.pilot.craft import Situation
from edge.pilot.robots.kerbside import Kerbside, doors_of
from edge.pilot.truth import accuracy_of
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

    def __init__(
        self,
        section: SidewalkSection,
        graph: RoadGraph | None,
        kerbside: Kerbside | None = None,
        half_m: float = 0.0,
    ) -> None:
        """`half_m` is half of how wide it is."""
        self._section = section
        self._kerbside = kerbside
        self._half_m = half_m
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
        room_m = self._room_m(points, at)
        if isinstance(room_m, str):
            return room_m
        try:
            plan = plan_leg(
                plan_id,
                points,
                mapped,
                speed_mps=self._section.speed_mps,
                purpose=purpose,
                stop_id=stop_id,
                door=door,
                room_m=room_m,
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
        begin, end = here, goal
        if self._kerbside is not None:
            self._fence(self._kerbside, at)
            found = self._kerbside.foot_of(goal)
            if isinstance(found, str):
                return found
            begin, end = self._kerbside.start(here), found
        leg = self._travel.leg(begin, None, end, layers=layers, utc=at.utc)
        if leg is None:
            return "no pavement leads there"
        points = without_spurs((here, begin, *leg.points, end, goal))
        if len(points) > MOST_POINTS:
            return f"the way has {len(points)} bends, {MOST_POINTS} at most"
        return points

    def _fence(self, kerbside: Kerbside, at: Situation) -> Kerbs:
        route = at.mission.route
        assert route is not None, "a leg is of a route"
        return kerbside.fence(route.station, doors_of(route))

    def _room_m(self, points: Sequence[Place], at: Situation) -> float | str | None:
        """Return how much room the kerb map leaves beside a way; else why it is not driven."""
        if self._kerbside is None:
            return None
        accuracy_m = accuracy_of(at.words)
        if accuracy_m is None:
            return "how well its position is known is not known"
        self._fence(self._kerbside, at)
        return self._kerbside.room_m(points, accuracy_m + self._half_m)

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
