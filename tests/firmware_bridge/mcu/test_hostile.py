"""Whatever is said to the firmware, in whatever order: only what is allowed happens."""

import subprocess
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from firmware_bridge.mcu.frames import FrameSplitter
from firmware_bridge.mcu.words import (
    PROTOCOL,
    Answer,
    DriveWord,
    EventAck,
    EventWord,
    HostBeat,
    HostHello,
    LockWord,
    SirenWord,
    StopWord,
    UnlockWord,
    encode_word,
)
from tests.firmware_bridge.mcu.firmware import UNKNOWN, compile_to
from tests.firmware_bridge.mcu.host import BOOT, Host


class Hostile(RuleBasedStateMachine):
    """Frames of any age, in any order, and doors of any kind, against what may be."""

    def __init__(self):
        super().__init__()
        self.host = Host()
        self.recorded = []
        self.allowed = set()
        """Compartments whose bolt may be drawn now."""
        self.judged = set()
        """Orders that the controller has looked at."""
        self.beat_ms = None
        self.sounds_until_ms = 0

    @rule(lasts_ms=st.integers(-100, 31_000), on=st.booleans())
    def sound(self, lasts_ms, on):
        host = self.host
        host.number += 1
        word = SirenWord(host.number, max(0, host.now_ms + lasts_ms), int(on))
        (answer,) = (w for w in host.say(word) if isinstance(w, Answer))
        if answer.reason == 0:
            assert 0 < lasts_ms <= 30_000
            self.sounds_until_ms = host.now_ms + lasts_ms if on else 0

    @rule()
    def greet(self):
        self.host.greet()
        self.beat_ms = self.host.now_ms

    @rule(
        compartment=st.integers(0, 3), valid_ms=st.integers(-2000, 32000), honest=st.booleans()
    )
    def unlock(self, compartment, valid_ms, honest):
        host = self.host
        expires_ms = (host.now_ms + valid_ms) % 2**32
        nonce = host.nonce if honest else host.nonce ^ 4
        host.number += 1
        word = UnlockWord(host.number, compartment, expires_ms, nonce)
        self.recorded.append(word)
        answers = [w for w in host.say(word) if isinstance(w, Answer)]
        (answer,) = answers
        self.judge(word, answers)
        if answer.reason == 0:
            assert honest
            assert 0 < valid_ms <= 30_000
            assert compartment < 2
            assert self.beat_ms is not None
            assert host.now_ms - self.beat_ms < 300
            self.allowed.add(compartment)

    @rule(lease_ms=st.integers(-100, 700), keep=st.booleans())
    def drive(self, lease_ms, keep):
        host = self.host
        host.number += 1
        word = DriveWord(host.number, (host.now_ms + lease_ms) % 2**32, 900, 0)
        self.recorded.append(word)
        if keep:
            self.judge(word, [w for w in host.say(word) if isinstance(w, Answer)])

    @precondition(lambda self: self.recorded)
    @rule(chance=st.randoms(use_true_random=False))
    def say_an_old_one(self, chance):
        """One refused before its time may still be good; one that was judged is not."""
        host, word = self.host, chance.choice(self.recorded)
        drawn, nonce = host.mcu.drawn(host.now_ms), host.nonce
        answers = [w for w in host.say(word) if isinstance(w, Answer)]
        more = set(host.mcu.drawn(host.now_ms)) - set(drawn)
        if more:
            assert word.number not in self.judged
            assert word.number > max(self.judged, default=0)
            assert word.nonce == nonce
            assert 0 < (word.expires_ms - host.now_ms) % 2**32 <= 30_000
            self.allowed |= more
        self.judge(word, answers)

    def judge(self, word, answers):
        if any(answer.reason not in (8, 13) for answer in answers):
            self.judged.add(word.number)

    @rule(ms=st.integers(1, 700), beats=st.booleans())
    def wait(self, ms, beats):
        self.host.now_ms += ms
        if beats:
            self.host.mcu.tick(self.host.now_ms)
            self.host.say(HostBeat(0))
            self.beat_ms = self.host.now_ms if self.beat_ms is not None else None

    @rule(door=st.integers(0, 1), side=st.sampled_from([0, 1, UNKNOWN]))
    def move_door(self, door, side):
        doors = list(self.host.mcu.sensors.doors)
        doors[door] = side
        self.host.mcu.sense(self.host.now_ms, doors=doors)

    @rule()
    def keep_events(self):
        for word in self.host.hear():
            if isinstance(word, EventWord):
                self.host.say(EventAck(BOOT, word.event_id))

    @rule(noise=st.binary(max_size=40))
    def hear_noise(self, noise):
        self.host.mcu.receive(noise + b"\0", self.host.now_ms)

    @invariant()
    def only_what_was_allowed_is_unlocked(self):
        drawn = set(self.host.mcu.drawn(self.host.now_ms))
        assert drawn <= self.allowed
        self.allowed = drawn

    @invariant()
    def the_siren_sounds_as_long_as_it_was_last_told(self):
        now_ms = self.host.now_ms
        assert self.host.mcu.sounds(now_ms) == (now_ms < self.sounds_until_ms)

    @invariant()
    def never_motion_after_silence_or_with_a_door_open(self):
        host = self.host
        if not host.mcu.moves(host.now_ms):
            return
        assert self.beat_ms is not None
        assert host.now_ms - self.beat_ms < 300
        assert host.mcu.drawn(host.now_ms) == []
        assert list(host.mcu.sensors.doors)[:2] == [0, 0]


Hostile.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestHostile = Hostile.TestCase


def hostile_records(rng, count):
    """Return records for the program: good frames, damaged ones, noise, doors, time."""
    made, words = [], [HostHello(PROTOCOL, BOOT), HostBeat(1), StopWord(9)]
    for number in range(count):
        words[2:] = [
            StopWord(number),
            UnlockWord(number, rng.randrange(4), rng.getrandbits(32), rng.getrandbits(32)),
            DriveWord(number, rng.getrandbits(32), -5, 7),
            EventAck(BOOT, number),
            LockWord(number, rng.randrange(9)),
            SirenWord(number, rng.getrandbits(32), rng.randrange(-1, 2)),
        ]
        data = bytearray(b"".join(encode_word(rng.choice(words), 0) for _ in range(3)))
        if rng.random() < 0.5:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        if rng.random() < 0.2:
            data = bytearray(rng.randbytes(rng.randrange(600)))
        op = rng.choice((0, 0, 0, 1, 2))
        data = bytes(data) if op == 0 else rng.randbytes(8) if op == 1 else b""
        head = bytes((op,)) + rng.randrange(400).to_bytes(2, "little")
        made.append(head + len(data).to_bytes(2, "little") + data)
    return b"".join(made)


@pytest.fixture(scope="module")
def sanitized():
    with tempfile.TemporaryDirectory(prefix="doorstep-mcu-") as folder:
        program = Path(folder, "mcu")
        sane = "-fsanitize=address,undefined"
        compile_to(program, "-O1", "-g", "-DFACE_MAIN", sane, "-fno-sanitize-recover=all")
        yield program


def run_sanitized(program, records):
    done = subprocess.run([program], input=records, capture_output=True, timeout=250)
    assert done.returncode == 0, done.stderr.decode()
    return FrameSplitter().feed(done.stdout)


def test_sanitizers_find_nothing(sanitized):
    assert len(run_sanitized(sanitized, hostile_records(Random(1), 3000))) > 1000


@pytest.mark.fuzz
def test_sanitizers_find_nothing_in_a_long_run(sanitized):
    for seed in range(20):
        assert run_sanitized(sanitized, hostile_records(Random(seed), 20_000))
