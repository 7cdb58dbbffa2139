"""The measured rows about flying: what commands and failsafes do (MAVLink facts, 1)."""

import math

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.sim.devices.autopilot.peer import TAKE_OFF, Peer, item, place


def way(count, z=10.0):
    return [item(north_m=float(n), z=z) for n in range(count)]


def test_px4_goes_on_where_it_was_sent_until_it_is_sent_to_where_it_is():
    """`Loiter::on_active` of its navigator looks at a new place, not at the mode again."""
    x, y = item(north_m=30.0)[3:5]
    px4 = Peer("rover", "px4").ready()
    assert px4.command(400, 1) == 0
    assert px4.command_int(192, 1.5, 1, 0, math.nan, x=x, y=y, z=500.0) == 0
    px4.run(4.0)
    assert px4.mode("hold") == 0
    px4.run(2.0)
    assert px4.body.velocity_enu_mps[1] > 1.2
    assert px4.command(192, -1, 1, 0, *[math.nan] * 4) == 0
    px4.run(2.5)
    assert abs(px4.body.velocity_enu_mps[1]) < 0.1


def test_reposition():
    x, y = place(20.0, 0.0)
    rover = Peer("rover").ready()
    assert rover.command(192, -1, 1, 0, 0, x / 1e7, y / 1e7, 500) == 3
    assert rover.command_int(192, -1, 1, x=x, y=y, z=500.0) == 0
    assert rover.mode_name() == "GUIDED"
    px4 = Peer(manner="px4").ready().up()
    assert px4.command_int(192, -1, 0, x=x, y=y, z=500.0) == 3
    assert px4.command_int(192, -1, 1, 0, math.nan, x=x, y=y, z=500.0) == 0
    assert px4.mode_name() == "AUTO.LOITER"
    px4.run(20.0)
    assert px4.body.north_m == pytest.approx(20.0, abs=2.5)
    assert px4.body.up_m == pytest.approx(12.0, abs=1.0)


def test_offboard_without_setpoints_is_taken_and_then_not_armed():
    px4 = Peer(manner="px4").ready()
    assert px4.mode("offboard") == 0
    assert px4.mode_name() == "OFFBOARD"
    assert px4.command(400, 1) == 1
    ardupilot = Peer().ready()
    assert ardupilot.mode("guided") == 0
    assert ardupilot.command(400, 1) == 0


def test_mission_start_on_the_ground():
    copter = Peer().ready()
    assert copter.upload([item(), item(TAKE_OFF, z=8), item(north_m=10, z=8)]) == 0
    assert copter.command(300, 1) == 2
    assert copter.command(300) == 0
    copter.run(3.0)
    assert (copter.mode_name(), copter.craft.armed) == ("AUTO", False)

    bare = Peer().ready()
    assert bare.upload(way(3)) == 0
    bare.mode("guided")
    assert bare.command(400, 1) == 0
    assert bare.command(300) == 4

    px4 = Peer(manner="px4").ready()
    assert px4.upload([item(TAKE_OFF, z=8), item(north_m=10, z=8)]) == 0
    assert px4.command(300) == 0
    px4.run(6.0)
    assert px4.craft.armed
    assert px4.body.up_m > 3.0


def lose_gcs(peer):
    """Fall silent and return when it last was heard."""
    peer.run(2.0)
    peer.beats = False
    return peer.beat_s - 1.0


def flying_mission(manner="ardupilot", kind="copter", **parameters):
    peer = Peer(kind, manner).ready()
    for name, value in parameters.items():
        peer.set(name, value)
    take_off = [item(TAKE_OFF, z=20)] if kind == "copter" else []
    first = [item()] if manner == "ardupilot" else []
    plan = [*first, *take_off, item(north_m=900, z=20)]
    assert peer.upload(plan) == 0
    if kind == "copter":
        peer.up(20.0)
    else:
        assert peer.command(400, 1) == 0
    assert peer.mode("mission") == 0
    return peer


def test_copter_returns_when_the_ground_station_is_lost():
    peer = flying_mission(FS_GCS_ENABLE=1)
    last_s = lose_gcs(peer)
    assert peer.run(10.0, lambda: peer.mode_name() == "RTL")
    assert peer.now_s - last_s == pytest.approx(5.2, abs=0.25)
    peer.beats = True
    peer.run(2.0)
    assert "GCS Failsafe Cleared" in peer.texts()
    assert peer.mode_name() == "RTL"


def test_rover_holds_when_the_ground_station_is_lost():
    peer = flying_mission(kind="rover", FS_GCS_ENABLE=1)
    last_s = lose_gcs(peer)
    assert peer.run(10.0, lambda: peer.mode_name() == "HOLD")
    assert peer.now_s - last_s == pytest.approx(6.5, abs=0.3)


def test_px4_holds_then_returns_when_the_ground_station_is_lost():
    peer = flying_mission("px4", NAV_DLL_ACT=2)
    last_s = lose_gcs(peer)
    assert peer.run(20.0, lambda: peer.mode_name() == "AUTO.LOITER")
    assert peer.now_s - last_s == pytest.approx(12.0, abs=0.4)
    held_s = peer.now_s
    assert peer.run(20.0, lambda: peer.mode_name() == "AUTO.RTL")
    assert peer.now_s - held_s == pytest.approx(5.0, abs=0.4)
    peer.beats = True
    peer.run(3.0)
    assert peer.mode_name() == "AUTO.RTL"


@pytest.mark.parametrize(("manner", "mode"), [("ardupilot", "AUTO"), ("px4", "AUTO.MISSION")])
def test_nothing_happens_by_default_when_the_ground_station_is_lost(manner, mode):
    peer = flying_mission(manner)
    lose_gcs(peer)
    peer.run(25.0)
    assert peer.mode_name() == mode


def test_only_its_own_ground_station_counts_for_ardupilot():
    peer = flying_mission(FS_GCS_ENABLE=1)
    lose_gcs(peer)
    peer.mav.srcSystem, peer.beats = 245, True
    assert peer.run(10.0, lambda: peer.mode_name() == "RTL")


@pytest.mark.parametrize(("action", "mode"), [(0, "POSCTL"), (5, "AUTO.LOITER")])
def test_offboard_lost_and_back(action, mode):
    peer = Peer(manner="px4").ready()
    peer.set("COM_OBL_RC_ACT", action)
    peer.up()
    stream(peer, 1.0)
    assert peer.mode("offboard") == 0
    stream(peer, 3.0)
    assert peer.mode_name() == "OFFBOARD"
    last_s = peer.now_s
    assert peer.run(5.0, lambda: peer.mode_name() == mode)
    assert peer.now_s - last_s == pytest.approx(1.0, abs=0.35)
    peer.run(1.5)
    assert peer.of("HEARTBEAT")[-1].system_status == mavlink.MAV_STATE_CRITICAL
    stream(peer, 1.0)
    assert peer.mode_name() == "OFFBOARD"


def stream(peer, for_s):
    """Setpoints at 10 Hz: 1 m/s north."""
    for _ in range(round(for_s * 10)):
        peer.say(
            mavlink.MAVLink_set_position_target_local_ned_message(
                0, 1, 1, 1, 0xDC7, 0, 0, 0, 1.0, 0, 0, 0, 0, 0, 0, 0
            )
        )
        peer.run(0.1)
