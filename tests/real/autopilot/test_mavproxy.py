"""MAVProxy takes the simulated autopilot for a vehicle, typed at like a person's console."""

import pytest

from tests.real.autopilot.mission import Step, is_same, mission_for
from tests.real.autopilot.proxy import PROGRAM, mavproxy
from tests.real.autopilot.test_mavsdk import PARAMETERS
from tests.real.autopilot.vehicle import ALL_FOUR, vehicle

pytestmark = [pytest.mark.real, pytest.mark.timeout(150)]


def as_file(steps):
    """QGC WPL 110, which MAVProxy loads."""
    rows = [
        (
            seq,
            int(seq == 0),
            s.frame,
            s.command,
            0,
            0,
            0,
            0,
            s.lat_e7 / 1e7,
            s.lon_e7 / 1e7,
            s.z_m,
            1,
        )
        for seq, s in enumerate(steps)
    ]
    return "QGC WPL 110\n" + "".join("\t".join(map(str, row)) + "\n" for row in rows)


def steps_of(text):
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return [
        Step(
            int(r[2]),
            int(r[3]),
            round(float(r[8]) * 1e7),
            round(float(r[9]) * 1e7),
            float(r[10]),
        )
        for r in rows
    ]


def load(console, sent, folder, manner):
    """Load a mission and save what comes back."""
    (folder / "sent.txt").write_text(as_file(sent))
    console.tell("wp load sent.txt")
    console.wait(f"Sent all {len(sent)} waypoints", 20)
    console.wait("ACCEPTED", 10)
    console.tell("wp save got.txt")
    console.wait(f"Saved {len(sent)} waypoints", 20)
    assert is_same(sent, steps_of((folder / "got.txt").read_text()), manner)


def fly_ardupilot(console, kind):
    console.tell("mode GUIDED")
    console.wait("Mode GUIDED", 10)
    console.tell("arm throttle")
    console.wait("ARMED", 10)
    if kind == "copter":
        console.tell("takeoff 5")
        console.wait("NAV_TAKEOFF: ACCEPTED", 10)
        console.tell("long MISSION_START")
        console.wait("MISSION_START: ACCEPTED", 10)
    else:
        console.tell("mode AUTO")
    console.wait("Mode AUTO", 10)
    console.wait("Mission Complete", 60)
    if kind == "copter":
        console.tell("mode LAND")
        console.wait("Mode LAND", 10)
    else:
        console.tell("disarm")
    console.wait("DISARMED", 60)


def fly_px4(console, kind):
    # MAVProxy's own `mode` fails on PX4 ("required argument is not a float").
    console.tell("long MISSION_START")
    console.wait("MISSION_START: ACCEPTED", 10)
    console.wait("ARMED", 10)
    console.wait("Mode MISSION", 10)
    console.wait("Mission finished", 60)
    console.tell("long NAV_LAND" if kind == "copter" else "disarm")
    console.wait("DISARMED", 60)


@pytest.mark.parametrize(("kind", "manner"), ALL_FOUR)
def test_mavproxy_flies_it_for_a_vehicle(kind, manner, tmp_path):
    if not PROGRAM.exists():
        pytest.skip("MAVProxy is not installed: pip install --no-deps 'MAVProxy>=1.8.75,<1.9'")
    with vehicle(kind, manner) as one, mavproxy(one.url("udpout:"), tmp_path) as console:
        console.wait("Detected vehicle 1:1", 30)
        console.wait(f"Received {PARAMETERS[kind, manner]} parameters", 30)
        load(console, mission_for(kind, manner), tmp_path, manner)
        (fly_ardupilot if manner == "ardupilot" else fly_px4)(console, kind)
    truth = one.truth
    assert truth["flights"] == 1
    assert not truth["armed"]
    assert not truth["crashed"]
    assert truth["farthest_m"] == pytest.approx(11.7, abs=2.5)
    if kind == "copter":
        assert truth["highest_m"] == pytest.approx(6.0, abs=1.0)
        assert truth["up_m"] == 0.0
