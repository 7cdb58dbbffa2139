"""Travel by air: round zones, in the wind, at the height that suits best."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from edge.air.airframe import Airframe
from edge.air.airspace import ClosedZone, Ground, Keeping, closed_zone
from edge.air.chart import Chart, Floats
from edge.air.flights import Flight, Flights, Refusal
from edge.air.level import Question
from edge.air.sightlines import CrowdedError
from edge.air.sky import Sky
from edge.air.wind import AnyWind, Headwind, Wind
from edge.conditions.layers import Layers
from edge.messages.conditions import Zone
from edge.messages.geo import Place
from edge.messages.legs import Leg, Step
from edge.messages.routes import Stop
from edge.native.replan.parts import Energy
from edge.planner.problem import LONGEST_LEG_MS
from edge.planner.travel.times import Times

LOOK_AHEAD = timedelta(hours=1)  # zones that begin within it count; later ones re-plan anyway
MOST_CHANGES = 64  # in that time; beyond, every zone of every layer counts
REACH_STEP_M = 5_000.0  # so that a stop more does not make a new sky


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A point of a flight."""

    place: Place
    height_m: float
    """Above the ground of the station."""


class AirTravel:
    """How a drone of one type flies from one station.

    Wind is as known when asked, the same everywhere but stronger with height. Where it is not
    known, `assumed_wind_mps` is reckoned against every track.
    """

    def __init__(
        self,
        station: Place,
        airframe: Airframe,
        *,
        keeping: Keeping | None = None,
        ground: Ground | None = None,
        permits: frozenset[str] = frozenset(),
        assumed_wind_mps: float = 8.0,
    ) -> None:
        self.chart = Chart(station)
        self._airframe = airframe
        self._keeping = keeping or Keeping()
        self._ground = ground
        self._permits = permits
        self._assumed_wind_mps = assumed_wind_mps
        self._drawn: dict[Zone, ClosedZone | None] = {}
        self._sky: Sky | None = None

    def times(
        self,
        start: Place,
        heading_deg: float | None,  # noqa: ARG002  # a drone turns where it is
        stops: Sequence[Stop],
        station: Place,
        *,
        layers: Layers,
        from_utc: datetime,
        until_utc: datetime,
    ) -> Times:
        """Return the travel times; LONGEST_LEG_MS where `flights` has a refusal."""
        places = [start, *(stop.place for stop in stops), station]
        found = self.flights(places, layers=layers, from_utc=from_utc, until_utc=until_utc)
        return Times(np.minimum(found.time_ms, LONGEST_LEG_MS).astype(np.int32))

    def flights(
        self,
        places: Sequence[Place],
        *,
        layers: Layers,
        from_utc: datetime,
        until_utc: datetime,
        start_height_m: float = 0.0,
        payload_kg: float = 0.0,
    ) -> Flights:
        """Return times, energies and refusals between all places, and how each flight leads.

        The first place is where the drone is now, at a height above the station's ground. The
        payload is carried on every flight: the energies are those of the load now.
        """
        points_m = self.chart.points_m(places)
        heights_m = np.zeros(len(places))
        heights_m[:1] = start_height_m
        wind, gust_mps = self._wind(layers, from_utc)
        question = Question(points_m, heights_m, wind, self._airframe, payload_kg)
        far = (~self.chart.reaches(points_m)).tolist()
        try:
            sky = self._sky_over(points_m, layers, from_utc, until_utc, wind, gust_mps)
        except CrowdedError:
            return Flights(question, (), far=far, crowded=True)
        return Flights(question, sky.levels, far=far)

    def flight(
        self,
        start: Place,
        end: Place,
        *,
        layers: Layers,
        utc: datetime,
        start_height_m: float = 0.0,
        payload_kg: float = 0.0,
    ) -> Flight | Refusal:
        """Return the flight from one place to another that begins now, or why there is none."""
        found = self.flights(
            (start, end),
            layers=layers,
            from_utc=utc,
            until_utc=utc + LOOK_AHEAD,
            start_height_m=start_height_m,
            payload_kg=payload_kg,
        )
        return found.flight(0, 1)

    def leg(
        self,
        start: Place,
        heading_deg: float | None,  # noqa: ARG002
        end: Place,
        *,
        layers: Layers,
        utc: datetime,
    ) -> Leg | None:
        """Return the way on the map; None if it is not flown: `flight` says why.

        Unlike on roads, None is no way that nobody knows: nothing may draw a line for it.
        No page draws flights yet.
        """
        flight = self.flight(start, end, layers=layers, utc=utc)
        if isinstance(flight, Refusal):
            return None
        lasts_s = flight.time_ms / 1000
        return Leg(
            points=tuple(self.chart.place(*point) for point in flight.track_m.tolist()),
            length_m=flight.length_m,
            lasts_s=lasts_s,
            steps=(
                Step(manoeuvre="depart", at=start, length_m=flight.length_m, lasts_s=lasts_s),
                Step(manoeuvre="arrive", at=end),
            ),
        )

    def waypoints(self, flight: Flight) -> tuple[Waypoint, ...]:
        """Return a flight as points in the air: up, along its corners, down."""
        places = [self.chart.place(*point) for point in flight.track_m.tolist()]
        level = [Waypoint(place, flight.cruise_m) for place in places]
        ends = Waypoint(places[0], flight.start_m), Waypoint(places[-1], flight.end_m)
        return (ends[0], *level, ends[1])

    def energy(self, found: Flights, left_j: int) -> Energy:
        """Return what the flights use, for the kernel; a refused one more than there can be."""
        frame = self._airframe
        full_j = round(frame.battery_j)
        use_j = np.minimum(found.energy_j, full_j + 1).astype(np.int32)
        return Energy(use_j, min(left_j, full_j), full_j, math.ceil(frame.reserve_j))

    def _wind(self, layers: Layers, utc: datetime) -> tuple[AnyWind, float]:
        """Return the wind and the gust to keep a margin for."""
        weather = layers.weather(utc, self.chart.origin)
        if weather is None or weather.wind_mps is None:
            gust_mps = weather.gust_mps if weather else None
            assumed = max(self._assumed_wind_mps, gust_mps or 0.0)
            return Headwind(assumed), assumed
        gust_mps = max(weather.wind_mps, weather.gust_mps or 0.0)
        if weather.wind_from_deg is None:
            return Headwind(weather.wind_mps), gust_mps
        return Wind.from_direction(weather.wind_mps, weather.wind_from_deg), gust_mps

    def _sky_over(
        self,
        points_m: Floats,
        layers: Layers,
        from_utc: datetime,
        until_utc: datetime,
        wind: AnyWind,
        gust_mps: float,
    ) -> Sky:
        zones = zones_within(layers, from_utc, min(until_utc, from_utc + LOOK_AHEAD))
        closed = self._closed(zones)
        self._sky = Sky(
            closed,
            self._keeping,
            self._ground,
            margin_m=self._keeping.margin_m(self._airframe.size_m, gust_mps),
            within_m=self._within_m(points_m, wind),
            before=self._sky,
        )
        return self._sky

    def _closed(self, zones: Sequence[Zone]) -> tuple[ClosedZone, ...]:
        """Return the zones that close, drawing only those that are new."""
        self._drawn = {
            zone: self._drawn[zone]
            if zone in self._drawn
            else closed_zone(self.chart, zone, self._ground, self._permits)
            for zone in zones
        }
        return tuple(closed for closed in self._drawn.values() if closed is not None)

    def _within_m(self, points_m: Floats, wind: AnyWind) -> float:
        """Return how far from the station a flight can lead and still end in range."""
        frame = self._airframe
        strongest_mps = wind.aloft(self._keeping.highest_m).speed_mps
        longest_s = frame.usable_j / frame.level_w(frame.airspeed_mps)
        half_m = longest_s * (frame.airspeed_mps + strongest_mps) / 2
        farthest_m = float(np.hypot(points_m[:, 0], points_m[:, 1]).max(initial=0.0))
        steps = math.ceil((farthest_m + half_m) / REACH_STEP_M)
        return min(steps * REACH_STEP_M, self.chart.reach_m)


def zones_within(layers: Layers, from_utc: datetime, until_utc: datetime) -> tuple[Zone, ...]:
    """Return the zones that apply at any instant of a span."""
    found = dict.fromkeys(layers.zones(from_utc))
    utc: datetime | None = from_utc
    for _ in range(MOST_CHANGES):
        utc = layers.next_change_utc(utc) if utc else None
        if utc is None or utc >= until_utc:
            return tuple(found)
        found |= dict.fromkeys(layers.zones(utc))
    found |= dict.fromkeys(zone for part in layers.parts for zone in part.zones)
    return tuple(found)
