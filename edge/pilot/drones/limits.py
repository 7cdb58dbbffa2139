"""What the guard allows a drone today: zones in force, approved stops, landing sites."""

import math
from datetime import UTC, datetime
from itertools import pairwise

from edge.config import FlightSection
from edge.flight.progress import FlightProgress, Seen
from edge.guard.bounds import Approval, Bounds, Ground, barred_by, site_at
from edge.guard.shapes import Round, meets
from edge.messages.geo import Place, distance_m
from edge.messages.machines.plans import GoHome, TouchDown, Via
from edge.messages.routes import Route, Stop
from edge.pilot.craft import Situation
from edge.pilot.drones.airways import site_of
from edge.pilot.truth import accuracy_of
from edge.planner.travel.air import LOOK_AHEAD, zones_within
from edge.vehicles.machine import MachineFigures

HOME_OFF_M = 50.0  # an autopilot that returns farther than that from the station is set wrongly
FOR_EVER = datetime.max.replace(tzinfo=UTC)
DOUBT_M = 5.0  # of a fix of which nobody knows how good it is


class AirBounds:
    """Makes the bounds, anew only when something in them has changed."""

    def __init__(self, kind: str, figures: MachineFigures, section: FlightSection) -> None:
        self._kind = kind
        self._figures = figures
        self._section = section
        self._key: tuple[object, ...] = ()
        self._until_utc = FOR_EVER
        self._bounds: Bounds | None = None

    def bounds(self, at: Situation) -> Bounds | None:
        """Return what holds now; None before the first route."""
        route = at.mission.route
        if route is None:
            return None
        home = _home(route, at)
        key = (route.route_id, route.revision, home, at.layers.number)
        if key != self._key or at.utc >= self._until_utc:
            next_utc = at.layers.next_change_utc(at.utc)
            self._key, self._until_utc = key, next_utc or FOR_EVER
            self._bounds = self._make(route, home, at)
        return self._bounds

    def meets_zone(
        self, progress: FlightProgress, seen: Seen, here: Place, at: Situation
    ) -> bool:
        """Tell whether what is left of the mission comes into a zone of the coming hour."""
        bounds = self.bounds(at)
        if bounds is None or progress.plan is None:
            return False
        zones = zones_within(at.layers, at.utc, at.utc + LOOK_AHEAD)
        permits = frozenset(self._section.permits)
        barred = barred_by(zones, self._kind, bounds.home, self._ground(), permits)
        places, heights_m = [here], [seen.height_m or 0.0]
        for part in progress.parts[max(0, seen.part or 0) :]:
            if isinstance(part, Via | TouchDown):
                places.append(part.place)
            if isinstance(part, Via):
                heights_m.append(part.height_m)
            elif isinstance(part, GoHome):
                places.append(bounds.home)
        low_m = min(heights_m) - self._figures.motion.vertical_m
        high_m = max(heights_m) + self._figures.motion.vertical_m
        margin_m = (accuracy_of(at.words) or DOUBT_M) + self._figures.motion.size_m / 2
        points = [bounds.point(place) for place in places]
        return any(
            meets(zone.shape, (start, end, end), margin_m)
            for zone in barred
            if zone.bottom_m <= high_m and zone.top_m >= low_m
            for start, end in pairwise(points)
        )

    def is_inside(self, here: Place, height_m: float, at: Situation) -> bool:
        """Tell whether it is in a zone now, or too near to one."""
        bounds = self.bounds(at)
        if bounds is None:
            return False
        motion, point = self._figures.motion, bounds.point(here)
        margin_m = (accuracy_of(at.words) or DOUBT_M) + motion.size_m / 2
        return any(
            meets(zone.shape, (point, point, point), margin_m)
            for zone in bounds.barred
            if zone.bottom_m <= height_m + motion.vertical_m
            and zone.top_m >= height_m - motion.vertical_m
        )

    def _make(self, route: Route, home: Place, at: Situation) -> Bounds:
        section = self._section
        sites = [
            site_at("home", home, home, 0),
            site_at("station", route.station, home, 0),
        ]
        for one in section.site:
            place = Place(lat_deg=one.lat_deg, lon_deg=one.lon_deg)
            sites.append(site_at(one.site_id, place, home, one.risk))
        permits = frozenset(section.permits)
        bounds = Bounds(
            kind=self._kind,
            figures=self._figures,
            home=home,
            stay_in=(Round((0.0, 0.0), section.range_m),),
            barred=barred_by(
                at.layers.zones(at.utc), self._kind, home, self._ground(), permits
            ),
            sites=tuple(sites),
        )
        approvals = [self._approval(stop, bounds) for stop in route.stops]
        return Bounds(
            kind=bounds.kind,
            figures=bounds.figures,
            home=home,
            stay_in=bounds.stay_in,
            barred=bounds.barred,
            sites=bounds.sites,
            approvals=tuple(one for one in approvals if one is not None),
        )

    def _approval(self, stop: Stop, bounds: Bounds) -> Approval | None:
        site = site_of(stop, self._section)
        if stop.kind != "delivery" or isinstance(site, str):
            return None
        return Approval(
            stop.stop_id,
            bounds.point(stop.place),
            site.radius_m,
            site.lowest_m,
            site.highest_m,
        )

    def _ground(self) -> Ground | None:
        told = self._section.ground
        return Ground(told.station_m, told.lowest_m, told.highest_m) if told else None


def _home(route: Route, at: Situation) -> Place:
    """Return what the autopilot returns to, if that is the station."""
    told = at.words.home
    if told is None:
        return route.station
    home = Place(lat_deg=told.lat_deg, lon_deg=told.lon_deg)
    off_m = distance_m(home, route.station)
    return home if math.isfinite(off_m) and off_m <= HOME_OFF_M else route.station
