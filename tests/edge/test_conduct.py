"""Driver behaviour on the whole daemon: on duty only, with evidence, shown to the driver."""

import asyncio
from hashlib import sha256

import pytest

from edge.behaviour.evidence import MEDIA_TYPE, unpack
from edge.behaviour.score import mark_of, score_of
from edge.messages.commands import StartLoading
from edge.messages.driving.signals import SeatBelt
from edge.messages.facts import DrivingEvent
from edge.messages.readings import WheelSpeed
from tests.edge.executor.day import route
from tests.edge.test_daemon import Around, play

EVERY_S = 60.0


class Careless(Around):
    """Each minute it drives ten seconds without the belt."""

    async def _receive(self, publish, lent):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(super()._receive(publish, lent))
            tasks.create_task(self._drive(publish))

    async def _drive(self, publish):
        while True:
            now_s = self.clock.now_s()
            driving = now_s % EVERY_S < 10.0
            publish(SeatBelt(received_s=now_s, fastened=not driving))
            publish(WheelSpeed(received_s=now_s, speed_mps=5.0 if driving else 0.0))
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("kind", ["van", "contractor"])
def test_d4_events_are_facts_with_evidence_on_duty_only_and_the_driver_sees_them(
    tmp_path, kind
):
    async def script(around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(3 * EVERY_S)
        around.before = [one for one in around.facts if isinstance(one, DrivingEvent)]
        around.kept = list((tmp_path / "media").glob("*"))
        await around.offer(route())
        await asyncio.sleep(EVERY_S)
        await daemon.desk.act(StartLoading(action_id="1", driver="ada"))
        await asyncio.sleep(3 * EVERY_S)
        around.view = daemon.desk.views.value
        around.utc = around.clock.utc()

    around = play(lambda: Careless(tmp_path, kind=kind), script)
    assert around.before == []
    assert around.kept == []
    events = [one for one in around.facts if isinstance(one, DrivingEvent)]
    assert len(events) >= 2
    assert {one.kind for one in events} == {"belt_off"}
    shown = around.view.driving
    assert len(shown.events) == len(events)
    assert shown.score == score_of([mark_of(one, "ada") for one in events], around.utc)
    for one in events:
        assert one.evidence.media_type == MEDIA_TYPE
        packed = (tmp_path / "media" / one.evidence.sha256).read_bytes()
        assert sha256(packed).hexdigest() == one.evidence.sha256
        readings = unpack(packed).readings
        lasts_s = readings[-1].received_s - readings[0].received_s
        assert lasts_s <= 10.0
        assert lasts_s >= 9.0 or one is events[0]  # duty may have begun just before the first


def test_d4_the_drivers_events_outlive_a_restart(tmp_path):
    async def first(around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(5)
        await around.offer(route())
        await asyncio.sleep(5)
        await daemon.desk.act(StartLoading(action_id="1", driver="ada"))
        await asyncio.sleep(2 * EVERY_S)
        around.view = daemon.desk.views.value

    async def second(around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(3)
        around.view = daemon.desk.views.value

    before = play(lambda: Careless(tmp_path), first).view.driving
    after = play(lambda: Around(tmp_path), second).view.driving
    assert before.events
    assert set(before.events) <= set(after.events)
