import itertools
import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import LinkError
from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.gnss.freshness import Freshness
from firmware_bridge.gnss.gpsd import GpsdSession
from tests.firmware_bridge.speak import NOON, VERSION, report, sky, tpv

BUILT = datetime(2026, 11, 1, tzinfo=UTC)


class Daemon:
    """A session with gpsd, and a clock that the test moves."""

    def __init__(self, device="", freshness=None):
        self.whys = []
        self.session = GpsdSession(
            100.0,
            freshness=freshness or Freshness(),
            not_before=BUILT,
            suspect=self.whys.append,
            device=device,
        )
        self.readings = []

    def says(self, data, at_s=100.0):
        self.readings += self.session.receive(data, at_s)
        return self.readings

    def asked(self):
        return self.session.outgoing().decode("ascii").splitlines()


def only(*reports):
    """Return the one reading that these reports give."""
    (reading,) = Daemon().says(b"".join(reports))
    return reading


def test_it_asks_for_the_stream_at_once_and_of_the_wanted_device_only():
    assert Daemon().asked() == ['?WATCH={"enable":true,"json":true};']
    assert Daemon("/dev/gnss").asked() == [
        '?WATCH={"enable":true,"json":true,"device":"/dev/gnss"};'
    ]


def test_a_report_is_a_fix():
    assert only(VERSION, sky(), tpv()) == GnssFix(
        received_s=100.0,
        lat_deg=47.425,
        lon_deg=8.554166667,
        utc=NOON,
        altitude_m=400.0,
        speed_mps=5.144,
        course_deg=90.0,
        accuracy_m=6.0,
        accuracy_from="dop",
        satellites=9,
        hdop=0.9,
    )


def test_what_gpsd_leaves_out_is_unknown_and_never_zero():
    """gpsd-py3 alone would say height 0, speed 0, course 0, no satellites."""
    missing = dict.fromkeys(("alt", "altMSL", "speed", "track", "eph", "climb"))
    fix = only(tpv(**missing))
    assert isinstance(fix, GnssFix)
    assert fix.altitude_m is fix.speed_mps is fix.course_deg is fix.satellites is None
    assert fix.accuracy_m is fix.hdop is None
    assert fix.accuracy_from == "unknown"


def test_a_slow_speed_below_the_error_bound_is_kept():
    """gpsd-py3's speed() is 0 below eps."""
    fix = only(tpv(speed=11.0, eps=33.0))
    assert fix.speed_mps == 11.0


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": 0},
        {"mode": 1},
        {"mode": 1, "lat": None, "lon": None},
        {"mode": 2, "lat": None},
        {"mode": 3, "lon": None},
        {"mode": 3, "lat": 0.0, "lon": 0.0},
        {"mode": 3, "lat": 91.0},
        {"mode": 3, "lon": "8.55"},
        {"mode": 3, "status": 8},  # simulated
        {"mode": 3, "lat": True},
    ],
)
def test_without_a_position_it_is_no_fix(changes):
    assert isinstance(only(tpv(**changes)), GnssNoFix)


@pytest.mark.parametrize("mode", [None, "3", -1, 4, True, [3], 1e400])
def test_a_report_without_a_mode_is_nothing(mode):
    assert Daemon().says(tpv(mode=mode)) == []


def test_a_flat_fix_has_the_height_that_gpsd_gives_it():
    assert only(tpv(mode=2, alt=None, altMSL=None)).altitude_m is None


@pytest.mark.parametrize(
    "time",
    ["2026-11-22T12:00:00.000Z", "2026-11-22T12:00:00Z", "2026-11-22T12:00:00.1Z"],
)
def test_a_time_with_or_without_a_fraction_is_read(time):
    """gpsd-py3's get_time() needs the fraction."""
    assert abs((only(tpv(time=time)).utc - NOON).total_seconds()) <= 0.1


def test_a_week_that_ran_over_is_put_right():
    assert only(tpv(time="2007-04-08T12:00:00.000Z")).utc == NOON


def test_an_early_report_without_time_waits_for_one_with_it():
    daemon = Daemon()
    assert daemon.says(tpv(time=None), 100.0) == []
    assert daemon.says(tpv(0), 100.5)[0].utc == NOON
    assert len(daemon.says(tpv(time=None), 110.0)) == 1


