"""The units keep their promises: restart for ever, stop at 78, feed a watchdog, see little."""

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = ("doorstep-edge@.service", "doorstep-ingest@.service", "doorstep-station.service")
MOST_EXPOSURE = 1.3


class ManyValues(dict):
    """systemd repeats keys: keep every value, one per line."""

    def __setitem__(self, key, value):
        if key in self and isinstance(value, list) and isinstance(self[key], list):
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def unit(name):
    parser = configparser.RawConfigParser(dict_type=ManyValues, strict=False, delimiters=("=",))
    parser.optionxform = str
    parser.read_string((ROOT / "systemd" / name).read_text())
    return {section: dict(parser.items(section)) for section in parser.sections()}


@pytest.mark.parametrize("name", UNITS)
def test_it_never_gives_up_but_for_a_wrong_configuration(name):
    parsed = unit(name)
    service = parsed["Service"]
    assert service["Restart"] == "always"
    assert service["RestartPreventExitStatus"] == "78"
    assert parsed["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("name", UNITS)
def test_it_tells_when_it_is_ready_and_that_it_is_alive(name):
    service = unit(name)["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= int(service["RestartSec"])


@pytest.mark.parametrize("name", UNITS)
def test_nothing_waits_for_a_network_and_only_the_daemon_reads_the_keys(name):
    text = (ROOT / "systemd" / name).read_text()
    assert "network-online" not in text
    assert not re.search(r"^Exec(?!Start=)", text, re.MULTILINE)
    assert "LoadCredential" in text


@pytest.mark.parametrize("name", UNITS)
def test_it_starts_a_program_that_the_wheel_installs(name):
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    program = unit(name)["Service"]["ExecStart"].split()[0]
    assert Path(program).parent == Path("/opt/doorstep/current/bin")
    assert Path(program).name in scripts


@pytest.mark.real
@pytest.mark.parametrize("name", UNITS)
def test_exposure_stays_low(name):
    output = analyze("security", "--offline=true", ROOT / "systemd" / name).stdout
    verdict = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", output.splitlines()[-1])
    assert verdict, output
    assert float(verdict[1]) <= MOST_EXPOSURE


@pytest.mark.real
@pytest.mark.parametrize("name", UNITS)
def test_systemd_reads_it_without_a_complaint(name, tmp_path):
    # The program is not installed here; everything else is verified as it is.
    text = (ROOT / "systemd" / name).read_text()
    copy = tmp_path / name.replace("@", "@van-7")
    copy.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    result = analyze("verify", copy)
    ours = [line for line in result.stderr.splitlines() if "doorstep" in line]
    assert (result.returncode, ours) == (0, [])


def analyze(*arguments):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd on this machine")
    command = ["systemd-analyze", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)
