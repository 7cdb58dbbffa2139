import itertools
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import LinkError
from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.gnss.epoch import QUIET_S
from firmware_bridge.gnss.freshness import Freshness
from firmware_bridge.gnss.nmea import NmeaSession
from tests.firmware_bridge.speak import NOON, epoch, gga, gsa, gst, rmc, sentence

BUILT = datetime(2026, 11, 1, tzinfo=UTC)


class Receiver:
    """A session, and a clock that the test moves."""

    def __init__(self, now_s=100.0):
        self.whys = []
        self.session = NmeaSession(
            now_s, freshness=Freshness(), not_before=BUILT, suspect=self.whys.append
        )
        self.readings = []

    def hears(self, data, at_s):
        self.readings += self.session.receive(data, at_s)
        return self.readings

    def wakes(self, at_s):
        self.readings += self.session.wake(at_s)
        return self.readings


def heard(seconds):
    """Return all readings of epochs that come one a second, the last one ended by quiet."""
    receiver = Receiver()
    for second, data in enumerate(seconds):
        receiver.hears(data, 100.0 + second)
        receiver.wakes(100.0 + second + QUIET_S)
    return receiver.readings


def test_an_epoch_is_one_fix_with_all_that_was_said():
    (fix,) = heard([rmc() + gga() + gsa() + gst()])
    assert fix == GnssFix(
        received_s=100.0,
        lat_deg=pytest.approx(47.425),
        lon_deg=pytest.approx(8 + 33.25 / 60),
        utc=NOON,
        altitude_m=400.0,
        speed_mps=pytest.approx(10 * 1852 / 3600),
        course_deg=90.0,
        accuracy_m=2.0,
        accuracy_from="receiver",
        satellites=11,
        hdop=0.9,
    )


def test_without_gst_the_accuracy_is_modelled_and_says_so():
    (fix,) = heard([epoch()])
    assert fix.accuracy_from == "dop"
    assert fix.accuracy_m == 6.0
    (fix,) = heard([rmc()])
    assert (fix.accuracy_from, fix.accuracy_m, fix.satellites) == ("unknown", None, None)


def test_the_first_epoch_waits_for_quiet_and_later_ones_only_for_their_last_sentence():
    receiver = Receiver()
    assert receiver.hears(epoch(0), 100.0) == []
    assert receiver.session.wake_at_s == 100.0 + QUIET_S
    assert len(receiver.wakes(100.0 + QUIET_S)) == 1
    assert receiver.session.wake_at_s == 110.0
    pieces = epoch(1).splitlines(keepends=True)
    receiver.hears(pieces[0], 101.0)
    assert len(receiver.hears(pieces[1], 101.1)) == 1
    assert len(receiver.hears(pieces[2], 101.2)) == 2
    assert receiver.readings[1].received_s == 101.2


def test_a_slow_line_is_not_cut_in_the_middle_of_a_burst():
    """4800 baud: RMC comes 0.7 s after GGA, with satellites in view between."""
    receiver = Receiver()
    receiver.hears(gga(), 100.0)
    for tenth in range(1, 8):
        at_s = 100.0 + tenth / 10
        assert receiver.session.wake_at_s > at_s
        receiver.hears(b"$GPGSV,3,1,10,02,25,181,42,06,45,146,45*00\r\n", at_s)
    receiver.hears(rmc(), 100.8)
    (fix,) = receiver.wakes(100.8 + QUIET_S)
    assert fix.speed_mps is not None


@pytest.mark.parametrize(
    "data",
    [
        rmc(status="V", mode="N") + gga(quality=0),
        rmc(status="V"),
        rmc(mode="N"),
        gga(quality=0),
        gga(quality=8),
        gga(quality=7),  # nobody vouches for it
        rmc() + gga(quality=0),  # they disagree
        rmc(status="V") + gga(quality=1),
        rmc() + gsa(mode=1),
        gga() + gsa(mode=1),
        rmc(lat="0000.0000,N", lon="00000.0000,E"),
        sentence("GPRMC,,V,,,,,,,,,,N"),
        sentence("GPGGA,,,,,,0,00,99.99,,,,,,"),
        sentence("GPRMC,120000.00,A,,,,,1.0,90.0,221126,,,A"),
        sentence("GPRMC,,A,4725.5,N,00833.2,E,1.0,90.0,221126,,,A"),  # of no known time
    ],
)
def test_a_receiver_that_does_not_vouch_for_it_gives_no_fix(data):
    (reading,) = heard([data])
    assert isinstance(reading, GnssNoFix)


def test_a_phone_may_mark_its_fix_as_manual_if_an_rmc_vouches_for_it():
    (fix,) = heard([rmc() + gga(quality=7)])
    assert isinstance(fix, GnssFix)


def test_a_constellation_without_satellites_does_not_outvote_the_rest():
    (fix,) = heard([rmc() + gga() + gsa(mode=1)])
    assert isinstance(fix, GnssFix)


def test_an_epoch_that_disputes_itself_is_no_reading():
    assert heard([rmc() + gga(lat="4726.50000,N")]) == []
    assert heard([rmc() + gga(lon="00834.25000,E")]) == []
    assert len(heard([rmc() + gga(lat="4725.50050,N")])) == 1  # RMC rounds