def test_a_receiver_that_never_tells_the_date_is_believed_after_a_while():
    daemon = Daemon()
    for second in range(6):
        daemon.says(tpv(time=None), 100.0 + second)
    assert [fix.received_s for fix in daemon.readings] == [103.0, 104.0, 105.0]


def test_several_reports_of_one_instant_are_one_fix():
    """gpsd 3.22 repeats the first epoch up to seven times."""
    assert len(Daemon().says(tpv(mode=2) + tpv() * 6)) == 1


def test_the_burst_of_a_gpsd_that_hung_is_not_taken_for_the_present():
    daemon = Daemon()
    for second in range(4):
        daemon.says(tpv(second), 100.0 + second)
    daemon.says(b"".join(tpv(second) for second in range(4, 16)), 116.0)
    assert [round((fix.utc - NOON).total_seconds()) for fix in daemon.readings] == [
        0,
        1,
        2,
        3,
        15,
    ]
    assert "late" in daemon.whys[-1]


def test_old_fixes_are_told_by_a_new_connection_too():
    freshness = Freshness()
    before = Daemon(freshness=freshness)
    for second in range(4):
        before.says(tpv(second), 100.0 + second)
    after = Daemon(freshness=freshness)
    assert after.says(tpv(4) + tpv(5), 116.0) == []
    assert len(after.says(tpv(16), 116.0)) == 1


def test_a_poll_answer_is_never_a_fix():
    """It repeats the last fix of a receiver that was unplugged minutes ago."""
    inner = json.loads(tpv())
    answer = report(**{"class": "POLL"}, active=1, tpv=[inner], sky=[{}])
    assert Daemon().says(answer) == []


def test_a_silent_stream_is_asked_for_again_so_that_gpsd_reopens_its_device():
    daemon = Daemon()
    daemon.asked()
    daemon.says(VERSION + tpv(), 100.0)
    assert daemon.session.wake_at_s == 102.0
    daemon.session.wake(102.0)
    assert daemon.asked() == ['?WATCH={"enable":true,"json":true};']
    assert daemon.session.wake_at_s == 104.0


def test_a_mute_gpsd_is_polled_after_five_seconds_and_given_up_after_ten():
    daemon = Daemon()
    asked = []
    for tenth in range(1, 100):
        now_s = 100.0 + tenth / 10
        if now_s >= daemon.session.wake_at_s:
            daemon.session.wake(now_s)
        asked += daemon.asked()
    assert asked.count("?POLL;") == 1
    assert "does not answer" in daemon.whys[-1]
    with pytest.raises(LinkError, match="gpsd says nothing for 10 s"):
        daemon.session.wake(110.0)


def test_a_gpsd_that_answers_is_kept_however_long_its_receiver_is_silent():
    daemon = Daemon()
    watch = report(**{"class": "WATCH"}, enable=True)
    for second in range(100, 400, 2):
        daemon.session.wake(float(second))
        daemon.says(watch, second + 0.01)
    assert "?POLL;" not in daemon.asked()


def test_the_first_device_is_kept_while_it_speaks():
    daemon = Daemon()
    daemon.says(tpv(0) + tpv(1, device="/dev/other", lat=48.0), 100.0)
    daemon.says(tpv(2, device="/dev/other", lat=48.0), 102.9)
    assert [fix.lat_deg for fix in daemon.readings] == [47.425]
    daemon.says(tpv(4, device="/dev/other", lat=48.0), 104.0)
    assert [fix.lat_deg for fix in daemon.readings] == [47.425, 48.0]


def test_only_the_wanted_device_is_heard():
    daemon = Daemon("/dev/gnss")
    assert daemon.says(tpv(device="/dev/other")) == []
    assert len(daemon.says(tpv())) == 1


def test_the_accuracy_is_the_receivers_when_gpsd_relays_it():
    binary = report(**{"class": "DEVICE"}, path="/dev/gnss", driver="u-blox", activated="2026")
    fix = only(binary, sky(), tpv(eph=1.2))
    assert (fix.accuracy_m, fix.accuracy_from) == (2.4, "receiver")
    estimate = report(**{"class": "GST"}, device="/dev/gnss", lat=0.5, lon=0.5)
    fix = only(estimate, sky(), tpv())
    assert (fix.accuracy_m, fix.accuracy_from) == (pytest.approx(2 * 0.5**0.5), "receiver")


