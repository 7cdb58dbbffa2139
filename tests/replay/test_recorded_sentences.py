"""The NMEA parser against pynmea2 and against gpsd's own reading of the same recordings."""

import gzip
import json
import re
from datetime import UTC, datetime

import pynmea2
import pytest

from edge.errors import PeerError
from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.gnss.sentences import Gga, Gsa, Gst, Rmc, Vtg, Zda, parse_line
from tests.replay.recordings import RECEIVERS, lines_of, replayed

GPSD_LOGS = [
    "april6_2019.log",
    "garmin-geko201.log",
    "gp-320fw-2019-04-07-coldboot.log",
    "neo-m8n.log",
    "nmea-rtk.log",
    "quectel-l76k-nmea.log",
    "tcp-torture.log",
    "ublox-neo-m9n-nmea.log",
]
LOGS = [*RECEIVERS.values(), *(f"gpsd_logs/{name}" for name in GPSD_LOGS)]
KNOT_MPS = 1852 / 3600


def oracle(line):
    """What pynmea2 makes of a line, None if it is damaged."""
    try:
        return pynmea2.parse(line.decode("ascii").strip(), check=True)
    except (pynmea2.ParseError, UnicodeDecodeError):
        return None


def numbers(sentence, told):
    """The same numbers from both parsers, side by side."""
    match sentence:
        case Rmc() | Gga():
            if sentence.position_deg:
                yield sentence.position_deg[0], told.latitude
                yield sentence.position_deg[1], told.longitude
    match sentence:
        case Rmc():
            yield sentence.speed_mps, told.spd_over_grnd and told.spd_over_grnd * KNOT_MPS
            yield sentence.course_deg, told.true_course
        case Gga():
            yield sentence.quality, told.gps_qual or 0
            yield sentence.satellites, int(told.num_sats) if told.num_sats else None
            yield sentence.altitude_m, told.altitude
        case Gsa():
            yield sentence.mode, int(told.mode_fix_type)
        case Gst():
            sigmas = (told.std_dev_latitude, told.std_dev_longitude)
            if None not in sigmas:
                yield sentence.accuracy_m, 2 * (sigmas[0] ** 2 + sigmas[1] ** 2) ** 0.5
        case Vtg():
            speed = told.spd_over_grnd_kts
            yield sentence.speed_mps, None if speed is None else float(speed) * KNOT_MPS
            yield sentence.course_deg, told.true_track


def own(line):
    try:
        return parse_line(line.rstrip(b"\n"))
    except PeerError:
        return None


@pytest.mark.parametrize("log", LOGS)
def test_every_recorded_sentence_is_read_as_pynmea2_reads_it(shared, log):
    compared = 0
    for line in lines_of(shared / "data" / "position" / log):
        sentence = own(line)
        if sentence is None or isinstance(sentence, Zda):
            continue
        told = oracle(line[line.rindex(b"$") :])
        assert told is not None, f"taken although damaged: {line!r}"
        for number, expected in numbers(sentence, told):
            assert number == (None if expected is None else pytest.approx(float(expected)))
        compared += 1
    assert compared >= 1


@pytest.mark.parametrize("log", LOGS)
def test_no_sound_sentence_is_thrown_away(shared, log):
    """What only pynmea2 takes is out of range or cut within a checksum that happens to hold."""
    for line in lines_of(shared / "data" / "position" / log):
        if re.match(rb"\$[A-Z]{2}(RMC|GGA|GSA|GST|VTG|ZDA),", line) and own(line) is None:
            told = oracle(line)
            if told is not None:
                assert b"-1" in line or len(told.data) < 8, line


def test_the_drive_holds_really_damaged_sentences(shared):
    lines = lines_of(shared / "data" / "position" / RECEIVERS["f9k"])
    kinds = re.compile(rb"\$..(RMC|GGA|GSA|GST|VTG|ZDA)")
    damaged = [line for line in lines if not kinds.match(line) and b"$GG" in line]
    assert len(damaged) >= 12
    assert all(own(line) is None for line in damaged)


@pytest.mark.parametrize(
    "log", ["neo-m8n.log", "nmea-rtk.log", "quectel-l76k-nmea.log", "ublox-neo-m9n-nmea.log"]
)
def test_fixes_are_those_of_gpsd(shared, log):
    """Date included: gpsd too takes 2015 for a week that ran over."""
    expected = gpsd_fixes(shared, log)
    fixes = [
        reading
        for reading in replayed(lines_of(shared / "data" / "position" / "gpsd_logs" / log))
        if isinstance(reading, GnssFix) and reading.utc is not None
    ]
    assert len(fixes) >= 0.9 * len(expected)
    for fix in fixes:
        if fix.utc in expected:
            tpv = expected[fix.utc]
            assert (fix.lat_deg, fix.lon_deg) == pytest.approx(
                (tpv["lat"], tpv["lon"]), abs=2e-9
            )
            if "alt" in tpv and fix.altitude_m is not None:
                assert fix.altitude_m == pytest.approx(tpv["alt"])
            if "speed" in tpv and fix.speed_mps is not None:
                assert fix.speed_mps == pytest.approx(tpv["speed"], abs=1e-3)
    assert len({fix.utc for fix in fixes} & expected.keys()) >= 0.9 * len(fixes)


def gpsd_fixes(shared, log):
    """The last full report of each instant in gpsd's expected output."""
    path = shared / "data" / "position" / "gpsd_logs" / f"{log}.chk"
    data = (
        path.read_bytes()
        if path.exists()
        else gzip.decompress(path.with_name(path.name + ".gz").read_bytes())
    )
    reports = (json.loads(line) for line in data.splitlines() if b'"class":"TPV"' in line)
    return {
        datetime.fromisoformat(tpv["time"]).astimezone(UTC): tpv
        for tpv in reports
        if tpv["mode"] >= 2 and "time" in tpv
    }


@pytest.mark.parametrize("log", ["garmin-geko201.log", "gp-320fw-2019-04-07-coldboot.log"])
def test_a_demonstration_and_a_cold_start_give_no_false_fix(shared, log):
    """The one simulates; the other was moved while off: zeroes, cut sentences."""
    readings = replayed(lines_of(shared / "data" / "position" / "gpsd_logs" / log))
    assert any(isinstance(reading, GnssNoFix) for reading in readings)
    for reading in readings:
        if isinstance(reading, GnssFix):
            assert "geko" not in log
            assert reading.lat_deg == pytest.approx(48.15, abs=0.001)
            assert reading.lon_deg == pytest.approx(11.585, abs=0.001)
