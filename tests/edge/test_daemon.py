"""The whole daemon on virtual time, between a receiver and a broker in memory."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
import zstandard

from edge.clock import LoopClock
from edge.config import (
    AutopilotSection,
    BrokerSection,
    Config,
    GnssSection,
    KeysSection,
    ObdSection,
    PlannerSection,
    StoreSection,
    VehicleSection,
)
from edge.daemon import Daemon
from edge.handover.proof import SigningKey
from edge.health.status import read_status
from edge.messages.broker.catalog import topic
from edge.messages.broker.stream import Ack, TrackItem
from edge.messages.broker.wire import (
    content_hash,
    from_json,
    from_msgpack,
    read_fact,
    split_facts,
    to_json,
)
from edge.messages.commands import Command, RouteOffer, StartLoading
from edge.messages.facts import (
    AutopilotChecked,
    AutopilotFound,
    AutopilotLost,
    ClockCorrected,
    DaemonStarted,
)
from edge.messages.machines.autopilot import AutopilotPresence, ParametersChecked
from edge.messages.readings import DeviceSilent, GnssFix
from edge.messages.signals import ODOMETER, VehicleSignal
from edge.messages.state import Live, TrackBatch
from sim.broker import SimBroker
from tests.conftest import simulate
from tests.edge.executor.day import route

STATION = SigningKey.from_seed(b"s" * 32)
VEHICLE = SigningKey.from_seed(b"v" * 32)
MORNING = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)


def config(folder, kind="van"):
    return Config(
        vehicle=VehicleSection(name="van-1", org="demo", kind=kind),
        keys=KeysSection(signing_key_file="-", station_keys=(STATION.public.to_hex(),)),
        store=StoreSection(folder=str(folder)),
        broker=BrokerSection(host="-"),
        gnss=GnssSection(source="nmea", device="-"),
        planner=PlannerSection(max_iterations=20),
    )


class Around:
    """What stands around one daemon: a receiver, a broker, and a station that hears it all."""

    def __init__(self, folder, *, kind="van", started=MORNING, source="simulated"):
        self.config = config(folder, kind)
        self.clock = LoopClock(asyncio.get_running_loop(), started, source)
        self.broker = SimBroker(Random(1))
        self.heard: list[tuple[str, bytes]] = []
        self.facts = []

    def daemon(self):
        return Daemon(
            self.config,
            key=VEHICLE,
            clock=self.clock,
            rng=Random(2),
            devices=self._receive,
            connect=self.broker.connector("van-1"),
            status_folder=Path(self.config.store.folder),
        )

    async def _receive(self, publish, _lent):
        began_s = self.clock.now_s()
        while True:
            now_s = self.clock.now_s()
            publish(
                GnssFix(
                    received_s=now_s,
                    lat_deg=48.1,
                    lon_deg=11.5,
                    speed_mps=0.0,
                    accuracy_m=3.0,
                    accuracy_from="receiver",
                    utc=MORNING + timedelta(seconds=now_s - began_s),
                )
            )
            await asyncio.sleep(1.0)

    async def station(self):
        names = tuple(topic("demo", "+", name) for name in ("fact", "live", "track"))
        async with self.broker.connector("station")(names, None) as link:
            self._link = link
            async for name, payload in link.messages():
                self.heard.append((name.rsplit("/", 1)[1], payload))
                if name.endswith("fact"):
                    await self._acknowledge(payload)

    async def _acknowledge(self, payload):
        events = [read_fact(sealed) for sealed in split_facts(payload)]
        self.facts += [event.data for event in events]
        ack = Ack(stream="fact", epoch=events[-1].epoch, upto=events[-1].seq)
        await self._link.publish(topic("demo", "van-1", "down_ack"), to_json(ack), qos=1)

    async def offer(self, made):
        command = Command(
            vehicle="van-1",
            epoch="e" * 16,
            seq=1,
            issuer="station",
            issued_utc=self.clock.utc(),
            expires_utc=self.clock.utc() + timedelta(hours=1),
            order=RouteOffer(route=made),
            key_id=STATION.key_id,
        )
        sealed = STATION.seal(command)
        await self._link.publish(topic("demo", "van-1", "route"), sealed, qos=1)

    def places(self):
        """Return every place that left the vehicle on the live and the track lane."""
        shown = []
        for lane, payload in self.heard:
            if lane == "live":
                shown.append(from_json(payload, Live).place)
            elif lane == "track":
                batch = from_msgpack(payload, TrackItem).batch
                raw = zstandard.ZstdDecompressor().decompress(batch)
                shown += msgspec.msgpack.decode(raw, type=TrackBatch).points
        return [place for place in shown if place is not None]


class EnoughSeenError(Exception):
    """Ends a simulation whose daemon would run for ever."""


def play(make, script):
    """Run a daemon and a script beside it; the script's end is the end of both."""

    async def main():
        around = make()
        daemon = around.daemon()

        async def follow():
            await script(around, daemon)
            raise EnoughSeenError

        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(around.station())
                tasks.create_task(daemon.run())
                tasks.create_task(follow())
        except* EnoughSeenError:
            pass
        return around

    return simulate(main)


