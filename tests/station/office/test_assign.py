from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random

import pytest

from edge.errors import RefusedError
from edge.messages.geo import Place
from edge.messages.parcels import Parcel
from edge.messages.routes import TimeWindow
from station.routes.assign import Limits, assign
from station.routes.fleet import WorkingVehicle
from station.routes.travel import estimated_ways
from station.stops.orders import Order

DAY = date(2026, 11, 23)
START = datetime(2026, 11, 23, 7, tzinfo=UTC)
STATION = Place(lat_deg=48.137, lon_deg=11.575)
QUICK = Limits(iterations=200)


def van(name="van-1", *, hours=10, kg=900.0, litres=8000.0, start=START):
    return WorkingVehicle(name, "van", kg, litres, start, start + timedelta(hours=hours))


def order(name, lat=48.15, lon=11.58, *, window=None, kg=5.0, litres=10.0, priority=5, **more):
    windows = tuple(
        TimeWindow(
            opens_utc=START + timedelta(hours=opens), closes_utc=START + timedelta(hours=closes)
        )
        for opens, closes in ([window] if isinstance(window, tuple) else window or ())
    )
    return Order(
        day=DAY,
        stop_id=name,
        place=Place(lat_deg=lat, lon_deg=lon),
        windows=windows,
        priority=priority,
        parcels=(Parcel(parcel_id=f"p-{name}", weight_kg=kg, volume_l=litres),),
        **more,
    )


def town(count, seed=1, **more):
    rng = Random(seed)
    return [
        order(f"s{n}", 48.1 + rng.random() * 0.1, 11.5 + rng.random() * 0.15, **more)
        for n in range(count)
    ]


def run(orders, fleet, limits=QUICK, progress=lambda line: None):
    ways = partial(estimated_ways, detour=1.35, speed_mps=8.0)
    return assign(orders, fleet, STATION, ways_between=ways, limits=limits, progress=progress)


def ids(routes):
    return sorted(one.stop_id for route in routes for one in route.orders)


def test_every_stop_is_on_exactly_one_route_and_every_vehicle_has_its_share():
    orders = town(45)
    routes, left = run(orders, [van("van-1"), van("van-2"), van("van-3")])
    assert left == []
    assert ids(routes) == sorted(one.stop_id for one in orders)
    spans = [(route.back_utc - route.departs_utc).total_seconds() for route in routes]
    assert len(routes) == 3
    assert max(spans) < 1.5 * min(spans)


def test_the_same_seed_gives_the_same_routes():
    orders, fleet = town(30), [van("van-1"), van("van-2")]
    assert run(orders, fleet) == run(orders, fleet)


def test_windows_are_kept_and_a_van_does_not_leave_long_before_it_must():
    orders = [*town(6, window=(4, 6)), order("late", window=(8, 9))]
    (route,), left = run(orders, [van()])
    assert left == []
    for one, arrives_utc in zip(route.orders, route.arrivals_utc, strict=True):
        assert one.windows[0].opens_utc <= arrives_utc <= one.windows[0].closes_utc
    assert route.departs_utc > START + timedelta(hours=3)
    assert route.orders[-1].stop_id == "late"


def test_of_several_windows_one_is_kept():
    busy = [order(f"b{n}", 48.15 + n / 1000, window=(1, 1.2)) for n in range(3)]
    (route,), left = run([*busy, order("two", 48.16, window=[(0, 0.1), (3, 4)])], [van()])
    assert left == []
    served = dict(zip((one.stop_id for one in route.orders), route.arrivals_utc, strict=True))
    assert served["two"] >= START + timedelta(hours=3)


def test_capacity_is_kept_in_kilograms_and_litres():
    routes, left = run(town(8, kg=100.0), [van("van-1", kg=450.0), van("van-2", kg=450.0)])
    assert left == []
    assert sorted(len(route.orders) for route in routes) == [4, 4]
    routes, left = run(town(8, litres=100.0), [van("van-1", litres=250.0), van("van-2")])
    assert left == []
    loads = {route.vehicle.name: len(route.orders) for route in routes}
    assert loads["van-1"] <= 2


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (order("x", kg=901), "901 kg are more than any vehicle carries (900 kg)"),
        (order("x", litres=9000), "9000 l are more than any vehicle holds (8000 l)"),
        (order("x", window=(-5, -3)), "its window 02:00–04:00 UTC lies outside every shift"),
        (order("x", window=(0, 0.05)), "its window 07:00–07:03 UTC cannot be reached within"),
        (order("x", 50.2, 11.6), "it takes 21.5 h there and back, longer than any shift"),
    ],
)
def test_a_stop_that_can_never_be_served_is_listed_with_its_reason(one, why):
    routes, left = run([*town(3), one], [van()])
    assert [(lost.stop_id, lost.why.startswith(why)) for lost in left] == [("x", True)], left
    assert len(ids(routes)) == 3


def test_what_does_not_fit_into_the_day_loses_the_least_important_stops_and_says_why():
    orders = town(10, priority=8) + [
        order(f"low{n}", 48.12, 11.6, priority=1, service_s=1800) for n in range(20)
    ]
    routes, left = run(orders, [van(hours=5)])
    assert {f"s{n}" for n in range(10)} <= set(ids(routes))
    assert {one.stop_id[:3] for one in left} == {"low"}
    assert {one.why for one in left} == {"no vehicle has time or room for it in its shift"}


def test_too_heavy_a_day_says_that_the_vehicles_are_full():
    _, left = run(town(12, kg=100.0), [van(kg=800.0)])
    assert {one.why for one in left} == {
        "the vehicles are full: more is to be carried than they hold"
    }


def test_without_vehicles_nothing_is_assigned_and_that_is_said():
    assert run(town(2), [])[1][0].why == "there is no vehicle in station.toml"


def test_too_many_stops_for_one_run_are_refused():
    with pytest.raises(RefusedError, match="4000 stops are more than"):
        run(town(4000), [van()])


def test_progress_is_told():
    lines = []
    run(town(8), [van()], progress=lines.append)
    assert lines[0].startswith("the least work in all: 26 % of the rounds, cost ")
    assert lines[-1].startswith("a fair share for each: 76 %")


def test_parcels_are_loaded_in_the_order_that_unloads_them():
    (draft,), _ = run(town(5), [van()])
    route = draft.to_route("r", 1, STATION)
    assert [stop.parcels[0] for stop in route.stops] == [
        parcel.parcel_id for parcel in reversed(route.parcels)
    ]
    assert (route.departs_utc, route.returns_by_utc) == (
        draft.departs_utc,
        draft.vehicle.ends_utc,
    )
