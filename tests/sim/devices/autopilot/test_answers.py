"""What peers need of a vehicle before they call it one (the shared facts, MAVLink, 2)."""

import math

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.sim.devices.autopilot.peer import ALL_FOUR, Peer, item, place

KINDS = pytest.mark.parametrize(("kind", "manner"), ALL_FOUR)
READY = mavlink.MAV_SYS_STATUS_PREARM_CHECK
GPS = mavlink.MAV_SYS_STATUS_SENSOR_GPS


@KINDS
def test_a_heartbeat_a_second_from_component_1(kind, manner):
    peer = Peer(kind, manner).ready()
    peer.run(10.0)
    beats = peer.of("HEARTBEAT")
    assert 13 <= len(beats) <= 15
    last = beats[-1]
    assert (last.get_srcSystem(), last.get_srcComponent()) == (1, 1)
    assert last.autopilot == (3 if manner == "ardupilot" else 12)
    assert last.type == (2 if kind == "copter" else 10)
    assert last.base_mode & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
    assert not last.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED


@KINDS
def test_any_message_it_knows_can_be_asked_for(kind, manner):
    peer = Peer(kind, manner).ready()
    for number in (0, 1, 2, 24, 30, 31, 32, 33, 42, 49, 74, 105, 147, 148, 242, 245, 331, 340):
        mark = peer.mark
        assert peer.command(512, number) == 0
        peer.run(0.05)
        name = mavlink.mavlink_map[number].msgname
        assert peer.of(name, mark), name
    assert peer.command(512, 9999) == 3
    assert peer.command(512, math.nan) == 0


@KINDS
def test_health_comes_with_the_position_and_home_with_it(kind, manner):
    peer = Peer(kind, manner)
    peer.run(0.6)
    assert peer.command(512, 242) == 4
    assert peer.command(410) == 4
    assert peer.command(512, 1) == 0
    peer.run(0.05)
    assert not peer.of("SYS_STATUS")[-1].onboard_control_sensors_health & (GPS | READY)
    peer.run(3.0)
    mark = peer.mark
    assert peer.command(410) == 0
    peer.run(0.05)
    home = peer.of("HOME_POSITION", mark)[-1]
    assert (home.latitude, home.longitude) == pytest.approx(place(0, 0), abs=200)
    peer.command(512, 1)
    peer.run(0.05)
    status = peer.of("SYS_STATUS", mark)[-1]
    for bits in (
        status.onboard_control_sensors_present,
        status.onboard_control_sensors_enabled,
        status.onboard_control_sensors_health,
    ):
        assert bits & GPS
        assert bits & READY


def test_a_vehicle_without_sky_says_so():
    peer = Peer().ready()
    peer.autopilot.plant.sensors.sees_sky = False
    peer.command(512, 24)
    peer.command(512, 1)
    peer.run(0.05)
    assert peer.of("GPS_RAW_INT")[-1].fix_type == 1
    assert not peer.of("SYS_STATUS")[-1].onboard_control_sensors_health & GPS
    peer.mode("guided")
    assert peer.command(400, 1) == 4


@KINDS
def test_rates_are_kept(kind, manner):
    peer = Peer(kind, manner).ready()
    assert peer.command(511, 33, 200_000) == 0
    mark = peer.mark
    peer.run(10.0)
    assert len(peer.of("GLOBAL_POSITION_INT", mark)) == pytest.approx(50, abs=1)
    assert peer.command(510, 33) == 0
    assert peer.of("MESSAGE_INTERVAL")[-1].interval_us == 200_000
    assert peer.command(511, 33, -1) == 0
    mark = peer.mark
    peer.run(5.0)
    assert not peer.of("GLOBAL_POSITION_INT", mark)
    assert peer.command(511, 33, 0) == 0
    mark = peer.mark
    peer.run(2.0)
    per_s = 50 if manner == "px4" else 0
    assert len(peer.of("GLOBAL_POSITION_INT", mark)) == pytest.approx(2 * per_s, abs=2)
    assert peer.command(511, 33, math.nan) == 2
    assert peer.command(511, 4711, 1e6) in (2, 3)


