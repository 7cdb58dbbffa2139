"""Whether a route holds together."""

from edge.executor.mission.change import RuleError
from edge.messages.parcels import ParcelId
from edge.messages.routes import Route, Stop


def check_route(route: Route) -> None:
    """Refuse a route that does not hold together, as a whole."""
    stop_ids = [stop.stop_id for stop in route.stops]
    known = ids(route)
    if len(set(stop_ids)) != len(stop_ids):
        raise RuleError("a stop is listed twice")
    for stop in route.stops:
        if stop.kind not in ("delivery", "pickup") or not stop.parcels:
            raise RuleError(
                f"stop {stop.stop_id}: only deliveries and pickups with parcels can be served"
            )
    fetched, brought = listed(route, "pickup"), listed(route, "delivery")
    twice = any(len(set(some)) != len(some) for some in (fetched, brought, known))
    if twice:
        raise RuleError("a parcel is listed twice")
    if {*fetched, *brought} != set(known):
        odd = sorted({*fetched, *brought} ^ set(known))
        raise RuleError(f"parcels and stops do not fit together: {', '.join(odd[:5])}")
    edges = [edge for one in route.breaks for edge in (one.opens_utc, one.closes_utc)]
    if edges != sorted(edges):
        raise RuleError("the breaks are not in order, or overlap")
    for stop in route.stops:
        others = {other.stop_id for other in route.stops if _share(stop, other)}
        if len(others) > 1:
            raise RuleError(
                f"stop {stop.stop_id}: a pickup feeds one delivery, which has no other pickup"
            )


def _share(stop: Stop, other: Stop) -> bool:
    """Tell whether parcels go from one of two stops to the other."""
    return stop.kind != other.kind and not set(stop.parcels).isdisjoint(other.parcels)


def ids(route: Route) -> list[ParcelId]:
    """Return the parcels of a route."""
    return [parcel.parcel_id for parcel in route.parcels]


def listed(route: Route, kind: str) -> list[ParcelId]:
    """Return the parcels that the stops of one kind name."""
    return [p for stop in route.stops if stop.kind == kind for p in stop.parcels]


def last_stop_of(route: Route) -> dict[ParcelId, Stop]:
    """Return where each parcel is to end: its delivery, else its pickup."""
    pickups = {p: stop for stop in route.stops if stop.kind == "pickup" for p in stop.parcels}
    return pickups | {p: s for s in route.stops if s.kind != "pickup" for p in s.parcels}
