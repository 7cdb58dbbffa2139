import json
from dataclasses import replace

import pytest

from edge.conditions.layers import NO_LAYERS
from edge.errors import ConfigError
from edge.messages.geo import Place
from edge.planner.travel.load import load_travel
from edge.planner.travel.roads import RoadTravel
from edge.planner.travel.table import TableTravel
from edge.roads.graph import RoadGraph
from edge.vehicles.contractor import CONTRACTOR
from edge.vehicles.drone import DRONE
from edge.vehicles.robot import ROBOT
from edge.vehicles.van import VAN
from tests.edge.conditions.some import NOW_UTC

STREET = RoadGraph.of_arrays([0, 100_000], [0, 0], [0, 1], [1, 0], arc_speed_kmh=[50, 50])
HERE, THERE = Place(lat_deg=0.0, lon_deg=0.0), Place(lat_deg=0.01, lon_deg=0.0)


def loaded(roads=None, table=None, kind=VAN):
    return load_travel(roads, table, kind=kind, speed_mps=8.0, detour=1.35)


def lasts_s(roads, kind):
    way = loaded(roads, kind=kind).leg(HERE, None, THERE, layers=NO_LAYERS, utc=NOW_UTC)
    return way.lasts_s


def test_roads_come_before_a_table_and_a_table_before_estimates(tmp_path):
    roads, table = tmp_path / "a.roads", tmp_path / "table.json"
    RoadGraph.of_arrays([0, 10_000], [0, 0], [0, 1], [1, 0]).write(roads)
    table.write_text(json.dumps({"places": [], "seconds": []}))
    assert isinstance(loaded(roads, table), RoadTravel)
    assert isinstance(loaded(None, table), TableTravel)
    assert isinstance(loaded(), TableTravel)


def test_a_road_file_that_is_none_is_answered(tmp_path):
    (tmp_path / "a.roads").write_text("roads")
    for name in ("a.roads", "none.roads"):
        with pytest.raises(ConfigError, match=name):
            loaded(tmp_path / name)


def test_every_kind_drives_as_fast_as_it_may(tmp_path):
    STREET.write(roads := tmp_path / "a.roads")
    metres = 1112.0
    assert lasts_s(roads, VAN) == pytest.approx(metres / (0.8 * 50 / 3.6), rel=0.01)
    assert lasts_s(roads, CONTRACTOR) == lasts_s(roads, VAN)
    assert lasts_s(roads, ROBOT) == pytest.approx(metres / 1.4, rel=0.01)


def test_a_machine_is_no_faster_than_it_was_built(tmp_path):
    STREET.write(roads := tmp_path / "a.roads")
    motion = replace(ROBOT.machine.motion, speed_mps=0.7)
    slow = replace(ROBOT, machine=replace(ROBOT.machine, motion=motion))
    assert lasts_s(roads, slow) == pytest.approx(2 * lasts_s(roads, ROBOT), rel=0.01)


def test_a_drone_is_on_no_road(tmp_path):
    STREET.write(roads := tmp_path / "a.roads")
    with pytest.raises(ConfigError, match="a drone is on no road: leave it out"):
        loaded(roads, kind=DRONE)