def test_data_streams_are_for_ardupilot():
    for manner, per_s in (("ardupilot", 4), ("px4", 0)):
        peer = Peer(manner=manner).ready()
        peer.say(mavlink.MAVLink_request_data_stream_message(1, 1, 0, 4, 1))
        mark = peer.mark
        peer.run(5.0)
        assert len(peer.of("EKF_STATUS_REPORT", mark)) == pytest.approx(5 * per_s, abs=1)
        assert peer.of("GLOBAL_POSITION_INT", mark)


@KINDS
def test_clocks_and_pings(kind, manner):
    peer = Peer(kind, manner).ready()
    peer.say(mavlink.MAVLink_timesync_message(0, 123_456_789))
    peer.run(0.1)
    (answer,) = [m for m in peer.of("TIMESYNC") if m.tc1]
    assert answer.ts1 == 123_456_789
    assert answer.tc1 == pytest.approx(peer.now_s * 1e9, abs=2e8)
    peer.say(mavlink.MAVLink_timesync_message(5, 123_456_789))
    peer.run(0.1)
    assert len([m for m in peer.of("TIMESYNC") if m.tc1]) == 1
    peer.say(mavlink.MAVLink_ping_message(77, 5, 0, 0))
    pong = peer.wait("PING")
    assert (pong.time_usec, pong.seq, pong.target_system) == (77, 5, 255)
    peer.command(512, 2)
    peer.run(0.05)
    utc_s = peer.of("SYSTEM_TIME")[-1].time_unix_usec / 1e6
    assert utc_s == pytest.approx(1795420800 + peer.now_s, abs=0.2)


@KINDS
def test_a_file_that_is_not_there_is_refused_at_once(kind, manner):
    peer = Peer(kind, manner).ready()
    name = b"@PARAM/param.pck"
    payload = bytes([7, 0, 0, 4, len(name), 0, 0, 0, 0, 0, 0, 0]) + name
    peer.say(
        mavlink.MAVLink_file_transfer_protocol_message(0, 1, 1, list(payload.ljust(251, b"\0")))
    )
    answer = bytes(peer.wait("FILE_TRANSFER_PROTOCOL", 0.1).payload)
    assert answer[:2] == bytes([8, 0])
    assert (answer[3], answer[4], answer[5], answer[12]) == (129, 1, 4, 10)


@KINDS
def test_parameters_are_set_within_their_types_and_kept(kind, manner):
    peer = Peer(kind, manner).ready()
    name, value = ("RC3_DZ", -7) if manner == "ardupilot" else ("COM_DL_LOSS_T", -7)
    told = peer.set(name, value)
    assert told.param_value == (value if manner == "ardupilot" else Peer.as_float(value)) or (
        math.isnan(told.param_value)
    )
    assert peer.craft.parameters[name] == value
    peer.autopilot.reboot(peer.now_s)
    peer.run(4.0)
    assert peer.craft.parameters[name] == value
    peer.say(mavlink.MAVLink_param_set_message(1, 1, b"NO_SUCH", 1.0, 9))
    peer.say(mavlink.MAVLink_param_request_read_message(1, 1, b"NO_SUCH", -1))
    assert peer.wait("PARAM_VALUE", 0.5) is None


def test_values_stay_within_their_types():
    peer = Peer().ready()
    assert peer.set("FS_GCS_ENABLE", 1e9).param_value == 127
    assert peer.set("FS_GCS_ENABLE", 1.6).param_value == 2
    assert peer.set("FS_GCS_ENABLE", math.nan).param_value == 2
    px4 = Peer(manner="px4").ready()
    px4.say(mavlink.MAVLink_param_set_message(1, 1, b"NAV_DLL_ACT", 2.0, 9))
    px4.run(0.1)
    assert "mismatch" in px4.texts()[-1]
    assert px4.craft.parameters["NAV_DLL_ACT"] == 0


