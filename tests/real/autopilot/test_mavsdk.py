"""MAVSDK takes the simulated autopilot for a vehicle: connect, read, load, fly, land."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.real.autopilot.mission import LAT_DEG, LON_DEG, Step, is_same, mission_for
from tests.real.autopilot.vehicle import ALL_FOUR, vehicle

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]
PARAMETERS = {
    ("copter", "ardupilot"): 387,
    ("rover", "ardupilot"): 349,
    ("copter", "px4"): 355,
    ("rover", "px4"): 307,
}
NOT_INT32 = {"ardupilot": 2, "px4": 0}
"""MAVSDK has no name for ArduPilot's two UINT32, and leaves them out of its list."""


def flown(kind, manner, out):
    with vehicle(kind, manner) as one:
        program = [sys.executable, "-m", "tests.real.autopilot.sdk_flight"]
        run = subprocess.run(
            [*program, one.url("udpout://"), kind, manner, out],
            cwd=ROOT,
            timeout=150,
            capture_output=True,
            text=True,
        )
        said = (run.stdout + run.stderr)[-3000:]
        assert run.returncode == 0, f"{out.read_text()}\n{said}"
    return json.loads(out.read_text()), one.truth


@pytest.mark.parametrize(("kind", "manner"), ALL_FOUR)
def test_mavsdk_flies_it_for_a_vehicle(kind, manner, tmp_path):
    seen, truth = flown(kind, manner, tmp_path / "seen.json")
    print(json.dumps(seen), json.dumps(truth))
    assert seen["place"] == pytest.approx((LAT_DEG, LON_DEG), abs=3e-5)
    assert 22.0 < seen["battery_v"] < 29.5
    assert seen["satellites"] == 12
    assert seen["parameters"] == PARAMETERS[kind, manner] - NOT_INT32[manner]
    assert seen["parameter_kept"]
    sent = mission_for(kind, manner)
    assert is_same(sent, [Step(*item) for item in seen["downloaded"]], manner)
    assert seen["disarmed"]
    # And that is what happened.
    assert truth["flights"] == 1
    assert not truth["armed"]
    assert not truth["crashed"]
    assert truth["farthest_m"] == pytest.approx(11.7, abs=2.5)
    if kind == "copter":
        assert seen["in_air"]
        assert truth["highest_m"] == pytest.approx(6.0, abs=1.0)
        assert truth["up_m"] == 0.0
    modes = {"ardupilot": "AUTO", "px4": "AUTO.MISSION"}
    assert modes[manner] in truth["modes"]
