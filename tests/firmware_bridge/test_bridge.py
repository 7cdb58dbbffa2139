import asyncio
from random import Random

import pytest

from edge.clock import LoopClock
from edge.config import GnssSection
from edge.errors import ConfigError
from edge.messages.readings import DeviceBack, DeviceSilent, GnssFix, GnssNoFix
from firmware_bridge.bridge import address_of, run_bridge
from tests.conftest import simulate
from tests.firmware_bridge.links import Plug, config, lent
from tests.firmware_bridge.speak import VERSION, epoch, tpv

NMEA = GnssSection(source="nmea", device="/dev/serial/by-id/gnss", baud=38400)
GPSD = GnssSection(source="gpsd")
SPEAKS = {"nmea": epoch, "gpsd": tpv}


def play(gnss, script):
    """Run the bridge on virtual time while a script plays the receiver; return the readings."""
    readings = []

    async def main():
        plug = Plug()
        clock = LoopClock.started_now("simulated")
        bridge = asyncio.ensure_future(
            run_bridge(
                config(gnss),
                readings.append,
                lent(),
                clock=clock,
                rng=Random(1),
                open_link=plug.open_link,
            )
        )
        try:
            await script(plug)
        finally:
            bridge.cancel()
            await asyncio.wait([bridge])
        return plug

    return readings, simulate(main)


async def speak(plug, gnss, seconds):
    """Speak once a second, at the time that the virtual clock says."""
    loop = asyncio.get_running_loop()
    for _ in range(seconds):
        plug.say(SPEAKS[gnss.source](round(loop.time())))
        await asyncio.sleep(1)


def news(readings):
    return [reading for reading in readings if isinstance(reading, DeviceSilent | DeviceBack)]


@pytest.mark.parametrize("gnss", [NMEA, GPSD], ids=["nmea", "gpsd"])
class TestEitherReceiver:
    def test_a_receiver_that_speaks_gives_a_fix_a_second_and_no_news(self, gnss):
        async def script(plug):
            await asyncio.sleep(0.01)
            await speak(plug, gnss, 10)

        readings, _ = play(gnss, script)
        assert len(readings) in (9, 10)
        assert all(isinstance(reading, GnssFix) for reading in readings)

    def test_silence_is_noticed_within_three_seconds_and_said_once(self, gnss):
        async def script(plug):
            await asyncio.sleep(0.01)
            await speak(plug, gnss, 5)
            await asyncio.sleep(30)

        readings, _ = play(gnss, script)
        (silent,) = news(readings)
        assert silent.device == "gnss"
        assert silent.received_s <= 4.3 + 3.0

    def test_an_unplugged_receiver_is_one_silence_over_all_reconnects(self, gnss):
        async def script(plug):
            await asyncio.sleep(0.01)
            await speak(plug, gnss, 5)
            plug.pull()
            await asyncio.sleep(60)
            plug.put_back()
            await speak(plug, gnss, 10)

        readings, plug = play(gnss, script)
        silent, back = news(readings)
        assert isinstance(silent, DeviceSilent)
        assert isinstance(back, DeviceBack)
        assert silent.received_s <= 5.01 + 3.0
        assert "cannot open" in silent.why
        assert 65.0 <= back.received_s <= 65.01 + 5.0
        assert isinstance(readings[readings.index(back) + 1], GnssFix)
        assert len(plug.opened) > 20

    def test_a_receiver_that_is_never_there_is_said_to_be_silent(self, gnss):
        async def script(plug):
            plug.pull()
            await asyncio.sleep(20)

        readings, _ = play(gnss, script)
        (silent,) = readings
        assert silent.received_s <= 3.0

    def test_a_receiver_that_hangs_is_opened_again(self, gnss):
        async def script(plug):
            await asyncio.sleep(0.01)
            await speak(plug, gnss, 5)
            await asyncio.sleep(60)

        _, plug = play(gnss, script)
        assert 4 <= len(plug.opened) <= 7

    def test_each_silence_is_said_anew(self, gnss):
        async def script(plug):
            await asyncio.sleep(0.01)
            for _ in range(3):
                await speak(plug, gnss, 5)
                await asyncio.sleep(5)

        readings, _ = play(gnss, script)
        assert [type(told) for told in news(readings)] == [
            DeviceSilent,
            DeviceBack,
            DeviceSilent,
            DeviceBack,
            DeviceSilent,
        ]

    def test_what_was_delivered_late_is_no_sign_of_life(self, gnss):
        """The burst of a gpsd, or of a port, that held everything back for twenty seconds."""

        async def script(plug):
            await asyncio.sleep(0.01)
            await speak(plug, gnss, 5)
            await asyncio.sleep(3)
            plug.say(b"".join(SPEAKS[gnss.source](second) for second in range(5, 8)))
            await asyncio.sleep(1)
            plug.say(b"".join(SPEAKS[gnss.source](second) for second in range(8, 10)))
            await asyncio.sleep(0.5)

        readings, _ = play(gnss, script)
        fixes = [reading for reading in readings if isinstance(reading, GnssFix)]
        assert (
            max(fix.received_s - fix.utc.timestamp() for fix in fixes)
            - min(fix.received_s - fix.utc.timestamp() for fix in fixes)
            <= 1.5
        )


def test_no_fix_is_a_sign_of_life():
    async def script(plug):
        await asyncio.sleep(0.01)
        for _ in range(20):
            plug.say(tpv(mode=1))
            await asyncio.sleep(1)

    readings, _ = play(GPSD, script)
    assert all(isinstance(reading, GnssNoFix) for reading in readings)


def test_gpsd_without_a_receiver_says_so():
    async def script(plug):
        await asyncio.sleep(0.01)
        plug.say(VERSION + b'{"class":"DEVICES","devices":[]}\r\n')
        await asyncio.sleep(10)

    readings, _ = play(GPSD, script)
    assert [reading.why for reading in readings] == ["gpsd has no device"]


def test_addresses_name_the_device():
    assert address_of(NMEA) == "serial:/dev/serial/by-id/gnss:38400"
    assert address_of(GPSD) == "tcp:127.0.0.1:2947"
    with pytest.raises(ConfigError, match="device"):
        address_of(GnssSection(source="nmea"))