@pytest.mark.parametrize("kind", ["van", "contractor"])
def test_f3_a_contractors_position_leaves_the_vehicle_only_during_work(tmp_path, kind):
    async def script(around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(120)
        before = len(around.places())
        await around.offer(route())
        await asyncio.sleep(60)
        offered = len(around.places())
        assert daemon.desk.views.value.phase == "offered"
        await daemon.desk.act(StartLoading(action_id="1", driver="ada"))
        await asyncio.sleep(120)
        around.counts = before, offered, len(around.places())

    around = play(lambda: Around(tmp_path, kind=kind), script)
    before, offered, working = around.counts
    assert working > offered + 60
    if kind == "contractor":
        assert before == offered == 0
    else:
        assert before > 60


def test_c5_a_clock_that_was_never_set_is_set_by_the_receiver_and_nothing_is_reordered(
    tmp_path,
):
    async def script(around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(60)

    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    around = play(lambda: Around(tmp_path, started=epoch, source="none"), script)
    kinds = [type(fact) for fact in around.facts]
    assert kinds.index(DaemonStarted) < kinds.index(ClockCorrected)
    corrected = next(fact for fact in around.facts if isinstance(fact, ClockCorrected))
    assert corrected.source == "gnss"
    assert corrected.step_s == pytest.approx((MORNING - epoch).total_seconds(), abs=2)
    events = [
        read_fact(sealed)
        for lane, payload in around.heard
        if lane == "fact"
        for sealed in split_facts(payload)
    ]
    assert {event.timesource for event in events} >= {"none", "gnss"}
    assert [event.seq for event in events] == sorted(event.seq for event in events)


def test_what_the_autopilot_is_and_lacks_is_a_fact_and_stands_in_the_status(tmp_path):
    class Flown(Around):
        def __init__(self):
            super().__init__(tmp_path)
            autopilot = AutopilotSection(link="udp:127.0.0.1:14550")
            self.config = msgspec.structs.replace(self.config, autopilot=autopilot)

        async def _receive(self, publish, lent):
            known = AutopilotPresence(
                received_s=1.0, present=True, system=1, manner="px4_multicopter", version="1.16"
            )
            publish(known)
            publish(ParametersChecked(received_s=2.0, read=True, problems=("set GF_ACTION",)))
            await lent.keep("mavlink_stamp", b"stamp")
            assert lent.recall("mavlink_stamp") == b"stamp"
            publish(msgspec.structs.replace(known, present=False, why="no heartbeat"))
            await super()._receive(publish, lent)

    async def script(around, daemon):
        await asyncio.sleep(30)
        around.status = read_status(tmp_path)
        assert daemon.desk.views.value.warnings[-1] == "The autopilot is lost: no heartbeat."

    around = play(Flown, script)
    told = [fact for fact in around.facts if type(fact).__name__.startswith("Autopilot")]
    assert told == [
        AutopilotFound(system=1, manner="px4_multicopter", version="1.16"),
        AutopilotChecked(problems=("set GF_ACTION",)),
        AutopilotLost(system=1, why="no heartbeat"),
    ]
    assert around.status["autopilot"]["present"] is False
    assert around.status["autopilot"]["why"] == "no heartbeat"


def test_what_the_car_tells_stands_in_the_status_and_does_no_harm_to_the_position(tmp_path):
    class Driven(Around):
        def __init__(self):
            super().__init__(tmp_path)
            obd = ObdSection(link="serial:/dev/serial/by-id/elm")
            self.config = msgspec.structs.replace(self.config, obd=obd)

        async def _receive(self, publish, lent):
            publish(VehicleSignal(received_s=1.0, name=ODOMETER, value=5e6))
            publish(DeviceSilent(received_s=1.0, device="mcu", silent_s=2.0))
            await super()._receive(publish, lent)

    async def script(around, daemon):
        await asyncio.sleep(30)
        around.status = read_status(tmp_path)

    around = play(Driven, script)
    assert around.status["car"] == {"state": "read", f"{ODOMETER} [m]": 5e6}
    assert around.status["controller"] is None
    assert around.status["position"] == "known"
    assert not [fact for fact in around.facts if type(fact).__name__ == "GnssLost"]


def test_the_hash_in_route_accepted_is_that_of_the_route_sent(tmp_path):
    made = route()

    async def script(around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(5)
        await around.offer(made)
        await asyncio.sleep(30)

    around = play(lambda: Around(tmp_path), script)
    hashes = [f.route_hash for f in around.facts if hasattr(f, "route_hash")]
    assert hashes == [content_hash(made)]
