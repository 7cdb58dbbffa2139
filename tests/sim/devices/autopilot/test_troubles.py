"""What goes wrong: fence, battery, restarts, errors of the sensors; and the same again."""

import math

import pytest

from tests.sim.devices.autopilot.peer import ALL_FOUR, TAKE_OFF, Peer, item
from tests.sim.devices.autopilot.test_flights import start

KINDS = pytest.mark.parametrize(("kind", "manner"), ALL_FOUR)
BOTH = pytest.mark.parametrize("manner", ["ardupilot", "px4"])


@BOTH
def test_a_fence_is_acted_upon(manner):
    peer = Peer(manner=manner).ready()
    ring = [item(5003, frame=3, p=(60, 0, 0, 0))]
    assert peer.upload(ring, 1) == 0
    if manner == "ardupilot":
        peer.set("FENCE_ENABLE", 1)
    else:
        peer.set("GF_ACTION", 3)
    peer.up(15.0)
    x, y = item(north_m=150.0)[3:5]
    assert peer.command_int(192, -1, 1, 0, math.nan, x=x, y=y, z=503.0) == 0
    rtl = "RTL" if manner == "ardupilot" else "AUTO.RTL"
    assert peer.run(40.0, lambda: peer.mode_name() == rtl)
    assert 58.0 < peer.body.north_m < 75.0
    assert any("Fence" in text for text in peer.texts())


def test_px4_starts_no_mission_that_leaves_its_fence():
    peer = Peer(manner="px4").ready()
    assert peer.upload([item(5003, frame=3, p=(60, 0, 0, 0))], 1) == 0
    assert peer.upload([item(TAKE_OFF, z=8), item(north_m=90, z=8)]) == 0
    assert peer.command(300) == 1
    assert not peer.craft.armed


@pytest.mark.parametrize(
    ("manner", "parameters", "mode"),
    [
        ("ardupilot", {"BATT_LOW_MAH": 15500, "BATT_FS_LOW_ACT": 2}, "RTL"),
        ("ardupilot", {"BATT_LOW_MAH": 15500, "BATT_FS_LOW_ACT": 1}, "LAND"),
        ("ardupilot", {"BATT_LOW_MAH": 15500}, "GUIDED"),
        ("px4", {"BAT_CRIT_THR": 0.97, "COM_LOW_BAT_ACT": 3}, "AUTO.RTL"),
        ("px4", {"BAT_CRIT_THR": 0.97, "COM_LOW_BAT_ACT": 2}, "AUTO.LAND"),
        ("px4", {"BAT_CRIT_THR": 0.97}, "AUTO.LOITER"),
    ],
)
def test_a_low_battery(manner, parameters, mode):
    peer = Peer(manner=manner).ready()
    if manner == "px4":
        peer.set("BAT_LOW_THR", 0.98)
    for name, value in parameters.items():
        peer.set(name, value)
    peer.up(12.0)
    assert peer.run(180.0, lambda: any("attery" in text for text in peer.texts()))
    peer.run(60.0, lambda: peer.mode_name() == mode)
    assert peer.mode_name() == mode


@KINDS
def test_a_reboot_on_the_ground_keeps_mission_and_parameters(kind, manner):
    peer = Peer(kind, manner).ready()
    plan = [item(), item(north_m=10.0), item(north_m=20.0)]
    for cut in range(1, 3):
        assert peer.upload(plan) == 0
        peer.upload([item(z=9.0)] * 3, until_seq=cut)
        peer.autopilot.reboot(peer.now_s)
        peer.run(1.0)
        assert peer.autopilot.controller is None
        peer.run(6.0)
        got = peer.download()
        old = 3 if manner == "px4" else 3 - cut
        assert [i[3:5] for i in got[3 - old :]] == [i[3:5] for i in plan[3 - old :]] or cut == 1
        assert len(got) == 3


def test_a_reboot_in_the_air_is_a_fall_and_the_truth_says_so():
    peer = Peer().ready().up(20.0)
    peer.autopilot.reboot(peer.now_s)
    peer.run(10.0)
    assert peer.body.crashed
    assert peer.body.up_m == 0.0
    peer.mode("guided")
    assert peer.command(400, 1) == 4


@KINDS
def test_the_same_seed_makes_the_same_bytes(kind, manner):
    def flown():
        peer = Peer(kind, manner, seed=7, wind_mps=4.0, wind_from_deg=10.0).ready()
        plan = [item(TAKE_OFF, z=8)] if kind == "copter" else []
        start(peer, [*plan, item(north_m=15, z=8)])
        peer.run(12.0)
        return [m.get_msgbuf() for _, m in peer.heard]

    assert flown() == flown()


def test_positions_are_noisy_and_near_the_truth():
    peer = Peer(manner="px4").ready().up(15.0)
    assert peer.command(511, 32, 0) == 0
    mark = peer.mark
    peer.run(30.0)
    errors = [
        math.hypot(m.y - peer.body.east_m, m.x - peer.body.north_m)
        for m in peer.of("LOCAL_POSITION_NED", mark)
    ]
    assert 0.01 < max(errors) < 3.0
