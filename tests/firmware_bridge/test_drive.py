import asyncio
import math

import pytest

from edge.clock import LoopClock
from edge.errors import LinkError
from edge.streams import Mailbox
from firmware_bridge.drive import INBOX_PIECES, drive
from tests.conftest import simulate
from tests.firmware_bridge.links import Wire


class Echo:
    """A session that repeats what it hears, beats every `beat_s` and counts its wakes."""

    def __init__(self, beat_s=math.inf):
        self.beat_s = beat_s
        self.wake_at_s = beat_s
        self.out = b"hello"
        self.woken_s = []

    def receive(self, data, now_s):
        self.out += data
        return [(now_s, data)]

    def send(self, command, now_s):
        self.out += command

    def wake(self, now_s):
        self.woken_s.append(now_s)
        self.wake_at_s = now_s + self.beat_s
        return [(now_s, "beat")]

    def outgoing(self):
        out, self.out = self.out, b""
        return out


def play(session, script, commands=None):
    """Drive a session while a script speaks; return readings, the loss and what was written."""
    wire, readings = None, []

    async def main():
        nonlocal wire
        wire = Wire()
        box = Mailbox("commands", 10) if commands is not None else None
        clock = LoopClock.started_now("simulated")
        async with asyncio.TaskGroup() as tasks:
            driving = tasks.create_task(lost(drive(session, wire, readings.append, clock, box)))
            await script(wire, box)
            return await driving

    return readings, simulate(main), wire.written


async def lost(driving):
    with pytest.raises(ExceptionGroup) as raised:
        await driving
    return raised.value.exceptions[0]


def test_bytes_become_readings_and_answers_until_the_link_closes():
    async def script(wire, _box):
        await asyncio.sleep(1)
        wire.say(b"one")
        await asyncio.sleep(1)
        wire.say(b"two")
        wire.cut()

    readings, error, written = play(Echo(), script)
    assert readings == [(1.0, b"one"), (2.0, b"two")]
    assert written == [b"hello", b"one", b"two"]
    assert isinstance(error, LinkError)


def test_a_session_is_woken_when_it_asked_to_be():
    async def script(wire, _box):
        await asyncio.sleep(3.5)
        wire.cut()

    session = Echo(beat_s=1.0)
    play(session, script)
    assert session.woken_s == [1.0, 2.0, 3.0]


def test_a_chattering_device_does_not_keep_a_session_from_its_duties():
    async def script(wire, _box):
        for _ in range(1000):
            wire.say(b"x")
            await asyncio.sleep(0.01)
        wire.cut()

    session = Echo(beat_s=1.0)
    play(session, script)
    assert len(session.woken_s) in (9, 10)


def test_commands_reach_the_device():
    async def script(wire, box):
        await asyncio.sleep(1)
        box.put(b"go")
        await asyncio.sleep(1)
        wire.cut()

    _, _, written = play(Echo(), script, commands=True)
    assert written == [b"hello", b"go"]


def test_a_session_that_gives_its_link_up_ends_the_drive():
    class GivesUp(Echo):
        def wake(self, now_s):
            raise LinkError("no bytes for 10 s")

    async def script(wire, _box):
        await asyncio.sleep(60)

    _, error, _ = play(GivesUp(beat_s=10.0), script)
    assert str(error) == "no bytes for 10 s"


def test_reading_ahead_is_bounded():
    class Stuck(Wire):
        async def write(self, data):
            await asyncio.sleep(60)
            raise LinkError("takes no bytes")

    async def main():
        wire = Stuck()
        for _ in range(1000):
            wire.say(b"x")
        await lost(drive(Echo(), wire, print, LoopClock.started_now("simulated")))
        return wire.pieces.qsize()

    assert simulate(main) >= 1000 - INBOX_PIECES - 1
