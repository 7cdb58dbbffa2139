"""Whether a route holds together."""

from edge.executor.mission.change import RuleError
from edge.messages.parcels import ParcelId
from edge.messages.routes import Route, Stop

SERVED = ("delivery", "pickup", "rendezvous")


def check_route(route: Route) -> None:
    """Refuse a route that does not hold together, as a whole."""
    stop_ids = [stop.stop_id for stop in route.stops]
    known = ids(route)
    if len(set(stop_ids)) != len(stop_ids):
        raise RuleError("a stop is listed twice")
    for stop in route.stops:
        if stop.kind not in SERVED or not stop.parcels:
            raise RuleError(
                f"stop {stop.stop_id}: only deliveries, pickups and meetings with parcels "
                "can be served"
            )
        if (stop.kind == "rendezvous") is (stop.meeting is None):
            raise RuleError(f"stop {stop.stop_id}: a rendezvous alone has a meeting")
        if stop.meeting is not None and stop.meeting.vehicle == route.vehicle:
            raise RuleError(f"stop {stop.stop_id}: a vehicle cannot meet itself")
    fetched, brought = listed(route, takes_on=True), listed(route, takes_on=False)
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
    return stop.takes_on != other.takes_on and not set(stop.parcels).isdisjoint(other.parcels)


def ids(route: Route) -> list[ParcelId]:
    """Return the parcels of a route."""
    return [parcel.parcel_id for parcel in route.parcels]


def listed(route: Route, *, takes_on: bool) -> list[ParcelId]:
    """Return the parcels of the stops where they come on board, or where they leave."""
    return [p for stop in route.stops if stop.takes_on is takes_on for p in stop.parcels]


def last_stop_of(route: Route) -> dict[ParcelId, Stop]:
    """Return where each parcel is to leave the vehicle, else where it comes on board."""
    pickups = {p: stop for stop in route.stops if stop.takes_on for p in stop.parcels}
    return pickups | {p: s for s in route.stops if not s.takes_on for p in s.parcels}
