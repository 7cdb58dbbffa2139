"""What became of each parcel of a route, and who spoke of those that changed vehicles."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from edge.messages.facts import FactEvent
from edge.messages.parcels import ParcelId
from edge.messages.routes import Route, Stop
from station.books.transfers import Transfer, given, taken
from station.report.tally import Tally
from station.report.words import ParcelDay


def parcels_of(route: Route, tally: Tally) -> Iterable[ParcelDay]:
    """Yield what became of each parcel of a route."""
    for stop, parcel_id in _where_each_ends(route):
        ended = tally.ended.get(parcel_id)
        loaded_utc = tally.loaded.get(parcel_id)
        attempts = tally.attempts.get(parcel_id, ())
        held = "station" if loaded_utc is None else "vehicle"
        if ended is None:
            yield ParcelDay(
                parcel_id=parcel_id,
                stop_id=stop.stop_id,
                loaded_utc=loaded_utc,
                code=attempts[-1] if attempts else "",
                custody=held,
                attempts=len(attempts),
            )
            continue
        ended_utc, fact = ended
        proof = (
            ("photo", bool(fact.photos)),
            ("signature", fact.signature is not None),
            ("PIN", fact.pin_verified),
            ("age", fact.age_checked),
        )
        yield ParcelDay(
            parcel_id=parcel_id,
            stop_id=stop.stop_id,
            loaded_utc=loaded_utc,
            outcome=fact.outcome.value,
            code=fact.code.value if fact.code else "",
            custody=fact.custody,
            ended_utc=ended_utc,
            attempts=len(attempts),
            proof=tuple(name for name, there in proof if there),
            off_site=fact.off_site,
        )


def _where_each_ends(route: Route) -> Iterable[tuple[Stop, ParcelId]]:
    """Yield each parcel once, with the stop where it leaves the vehicle if there is one."""
    left = {parcel for stop in route.stops if not stop.takes_on for parcel in stop.parcels}
    for stop in route.stops:
        for parcel_id in stop.parcels:
            if not (stop.takes_on and parcel_id in left):
                yield stop, parcel_id


def facts_of(
    by_vehicle: Mapping[str, Sequence[FactEvent]], routes: Sequence[Route]
) -> Iterable[FactEvent]:
    """Yield the facts of the day's routes, vehicle by vehicle."""
    ids = {route.route_id for route in routes}
    return (event for its in by_vehicle.values() for event in its if event.route in ids)


def last_utc(by_vehicle: Mapping[str, Sequence[FactEvent]], one: Transfer) -> datetime:
    """Return when one of the two last said something of the parcel's hand-over."""
    return max(
        event.time
        for name in (one.giver, one.taker)
        for event in by_vehicle.get(name, ())
        if one in (given(name, event.data), taken(name, event.data))
    )
