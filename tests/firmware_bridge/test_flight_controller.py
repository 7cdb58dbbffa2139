"""The configured autopilot, simulated at the far end of a cable, on virtual time."""

import asyncio
from datetime import UTC, datetime
from random import Random

import pytest

from edge.clock import LoopClock
from edge.config import AutopilotRates, AutopilotSection, GnssSection
from edge.errors import StoreError
from edge.health.autopilot_watch import AutopilotWatch
from edge.messages.facts import AutopilotChecked, AutopilotFound, AutopilotLost
from edge.messages.machines import orders
from edge.messages.machines.autopilot import LinkQuality, ParametersChecked, VehicleMotion
from edge.messages.machines.orders import OrderAnswer, WantedParameter
from edge.messages.readings import DeviceBack, DeviceSilent, GnssFix, Reading
from firmware_bridge.bridge import run_bridge
from firmware_bridge.flight_controller import rates_of, wanted_of
from firmware_bridge.mavlink.wire.signing import PER_S, stamp_of
from firmware_bridge.stamps import AHEAD, BLOB, StampKeeper, signing_of
from sim.devices.autopilot.build import Setup, build
from sim.devices.autopilot.cable import OnCable
from sim.wire import Cable, Ports, WireFaults
from tests.conftest import simulate
from tests.firmware_bridge.links import Plug, config, lent

PATH = "/dev/autopilot"
MORNING = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
BEHIND = GnssSection(source="autopilot")
MANNERS = ["ardupilot", "px4"]


class Bench:
    """A bridge, a cable and an autopilot."""

    def __init__(self, manner, gnss, section):
        self.clock = LoopClock(asyncio.get_running_loop(), MORNING, "simulated")
        self.autopilot = build(Setup(manner=manner), now_s=0.0, utc=MORNING)
        self.cable = Cable(Random(1), WireFaults())
        self.far = OnCable(self.autopilot, self.cable, clock=self.clock)
        self.ports = Ports()
        self.ports.attach(PATH, self.cable)
        self.lent = lent()
        self.words = []
        self.config = config(gnss, autopilot={"link": f"serial:{PATH}", **section})

    def bridge(self):
        return run_bridge(
            self.config,
            self.words.append,
            self.lent,
            clock=self.clock,
            rng=Random(1),
            open_link=self.ports.open_link,
        )

    def said(self, kind):
        return [word for word in self.words if isinstance(word, kind)]


def play(script, *, manner="ardupilot", gnss=BEHIND, section=None):
    async def main():
        bench = Bench(manner, gnss, section or {})
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(bench.bridge()), tasks.create_task(bench.far.run())]
            await script(bench)
            for task in running:
                task.cancel()
        return bench

    return simulate(main)


def facts_of(words):
    watch = AutopilotWatch()
    told = [
        fact
        for word in words
        if not isinstance(word, OrderAnswer | Reading)
        for fact in watch.hear(word)
    ]
    return watch, told


@pytest.mark.parametrize("manner", MANNERS)
class TestEitherManner:
    def test_position_presence_and_parameters_come_without_an_order(self, manner):
        async def script(_bench):
            await asyncio.sleep(30)

        bench = play(script, manner=manner)
        fixes = bench.said(GnssFix)
        truth = bench.autopilot.truth
        assert fixes[-1].lat_deg == pytest.approx(truth.lat_deg, abs=1e-4)
        assert 3 <= len(fixes) / 30 <= 6
        (checked,) = bench.said(ParametersChecked)
        assert checked.read
        watch, told = facts_of(bench.words)
        assert [type(fact) for fact in told] == [AutopilotFound, AutopilotChecked]
        status = watch.status()
        assert status["manner"].startswith(manner)
        assert status["armed"] is False
        assert status["parameters_wrong"] == list(checked.problems)
        assert status["battery_frac"] > 0.5
        assert status["link_loss_frac"] == 0.0

    def test_loss_and_return_are_each_one_fact_and_one_silence(self, manner):
        async def script(bench):
            await asyncio.sleep(20)
            bench.cable.unplug()
            await asyncio.sleep(30)
            bench.cable.plug()
            await asyncio.sleep(20)

        bench = play(script, manner=manner)
        _, told = facts_of(bench.words)
        coming = [type(f) for f in told if not isinstance(f, AutopilotChecked)]
        assert coming == [AutopilotFound, AutopilotLost, AutopilotFound]
        assert len(bench.said(ParametersChecked)) == 2
        (silent,), (back,) = bench.said(DeviceSilent), bench.said(DeviceBack)
        assert "autopilot is lost" in silent.why
        assert silent.received_s <= 20 + 3
        assert 50 <= back.received_s <= 56

    def test_a_start_of_the_autopilot_is_a_fact_and_parameters_are_read_again(self, manner):
        async def script(bench):
            await asyncio.sleep(20)
            bench.far.reboot()
            await asyncio.sleep(40)

        bench = play(script, manner=manner)
        _, told = facts_of(bench.words)
        assert any(isinstance(f, AutopilotFound) and f.restarted for f in told)
        assert len(bench.said(ParametersChecked)) >= 2

    def test_a_wrong_parameter_is_named_with_its_cure_until_it_is_set(self, manner):
        name = {"ardupilot": "FS_GCS_ENABLE", "px4": "NAV_DLL_ACT"}[manner]

        async def script(bench):
            bench.autopilot.memory.parameters.set(name, 0)
            await asyncio.sleep(20)
            bench.lent.orders.put(orders.SetParameter(order_id="1", name=name, value=1))
            await asyncio.sleep(5)
            bench.far.reboot()
            await asyncio.sleep(30)

        bench = play(script, manner=manner)
        before, after = bench.said(ParametersChecked)[0], bench.said(ParametersChecked)[-1]
        assert any(name in problem for problem in before.problems)
        assert not any(name in problem for problem in after.problems)
        assert [answer.result for answer in bench.said(OrderAnswer)] == ["done"]


