import re
from datetime import date, timedelta

import pytest

from edge.errors import ConfigError
from station.config import load_config
from station.keys import console_token, load_keys, make_key_file

KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
GOOD = f"""\
[station]
name = "Depot North"
org = "acme"
timezone = "Europe/Berlin"
lat_deg = 48.1372
lon_deg = 11.5756
data_folder = "data"
signing_key_file = "station.key"

[broker]
port = 1884
password_file = "secret"

[[vehicle]]
name = "van-1"
shift_start = "22:00"
shift_end = "06:00"
public_key = "{KEY}"
"""


def load(tmp_path, text=GOOD):
    path = tmp_path / "station.toml"
    path.write_text(text)
    return load_config(path)


def faults(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    told = str(caught.value).replace(str(tmp_path) + "/", "")
    return told.splitlines()


def test_file_names_become_absolute_from_the_files_own_folder(tmp_path):
    config = load(tmp_path)
    assert config.database_path == tmp_path / "data" / "station.db"
    assert config.broker.password_file == str(tmp_path / "secret")


def test_a_shift_may_end_on_the_next_day(tmp_path):
    config = load(tmp_path)
    start, end = config.shift(config.vehicle[0], date(2026, 3, 28))
    assert start.isoformat() == "2026-03-28T21:00:00+00:00"
    assert end - start == timedelta(hours=7), "the clocks go forward in this night"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "lat_deg = 48.1372\n",
            "",
            "1: station.lat_deg: is missing. For example: lat_deg = 48.1",
        ),
        ("lat_deg = 48", "lat_deg = 148", "5: station.lat_deg = 148.1372: expected"),
        ("timezone", "time_zone", '4: station.time_zone = "Europe/Berlin": is not known. Did'),
        (
            "Europe/Berlin",
            "Europe/Bonn",
            '4: station.timezone = "Europe/Bonn": is no time zone',
        ),
        ("port = 1884", "port = 70000", "11: broker.port = 70000: expected"),
        ('"22:00"', '"24:00"', '16: vehicle[0].shift_start = "24:00": expected'),
        (KEY, "abc", '18: vehicle[0].public_key = "abc": expected'),
        ("[[vehicle]]", "[vehicle]", "14: vehicle"),
        ("[station]", "[station", "1: TOML = [station: expected"),
        ("[broker]", "[brocker]", "10: brocker"),
    ],
)
def test_a_fault_is_told_with_file_line_key_and_value(tmp_path, old, new, told):
    lines = faults(tmp_path, GOOD.replace(old, new))
    assert any(line.startswith(f"station.toml:{told}") for line in lines), lines


def test_every_fault_is_told_at_once(tmp_path):
    broken = GOOD.replace("48.1372", '"north"').replace("1884", "0").replace(KEY, "no")
    assert len(faults(tmp_path, broken)) == 3


def test_two_vehicles_may_share_neither_name_nor_key(tmp_path):
    second = GOOD[GOOD.index("[[vehicle]]") :]
    lines = faults(tmp_path, GOOD + second)
    assert len(lines) == 1
    assert 'vehicle[1].name = "van-1": another vehicle has this name' in lines[0]
    lines = faults(tmp_path, GOOD + second.replace("van-1", "van-2"))
    assert "van-1 has this key too" in lines[0]


def test_a_file_that_does_not_exist_names_the_cure(tmp_path):
    with pytest.raises(ConfigError, match="doorstep-station init"):
        load_config(tmp_path / "absent.toml")


def test_a_key_file_is_for_its_owner_only_and_never_overwritten(tmp_path):
    config = load(tmp_path)
    path = tmp_path / "station.key"
    key = make_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_keys(config).signing.key_id == key.key_id
    with pytest.raises(FileExistsError):
        make_key_file(path)
    assert [name.name for name in tmp_path.iterdir() if "key" in name.name] == ["station.key"]


def test_a_key_file_that_others_can_read_is_refused(tmp_path):
    config = load(tmp_path)
    make_key_file(tmp_path / "station.key")
    (tmp_path / "station.key").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_keys(config)


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31])
def test_a_key_file_of_something_else_is_refused(tmp_path, content):
    config = load(tmp_path)
    (tmp_path / "station.key").write_text(content)
    (tmp_path / "station.key").chmod(0o600)
    with pytest.raises(ConfigError, match="not a signing key"):
        load_keys(config)


def test_the_keys_never_show_in_a_representation(tmp_path):
    config = load(tmp_path)
    make_key_file(tmp_path / "station.key")
    keys = load_keys(config)
    assert keys.pin_secret.hex() not in repr(keys)
    assert not re.search(r"pin_secret", repr(keys))


def test_the_consoles_token_is_made_once_and_private(tmp_path):
    token = console_token(tmp_path)
    assert console_token(tmp_path) == token
    assert (tmp_path / "console.token").stat().st_mode & 0o777 == 0o600


MEETS = "[vehicle.meets]\nlat_deg = 48.15\nlon_deg = 11.58\n"


def test_only_a_machine_stands_elsewhere_and_waits_for_a_van(tmp_path):
    (line,) = faults(tmp_path, GOOD + MEETS)
    assert line.startswith('station.toml:14: vehicle[0].meets = "van": does not stand and wait')
    robot = GOOD.replace('name = "van-1"', 'name = "van-1"\nkind = "robot"') + MEETS
    meets = load(tmp_path, robot).vehicle[0].meets
    assert meets is not None
    assert (meets.place.lat_deg, meets.reach_m) == (48.15, 1500.0)
