"""Each measured row of how the firmwares differ (the shared facts, MAVLink, 1) as a test."""

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.sim.devices.autopilot.peer import ALL_FOUR, Peer, item, place

BOTH = pytest.mark.parametrize("manner", ["ardupilot", "px4"])
KINDS = pytest.mark.parametrize(("kind", "manner"), ALL_FOUR)


def way(count, z=10.0):
    return [item(north_m=float(n), z=z) for n in range(count)]


@pytest.mark.parametrize(
    ("manner", "messages_per_s", "bytes_per_s"),
    [("ardupilot", (1.0, 1.5), (20, 60)), ("px4", (370, 430), (20_000, 27_000))],
)
def test_streams_that_come_unasked(manner, messages_per_s, bytes_per_s):
    peer = Peer(manner=manner, beats=False).ready()
    before, before_b = len(peer.heard), peer.bytes_in
    peer.run(10.0)
    assert messages_per_s[0] <= (len(peer.heard) - before) / 10 <= messages_per_s[1]
    assert bytes_per_s[0] <= (peer.bytes_in - before_b) / 10 <= bytes_per_s[1]
    names = {m.get_type() for _, m in peer.heard}
    if manner == "ardupilot":
        assert names <= {"HEARTBEAT", "TIMESYNC", "STATUSTEXT", "HOME_POSITION"}
    else:
        assert len(peer.of("ATTITUDE", before)) == pytest.approx(1000, abs=20)


@KINDS
def test_the_list_of_parameters_takes_its_time(kind, manner):
    peer = Peer(kind, manner).ready()
    peer.say(mavlink.MAVLink_param_request_list_message(1, 1))
    mark, began_s = peer.mark, peer.now_s
    peer.run(2.0)
    values = peer.of("PARAM_VALUE", mark)
    assert len(values) > 300
    assert [m.param_index for m in values] == list(range(values[0].param_count))
    per_s = len(values) / (peer.when("PARAM_VALUE", mark)[-1] - began_s)
    assert per_s == pytest.approx(1400 if manner == "ardupilot" else 1000, rel=0.1)


def test_whole_numbers_travel_as_floats_or_as_bytes():
    for manner, name, kind, value in (
        ("ardupilot", b"MAV_SYSID", mavlink.MAV_PARAM_TYPE_UINT32, 1.0),
        ("px4", b"MAV_SYS_ID", mavlink.MAV_PARAM_TYPE_INT32, 1.401298464324817e-45),
    ):
        peer = Peer(manner=manner).ready()
        peer.say(mavlink.MAVLink_param_request_read_message(1, 1, name, -1))
        told = peer.wait("PARAM_VALUE")
        assert (told.param_type, told.param_value) == (kind, value)


@pytest.mark.parametrize(
    ("kind", "manner", "bits"),
    [("copter", "ardupilot", 0xFBEF), ("rover", "ardupilot", 0xF1EF), ("copter", "px4", 0xE8FF),
     ("rover", "px4", 0xE8FF)],
)  # fmt: skip
def test_capabilities(kind, manner, bits):
    peer = Peer(kind, manner).ready()
    assert peer.command(512, 148) == 0
    assert peer.wait("AUTOPILOT_VERSION", 0.1) or peer.of("AUTOPILOT_VERSION")
    assert peer.of("AUTOPILOT_VERSION")[-1].capabilities == bits


@BOTH
def test_answers_to_commands_take_their_time(manner):
    peer = Peer(manner=manner).ready()
    for pause_s in (0.001, 0.0137, 0.0191, 0.0203):
        peer.run(pause_s)
        asked_s = peer.now_s
        peer.command(511, 33, 0)
        late_s = peer.now_s - asked_s
        assert late_s <= (0.041 if manner == "ardupilot" else 0.006)


@pytest.mark.parametrize(
    ("kind", "manner", "asks", "takes_s"),
    [
        ("copter", "ardupilot", "MISSION_REQUEST", 0.6),
        ("rover", "ardupilot", "MISSION_REQUEST", 2),
        ("copter", "px4", "MISSION_REQUEST_INT", 0.03),
    ],
)
def test_how_items_are_asked_for_and_how_fast(kind, manner, asks, takes_s):
    peer = Peer(kind, manner).ready()
    began_s = peer.now_s
    assert peer.upload(way(100)) == 0
    assert peer.now_s - began_s == pytest.approx(takes_s, rel=0.3)
    both = ("MISSION_REQUEST", "MISSION_REQUEST_INT")
    assert [n for n in both if peer.of(n)] == [asks]


@pytest.mark.parametrize(("manner", "again_s"), [("ardupilot", 1.0), ("px4", 0.25)])
def test_a_lost_item_is_asked_for_again(manner, again_s):
    peer = Peer(manner=manner).ready()
    peer.upload(way(5), until_seq=2)
    mark = peer.mark - 1
    peer.run(again_s - 0.02)
    name = "MISSION_REQUEST_INT" if manner == "px4" else "MISSION_REQUEST"
    assert len(peer.of(name, mark)) == 1
    peer.run(0.05)
    assert [m.seq for m in peer.of(name, mark)] == [2, 2]