@KINDS
def test_fences_and_rally_points_go_up_and_come_down(kind, manner):
    peer = Peer(kind, manner).ready()
    corners = [(80.0, 80.0), (80.0, -80.0), (-80.0, -80.0), (-80.0, 80.0)]
    fence = [item(5001, n, e, frame=3, p=(4, 0, 0, 0)) for n, e in corners]
    rally = [item(5100, 30.0, 30.0, 20.0, frame=3)]
    assert peer.upload(fence, 1) == 0
    assert peer.upload(rally, 2) == 0
    assert peer.upload([item(16)], 1) == 3
    assert [i[1:5] for i in peer.download(1)] == [i[1:5] for i in fence]
    assert [i[1:5] for i in peer.download(2)] == [i[1:5] for i in rally]
    assert peer.download(0) == []
    peer.say(mavlink.MAVLink_mission_clear_all_message(1, 1, 255))
    assert peer.wait("MISSION_ACK").type == 0
    assert peer.download(1) == peer.download(2) == []


@KINDS
def test_a_mission_by_floats_is_the_same_mission(kind, manner):
    peer = Peer(kind, manner).ready()
    plan = [item(), item(north_m=25.0, z=12.0, frame=3)]

    def answer(m):
        _, command, params, x, y, z = plan[m.seq]
        peer.say(
            mavlink.MAVLink_mission_item_message(
                1, 1, m.seq, 3, command, 0, 1, *params, x / 1e7, y / 1e7, z
            )
        )

    peer.on = {"MISSION_REQUEST": answer, "MISSION_REQUEST_INT": answer}
    peer.count(2)
    assert peer.wait("MISSION_ACK").type == 0
    peer.on = {}
    assert peer.download()[1][3:5] == pytest.approx(plan[1][3:5], abs=20)
    peer.say(mavlink.MAVLink_mission_request_list_message(1, 1, 0))
    peer.wait("MISSION_COUNT")
    peer.say(mavlink.MAVLink_mission_request_message(1, 1, 1, 0))
    assert peer.wait("MISSION_ITEM").x == pytest.approx(plan[1][3] / 1e7, abs=1e-5)


@KINDS
def test_the_current_item_can_be_chosen(kind, manner):
    peer = Peer(kind, manner).ready()
    assert peer.upload([item(north_m=float(n)) for n in range(5)]) == 0
    assert peer.command(224, 3) == 0
    assert peer.of("MISSION_CURRENT")[-1].seq == 3
    peer.say(mavlink.MAVLink_mission_set_current_message(1, 1, 2))
    assert peer.wait("MISSION_CURRENT", 0.1).seq == 2
    assert peer.command(224, 9) == 4


@KINDS
def test_what_is_for_others_is_passed_over(kind, manner):
    peer = Peer(kind, manner).ready()
    peer.say(mavlink.MAVLink_command_long_message(2, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0))
    peer.say(mavlink.MAVLink_command_long_message(1, 154, 400, 0, 1, 0, 0, 0, 0, 0, 0))
    assert peer.wait("COMMAND_ACK", 0.5) is None
    peer.say(mavlink.MAVLink_command_long_message(0, 0, 511, 0, 33, 0, 0, 0, 0, 0, 0))
    assert peer.wait("COMMAND_ACK", 0.5).result == 0


@KINDS
def test_a_command_sent_twice_does_no_harm(kind, manner):
    peer = Peer(kind, manner).ready()
    if manner == "ardupilot":
        assert peer.mode("guided") == peer.mode("guided") == 0
    assert peer.command(400, 1) == peer.command(400, 1) == 0
    if kind == "copter":
        params = (0, 0, 0, 0, 0, 0, 12) if manner == "ardupilot" else [math.nan] * 7
        assert peer.command(22, *params) == 0
        peer.run(3.0)
        assert peer.command(22, *params) == 0
        peer.run(10.0)
        assert peer.body.up_m == pytest.approx(12 if manner == "ardupilot" else 2.5, abs=0.7)
        assert peer.command(400, 0) != 0
    else:
        assert peer.command(400, 0) == peer.command(400, 0) == 0


@KINDS
def test_a_reboot_by_command_answers_first(kind, manner):
    peer = Peer(kind, manner).ready()
    assert peer.upload([item(), item(north_m=10.0)]) == 0
    assert peer.command(246, 1) == 0
    mark = peer.mark
    peer.run(1.9)
    assert not [m for _, m in peer.heard[mark:] if m.get_type() == "HEARTBEAT"][1:]
    peer.run(4.0)
    assert peer.autopilot.boots == 2
    assert len(peer.download()) == 2
