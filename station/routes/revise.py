"""New assignment against what went out before: which routes get a new revision."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from edge.messages.geo import Place
from edge.messages.routes import Route, RouteId
from station.routes.draft import Draft
from station.routes.fitting import NotAssigned, volume_l, weight_kg
from station.routes.fleet import route_id_of
from station.store.day import KeptRoute


class AssignedRoute(Struct, frozen=True, kw_only=True):
    """One vehicle's route in figures."""

    route_id: RouteId
    revision: int
    vehicle: str
    stops: int
    parcels: int
    weight_kg: float
    volume_l: float
    departs_utc: datetime
    back_utc: datetime
    distance_m: int
    windows_kept: int
    """Stops that are reached inside a promised window."""


class AssignAnswer(Struct, frozen=True, kw_only=True):
    """What assignment made of a day."""

    day: date
    routes: tuple[AssignedRoute, ...]
    kept: tuple[RouteId, ...]
    """Dispatched routes that stay as they are: under way, or the same again."""
    withdrawn: tuple[RouteId, ...]
    """Dispatched routes whose stops went to other vehicles."""
    not_assigned: tuple[NotAssigned, ...]
    blocked: tuple[NotAssigned, ...]
    """Stops whose place nobody knows yet, and cancelled ones."""

    @property
    def summary(self) -> str:
        """One line for people."""
        stops = sum(route.stops for route in self.routes)
        kilometres = sum(route.distance_m for route in self.routes) / 1000
        return (
            f"{self.day}: {len(self.routes)} routes with {stops} stops, {kilometres:.0f} km; "
            f"{len(self.kept)} kept, {len(self.not_assigned)} stops not assigned, "
            f"{len(self.blocked)} blocked"
        )


def revisions(
    drafts: Sequence[Draft],
    before: Mapping[str, KeptRoute],
    locked: frozenset[str],
    day: date,
    station: Place,
) -> tuple[list[tuple[Route, Draft]], list[Route], list[str]]:
    """Return new revisions with their drafts, withdrawn routes, and the ids that stay.

    `before` are the newest dispatched revisions by route id, `locked` the ids of those that
    are under way. A withdrawn route is a new revision without stops.
    """
    fresh: list[tuple[Route, Draft]] = []
    kept = sorted(locked)
    seen = set(locked)
    for draft in drafts:
        route_id = route_id_of(day, draft.vehicle.name)
        seen.add(route_id)
        old = before.get(route_id)
        route = draft.to_route(route_id, old.route.revision + 1 if old else 1, station)
        if old is not None and replace(route, revision=old.route.revision) == old.route:
            kept.append(route_id)
        else:
            fresh.append((route, draft))
    gone = [
        replace(old.route, revision=old.route.revision + 1, stops=(), parcels=())
        for route_id, old in sorted(before.items())
        if route_id not in seen and old.route.stops
    ]
    return fresh, gone, kept


def with_partners(locked: frozenset[str], before: Mapping[str, KeptRoute]) -> frozenset[str]:
    """Return the routes under way, and those that meet them: their parcels are on board."""
    meetings = {
        route_id: {stop.meeting.meeting_id for stop in kept.route.stops if stop.meeting}
        for route_id, kept in before.items()
    }
    bound = {meeting for route_id in locked for meeting in meetings[route_id]}
    while True:
        more = {route_id for route_id, its in meetings.items() if its & bound} - locked
        if not more:
            return locked
        locked |= more
        bound |= {meeting for route_id in more for meeting in meetings[route_id]}


def in_figures(route: Route, draft: Draft) -> AssignedRoute:
    """Return what a dispatcher wants to know of a route."""
    kept = sum(
        any(window.opens_utc <= at <= window.closes_utc for window in order.windows)
        for order, at in zip(draft.orders, draft.arrivals_utc, strict=True)
    )
    return AssignedRoute(
        route_id=route.route_id,
        revision=route.revision,
        vehicle=route.vehicle,
        stops=len(route.stops),
        parcels=len(route.parcels),
        weight_kg=round(sum(map(weight_kg, draft.orders)), 3),
        volume_l=round(sum(map(volume_l, draft.orders)), 3),
        departs_utc=draft.departs_utc,
        back_utc=draft.back_utc,
        distance_m=draft.distance_m,
        windows_kept=kept,
    )