def test_ardupilot_keeps_a_mixture_of_an_abandoned_upload():
    peer = Peer().ready()
    assert peer.upload(way(20, z=10.0)) == 0
    peer.upload(way(20, z=50.0), until_seq=3)
    mark, began_s = peer.mark, peer.now_s
    peer.run(12.0)
    assert len(peer.of("MISSION_REQUEST", mark)) == 7
    assert [m.type for m in peer.of("MISSION_ACK", mark)] == [15]
    assert peer.when("MISSION_ACK", mark)[0] - began_s == pytest.approx(8.0, abs=0.1)
    assert [i[5] for i in peer.download()[1:]] == [50.0] * 2 + [10.0] * 17


def test_px4_keeps_the_old_mission_of_an_abandoned_upload():
    peer = Peer(manner="px4").ready()
    assert peer.upload(way(20, z=10.0)) == 0
    peer.upload(way(20, z=50.0), until_seq=3)
    mark, began_s = peer.mark, peer.now_s
    peer.run(8.0)
    asked_s = peer.when("MISSION_REQUEST_INT", mark)
    assert 4.5 < asked_s[-1] - began_s < 5.1
    assert not peer.of("MISSION_ACK", mark)
    assert {i[5] for i in peer.download()} == {10.0}


@pytest.mark.parametrize(
    ("manner", "left"), [("ardupilot", [50.0] * 2 + [10.0] * 3), ("px4", [10.0] * 6)]
)
def test_what_a_refused_upload_leaves(manner, left):
    peer = Peer(manner=manner).ready()
    assert peer.upload(way(6, z=10.0)) == 0
    refused = way(6, z=50.0)
    refused[3] = item(9999, z=50.0)
    assert peer.upload(refused) == 3
    got = peer.download()
    assert [i[5] for i in got[6 - len(left) :]] == left


@BOTH
def test_a_download_during_an_upload(manner):
    peer = Peer(manner=manner).ready()
    peer.upload(way(5), until_seq=2)
    assert peer.download() == (14 if manner == "ardupilot" else None)


@BOTH
def test_an_upload_begun_again_while_open(manner):
    peer = Peer(manner=manner).ready()
    peer.upload(way(5), until_seq=2)
    assert peer.upload(way(3)) == (0 if manner == "ardupilot" else 1)
    assert peer.texts()[-1:] == (
        [] if manner == "ardupilot" else ["WPM: IGN MISSION_COUNT: Busy"]
    )


@BOTH
def test_a_download_abandoned_after_its_count(manner):
    peer = Peer(manner=manner).ready()
    assert peer.upload(way(5)) == 0
    peer.say(mavlink.MAVLink_mission_request_list_message(1, 1, 0))
    assert peer.wait("MISSION_COUNT").count == 5
    assert peer.upload(way(3)) == (0 if manner == "ardupilot" else 1)
    peer.run(5.0)
    assert peer.upload(way(3)) == 0


def test_the_first_seconds_after_boot():
    peer = Peer()
    peer.run(1.0)
    assert peer.upload(way(3)) == 4
    assert "Only 0 items are supported" in peer.texts()
    assert Peer(manner="px4").upload(way(3)) == 0


@pytest.mark.parametrize(
    ("manner", "back"), [("ardupilot", [3, 10, 3, 0, 0]), ("px4", [6, None, 3, 0, 2])]
)
def test_the_frames_that_come_back(manner, back):
    peer = Peer(manner=manner).ready()
    sent = [item(z=5, frame=6), item(z=5, frame=11), item(z=5, frame=3), item(z=500, frame=0)]
    sent = [item(), *sent, item(178, frame=2, p=(1, 5, 0, 0))]
    if manner == "px4":
        assert peer.upload(sent) == 2
        sent[2] = item(z=5, frame=6)
        back = [6, 6, 3, 0, 2]
    assert peer.upload(sent) == 0
    assert [i[0] for i in peer.download()[1:]] == back


@BOTH
def test_item_0(manner):
    peer = Peer(manner=manner).ready()
    assert peer.upload([item(north_m=77.0, z=9.0), *way(2)]) == 0
    first = peer.download()[0]
    if manner == "ardupilot":
        home = peer.of("HOME_POSITION")[-1]
        assert first[3:5] == (home.latitude, home.longitude)
        assert first[5] == pytest.approx(488.0, abs=0.5)
    else:
        assert first[3:] == (*place(77.0, 0.0), 9.0)


@KINDS
def test_what_is_not_known(kind, manner):
    peer = Peer(kind, manner).ready()
    assert peer.upload([item(), item(12345)]) == 3
    assert peer.command(12345) == 3
    assert peer.command_int(54321) == 3


@pytest.mark.parametrize(
    ("command", "ardupilot", "px4"),
    [(94, 0, 3), (211, 0, 0), (42600, 0, 0), (207, 0, 3), (208, 0, 3)],
)
def test_which_commands_a_mission_may_hold(command, ardupilot, px4):
    for kind, manner in ALL_FOUR:
        peer = Peer(kind, manner).ready()
        wanted = ardupilot if manner == "ardupilot" else px4
        assert peer.upload([item(), item(command)]) == wanted, (kind, manner)


@BOTH
def test_the_terrain_frame(manner):
    peer = Peer(manner=manner).ready()
    assert peer.upload([item(), item(frame=11)]) == (0 if manner == "ardupilot" else 2)
