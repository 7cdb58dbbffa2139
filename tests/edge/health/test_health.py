import json
import logging
import socket

import pytest

from edge.errors import RefusedError
from edge.health.beats import Beats
from edge.health.fix_watch import FIRST_FIX_S, FixWatch
from edge.health.log import JsonLines
from edge.health.status import read_status, write_status
from edge.health.systemd import Notifier
from edge.messages.facts import GnssLost, GnssRecovered
from edge.messages.geo import Place
from edge.messages.readings import DeviceBack, DeviceSilent
from edge.messages.state import VehicleState

HERE = Place(lat_deg=48.1, lon_deg=11.5)


def fix(at_s):
    return VehicleState(at_s=at_s, fix="gnss", place=HERE, accuracy_m=3.0)


def none(at_s):
    return VehicleState(at_s=at_s, fix="none")


def test_a_part_that_does_not_beat_is_named_and_only_that_one():
    beats = Beats()
    beats.expect("executor", 30.0, 0.0)
    beats.expect("uplink", 30.0, 0.0)
    beats.beat("uplink", 25.0)
    assert beats.stale(29.0) == []
    assert beats.stale(31.0) == ["executor"]
    beats.beat("executor", 31.0)
    assert beats.stale(40.0) == []


def test_a_lost_position_is_told_once_and_its_return_once():
    watch = FixWatch("gpsd", 0.0)
    states = [fix(1), fix(2), none(5.5), none(6), fix(7), fix(8)]
    told = [change for state in states if (change := watch.look(state)) is not None]
    assert told == [
        GnssLost(device="gpsd", silent_s=3.5, why="no fix"),
        GnssRecovered(device="gpsd"),
    ]


def test_a_silent_device_counts_at_once_and_says_why():
    watch = FixWatch("nmea", 0.0)
    watch.look(fix(10.0))
    watch.heard(DeviceSilent(received_s=12.5, device="nmea", silent_s=2.5, why="unplugged"))
    lost = watch.look(fix(12.5))
    assert lost == GnssLost(device="nmea", silent_s=2.5, why="unplugged")
    watch.heard(DeviceBack(received_s=14.0, device="nmea"))
    assert watch.look(fix(14.1)) == GnssRecovered(device="nmea")


def test_a_receiver_may_search_for_its_first_fix_before_it_counts_as_lost():
    watch = FixWatch("gpsd", 0.0)
    assert watch.look(none(FIRST_FIX_S - 1)) is None
    assert isinstance(watch.look(none(FIRST_FIX_S + 1)), GnssLost)


def test_systemd_hears_ready_alive_and_stopping(tmp_path):
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(address))
        listener.settimeout(2)
        notifier = Notifier.of({"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "20000000"})
        assert notifier.watchdog_s == 20.0
        notifier.ready("idle")
        notifier.alive()
        notifier.stopping()
        heard = [listener.recv(100) for _ in range(3)]
    assert heard == [b"READY=1\nSTATUS=idle", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_systemd_nothing_is_sent():
    notifier = Notifier.of({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"})
    assert notifier.watchdog_s is None
    notifier.ready("idle")


def test_a_log_line_is_one_json_object_with_its_fields():
    record = logging.LogRecord("edge.x", logging.WARNING, "f", 1, "link lost", (), None)
    record.retry_in_s = 0.5
    line = json.loads(JsonLines("van-1").format(record))
    assert line["what"] == "link lost"
    assert (line["level"], line["vehicle"], line["retry_in_s"]) == ("warning", "van-1", 0.5)


def test_status_is_read_back_and_its_absence_explained(tmp_path):
    with pytest.raises(RefusedError, match="no daemon has run here"):
        read_status(tmp_path)
    write_status(tmp_path, {"phase": "idle"})
    assert read_status(tmp_path) == {"phase": "idle"}
