"""What holds for a machine today: where it may be, land, cross, stop; data from the station."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from edge.guard.kerbs import Kerbs
from edge.guard.shapes import Point, Shape, shape_of
from edge.messages.conditions import Area, Zone
from edge.messages.geo import Place, east_north_m, metres_per_degree
from edge.vehicles.jurisdictions import WALKING_PACE, Jurisdiction
from edge.vehicles.machine import MachineFigures


@dataclass(frozen=True, slots=True)
class Ground:
    """How high home is above mean sea level, and the ground around it at least and at most."""

    home_m: float
    lowest_m: float
    highest_m: float


@dataclass(frozen=True, slots=True)
class Barred:
    """A zone that may not be entered between two heights above home."""

    zone_id: str
    shape: Shape
    bottom_m: float
    top_m: float


@dataclass(frozen=True, slots=True)
class SlowArea:
    """Where a lower speed holds."""

    shape: Shape
    sort: Literal["crossing", "shared"]


@dataclass(frozen=True, slots=True)
class Crossing:
    """A mapped place to go over a road; it is in the kerb map too."""

    crossing_id: str
    shape: Shape
    length_m: float


@dataclass(frozen=True, slots=True)
class Site:
    """Where the machine may end its way at any time."""

    site_id: str
    place: Place
    point: Point
    risk: int = 0
    """Less is better: 0 a pad of ours, 9 anywhere without people."""


def site_at(site_id: str, place: Place, home: Place, risk: int = 0) -> Site:
    """Return a site about home."""
    return Site(site_id, place, east_north_m(home, place), risk)


@dataclass(frozen=True, slots=True)
class Approval:
    """What the station allows at a stop."""

    stop_id: str
    point: Point
    radius_m: float
    lowest_m: float = 0.0
    """To drop or to let down, above home."""
    highest_m: float = 0.0
    compartments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bounds:
    """All of it, in metres about home."""

    kind: str
    figures: MachineFigures
    home: Place
    stay_in: tuple[Shape, ...]
    """A motion must lie within one of them: the flight area, or how far from home it may be."""
    kerbs: Kerbs | None = None
    """It must lie within this too: pavements, crossings, the ways to its doors."""
    barred: tuple[Barred, ...] = ()
    slow: tuple[SlowArea, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    sites: tuple[Site, ...] = ()
    approvals: tuple[Approval, ...] = ()
    jurisdiction: Jurisdiction = WALKING_PACE

    def point(self, place: Place) -> Point:
        """Return a place in metres east and north of home."""
        return east_north_m(self.home, place)

    def place(self, point: Point) -> Place:
        """Return the place of a point about home."""
        north_m, east_m = metres_per_degree(self.home.lat_deg)
        return Place(
            lat_deg=self.home.lat_deg + point[1] / north_m,
            lon_deg=self.home.lon_deg + point[0] / east_m,
        )


def shapes_of(areas: Iterable[Area], home: Place) -> tuple[Shape, ...]:
    """Return areas about home."""
    return tuple(shape_of(area, home) for area in areas)


def barred_by(
    zones: Iterable[Zone],
    kind: str,
    home: Place,
    ground: Ground | None,
    permits: frozenset[str] = frozenset(),
) -> tuple[Barred, ...]:
    """Return those of the zones in force that this kind may not enter.

    Heights are read so that they close most; where the ground is unknown, all heights are.
    """
    return tuple(
        Barred(zone.zone_id, shape_of(zone.area, home), *_heights_m(zone, ground))
        for zone in zones
        if (not zone.applies_to or kind in zone.applies_to)
        and (zone.kind == "hard" or (zone.kind == "permit" and zone.zone_id not in permits))
    )


def _heights_m(zone: Zone, ground: Ground | None) -> tuple[float, float]:
    bottom_m, top_m = float("-inf"), float("inf")
    if ground is None:
        return bottom_m, top_m
    if zone.lower_reference == "AGL":
        bottom_m = zone.lower_m + ground.lowest_m - ground.home_m
    elif zone.lower_reference == "AMSL":
        bottom_m = zone.lower_m - ground.home_m
    if zone.upper_m is not None:
        above_m = ground.highest_m if zone.upper_reference == "AGL" else 0.0
        top_m = zone.upper_m + above_m - ground.home_m
    if bottom_m > top_m:
        return float("-inf"), float("inf")
    return bottom_m, top_m
