"""Days of stops from somebody's own spreadsheet."""

import pytest

from edge.errors import ConfigError, RefusedError
from sim.run import run_scenario
from sim.scenario import load_scenario

SHEET = """\
Name;Straße;Breite;Länge;PIN;Unterschrift;Anzahl
Anna;Hauptstraße 1;48,1372;11,5756;004711;;1
Ben;Ringweg 7;48,1401;11,5690;;ja;2
Carla;Am Markt 3;48,1335;11,5801;;;1
Dora;Nirgendwo 9;;;;;1
"""


def test_a_spreadsheet_of_another_town_becomes_a_day(tmp_path):
    path = tmp_path / "stops.csv"
    path.write_text(SHEET, encoding="utf-8")
    told = []
    result = run_scenario(load_scenario("one_van"), 1, stops=path, tell=told.append)
    assert result.good, result.problems
    assert result.parcels == 4
    assert any("not on any route" in line for line in told)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Name;Adresse\nAnna;Hauptstraße 1\n", "no row has coordinates"),
        ("Name;Breite;Länge;Datum\nAnna;48,1;11,5;01.02.2020\n", "no vehicle's clock"),
    ],
)
def test_a_sheet_that_cannot_be_driven_is_answered(tmp_path, content, said):
    path = tmp_path / "stops.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        run_scenario(load_scenario("one_van"), 1, stops=path)


def test_no_sheet_at_all_is_answered(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.csv"):
        run_scenario(load_scenario("one_van"), 1, stops=tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(RefusedError, match="empty"):
        run_scenario(load_scenario("one_van"), 1, stops=tmp_path / "empty.csv")
