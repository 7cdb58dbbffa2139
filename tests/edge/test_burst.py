"""Where a robot is, many times a second after somebody has laid hands on it (S7)."""

import asyncio
from datetime import timedelta
from functools import partial
from itertools import pairwise

import msgspec
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import LoopClock
from edge.messages.broker.catalog import topic
from edge.messages.broker.stream import Ack, TrackItem
from edge.messages.broker.wire import from_json, from_msgpack, to_json
from edge.messages.facts import MachineTampered
from edge.messages.machines.controller import ControllerPresence, ControllerStatus
from edge.messages.readings import GnssFix
from edge.messages.state import Live, TrackBatch
from edge.sidewalk.progress import DriveProgress, Phase
from edge.store.facts import FactStore
from edge.uplink.live import BURST_EVERY_S, BURST_S, Burst
from tests.conftest import simulate
from tests.edge.sidewalk.legs import leg
from tests.edge.test_daemon import MORNING, VEHICLE, Around, play

LIFTED_S, LOST_S, FOUND_S, END_S = 20.0, 40.0, 60.0, 150.0


@given(st.lists(st.floats(0, BURST_S), min_size=1, max_size=20))
def test_s7_a_burst_is_as_long_however_often_it_is_asked_for(waits_s):
    burst, now_s = Burst(), 100.0
    assert burst.every_s(1.0, now_s) == 1.0
    for wait_s in waits_s:
        burst.ask(often=True, now_s=now_s)
        now_s += wait_s
        expected = BURST_EVERY_S if now_s < 100.0 + BURST_S else 1.0
        assert burst.every_s(1.0, now_s) == expected
    burst.ask(often=False, now_s=now_s)
    assert burst.every_s(1.0, now_s) == 1.0
    burst.ask(often=True, now_s=now_s)
    assert burst.every_s(1.0, now_s) == BURST_EVERY_S
    assert burst.every_s(0.1, now_s) == 0.1


class Lifted(Around):
    """A robot on its way that somebody lifts, and sets down; five fixes a second."""

    lifted_s = (LIFTED_S, LIFTED_S + 5.0)

    async def _receive(self, publish, _lent):
        began_s = self.clock.now_s()
        publish(
            ControllerPresence(
                received_s=began_s, protocol=1, boot_id=7, firmware="0" * 16,
                reset_cause="power", parts=("lid",), compartments=1,
            )
        )  # fmt: skip
        while True:
            now_s = self.clock.now_s()
            publish(
                ControllerStatus(
                    received_s=now_s, takes_orders=True, stop_pressed=False, speed_mps=0.0,
                    turn_dps=0.0, doors_open=(False,), bolts_locked=(True,), lid_open=False,
                    tilt_deg=1.0, lifted=self.lifted_s[0] <= now_s - began_s < self.lifted_s[1],
                )
            )  # fmt: skip
            utc = MORNING + timedelta(seconds=now_s - began_s)
            publish(
                GnssFix(
                    received_s=now_s, lat_deg=48.1, lon_deg=11.5, speed_mps=0.0,
                    accuracy_m=3.0, accuracy_from="receiver", utc=utc,
                )
            )  # fmt: skip
            await asyncio.sleep(BURST_EVERY_S)

    async def station(self):
        names = tuple(topic("demo", "+", name) for name in ("fact", "live", "track"))
        async with self.broker.connector("station")(names, None) as link:
            self._link = link
            async for name, payload in link.messages():
                self.heard.append((name.rsplit("/", 1)[1], payload))
                if name.endswith("fact"):
                    await self._acknowledge(payload)
                elif name.endswith("track"):
                    await self._acknowledge_track(from_msgpack(payload, TrackItem))

    async def _acknowledge_track(self, item):
        ack = Ack(stream="track", epoch=item.epoch, upto=item.seq)
        await self._link.publish(topic("demo", "van-1", "down_ack"), to_json(ack), qos=1)

    def live_s(self):
        """Return when the positions of the live lane were taken, since the start."""
        live = [from_json(payload, Live) for lane, payload in self.heard if lane == "live"]
        return [(one.utc - MORNING).total_seconds() for one in live if one.place is not None]

    def kept_s(self):
        """Return when the positions of the track were taken, since the start."""
        items = {
            (item.epoch, item.seq): item.batch
            for lane, payload in self.heard
            if lane == "track"
            for item in [from_msgpack(payload, TrackItem)]
        }
        found = []
        for packed in items.values():
            raw = zstandard.ZstdDecompressor().decompress(packed)
            batch = msgspec.msgpack.decode(raw, type=TrackBatch)
            from_s = (batch.from_utc - MORNING).total_seconds()
            found += [from_s + point.t_ms / 1000 for point in batch.points]
        return sorted(found)


class SetDown(Lifted):
    """The same robot after its daemon began anew; nobody holds it any more."""

    lifted_s = (0.0, 0.0)


async def set_out(folder):
    """Leave a robot on its way in the store."""
    facts = await FactStore.open(
        folder,
        vehicle="van-1",
        org="demo",
        key=VEHICLE,
        clock=LoopClock(asyncio.get_running_loop(), MORNING, "simulated"),
        new_epoch=lambda: "e" * 16,
    )
    progress = DriveProgress(phase=Phase.DRIVING, plan=leg("1"))
    await facts.commit([], state={"drive": msgspec.msgpack.encode(progress)})
    await facts.close()


def widest_s(times_s, from_s, until_s):
    """Return the longest time between two positions; the ends count, too."""
    inside = [at_s for at_s in times_s if from_s <= at_s <= until_s]
    return max(after_s - at_s for at_s, after_s in pairwise([from_s, *inside, until_s]))


def test_s7_for_a_minute_after_a_tamper_positions_are_shown_and_kept_five_times_a_second(
    tmp_path,
):
    async def lift(around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(LOST_S)
        around.broker.cover("van-1", covered=False)
        await asyncio.sleep(FOUND_S - LOST_S)
        around.broker.cover("van-1", covered=True)
        await asyncio.sleep(END_S - FOUND_S)

    simulate(partial(set_out, tmp_path))
    around = play(lambda: Lifted(tmp_path, kind="robot"), lift)
    (told,) = [fact for fact in around.facts if isinstance(fact, MachineTampered)]
    assert told.what == "it was lifted"
    live_s, kept_s = around.live_s(), around.kept_s()
    ends_s = LIFTED_S + BURST_S
    assert (
        widest_s(kept_s, LIFTED_S + 2.0, ends_s - 1.0) < 2 * BURST_EVERY_S
    )  # the link lost none
    assert widest_s(live_s, LIFTED_S + 2.0, LOST_S - 1.0) < 2 * BURST_EVERY_S
    assert not [at_s for at_s in live_s if LOST_S + 1.0 < at_s < FOUND_S]
    for times_s in (live_s, kept_s):
        before, after = [
            [at_s for at_s in times_s if from_s < at_s < from_s + 10.0]
            for from_s in (5.0, ends_s + 5.0)
        ]
        assert 9 <= len(before) <= 11
        assert 9 <= len(after) <= 11  # as usual, while the alarm lasts

    async def wait(_around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(40.0)

    again = play(lambda: SetDown(tmp_path, kind="robot"), wait)
    assert not [fact for fact in again.facts if isinstance(fact, MachineTampered)]
    assert widest_s(again.live_s(), 3.0, 39.0) < 2 * BURST_EVERY_S
