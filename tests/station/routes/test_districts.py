"""A day too large for one search is cut into districts, and nothing of it is lost."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import RefusedError
from edge.messages.geo import Place
from edge.messages.parcels import Parcel
from station.routes import districts as room
from station.routes.assign import Limits
from station.routes.districts import DISTRICT_STOPS, MOST_STOPS, assign_all, districts
from station.routes.fleet import WorkingVehicle
from station.routes.travel import estimated_ways
from station.stops.orders import Order

START = datetime(2026, 11, 23, 7, tzinfo=UTC)
STATION = Place(lat_deg=48.137, lon_deg=11.575)


def van(number, hours=10):
    ends = START + timedelta(hours=hours)
    return WorkingVehicle(f"van-{number}", "van", 900.0, 8000.0, START, ends)


def town(count, seed=1):
    rng = Random(seed)
    return [
        Order(
            day=date(2026, 11, 23),
            stop_id=f"s{number}",
            place=Place(lat_deg=48.1 + rng.random() * 0.1, lon_deg=11.5 + rng.random() * 0.3),
            service_s=60.0 * rng.randrange(1, 4),
            parcels=(Parcel(parcel_id=f"p{number}", weight_kg=2.0, volume_l=5.0),),
        )
        for number in range(count)
    ]


@settings(max_examples=4, deadline=None)
@given(st.integers(3001, 7200), st.integers(1, 40), st.integers(0, 9))
def test_every_stop_and_every_vehicle_is_in_one_district(stops, vans, seed):
    orders = town(stops, seed)
    fleet = [van(number, 6 + number % 5) for number in range(vans)]
    parts = districts(orders, fleet)
    assert Counter(o.stop_id for part, _ in parts for o in part) == Counter(
        o.stop_id for o in orders
    )
    assert sorted(v.name for _, part in parts for v in part) == sorted(v.name for v in fleet)
    assert all(len(part) <= DISTRICT_STOPS or len(cars) == 1 for part, cars in parts)
    for part, cars in parts:
        mine = sum(order.service_s + 60 for order in part)
        hours = sum((one.ends_utc - one.starts_utc).total_seconds() for one in cars)
        share = mine / sum(order.service_s + 60 for order in orders)
        assert share == pytest.approx(
            hours / sum(6 + n % 5 for n in range(vans)) / 3600, abs=0.02
        )


def test_a_day_that_fits_one_search_is_not_cut():
    orders, fleet = town(3000), [van(1), van(2)]
    assert districts(orders, fleet) == [(tuple(orders), tuple(fleet))]


def test_d1_routes_of_all_districts_come_in_the_fleets_order(monkeypatch):
    monkeypatch.setattr(room, "MOST_AT_ONCE", 40)
    monkeypatch.setattr(room, "DISTRICT_STOPS", 30)
    orders, fleet = town(96), [van(number) for number in range(4)]
    told = []
    routes, left = assign_all(
        orders,
        fleet,
        STATION,
        ways_between=lambda places: estimated_ways(places, detour=1.35, speed_mps=8.0),
        limits=Limits(iterations=40),
        progress=told.append,
    )
    assert left == []
    assert [route.vehicle.name for route in routes] == [one.name for one in fleet]
    assert sorted(o.stop_id for route in routes for o in route.orders) == sorted(
        o.stop_id for o in orders
    )
    assert [line for line in told if line.startswith("district")][-1].startswith(
        "district 4 of 4"
    )


def test_more_stops_than_a_day_takes_are_refused():
    orders = town(1) * (MOST_STOPS + 1)
    with pytest.raises(RefusedError, match="several days or stations"):
        assign_all(
            orders,
            [van(1)],
            STATION,
            ways_between=lambda places: estimated_ways(places, detour=1, speed_mps=8),
            limits=Limits(iterations=4),
            progress=lambda line: None,
        )
