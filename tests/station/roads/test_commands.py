import json

import pytest

from edge.roads.graph import RoadGraph
from edge.roads.stored.kerbs import read_kerbs
from station.__main__ import EXIT_CONFIG, EXIT_NO, main
from tests.station.roads.maps import grid, xml

STREET = {"highway": "residential", "name": "Ringstraße"}
WAYS = [
    (100, (1, 2, 4, 3, 1), STREET),
    (101, (2, 3), {"highway": "tertiary", "maxspeed": "quick"}),
    (102, (4, 1), {"highway": "steps"}),
]


@pytest.fixture
def extract(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(xml(grid((1, 2), (3, 4)), WAYS), encoding="utf-8")
    return path


def run(capfd, *arguments):
    """Run a command; return its exit code, its output and its errors."""
    capfd.readouterr()
    code = main([str(each) for each in arguments])
    told = capfd.readouterr()
    return code, told.out, told.err


def test_import_writes_a_graph_beside_the_extract_and_says_what_it_left_out(capfd, extract):
    code, out, err = run(capfd, "roads", "import", extract, "--country", "pt")

    assert code == 0
    assert "steps: wheels cannot climb them" in out
    assert "maxspeed that cannot be read" in out
    assert "© OpenStreetMap contributors, ODbL 1.0" in out
    assert "rules of pt" in out
    assert f"{extract}: reading" in err
    assert RoadGraph.open(extract.with_name("town.roads")).nodes == 3


def test_import_answers_machines_in_one_line(capfd, extract, tmp_path):
    path = tmp_path / "city.roads"
    code, out, _ = run(capfd, "roads", "import", extract, "--out", path, "--json")
    answer = json.loads(out)

    assert code == 0
    assert answer["ways"] == 2
    assert answer["dropped"]["steps: wheels cannot climb them"] == 1
    assert answer["graph"]["digest"] == RoadGraph.open(path).digest
    assert answer["graph"]["users"]["van"]["arcs"] == 8
    assert answer["took_s"] >= 0
    assert answer["peak_mb"] > 1


def test_show_says_what_a_graph_holds(capfd, extract):
    run(capfd, "roads", "import", extract)
    path = extract.with_name("town.roads")
    code, out, _ = run(capfd, "roads", "show", path)
    as_json = json.loads(run(capfd, "roads", "show", path, "--json")[1])

    assert code == 0
    assert "driving on the right" in out
    assert as_json["source"]["file"] == "town.osm"
    assert as_json["bytes"] == path.stat().st_size


def test_show_finds_a_damaged_byte(capfd, extract):
    run(capfd, "roads", "import", extract)
    path = extract.with_name("town.roads")
    content = path.read_bytes().replace("Ringstraße".encode(), "Rungstraße".encode())
    path.write_bytes(content)
    code, _, err = run(capfd, "roads", "show", path)

    assert code == EXIT_CONFIG
    assert f"{path}: is damaged" in err
    assert "roads import" in err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--country", "xx"), "--country xx: no rules of it are known"),
        (("--out", "nowhere/city.roads"), "there is no folder nowhere"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_read(capfd, extract, more, told):
    code, _, err = run(capfd, "roads", "import", extract, *more)

    assert code == EXIT_NO
    assert told in err
    assert "reading" not in err


def test_the_extract_is_never_written_over(capfd, extract):
    content = extract.read_bytes()
    code, _, err = run(capfd, "roads", "import", extract, "--out", extract)

    assert code == EXIT_NO
    assert "is the extract itself" in err
    assert extract.read_bytes() == content


def test_a_missing_extract_is_named(capfd, tmp_path):
    code, _, err = run(capfd, "roads", "import", tmp_path / "gone.osm.pbf")

    assert code == EXIT_NO
    assert "gone.osm.pbf: No such file" in err


def test_pavements_writes_a_kerb_map_and_the_roads_that_go_with_it(capfd, tmp_path):
    street = STREET | {"sidewalk": "both"}
    path = tmp_path / "town.osm"
    ways = [(100, (1, 2, 4), street), (101, (4, 3, 1), street)]
    path.write_text(xml(grid((1, 2), (3, 4)), ways), encoding="utf-8")
    code, out, err = run(capfd, "roads", "pavements", path)

    assert code == 0
    assert "pavements and crossings laid" in " ".join(out.split())
    assert "laying pavements" in err
    kerbs = read_kerbs(tmp_path / "town.kerbs")
    assert kerbs.roads == RoadGraph.open(tmp_path / "town.pavements").digest
    code, out, _ = run(capfd, "roads", "pavements", path, "--json")
    assert json.loads(out)["corners"] == kerbs.corners
