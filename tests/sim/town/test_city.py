import math
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.messages.geo import distance_m
from sim.chance import chance
from sim.scenario import load_scenario
from sim.town.city import City, CityMap
from sim.town.town import Town, TownSize

TOWN = Town(TownSize(bridges=2), chance(1, "town"))


def city(folder, seed=1, **said):
    file = folder / "built.roads"
    TOWN.ways.graph.write(file)
    said = {"lat_deg": TOWN.station.lat_deg, "lon_deg": TOWN.station.lon_deg, **said}
    return City(CityMap(roads=str(file), name="Built", **said), chance(seed, "town"))


def test_people_live_along_streets_with_names_near_the_station(tmp_path):
    built = city(tmp_path, radius_m=800)
    assert len({address.text for address in built.addresses}) == len(built.addresses) > 100
    assert distance_m(built.station, TOWN.station) < 1
    for address in built.addresses:
        assert distance_m(built.station, address.kerb) < 800 + 200
        assert 1 < distance_m(address.place, address.kerb) < 10
        (on, *_) = built.ways.nearest(address.kerb)
        assert on.off_m < 0.05
        assert built.ways.graph.name(on.arc) == address.text.rpartition(" ")[0]
    assert not any(address.text.startswith("Bridge") for address in built.addresses)


def test_there_is_a_way_between_any_two_houses(tmp_path):
    built, rng = city(tmp_path), chance(2, "pick")
    for _ in range(30):
        start, end = rng.sample(built.addresses, 2)
        way = built.ways.way(start.kerb, end.place)
        assert way.pieces
        assert distance_m(way.points[-1], end.place) < 10
        assert math.isclose(len(way.points), len(way.limits_mps) + 1)


def test_the_same_seed_peoples_the_same_city(tmp_path):
    assert city(tmp_path, 3).addresses == city(tmp_path, 3).addresses


def test_a_road_file_that_is_not_there_says_how_to_make_it():
    said = load_scenario("porto_day").city
    assert not Path(said.roads).is_absolute()
    missing = CityMap(roads="none.roads", name="x", lat_deg=0.0, lon_deg=0.0)
    with pytest.raises(ConfigError, match="roads import"):
        City(missing, chance(1, "town"))


def test_a_place_where_nobody_lives_is_answered(tmp_path):
    with pytest.raises(ConfigError, match="no road near the station"):
        city(tmp_path, lat_deg=10.0)
    with pytest.raises(ConfigError, match="no streets with names"):
        city(tmp_path, lat_deg=TOWN.station.lat_deg - 0.003, radius_m=200)
