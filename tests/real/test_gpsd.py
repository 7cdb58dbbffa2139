"""The shipped bridge with a real gpsd and real terminals: unplugged, killed, hung and mute.

All cases run at the same time, each with a gpsd and a terminal of its own; real time passes
once for all of them.
"""

import asyncio
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from edge.clock import LoopClock
from edge.config import GnssSection
from edge.messages.readings import DeviceBack, DeviceSilent, GnssFix
from firmware_bridge.bridge import run_bridge
from firmware_bridge.links import open_link
from tests.firmware_bridge.links import config, lent
from tests.real.gpsd import Gpsd, need_gpsd
from tests.real.pty_feeder import PtyFeeder, epochs_of
from tests.replay.recordings import RECEIVERS, lines_of, replayed

pytestmark = pytest.mark.real

FIRST_EPOCH = 600  # in the middle of a street, at 14 m/s: an old fix is a false one
NOTICED_S, RECOVERED_S = 3.0, 5.0
OLDEST_FIX_S = 1.5  # by the recording: LATE_S, and the tenths that gpsd takes
WARM_UP_S, AWAY_S, RETURN_S = 4.0, 6.0, 6.0
LONG_HANG_S = 13.0  # longer than the session waits before it connects anew


@dataclass
class Case:
    """What one vehicle's bridge published, and what was done to its receiver."""

    clock: LoopClock
    feeder: PtyFeeder
    fixes_by_utc: dict
    readings: list = field(default_factory=list)
    ages_s: list = field(default_factory=list)
    """How long before it was published each fix was said by the recording."""
    broken_s: float = 0.0
    mended_s: float = 0.0

    def publish(self, reading):
        self.readings.append(reading)
        if isinstance(reading, GnssFix):
            number, recorded = self.fixes_by_utc[reading.utc]
            assert (reading.lat_deg, reading.lon_deg) == pytest.approx(
                (recorded.lat_deg, recorded.lon_deg), abs=1e-8
            )
            now_s = asyncio.get_running_loop().time()
            self.ages_s.append(now_s - self.feeder.started_s - number)

    def breaks(self):
        self.broken_s = self.clock.now_s()

    def is_mended(self):
        self.mended_s = self.clock.now_s()

    def news(self):
        return [told for told in self.readings if isinstance(told, DeviceSilent | DeviceBack)]


def opened_to_all(folder):
    folder.chmod(0o755)  # gpsd is no longer root when it opens its device again
    return folder


@asynccontextmanager
async def vehicle(recording, *, by_gpsd):
    """A vehicle with a receiver: behind a gpsd, or on a serial port of its own."""
    with tempfile.TemporaryDirectory(prefix="gnss-") as name:
        folder = opened_to_all(Path(name))
        feeder = PtyFeeder(folder / "receiver", recording.epochs)
        gpsd = Gpsd(feeder.path)
        gnss = (
            GnssSection(source="gpsd", port=gpsd.port)
            if by_gpsd
            else GnssSection(source="nmea", device=str(feeder.path), baud=38400)
        )
        feeder.plug()
        case = Case(LoopClock.started_now(), feeder, recording.fixes_by_utc)
        bridge = run_bridge(
            config(gnss),
            case.publish,
            lent(),
            clock=case.clock,
            rng=Random(1),
            open_link=open_link,
        )
        try:
            if by_gpsd:
                await gpsd.start()
            tasks = [asyncio.ensure_future(bridge), asyncio.ensure_future(feeder.run())]
            try:
                await asyncio.sleep(WARM_UP_S)
                yield case, gpsd
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
                assert all(task.cancelled() for task in tasks), tasks
        finally:
            await gpsd.kill()
            feeder.unplug()


async def unplugged(recording, *, by_gpsd):
    async with vehicle(recording, by_gpsd=by_gpsd) as (case, gpsd):
        case.breaks()
        case.feeder.unplug()
        if by_gpsd:
            await gpsd.tell("remove")
        await asyncio.sleep(AWAY_S)
        case.is_mended()
        case.feeder.plug()
        if by_gpsd:
            await gpsd.tell("add")
        await asyncio.sleep(RETURN_S)
    return case


