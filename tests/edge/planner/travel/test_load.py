import json

import pytest

from edge.errors import ConfigError
from edge.planner.travel.load import load_travel
from edge.planner.travel.roads import RoadTravel
from edge.planner.travel.table import TableTravel
from edge.roads.graph import RoadGraph


def loaded(roads=None, table=None):
    return load_travel(roads, table, kind="van", speed_mps=8.0, detour=1.35)


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
