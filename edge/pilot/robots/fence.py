"""What the guard allows a robot today: where it may be, cross, open."""

from edge.config import SidewalkSection
from edge.guard.bounds import Approval, Bounds, Crossing, SlowArea, barred_by, site_at
from edge.guard.shapes import Round
from edge.pilot.craft import Situation
from edge.pilot.robots.errands import boxes_of, radius_of
from edge.pilot.robots.kerbside import Kerbside, doors_of
from edge.pilot.robots.pavements import Pavements
from edge.sidewalk.plan import MappedCrossing
from edge.sidewalk.progress import DriveProgress
from edge.vehicles.jurisdictions import JURISDICTIONS
from edge.vehicles.machine import MachineFigures


class StreetBounds:
    """Makes the bounds, anew only when something in them has changed."""

    def __init__(
        self,
        kind: str,
        figures: MachineFigures,
        section: SidewalkSection,
        pavements: Pavements,
        kerbside: Kerbside | None = None,
    ) -> None:
        self._kind = kind
        self._figures = figures
        self._section = section
        self._pavements = pavements
        self._kerbside = kerbside
        self._key: tuple[object, ...] = ()
        self._bounds: Bounds | None = None

    def bounds(self, progress: DriveProgress, at: Situation) -> Bounds | None:
        """Return what holds now; None before the first route."""
        route = at.mission.route
        if route is None:
            return None
        zones = at.layers.zones(at.utc)
        crossings = self._pavements.of_leg(progress.plan)
        key = (route.route_id, route.revision, at.layers.number, zones, crossings)
        if key != self._key or self._bounds is None:
            self._key, self._bounds = key, self._make(at, crossings)
        return self._bounds

    def _make(self, at: Situation, crossings: tuple[MappedCrossing, ...]) -> Bounds:
        route, section = at.mission.route, self._section
        assert route is not None, "asked only with a route"
        home = route.station
        bare = Bounds(kind=self._kind, figures=self._figures, home=home, stay_in=())
        roads = [
            (one.crossing_id, Round(bare.point(one.middle), one.reach_m), 2 * one.reach_m)
            for one in crossings
        ]
        return Bounds(
            kind=self._kind,
            figures=self._figures,
            home=home,
            stay_in=(Round((0.0, 0.0), section.range_m),),
            kerbs=self._kerbside.fence(home, doors_of(route)) if self._kerbside else None,
            barred=barred_by(at.layers.zones(at.utc), self._kind, home, None),
            slow=tuple(SlowArea(shape, "crossing") for _, shape, _ in roads),
            crossings=tuple(Crossing(*road) for road in roads),
            sites=(site_at("station", home, home),),
            approvals=tuple(
                Approval(
                    stop.stop_id,
                    bare.point(stop.place),
                    radius_of(stop, section),
                    compartments=frozenset(boxes_of(route, stop, section)),
                )
                for stop in route.stops
            ),
            jurisdiction=JURISDICTIONS[section.jurisdiction],
        )
