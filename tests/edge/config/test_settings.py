import os
import subprocess
import sys

import pytest

from edge.config.settings import load_settings
from edge.config.toml_file import FaultyFileError

SEED = "11" * 32
STATION_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
GOOD = f"""
[vehicle]
name = "van-1"
org = "demo"
kind = "van"

[keys]
signing_key_file = "van-1.key"
station_keys = ["{STATION_KEY}"]

[store]
folder = "store"

[broker]
host = "127.0.0.1"
port = 1883

[gnss]
source = "gpsd"
"""


@pytest.fixture
def folder(tmp_path):
    key = tmp_path / "van-1.key"
    key.write_text(SEED)
    key.chmod(0o600)
    return tmp_path


def write(folder, text):
    path = folder / "vehicle.toml"
    path.write_text(text)
    return path


def faults(folder, text):
    with pytest.raises(FaultyFileError) as caught:
        load_settings(write(folder, text))
    return caught.value.faults


def test_a_good_file_is_loaded_with_its_keys(folder):
    settings = load_settings(write(folder, GOOD))
    assert settings.config.vehicle.name == "van-1"
    assert settings.key.key_id
    assert settings.station_keys[0].to_hex() == STATION_KEY


BROKEN = {
    "unknown key, with the one that was meant": (
        GOOD.replace("port = 1883", "prot = 1883"),
        [("broker.prot", 16, "1883", "is not known", "Did you mean port?")],
    ),
    "number in quotes": (
        GOOD.replace("port = 1883", 'port = "1883"'),
        [("broker.port", 16, '"1883"', "expected `int`", "without quotes")],
    ),
    "number out of bounds": (
        GOOD.replace("port = 1883", "port = 70000"),
        [("broker.port", 16, "70000", "<= 65535", "Correct the value")],
    ),
    "not one of the choices": (
        GOOD.replace('kind = "van"', 'kind = "tractor"'),
        [("vehicle.kind", 5, '"tractor"', "invalid enum value", "van, contractor")],
    ),
    "name that is no topic": (
        GOOD.replace('"van-1"\norg', '"van 1/#"\norg'),
        [("vehicle.name", 3, '"van 1/#"', "regex", "letters, digits")],
    ),
    "node without a port": (
        GOOD.replace("port = 1883", 'port = 1883\nother_nodes = ["b:1883", "c"]'),
        [("broker.other_nodes", 17, "['b:1883', 'c']", "regex", "node-2.example.org:1883")],
    ),
    "missing table and missing key": (
        GOOD.replace('[store]\nfolder = "store"\n', "").replace('host = "127.0.0.1"\n', ""),
        [
            ("store", 0, "", "is missing", "Add [store]"),
            ("broker.host", 12, "", "is missing", "Add host"),
        ],
    ),
    "files that are not there": (
        GOOD.replace("van-1.key", "gone.key").replace("port = 1883", 'ca_file = "ca.pem"'),
        [
            ("keys.signing_key_file", 8, '"gone.key"', "cannot be read", "enroll"),
            ("broker.ca_file", 16, '"ca.pem"', "is not there", "Correct the path"),
        ],
    ),
    "station key that is no key": (
        GOOD.replace(STATION_KEY, "abc"),
        [("keys.station_keys", 9, '"abc"', "is no Ed25519 public key", "64 hex digits")],
    ),
    "certificate without its key, nmea without a device": (
        GOOD.replace("port = 1883", 'certificate_file = "van-1.key"').replace("gpsd", "nmea"),
        [
            ("broker.certificate_file", 16, '"van-1.key"', "go together", "both or neither"),
            ("gnss.device", 18, "", "needs a device", "/dev/serial/by-id"),
        ],
    ),
    "six faults at once": (
        GOOD.replace('org = "demo"', "org = 7")
        .replace('kind = "van"', 'colour = "red"')
        .replace('folder = "store"', "folder = []")
        .replace("port = 1883", "port = 0\nkeepalive_s = 1")
        .replace('source = "gpsd"', 'source = "gspd"'),
        [
            ("vehicle.org", 4, "7", "expected `str`", "double quotes"),
            ("vehicle.colour", 5, '"red"', "is not known", "Known are"),
            ("store.folder", 12, "[]", "expected `str`", "double quotes"),
            ("broker.port", 16, "0", ">= 1", "Correct"),
            ("broker.keepalive_s", 17, "1", ">= 5", "Correct"),
            ("gnss.source", 20, '"gspd"', "invalid enum value", "gpsd, nmea"),
        ],
    ),
    "an autopilot with nothing right": (
        GOOD
        + """
[autopilot]
link = "ttyACM0"
ground = "tcp:127.0.0.1:14550"
signing_key_file = "link.key"

[[autopilot.parameters]]
names = ["FENCE_ENABLE"]
why = "the fence is off"
""",
        [
            ("autopilot.link", 22, '"ttyACM0"', "is no address", "serial:/dev/serial/by-id"),
            ("autopilot.ground", 23, '"tcp:127.0.0.1:14550"', "datagrams", "udp:HOST:PORT"),
            ("autopilot.signing_key_file", 24, '"link.key"', "cannot be read", "SETUP_SIGNING"),
            ("autopilot.parameters[0]", 26, '"FENCE_ENABLE"', "any value", "one_of"),
        ],
    ),
    "a drone that nothing flies": (
        GOOD.replace('"van"', '"drone"'),
        [("vehicle.kind", 5, '"drone"', "needs an autopilot", "Add [autopilot]")],
    ),
    "a van that is to fly": (
        GOOD + "\n[flight]\nrange_m = 500.0\n",
        [("flight", 21, "", "does not fly", "Remove [flight]")],
    ),
    "a position from an autopilot that is not there": (
        GOOD.replace('"gpsd"', '"autopilot"'),
        [("gnss.source", 19, '"autopilot"', "there is no [autopilot]", "Add [autopilot]")],
    ),
    "a car and a controller with nothing right": (
        GOOD
        + """
[obd]
link = "/dev/ttyUSB0"

[[obd.values]]
name = "TractionBattery.StateOfCharge"
unit = "7E4"
identifier = "0101"

[mcu]
link = "udp:127.0.0.1:1"
""",
        [
            ("obd.link", 22, '"/dev/ttyUSB0"', "is no address", "serial:/dev/serial/by-id"),
            (
                "obd.values[0]",
                24,
                '"TractionBattery.StateOfCharge"',
                "is no name of a signal",
                "StateOfCharge.Current",
            ),
            ("mcu.link", 30, '"udp:127.0.0.1:1"', "is no address", "tcp:HOST:PORT"),
        ],
    ),
    "no TOML at all": (
        GOOD.replace('org = "demo"', "org = demo"),
        [("TOML", 4, "org = demo", "invalid value", "double quotes")],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_every_fault_is_named_with_line_value_and_cure(folder, case):
    text, expected = BROKEN[case]
    found = faults(folder, text)
    assert len(found) == len(expected), [str(f) for f in found]
    for fault, (key, line, value, what, cure) in zip(found, expected, strict=True):
        assert (fault.key, fault.line, fault.value) == (key, line, value)
        assert what in fault.what
        assert cure in fault.cure
        assert fault.file.endswith("vehicle.toml")


def test_an_autopilot_is_read_with_the_key_of_its_link(folder):
    (folder / "link.key").write_text("22" * 32)
    (folder / "link.key").chmod(0o600)
    text = (
        GOOD.replace('"gpsd"', '"autopilot"')
        + """
[autopilot]
link = "serial:/dev/serial/by-id/usb-cube"
baud = 921600
system = 7
signing_key_file = "link.key"
ground = "udpin:0.0.0.0:14550"

[autopilot.rates]
gnss_hz = 10.0

[[autopilot.parameters]]
names = ["RTL_ALT"]
least = 3000
why = "it returns through the trees"
"""
    )
    settings = load_settings(write(folder, text))
    assert settings.link_key == bytes.fromhex("22" * 32)
    autopilot = settings.config.autopilot
    assert autopilot is not None
    assert (autopilot.rates.gnss_hz, autopilot.parameters[0].least) == (10.0, 3000)


def test_a_key_that_others_can_read_is_a_fault(folder):
    (folder / "van-1.key").chmod(0o644)
    (fault,) = faults(folder, GOOD)
    assert "chmod 600" in fault.cure


def test_check_prints_every_fault_and_exits_with_78(folder):
    text, expected = BROKEN["six faults at once"]
    path = write(folder, text)
    done = subprocess.run(
        [sys.executable, "-m", "edge", "check", str(path)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert done.returncode == 78
    assert len(done.stderr.splitlines()) == len(expected) + 1
    assert f"{path}:17: broker.keepalive_s = 1" in done.stderr
