"""Conditions on board: kept over a restart, refused with a fact, told to the second."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from edge.clock import LoopClock
from edge.conditions.layers import NO_LAYERS
from edge.executor.known_layers import KnownLayers
from edge.messages.broker.catalog import topic
from edge.messages.commands import Command, NewConditions
from edge.messages.conditions import Layer, SegmentSpeed, TrafficFactor, Window, Zone
from edge.messages.facts import CommandRefused
from tests.conftest import simulate
from tests.edge.conditions.some import NOW_UTC, hours, layer
from tests.edge.test_daemon import MORNING, STATION, Around, play

SLOW = TrafficFactor(from_utc=hours(1), until_utc=hours(2), factor=2.0)
AT_NIGHT = Window(opens="22:00", closes="23:00")


def told(known, *, until):
    """Return at which seconds something begins or ends."""

    async def main():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop, NOW_UTC, "simulated")
        layers = KnownLayers(clock)
        instants = []
        following = asyncio.create_task(
            layers.follow(lambda: instants.append(round(clock.now_s(), 3)))
        )
        for at_s, one in known:
            await asyncio.sleep(at_s - clock.now_s())
            taken, why = layers.with_layer(one)
            assert why == ""
            layers.committed(taken)
        await asyncio.sleep(until - clock.now_s())
        following.cancel()
        return instants

    return simulate(main)


def test_every_beginning_and_end_is_told_when_it_comes():
    one = layer(factors=(SLOW,), expires=3)
    assert told([(0, one)], until=20_000) == [3600, 7200, 10_800]


def test_a_newer_layer_is_followed_from_then_on():
    newer = layer(version=2, expires=1.5)
    assert told([(0, layer(factors=(SLOW,), expires=3)), (1000, newer)], until=9000) == [5400]


def test_the_hours_of_a_zone_are_told_too():
    area = {"shape": "circle", "centre": {"lat_deg": 48, "lon_deg": 11}, "radius_m": 9}
    zone = msgspec.convert(
        {"zone_id": "z", "kind": "hard", "area": area, "windows": [AT_NIGHT]}, Zone
    )
    found = told([(0, layer(zones=(zone,), expires=30))], until=86_400)
    assert found == [14 * 3600, 15 * 3600]  # 22:00 and 23:00, from 8:00


@pytest.mark.parametrize(("source", "kept"), [("ntp", 0), ("host", 1), ("none", 1)])
def test_only_a_clock_that_is_vouched_for_makes_a_layer_expire(source, kept):
    async def main():
        clock = LoopClock(asyncio.get_running_loop(), NOW_UTC, source)
        known = KnownLayers(clock)
        known.committed(NO_LAYERS.take(layer(expires=1), NOW_UTC))
        await asyncio.sleep(7200)
        assert len(known.without_expired().parts) == kept
        _, why = known.with_layer(layer("other", expires=1))
        assert bool(why) == (kept == 0)

    simulate(main)


async def send(around, seq, one):
    command = Command(
        vehicle="van-1",
        epoch="e" * 16,
        seq=seq,
        issuer="station",
        issued_utc=around.clock.utc(),
        expires_utc=around.clock.utc() + timedelta(hours=5),
        order=NewConditions(layer=one),
        key_id=STATION.key_id,
    )
    sealed = STATION.seal(command)
    await around._link.publish(topic("demo", "van-1", "command"), sealed, qos=1)
    await asyncio.sleep(2)


def morning(version, *, minutes=60, **more):
    times = {"issued_utc": MORNING, "expires_utc": MORNING + timedelta(minutes=minutes)}
    return Layer(name="traffic:city", version=version, **times | more)


def test_a_daemon_keeps_layers_over_a_restart_and_lets_them_go_in_time(tmp_path):
    halves = [morning(5, part=n, parts=2, segments=(SegmentSpeed(n, 9, 7),)) for n in (1, 2)]

    async def first(around, daemon):
        await daemon.ready.wait()
        await asyncio.sleep(5)
        await send(around, 1, morning(4))
        await send(around, 2, halves[0])
        await send(around, 3, morning(3))
        await send(around, 4, morning(9, minutes=-30, issued_utc=MORNING - timedelta(hours=1)))
        await send(around, 5, morning(6, minutes=-30))
        around.seen = daemon.desk._layers.now

    around = play(lambda: Around(tmp_path), first)
    assert [part.version for part in around.seen.parts] == [4]
    assert [part.part for part in around.seen.waiting] == [1]
    reasons = [fact.reason for fact in around.facts if isinstance(fact, CommandRefused)]
    assert len(reasons) == 3
    assert "not newer than 4" in reasons[0]
    assert "expired at" in reasons[1]
    assert "before it is issued" in reasons[2]

    async def second(again, daemon):
        await daemon.ready.wait()
        assert daemon.desk._layers.now == around.seen
        await asyncio.sleep(5)
        await send(again, 6, halves[1])
        again.seen = daemon.desk._layers.now
        await asyncio.sleep(3600)
        assert daemon.desk._layers.now.parts == ()
        again.left = daemon.desk._layers.now

    again = play(lambda: Around(tmp_path), second)
    assert len(again.seen.segments(MORNING)) == 2
    assert again.left.number == again.seen.number + 1
