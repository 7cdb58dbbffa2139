"""`doorstep-sim trial` brings parcels with an autopilot it has never seen, as a process."""

import json
import subprocess

import pytest

from tests.real.autopilot.vehicle import PROGRAM, vehicle

pytestmark = [pytest.mark.real, pytest.mark.soak]
LASTS_S = 900.0


def tried(kind, address):
    command = [PROGRAM, "trial", "--kind", kind, "--link", address, "--json"]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=LASTS_S, check=False
    )
    assert ended.stdout, ended.stderr
    return ended.returncode, json.loads(ended.stdout), ended.stderr


def names(result):
    return [step["phase"] for step in result["phases"]]


@pytest.mark.parametrize("manner", ["ardupilot", "px4"])
def test_a_drone_takes_off_drops_and_is_back(manner):
    with vehicle("copter", manner, "tcp:127.0.0.1:0", speed=1.0) as flown:
        code, result, told = tried("drone", flown.address)
    assert (code, result["failure"]) == (0, ""), told
    assert result["outcomes"] == {"DELIVERED": 1}
    assert result["balanced"]
    assert result["facts_lost"] == result["facts_counted_twice"] == 0
    steps = names(result)
    for first, then in (("climbing", "drop_made"), ("drop_made", "landed")):
        assert steps.index(first) < steps.index(then)
    assert 250 < flown.truth["farthest_m"] < 320
    assert flown.truth["off_m"] < 5
    assert not flown.truth["armed"]
    assert not flown.truth["crashed"]
    assert flown.truth["flights"] == 1


@pytest.mark.parametrize("manner", ["ardupilot", "px4"])
def test_a_robot_opens_its_lid_at_two_doors_and_is_back(manner):
    with vehicle("rover", manner, "tcp:127.0.0.1:0", speed=1.0) as driven:
        code, result, told = tried("robot", driven.address)
    assert (code, result["failure"]) == (0, ""), told
    assert result["outcomes"] == {"DELIVERED": 2}
    assert names(result).count("compartment_emptied") == 2
    assert driven.truth["farthest_m"] > 60
    assert driven.truth["off_m"] < 15