def test_a_lone_sentence_must_be_within_reach_of_what_two_agreed_on():
    """A damaged one whose checksum happens to hold; its companion was lost."""
    later = NOON + timedelta(seconds=1)
    fixes = heard([epoch(0), gga(later, lat="4728.50000,N"), epoch(2)])
    assert [fix.utc for fix in fixes] == [NOON, NOON + timedelta(seconds=2)]
    fixes = heard([epoch(0), gga(later, lat="4725.51000,N"), epoch(2)])
    assert len(fixes) == 3


def test_a_receiver_with_one_kind_of_sentence_is_believed():
    assert len(heard([gga(NOON), gga(NOON + timedelta(seconds=1), lat="4728.50000,N")])) == 2


def test_on_the_date_line_one_degree_is_not_360():
    (fix,) = heard([rmc(lon="17959.99999,E") + gga(lon="17959.99999,W")])
    assert isinstance(fix, GnssFix)


def test_a_damaged_sentence_costs_its_numbers_and_nothing_else():
    fixes = heard(
        [
            epoch(0),
            rmc(NOON + timedelta(seconds=1))[:30] + b"\r\n" + gga(NOON + timedelta(seconds=1)),
            epoch(2),
        ]
    )
    assert [fix.speed_mps is None for fix in fixes] == [False, True, False]
    assert fixes[1].utc == NOON + timedelta(seconds=1)  # the date is known from the one before


def test_speed_may_come_from_vtg_alone():
    (fix,) = heard([gga() + sentence("GNVTG,45.0,T,,M,10.0,N,18.52,K,A")])
    assert (fix.course_deg, fix.speed_mps) == (45.0, pytest.approx(5.1444, abs=1e-4))
    assert fix.utc is None


def test_a_date_from_zda_completes_a_receiver_without_rmc():
    zda = sentence("GPZDA,120000.00,22,11,2026,00,00")
    (fix,) = heard([zda + gga()])
    assert fix.utc == NOON


@pytest.mark.parametrize("day", ["0", "32", "9" * 30])
def test_a_day_that_is_none_completes_nothing_and_crashes_nothing(day):
    zda = sentence(f"GPZDA,120000.00,{day},11,2026,00,00")
    assert [fix.utc for fix in heard([zda + gga()])] == [None]


def test_a_week_that_ran_over_is_put_right():
    past = NOON - timedelta(weeks=1024)
    (fix,) = heard([rmc(past) + gga(past)])
    assert fix.utc == NOON


def test_a_receiver_that_repeats_itself_is_told_from_one_that_speaks():
    receiver = Receiver()
    for second in range(5):
        receiver.hears(epoch(0), 100.0 + second)
        receiver.wakes(100.0 + second + QUIET_S)
    assert len(receiver.readings) == 1
    assert "repeats" in receiver.whys[-1]


def test_fixes_that_waited_in_a_buffer_are_not_of_now():
    receiver = Receiver()
    for second in range(5):
        receiver.hears(epoch(second), 100.0 + second)
    receiver.hears(b"".join(epoch(second) for second in range(5, 20)), 119.0)
    told = [math.floor((fix.utc - NOON).total_seconds()) for fix in receiver.readings]
    assert told == [0, 1, 2, 3, 4, 18, 19]


def test_a_port_that_is_quiet_for_ten_seconds_is_given_up():
    receiver = Receiver()
    receiver.hears(epoch(0), 100.0)
    receiver.wakes(100.3)
    assert receiver.session.wake_at_s == 110.0
    assert receiver.wakes(109.9) == receiver.readings
    with pytest.raises(LinkError, match="no bytes for 10 s"):
        receiver.wakes(110.0)


def test_bytes_at_the_wrong_speed_are_counted_and_named():
    receiver = Receiver()
    receiver.hears(b"\xf8\x1c\x00\xe0\n" * 50, 100.0)
    assert receiver.readings == []
    assert receiver.session.damaged == 50
    assert "not understood" in receiver.whys[-1]


STREAM = b"".join(epoch(second) for second in range(4))


@given(st.lists(st.integers(0, len(STREAM)), max_size=10))
def test_any_pieces_give_the_same_readings(cuts):
    edges = [0, *sorted(cuts), len(STREAM)]
    receiver = Receiver()
    for start, end in itertools.pairwise(edges):
        receiver.hears(STREAM[start:end], 100.0)
    receiver.wakes(101.0)
    assert receiver.readings == Receiver().hears(STREAM, 100.0)


@given(
    st.lists(
        st.binary(max_size=80) | st.sampled_from(STREAM.splitlines(keepends=True)), max_size=20
    )
)
def test_any_bytes_never_crash_and_what_comes_out_is_in_range(pieces):
    receiver = Receiver()
    for number, piece in enumerate(pieces):
        receiver.hears(piece, 100.0 + number)
        if receiver.session.wake_at_s <= 100.5 + number:
            receiver.wakes(100.5 + number)
    for reading in receiver.readings:
        if isinstance(reading, GnssFix):
            assert abs(reading.lat_deg) <= 90
            assert abs(reading.lon_deg) <= 180


@given(st.integers(0, len(STREAM) - 1), st.integers(0, 255))
def test_one_changed_byte_never_moves_a_fix(place, byte):
    damaged = STREAM[:place] + bytes([byte]) + STREAM[place + 1 :]
    for fix in Receiver().hears(damaged, 100.0):
        assert isinstance(fix, GnssFix)
        assert fix.lat_deg == pytest.approx(47.425)
        assert fix.lon_deg == pytest.approx(8 + 33.25 / 60)
        assert fix.utc in {None, *(NOON + timedelta(seconds=second) for second in range(4))}
