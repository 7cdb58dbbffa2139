"""The day that `replan_e2e` is measured on: a route, jams, orders offered."""

from datetime import UTC, datetime, timedelta
from random import Random

from edge.messages.conditions import Circle, Layer, TrafficFactor
from edge.messages.geo import Place
from edge.messages.parcels import Parcel
from edge.messages.routes import Offer, Route, Stop, TimeWindow

VAN = "van-1"
T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DEPOT = Place(lat_deg=48.137, lon_deg=11.575)


def a_route(count: int) -> Route:
    """Return a day of so many stops, a third of them promised."""
    rng = Random(count)
    stops = []
    for number in range(count):
        windows = ()
        if number % 3 == 0:
            opens_utc = T0 + timedelta(minutes=rng.uniform(0, 300))
            windows = (
                TimeWindow(opens_utc=opens_utc, closes_utc=opens_utc + timedelta(hours=3)),
            )
        stops.append(
            Stop(
                stop_id=f"S{number}",
                place=_place(rng),
                windows=windows,
                parcels=(f"P{number}",),
                service_s=90.0,
            )
        )
    return Route(
        route_id="r1",
        revision=1,
        vehicle=VAN,
        station=DEPOT,
        departs_utc=T0,
        returns_by_utc=T0 + timedelta(hours=11),
        stops=tuple(stops),
        parcels=tuple(Parcel(parcel_id=f"P{number}") for number in range(count)),
    )


def _place(rng: Random) -> Place:
    return Place(
        lat_deg=DEPOT.lat_deg + rng.uniform(-0.03, 0.03),
        lon_deg=DEPOT.lon_deg + rng.uniform(-0.045, 0.045),
    )


def a_jam(rng: Random, version: int) -> Layer:
    """Return a layer that slows three quarters of the town down."""
    factors = tuple(
        TrafficFactor(
            from_utc=T0,
            until_utc=T0 + timedelta(hours=rng.choice((2, 4, 20))),
            factor=rng.uniform(1.1, 2.5),
            area=Circle(centre=_place(rng), radius_m=2000.0),
        )
        for _ in range(3)
    )
    return Layer(
        name="traffic:city",
        version=version,
        issued_utc=T0,
        expires_utc=T0 + timedelta(hours=20),
        attribution="bench",
        factors=factors,
    )


def a_offer(rng: Random, number: int) -> Offer:
    """Return an order from a shop to a door somewhere, promised in two hours."""
    opens_utc = T0 + timedelta(minutes=rng.uniform(0, 200))
    window = TimeWindow(opens_utc=opens_utc, closes_utc=opens_utc + timedelta(hours=2))
    parcel = f"O{number}"
    shop = Stop(stop_id=f"shop {number}", kind="pickup", place=_place(rng), parcels=(parcel,))
    door = Stop(
        stop_id=f"door {number}", place=_place(rng), parcels=(parcel,), windows=(window,)
    )
    return Offer(
        offer_id=f"o{number}",
        route_id="r1",
        stops=(shop, door),
        parcels=(Parcel(parcel_id=parcel),),
        answer_by_utc=T0 + timedelta(hours=1),
    )
