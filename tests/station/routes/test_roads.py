"""Assignment on the roads of a real town."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice, pairwise

import numpy as np
import pytest

from edge.conditions.layers import NO_LAYERS
from edge.errors import RefusedError
from edge.handover.proof import SigningKey
from edge.messages.geo import Place
from edge.messages.routes import Stop
from edge.planner.travel.roads import RoadTravel
from edge.roads.snap import Snapper
from station.config import load_config
from station.roads.countries import rules_of
from station.roads.importer import import_roads
from station.routes.assign import Limits, assign
from station.routes.fleet import WorkingVehicle
from station.routes.planning import ways_of
from station.routes.travel import estimated_ways
from station.stops.orders import Order

START = datetime(2026, 11, 23, 7, tzinfo=UTC)
STATION = Place(lat_deg=43.7310, lon_deg=7.4180)
IN_THE_SEA = Place(lat_deg=43.7200, lon_deg=7.4500)
VAN = WorkingVehicle("van-1", "van", 900.0, 8000.0, START, START + timedelta(hours=10))
TOML = f"""
[station]
name = "Monaco"
org = "acme"
timezone = "Europe/Monaco"
lat_deg = {STATION.lat_deg}
lon_deg = {STATION.lon_deg}
data_folder = "data"
signing_key_file = "station.key"
[[vehicle]]
name = "van-1"
public_key = "{SigningKey.from_seed(bytes(32)).public.to_hex()}"
"""


@pytest.fixture(scope="module")
def monaco(shared):
    path = shared / "data/roads/monaco-osrm.osm.pbf"
    return import_roads(path, rules_of("mc"), lambda said: None)[0]


@pytest.fixture
def config(tmp_path, monaco):
    monaco.write(tmp_path / "monaco.roads")
    (tmp_path / "station.toml").write_text(f'{TOML}[roads]\nfile = "monaco.roads"\n')
    return load_config(tmp_path / "station.toml")


def beside_roads(graph, count):
    """Return crossings that a van may stop at."""
    nodes = np.random.default_rng(5).permutation(graph.nodes).tolist()
    lat, lon, snapper = graph.node_lat_e7, graph.node_lon_e7, Snapper(graph)
    places = (Place(lat_deg=int(lat[n]) / 1e7, lon_deg=int(lon[n]) / 1e7) for n in nodes)
    return list(islice((place for place in places if snapper.snap(place, "van")), count))


def orders_at(places):
    return [
        Order(day=date(2026, 11, 23), stop_id=f"s{number}", place=place)
        for number, place in enumerate(places)
    ]


def run(config, orders):
    return assign(
        orders,
        [VAN],
        STATION,
        ways_between=partial(ways_of, config),
        limits=Limits(iterations=100),
        progress=lambda said: None,
    )


def test_the_station_reckons_with_the_same_times_as_the_vehicle(config, monaco):
    places = beside_roads(monaco, 30)
    ways = ways_of(config, [STATION, *places])
    stops = [Stop(stop_id=f"s{number}", place=place) for number, place in enumerate(places)]
    times = RoadTravel(monaco, "van").times(
        STATION, None, stops, STATION, layers=NO_LAYERS, from_utc=START, until_utc=START
    )
    assert (ways.seconds[1:, 1:] == np.ceil(times.base_ms[1:-1, 1:-1] / 1000)).all()
    assert (ways.seconds[1:, 0] == np.ceil(times.base_ms[1:-1, -1] / 1000)).all()


def test_a_route_is_as_long_as_its_ways_and_leaves_time_for_them(config, monaco):
    (route,), left = run(config, orders_at(beside_roads(monaco, 25)))
    assert left == []
    travel, places = RoadTravel(monaco, "van"), [order.place for order in route.orders]
    pairs = zip([STATION, *places], [*places, STATION], strict=True)
    legs = [travel.leg(a, None, b, layers=NO_LAYERS, utc=START) for a, b in pairs]
    assert route.distance_m == pytest.approx(sum(leg.length_m for leg in legs), rel=0.01)
    driving_s = sum(leg.lasts_s for leg in legs)
    served_s = sum(order.service_s for order in route.orders)
    span_s = (route.back_utc - route.departs_utc).total_seconds()
    assert driving_s + served_s <= span_s + 5
    assert span_s < driving_s + served_s + 3 * len(legs)


def test_its_tour_takes_less_time_than_the_one_by_estimates(config, monaco):
    orders = orders_at(beside_roads(monaco, 25))
    (by_road,), _ = run(config, orders)
    (guessed,), _ = assign(
        orders,
        [VAN],
        STATION,
        ways_between=partial(estimated_ways, detour=1.35, speed_mps=8.0),
        limits=Limits(iterations=100),
        progress=lambda said: None,
    )
    ways = ways_of(config, [STATION, *(order.place for order in orders)])
    at = {order.stop_id: number for number, order in enumerate(orders, 1)}

    def driving_s(route):
        nodes = [0, *(at[order.stop_id] for order in route.orders), 0]
        return sum(int(ways.seconds[a, b]) for a, b in pairwise(nodes))

    assert driving_s(by_road) < 0.95 * driving_s(guessed)


def test_a_stop_on_no_road_is_left_out_with_its_reason(config, monaco):
    orders = orders_at([*beside_roads(monaco, 3), IN_THE_SEA])
    (route,), (lost,) = run(config, orders)
    assert len(route.orders) == 3
    assert lost.stop_id == "s3"
    assert lost.why.startswith("no road for a van within 200 m: check its place")


def test_a_station_on_no_road_names_the_file_and_the_cure(config, monaco):
    with pytest.raises(RefusedError, match=r"monaco\.roads: no road for a van within 200 m"):
        ways_of(config, [IN_THE_SEA, *beside_roads(monaco, 1)])


def test_a_file_that_is_not_there_names_itself_and_the_cure(tmp_path):
    (tmp_path / "station.toml").write_text(f'{TOML}[roads]\nfile = "nice.roads"\n')
    with pytest.raises(RefusedError, match=r"\[roads\] file: .*nice\.roads.*roads import"):
        ways_of(load_config(tmp_path / "station.toml"), [STATION])


def test_a_file_that_is_no_graph_names_itself(tmp_path):
    (tmp_path / "nice.roads").write_bytes(b"doorstep" * 100)
    (tmp_path / "station.toml").write_text(f'{TOML}[roads]\nfile = "nice.roads"\n')
    with pytest.raises(RefusedError, match=r"nice\.roads: is no road graph"):
        ways_of(load_config(tmp_path / "station.toml"), [STATION])
