import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pynmea2
import pytest

from edge.clock import LoopClock
from sim.devices.receiver import Receiver, ReceiverFaults, sentence, with_fix, without_fix
from sim.town.streets import M_PER_DEG
from sim.world import Truth
from tests.conftest import simulate

START = datetime(2026, 11, 23, 7, 0, 0, 250_000, tzinfo=UTC)
GOOD = ReceiverFaults()
TRUTH = Truth(-33.856784, 151.215297, 12.5, 271.3)


def parsed(data):
    return [pynmea2.parse(line, check=True) for line in data.decode().splitlines()]


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"),
    [(52.46, 5.58), (-33.8567844, 151.2152967), (0.0, 0.0), (-0.0000004, -179.9999999),
     (89.99999999, 0.99999999), (1.0, -1.0)],
)  # fmt: skip
def test_another_parser_reads_the_position_that_was_meant(lat_deg, lon_deg):
    utc = datetime(2026, 11, 23, 23, 59, 59, 990_000, tzinfo=UTC)
    rmc, gga, _, gst = parsed(with_fix(utc, lat_deg, lon_deg, TRUTH, 2.4))
    for fix in (rmc, gga):
        assert fix.latitude == pytest.approx(lat_deg, abs=2e-7)
        assert fix.longitude == pytest.approx(lon_deg, abs=2e-7)
    assert rmc.datetime == utc
    assert rmc.status == "A"
    assert gga.gps_qual == 1
    assert float(rmc.spd_over_grnd) * 1.852 / 3.6 == pytest.approx(12.5, abs=1e-3)
    assert float(rmc.true_course) == pytest.approx(271.3)
    assert float(gst.std_dev_latitude) == 2.4


def test_a_receiver_under_a_roof_says_so():
    rmc, gga, gsa, _ = parsed(without_fix(START))
    assert (rmc.status, gga.gps_qual, gsa.mode_fix_type) == ("V", 0, "1")
    assert rmc.lat == gga.lat == ""


def test_checksums_are_those_of_the_standard():
    assert sentence("GPRMC,081836,A,3751.65,S,14507.36,E,000.0,360.0,130998,011.3,E") == (
        b"$GPRMC,081836,A,3751.65,S,14507.36,E,000.0,360.0,130998,011.3,E*62\r\n"
    )
    for body in ("", "G", "GPGGA", "x" * 200):
        total = 0
        for byte in body.encode():
            total ^= byte
        assert sentence(body)[-4:-2] == b"%02X" % total


def heard(seconds, *, faults=GOOD, seed=1, during=lambda receiver, second: None):
    """Run a receiver; return the epochs with the loop time at which each was sent."""

    async def main():
        loop, sent = asyncio.get_running_loop(), []
        await asyncio.sleep(0.25)
        clock = LoopClock(loop, START, "simulated")
        receiver = Receiver(
            lambda: TRUTH,
            lambda data: sent.append((loop.time(), data)),
            clock=clock,
            rng=Random(seed),
            faults=faults,
        )
        task = asyncio.ensure_future(receiver.run())
        for second in range(seconds):
            during(receiver, second)
            await asyncio.sleep(1.0)
        task.cancel()
        return sent

    return simulate(main)


def test_it_speaks_once_a_second_without_drifting():
    sent = heard(600)
    times = [at_s for at_s, _ in sent]
    assert len(times) in (599, 600)
    assert times[-1] - times[0] == pytest.approx(len(times) - 1)
    first, last = (parsed(data)[0].datetime for data in (sent[0][1], sent[-1][1]))
    assert last - first == timedelta(seconds=len(times) - 1)


def test_errors_are_as_large_as_said_and_slow():
    faults = ReceiverFaults(drift_m=2.0, noise_m=0.2)
    fixes = [parsed(data)[1] for _, data in heard(4000, faults=faults)]
    north_m = [(fix.latitude - TRUTH.lat_deg) * M_PER_DEG for fix in fixes]
    rms = (sum(error**2 for error in north_m) / len(north_m)) ** 0.5
    steps = [abs(b - a) for a, b in pairwise(north_m)]
    assert 1.2 < rms < 3.0
    assert sum(steps) / len(steps) < 0.6


def test_it_loses_sky_and_power_and_gets_them_back():
    def during(receiver, second):
        receiver.sees_sky = not 10 <= second < 20
        receiver.has_power = not 30 <= second < 40

    kinds = [parsed(data)[0].status for _, data in heard(60, during=during)]
    assert 48 <= len(kinds) <= 51
    assert 9 <= kinds.count("V") <= 11
    assert kinds[-5:] == ["A"] * 5


def test_the_same_seed_errs_the_same():
    assert heard(50, seed=3) == heard(50, seed=3)
    assert heard(50, seed=3) != heard(50, seed=4)