async def mute(recording, *, by_gpsd):
    async with vehicle(recording, by_gpsd=by_gpsd) as (case, _):
        case.breaks()
        case.feeder.mute = True
        await asyncio.sleep(AWAY_S)
        case.is_mended()
        case.feeder.mute = False
        await asyncio.sleep(RETURN_S)
    return case


async def killed(recording):
    async with vehicle(recording, by_gpsd=True) as (case, gpsd):
        case.breaks()
        await gpsd.kill()
        await asyncio.sleep(AWAY_S)
        case.is_mended()
        await gpsd.start()
        await asyncio.sleep(RETURN_S)
    return case


async def hung(recording, away_s):
    async with vehicle(recording, by_gpsd=True) as (case, gpsd):
        case.breaks()
        gpsd.hang()
        await asyncio.sleep(away_s)
        case.is_mended()
        gpsd.wake()
        await asyncio.sleep(RETURN_S)
    return case


async def accepts_and_never_speaks(recording):
    """Something else listens on gpsd's port; then it goes, and gpsd comes."""

    async def say_nothing(reader, writer):
        writers.append(writer)
        await reader.read()

    writers = []
    async with vehicle(recording, by_gpsd=True) as (case, gpsd):
        case.breaks()
        await gpsd.kill()
        server = await asyncio.start_server(say_nothing, "127.0.0.1", gpsd.port)
        await asyncio.sleep(AWAY_S)
        server.close()
        for writer in writers:
            writer.close()
        case.is_mended()
        await gpsd.start()
        await asyncio.sleep(RETURN_S)
    return case


SCENARIOS = {
    "receiver unplugged from gpsd": lambda it: unplugged(it, by_gpsd=True),
    "receiver unplugged from its port": lambda it: unplugged(it, by_gpsd=False),
    "receiver mute behind gpsd": lambda it: mute(it, by_gpsd=True),
    "receiver mute on its port": lambda it: mute(it, by_gpsd=False),
    "gpsd killed and started again": killed,
    "gpsd hung": lambda it: hung(it, AWAY_S),
    "gpsd hung for long": lambda it: hung(it, LONG_HANG_S),
    "gpsd accepts and never speaks": accepts_and_never_speaks,
}


@dataclass(frozen=True)
class Recording:
    epochs: list
    fixes_by_utc: dict


@pytest.fixture(scope="module")
def recording(shared):
    lines = lines_of(shared / "data" / "position" / RECEIVERS["f9k"])
    epochs = epochs_of(lines)[FIRST_EPOCH : FIRST_EPOCH + 60]
    fixes = replayed(b"".join(epochs).splitlines(keepends=True))
    assert len(fixes) == len(epochs)
    return Recording(epochs, {fix.utc: (number, fix) for number, fix in enumerate(fixes)})


@pytest.fixture(scope="module")
def cases(recording):
    need_gpsd()

    async def main():
        running = (scenario(recording) for scenario in SCENARIOS.values())
        return await asyncio.wait_for(asyncio.gather(*running), 60)

    return dict(zip(SCENARIOS, asyncio.run(main()), strict=True))


@pytest.fixture(params=SCENARIOS)
def case(request, cases):
    return cases[request.param]


def test_fixes_come_before_and_are_those_of_the_recording(case):
    before = [fix for fix in case.readings if fix.received_s < case.broken_s]
    assert len(before) >= WARM_UP_S - 2
    assert all(isinstance(fix, GnssFix) for fix in before)


def test_it_is_noticed_within_three_seconds_and_said_once(case):
    silent, back = case.news()
    assert isinstance(silent, DeviceSilent)
    assert case.broken_s < silent.received_s <= case.broken_s + NOTICED_S
    assert isinstance(back, DeviceBack)


def test_fixes_are_back_within_five_seconds_of_its_return(case):
    after = [
        fix
        for fix in case.readings
        if isinstance(fix, GnssFix) and fix.received_s > case.mended_s
    ]
    assert after[0].received_s <= case.mended_s + RECOVERED_S
    assert len(after) >= 2


def test_no_fix_is_false_by_its_age(case):
    assert max(case.ages_s) <= OLDEST_FIX_S


def test_nothing_but_silence_is_told_while_it_is_away(case):
    silent = case.news()[0]
    during = [
        told for told in case.readings if silent.received_s < told.received_s < case.mended_s
    ]
    assert during == []
