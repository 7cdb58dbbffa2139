import pytest

from edge.errors import ConfigError
from sim.scenario import SHIPPED, load_scenario

NAMES = sorted(file.stem for file in SHIPPED.glob("*.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_scenario_can_be_read_and_is_named_as_its_file(name):
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.summary


def test_instants_count_from_when_the_station_opens():
    scenario = load_scenario("first_day")
    assert scenario.opens.isoformat() == "2026-11-23T06:50:00+00:00"
    assert scenario.after_s("07:50") == 0.0
    assert scenario.after_s("09:20") == 5400.0
    assert scenario.after_s("00:50") == 17 * 3600


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "colour"),
        ("[fleet]\nvehicles = 0", "fleet.vehicles"),
        ('[[kill]]\nat = "25:00"', "kill[0].at"),
        ('[[dead_zone]]\nat = "09:00"', "minutes"),
        ('[[kill]]\nat = "09:00"\nvehicle = "truck-1"', "no vehicle 'truck-1'"),
        ("[network]\nlost_frac = 2", "network.lost_frac"),
        ("[day]\non = 7", "day.on"),
        ('[[road_closed]]\nat = "11:00"', "minutes"),
        ('[[traffic]]\nat = "11:00"\nminutes = 60\nfactor = 0', "traffic[0].factor"),
        ('[[traffic]]\nat = "11"\nminutes = 60\nfactor = 2', "traffic[0].at"),
        ('[[long_stop]]\nat = "11:00"\nminutes = 9\nvehicle = "x"', "no vehicle 'x'"),
        ('[[nobody_home]]\nat = "11:00"\nminutes = 9\nfrac = 2', "nobody_home[0].frac"),
        ("name = [", "TOML"),
    ],
)
def test_a_wrong_scenario_is_answered_by_its_key(tmp_path, text, said):
    path = tmp_path / "day.toml"
    head = "" if text.startswith("name") else 'name = "day"\n'
    path.write_text(head + text)
    with pytest.raises(ConfigError) as error:
        load_scenario(str(path))
    assert said in str(error.value)


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(ConfigError, match="first_day"):
        load_scenario("last_day")
