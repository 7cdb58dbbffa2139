"""Recorded routes become ours whole: every stop, second and litre of them."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from edge.conditions.layers import NO_LAYERS
from edge.errors import ConfigError
from edge.messages.broker.wire import from_json, to_json
from edge.messages.routes import Route
from edge.planner.plan import plan_rest
from edge.planner.problem import Budget
from edge.planner.travel.table import STATION, TableTravel, TravelTable
from sim.amazon import load_amazon_route

NAMES = [
    "00092558", "0016bc70", "001b4ee3", "00337a3a", "0036cf37",
    "00573a3d", "00575ca4", "008bf177", "00ae3f5e", "00da9f9b",
]  # fmt: skip

SMALL = {
    "route_id": "RouteID_12345678-abcd",
    "unit": "0.1 s after departure",
    "station": "DEP",
    "departure_utc": "2018-06-17 17:23:00",
    "stop_ids": ["DEP", "AA", "AB", "AC"],
    "lat": [48.0, 48.1, 48.2, 48.3],
    "lng": [11.0, 11.1, 11.2, 11.3],
    "zone": [None, "A-1.1A", "A-1.1B", None],
    "capacity_cm3": 3313071.0,
    "volume_cm3": [0.0, 500.0, 25000.0, 900000.0],
    "service": [0.0, 305.0, 600.0, 1200.0],
    "time_window": [None, [0, None], [3000, 9000], [6000, None]],
    "driver_sequence": [0, 2, 1, 3],
    "travel_time": [[0, 10, 20, 30], [11, 0, 21, 31], [12, 22, 0, 32], [13, 23, 33, 0]],
}


def written(tmp_path, **changes):
    path = tmp_path / "route.json"
    path.write_text(json.dumps(SMALL | changes))
    return path


def test_a_small_route_is_translated_field_by_field(tmp_path):
    route, table = load_amazon_route(written(tmp_path))
    departs_utc = datetime(2018, 6, 17, 17, 23, tzinfo=UTC)
    assert route.route_id == SMALL["route_id"]
    assert route.departs_utc == departs_utc
    assert route.returns_by_utc == departs_utc + timedelta(hours=10)
    assert [stop.stop_id for stop in route.stops] == ["AB", "AA", "AC"]
    ab, aa, ac = route.stops
    assert (ab.place.lat_deg, ab.place.lon_deg) == (48.2, 11.2)
    assert (ab.service_s, aa.service_s) == (60.0, 30.5)
    assert aa.windows == ()
    assert [w.opens_utc - departs_utc for w in ab.windows] == [timedelta(seconds=300)]
    assert [w.closes_utc - departs_utc for w in ab.windows] == [timedelta(seconds=900)]
    assert [w.closes_utc for w in ac.windows] == [route.returns_by_utc]
    assert ab.address == "zone A-1.1B"
    assert [len(stop.parcels) for stop in route.stops] == [2, 1, 12]
    assert table["places"][0] == {"id": STATION, "lat_deg": 48.0, "lon_deg": 11.0}
    assert table["seconds"][2] == [1.2, 2.2, 0.0, 3.2]


def test_gzip_and_plain_files_are_the_same(tmp_path):
    plain = written(tmp_path)
    packed = tmp_path / "route.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert load_amazon_route(packed) == load_amazon_route(plain)


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_route_is_whole_and_can_be_planned(shared, name):
    path = shared / f"data/planning/amazon/RouteID_{name}.json.gz"
    raw = json.loads(gzip.decompress(path.read_bytes()))
    route, table = load_amazon_route(path)
    assert from_json(to_json(route), Route) == route
    order = [raw["stop_ids"][row] for row in raw["driver_sequence"][1:]]
    assert [stop.stop_id for stop in route.stops] == order
    ids = [parcel.parcel_id for parcel in route.parcels]
    assert len(ids) == len(set(ids)) >= len(route.stops)
    assert sorted(ids) == sorted(p for stop in route.stops for p in stop.parcels)
    litres = sum(parcel.volume_l or 0 for parcel in route.parcels)
    assert litres == pytest.approx(sum(raw["volume_cm3"]) / 1000, abs=len(ids) * 0.001)
    assert sum(stop.service_s for stop in route.stops) == pytest.approx(
        sum(raw["service"]) / 10
    )
    travel = TableTravel(msgspec.convert(table, TravelTable))
    plan = plan_rest(
        route,
        order,
        start=route.station,
        start_utc=route.departs_utc,
        travel=travel,
        layers=NO_LAYERS,
        previous=None,
        locked=None,
        trigger="route",
        budget=Budget(20),
    ).plan
    assert plan.dropped == ()
    assert all(stop.late_s == 0 for stop in plan.stops)
    assert plan.back_utc <= route.returns_by_utc
    matrix = travel.matrix_ms(route.station, route.stops, route.station)
    first = raw["driver_sequence"][1]
    assert matrix[0, 1] == raw["travel_time"][0][first] * 100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lat": [48.0]}, "1 of lat"),
        ({"lat": [48.0, 48.1, 98.2, 48.3]}, "<= 90"),
        ({"travel_time": [[0]]}, "of travel_time"),
        ({"travel_time": [[0, 1, 2]] * 4}, r"3 of travel_time\[0\]"),
        ({"travel_time": [[0, 1, 2, -3]] * 4}, ">= 0"),
        ({"driver_sequence": [0, 1, 2, 2]}, "no order"),
        ({"driver_sequence": [0, 1, 2]}, "no order"),
        ({"stop_ids": ["DEP", "AA", "AA", "AC"]}, "twice"),
        ({"departure_utc": "yesterday"}, "yesterday"),
        ({"service": None}, "service"),
    ],
)
def test_a_file_that_is_no_route_is_named(tmp_path, changes, said):
    with pytest.raises(ConfigError, match=f"recorded route .*route.json: .*{said}"):
        load_amazon_route(written(tmp_path, **changes))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\x1f\x8b", b"\x1f\x8b\x08" + bytes(20), b"[]"]
)
def test_damaged_files_are_named(tmp_path, content):
    path = tmp_path / "route.json.gz"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"route\.json\.gz"):
        load_amazon_route(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.json"):
        load_amazon_route(tmp_path / "nowhere.json")