def test_with_another_receiver_the_autopilots_fix_is_not_the_position():
    async def script(_bench):
        await asyncio.sleep(15)

    bench = play(script, gnss=GnssSection(source="nmea", device="/dev/none"))
    assert not bench.said(GnssFix)
    assert bench.said(VehicleMotion)


def test_the_link_says_what_it_loses():
    async def script(bench):
        bench.cable._faults = WireFaults(loss_frac=0.002)
        bench.cable.unplug()
        bench.cable.plug()
        await asyncio.sleep(60)

    bench = play(script)
    losses = [quality.loss_frac for quality in bench.said(LinkQuality) if quality.frames]
    assert max(losses) > 0.01


def test_an_autopilot_that_is_not_there_is_said_so_in_words():
    watch = AutopilotWatch()
    assert "not been heard" in watch.warning

    async def script(bench):
        bench.cable.unplug()
        await asyncio.sleep(30)

    bench = play(script)
    assert not bench.said(ParametersChecked)
    assert all(quality.loss_frac is None for quality in bench.said(LinkQuality))


def test_the_fleets_wishes_stand_before_the_firmwares():
    mine = WantedParameter(names=("FS_GCS_ENABLE",), one_of=(0,), why="no ground station here")
    wanted = wanted_of("ardupilot_copter", (mine,))
    assert [one.one_of for one in wanted if "FS_GCS_ENABLE" in one.names] == [(0,)]
    assert any("FENCE_ENABLE" in one.names for one in wanted)
    assert wanted_of("unknown", (mine,)) == (mine,)


def test_chosen_rates_are_asked_for():
    assert rates_of(AutopilotRates(gnss_hz=10))[24] == 10  # GPS_RAW_INT
    assert AutopilotSection(link="udp:h:1").rates == AutopilotRates()


class TestStamps:
    def kept(self, store):
        return int.from_bytes(store.recall(BLOB), "little")

    def signs(self, signing, now_s):
        frame = signing.sign(b"", now_s)
        return int.from_bytes(frame[1:7], "little")

    def test_no_restart_at_any_instant_lets_a_stamp_go_back(self):
        async def main():
            clock = LoopClock(asyncio.get_running_loop(), MORNING, "none")
            store, highest = lent(), 0
            for life in range(20):
                signing = signing_of(bytes(32), store, clock)
                keeper = StampKeeper(signing, store, clock)
                await keeper.begin()
                running = asyncio.create_task(keeper.run())
                for _ in range(life * 7):
                    stamp = self.signs(signing, clock.now_s())
                    assert highest < stamp < self.kept(store)
                    highest = stamp
                    await asyncio.sleep(0.9)
                running.cancel()
            assert self.kept(store) - highest <= 20 * AHEAD

        simulate(main)

    def test_a_clock_that_becomes_known_moves_the_kept_stamp_first(self):
        async def main():
            clock = LoopClock(
                asyncio.get_running_loop(), datetime(1970, 1, 1, tzinfo=UTC), "none"
            )
            store = lent()
            signing = signing_of(bytes(32), store, clock)
            assert signing.stamp(0.0) == 0
            keeper = StampKeeper(signing, store, clock)
            await keeper.begin()
            running = asyncio.create_task(keeper.run())
            clock.correct(MORNING, "gnss")
            await asyncio.sleep(2.5)
            assert stamp_of(MORNING) < self.signs(signing, clock.now_s()) < self.kept(store)
            running.cancel()

        simulate(main)

    def test_a_full_disk_does_not_silence_the_link(self, caplog):
        async def main():
            clock = LoopClock(asyncio.get_running_loop(), MORNING, "simulated")

            async def full(_name, _blob):
                raise StoreError("disk full")

            store = lent()
            signing = signing_of(bytes(32), store, clock)
            keeper = StampKeeper(
                signing, type(store)(recall=store.recall, keep=full, orders=store.orders), clock
            )
            await keeper.begin()
            running = asyncio.create_task(keeper.run())
            await asyncio.sleep(60)
            assert self.signs(signing, clock.now_s()) >= stamp_of(MORNING) + 60 * PER_S
            assert not running.done()
            running.cancel()

        simulate(main)
        assert "signing stamp not kept" in caplog.text


def test_the_bridge_without_an_autopilot_opens_only_the_receiver():
    async def main():
        plug = Plug()
        clock = LoopClock.started_now("simulated")
        gnss = GnssSection(source="gpsd")
        running = asyncio.ensure_future(
            run_bridge(
                config(gnss),
                print,
                lent(),
                clock=clock,
                rng=Random(1),
                open_link=plug.open_link,
            )
        )
        await asyncio.sleep(1)
        running.cancel()
        await asyncio.wait([running])
        return plug

    assert {address for _, address in simulate(main).opened} == {"tcp:127.0.0.1:2947"}