def test_without_a_sky_gpsds_own_model_is_better_than_nothing():
    fix = only(tpv())
    assert (fix.accuracy_m, fix.accuracy_from) == (15.77, "dop")


def test_a_fix_by_rtk_is_worth_more():
    assert only(sky(), tpv(status=3)).accuracy_m == 2.0


def test_a_sky_may_be_told_in_parts():
    first = report(**{"class": "SKY"}, device="/dev/gnss", hdop=0.54, uSat=12)
    fix = only(first, tpv())
    assert (fix.hdop, fix.satellites) == (0.54, 12)


def test_skies_are_parsed_once_in_five_seconds():
    daemon = Daemon()
    daemon.says(sky(hdop=0.9) + sky(hdop=5.0) + tpv(0), 100.0)
    assert daemon.readings[-1].hdop == 0.9
    daemon.says(sky(hdop=5.0) + tpv(5), 105.0)
    assert daemon.readings[-1].hdop == 5.0


@pytest.mark.parametrize("satellites", [None, 7, [1], [{"PRN": 3}], [{"used": "yes"}]])
def test_a_sky_that_gpsd_py3_would_trip_over_has_no_satellites(satellites):
    broken = report(**{"class": "SKY"}, device="/dev/gnss", hdop=0.9, satellites=satellites)
    assert only(broken, tpv()).satellites is None


def test_troubles_that_gpsd_names_are_passed_on():
    daemon = Daemon()
    daemon.says(report(**{"class": "DEVICES"}, devices=[]))
    assert daemon.whys[-1] == "gpsd has no device"
    daemon.says(report(**{"class": "DEVICE"}, path="/dev/gnss", activated=0))
    assert daemon.whys[-1] == "gpsd has closed /dev/gnss"
    daemon.says(report(**{"class": "DEVICES"}, devices=[{"path": "/dev/gnss"}]))
    assert daemon.whys[-1] == "gpsd has closed /dev/gnss"
    daemon.says(report(**{"class": "ERROR"}, message="Can't open /dev/gnss"))
    assert daemon.whys[-1] == "gpsd: Can't open /dev/gnss"
    daemon.says(report(**{"class": "VERSION"}, proto_major=4))
    assert daemon.whys[-1] == "gpsd speaks protocol 4"


STREAM = VERSION + sky() + b"".join(tpv(second) for second in range(4)) + sky()


@given(st.lists(st.integers(0, len(STREAM)), max_size=10))
def test_any_pieces_give_the_same_readings(cuts):
    edges = [0, *sorted(cuts), len(STREAM)]
    daemon = Daemon()
    for start, end in itertools.pairwise(edges):
        daemon.says(STREAM[start:end])
    assert daemon.readings == Daemon().says(STREAM)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = ("device", "status", "mode", "time", "lat", "lon", "alt", "altMSL", "track", "speed")
OTHERS = ("eph", "hdop", "satellites", "devices", "path", "driver", "activated", "message")
CLASSES = ("TPV", "SKY", "GST", "DEVICE", "DEVICES", "ERROR", "VERSION", "POLL", "WATCH")
REPORTS = st.builds(
    lambda name, fields: json.dumps({"class": name, **fields}).encode() + b"\n",
    st.sampled_from(CLASSES),
    st.dictionaries(st.sampled_from(FIELDS + OTHERS), JSON, max_size=8),
)


@given(st.lists(REPORTS | st.just(tpv()) | st.binary(max_size=60), max_size=12))
def test_any_reports_never_crash_and_what_comes_out_is_in_range(reports):
    daemon = Daemon()
    for number, line in enumerate(reports):
        daemon.says(line, 100.0 + number)
    for reading in daemon.readings:
        assert reading.utc is None or reading.utc.tzinfo is not None
        if isinstance(reading, GnssFix):
            assert abs(reading.lat_deg) <= 90
            assert abs(reading.lon_deg) <= 180
            assert reading.speed_mps is None or 0 <= reading.speed_mps <= 120
            assert reading.accuracy_m is None or math.isfinite(reading.accuracy_m)


@given(st.integers(0, len(tpv()) - 3))
def test_a_report_that_was_cut_is_no_fix(length):
    assert Daemon().says(tpv()[:length] + b"\r\n") == []
