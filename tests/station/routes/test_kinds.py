"""L2: the kind of vehicle is chosen for each parcel by its needs, its weight and its way."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

from edge.messages.geo import Place
from edge.messages.parcels import HandoverRequirements, Parcel
from station.routes.assign import Limits, assign
from station.routes.fleet import WorkingVehicle
from station.routes.travel import estimated_ways
from station.stops.orders import Order

START = datetime(2026, 11, 23, 7, tzinfo=UTC)
STATION = Place(lat_deg=48.137, lon_deg=11.575)
BARE = HandoverRequirements()
CODE = HandoverRequirements(pin_hash="ab" * 32, pin_key="cd" * 16)
SIGNED = HandoverRequirements(signature=True)


def vehicle(kind, kg=900.0):
    return WorkingVehicle(f"{kind}-1", kind, kg, 100.0, START, START + timedelta(hours=9))


MIXED = [vehicle("van"), vehicle("drone", 2.0), vehicle("robot", 20.0)]


def order(name, north_m, needs, kg=1.0):
    return Order(
        day=date(2026, 11, 23),
        stop_id=name,
        place=Place(lat_deg=STATION.lat_deg + north_m / 111_200, lon_deg=STATION.lon_deg),
        service_s=60.0,
        parcels=(
            Parcel(parcel_id=f"p-{name}", weight_kg=kg, volume_l=4.0, requirements=needs),
        ),
    )


def carried(orders, fleet):
    ways = partial(estimated_ways, detour=1.35, speed_mps=8.0)
    limits = Limits(iterations=200)
    routes, left = assign(
        orders, fleet, STATION, ways_between=ways, limits=limits, progress=lambda _: None
    )
    by = {one.stop_id: route.vehicle.kind for route in routes for one in route.orders}
    return by, {one.stop_id: one.why for one in left}


def test_l2_each_parcel_goes_with_whom_it_suits():
    orders = [
        order("light", 900, BARE),
        order("heavy", 900, BARE, kg=9.0),
        order("code", 500, CODE),
        order("code-far", 4000, CODE),
        order("signed", 500, SIGNED),
    ]
    by, left = carried(orders, MIXED)
    assert left == {}
    assert by == {
        "light": "drone",
        "heavy": "van",
        "code": "robot",
        "code-far": "van",
        "signed": "van",
    }


def test_without_a_driver_what_needs_a_person_stays_and_says_why():
    orders = [order("signed", 500, SIGNED), order("code", 500, CODE)]
    by, left = carried(orders, [vehicle("drone", 2.0), vehicle("robot", 20.0)])
    assert by == {"code": "robot"}
    assert "drone" in left["signed"]
    assert "robot" in left["signed"]
