"""Damage of every kind, by the thousand in every run and by the million in `make fuzz`."""

import math
import time
from datetime import UTC, datetime
from random import Random

import pytest

from edge.errors import LinkError
from edge.messages.geo import Place, east_north_m
from edge.messages.readings import GnssFix
from firmware_bridge.gnss.freshness import Freshness
from firmware_bridge.gnss.gpsd import GpsdSession
from firmware_bridge.gnss.nmea import NmeaSession
from tests.firmware_bridge.speak import (
    VERSION,
    epoch,
    gga,
    gst,
    report,
    rmc,
    sentence,
    sky,
    tpv,
)

BUILT = datetime(2026, 11, 1, tzinfo=UTC)
TRUE_PLACE = Place(lat_deg=47.425, lon_deg=8 + 33.25 / 60)
EACH_RESTARTS = 200  # a new session now and then, so that no state hides what the next could do
SHORT, LONG = 20_000, 10_000_000

NMEA = [
    *(epoch(second) for second in range(60)),
    *(rmc() + gga() + gst(), rmc(status="V"), gga(quality=0)),
    sentence("GPZDA,120000.00,22,11,2026,00,00"),
    sentence("GNVTG,90.0,T,,M,10.0,N,18.52,K,A"),
]
GPSD = [
    *(tpv(second) for second in range(60)),
    *(sky(), VERSION, tpv(mode=1), tpv(time=None)),
    report(**{"class": "DEVICES"}, devices=[{"class": "DEVICE", "path": "/dev/gnss"}]),
    report(**{"class": "GST"}, device="/dev/gnss", lat=1.0, lon=1.0),
    report(**{"class": "ERROR"}, message="no such device"),
]


def flip(rng, data):
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]


def cut(rng, data):
    return data[: rng.randrange(len(data))]


def lose(rng, data):
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, 20) :]


def double(rng, data):
    start = rng.randrange(len(data))
    end = start + rng.randrange(1, 20)
    return data[:end] + data[start:]


def insert(rng, data):
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.randbytes(rng.randrange(1, 12)) + data[place:]


def overwrite(rng, data):
    place = rng.randrange(len(data))
    return data[:place] + bytes([rng.choice(b"0123456789,.*$-NSEWA")]) + data[place + 1 :]


DAMAGES = (flip, flip, cut, lose, double, insert, overwrite)


def damaged(rng, pieces):
    """One piece with one fault or several; now and then none, or nothing but noise."""
    data = rng.choice(pieces)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 4))):
        if data:
            data = rng.choice(DAMAGES)(rng, data)
    return rng.randbytes(rng.randrange(200)) if rng.random() < 0.02 else data


def fuzz(make_session, pieces, count, seed):
    """Feed `count` damaged pieces in pieces of any size; return every fix that came out."""
    rng = Random(seed)
    fixes, session, now_s = [], make_session(), 0.0
    for number in range(count):
        if number % EACH_RESTARTS == 0:
            session = make_session()
        data = damaged(rng, pieces)
        while data:
            size = rng.randrange(1, 400)
            taken, data = data[:size], data[size:]
            now_s += rng.choice((0.0, 0.0, 0.01, 1.0))
            readings = list(session.receive(taken, now_s))
            if session.wake_at_s <= now_s + 0.5:
                try:
                    readings += session.wake(now_s + 0.5)
                except LinkError:
                    session = make_session()
            session.outgoing()
            fixes += [reading for reading in readings if isinstance(reading, GnssFix)]
    return fixes


def off_m(fix):
    place = Place(lat_deg=fix.lat_deg, lon_deg=fix.lon_deg)
    return math.hypot(*east_north_m(TRUE_PLACE, place))


def nmea_session():
    return NmeaSession(0.0, freshness=Freshness(), not_before=BUILT, suspect=lambda _why: None)


def gpsd_session():
    return GpsdSession(0.0, freshness=Freshness(), not_before=BUILT, suspect=lambda _why: None)


def check_ranges(fixes):
    for fix in fixes:
        assert abs(fix.lat_deg) <= 90
        assert abs(fix.lon_deg) <= 180
        assert fix.speed_mps is None or 0 <= fix.speed_mps <= 120
        assert fix.course_deg is None or 0 <= fix.course_deg < 360
        assert fix.accuracy_m is None or fix.accuracy_m > 0


def check_nmea(count, seed):
    fixes = fuzz(nmea_session, NMEA, count, seed)
    check_ranges(fixes)
    false = [fix for fix in fixes if off_m(fix) > 30]
    assert len(fixes) > count / 100
    # Eight bits of checksum let some damage through; the rest of the checks, nearly none of it.
    assert len(false) <= len(fixes) / 20_000, false[:3]
    return len(fixes), len(false)


def check_gpsd(count, seed):
    fixes = fuzz(gpsd_session, GPSD, count, seed)
    check_ranges(fixes)
    assert len(fixes) > count / 1000
    return len(fixes)


def test_damaged_nmea_gives_no_false_fix():
    check_nmea(SHORT, seed=1)


def test_damaged_reports_of_gpsd_crash_nothing():
    check_gpsd(SHORT, seed=1)


@pytest.mark.fuzz
@pytest.mark.timeout(0)
def test_millions_of_damaged_nmea_sentences():
    seed = time.time_ns()
    print(f"seed {seed}: fixes, false {check_nmea(LONG, seed)}")


@pytest.mark.fuzz
@pytest.mark.timeout(0)
def test_millions_of_damaged_reports():
    seed = time.time_ns()
    print(f"seed {seed}: fixes {check_gpsd(LONG, seed)}")
