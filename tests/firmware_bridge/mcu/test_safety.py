"""The firmware's promises: nothing unlocks or moves but by a valid order, in order, in time."""

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
    Hello,
    HostBeat,
    HostHello,
    LidWord,
    LockWord,
    StopWord,
    UnlockWord,
    WinchWord,
    decode_word,
    encode_word,
)
from tests.firmware_bridge.mcu.firmware import UNKNOWN, Controller, compile_to

BOOT = 77


class Host:
    """Speaks with the controller by hand, on the controller's clock."""

    def __init__(self, **identity):
        self.now_ms = identity.pop("now_ms", 0)
        self.mcu = Controller(BOOT, now_ms=self.now_ms, **identity)
        self.frames = FrameSplitter()
        self.nonce = self.hear()[0].nonce
        self.number = 0
        self.mcu.sense(self.now_ms)

    def hear(self):
        return [decode_word(frame) for frame in self.frames.feed(self.mcu.outgoing())]

    def say(self, word):
        self.mcu.receive(encode_word(word, 0), self.now_ms)
        heard = self.hear()
        for one in heard:
            if isinstance(one, Answer):
                self.nonce = one.nonce
        return heard

    def order(self, make, *rest):
        """Say the next order; return the reason in the answer."""
        self.number += 1
        (answer,) = (o for o in self.say(make(self.number, *rest)) if isinstance(o, Answer))
        return answer.reason

    def greet(self):
        self.say(HostHello(PROTOCOL, BOOT))
        self.say(HostBeat(0))

    def unlock(self, compartment=0, *, valid_ms=3000, nonce=None):
        expires_ms = (self.now_ms + valid_ms) % 2**32
        return self.order(
            UnlockWord, compartment, expires_ms, self.nonce if nonce is None else nonce
        )

    def drive(self, *, lease_ms=300):
        return self.order(DriveWord, (self.now_ms + lease_ms) % 2**32, 1000, 0)

    def wait(self, ms, *, beats=True, step_ms=20):
        heard = []
        for _ in range(0, ms, step_ms):
            self.now_ms += step_ms
            self.mcu.tick(self.now_ms)
            if beats:
                heard += self.say(HostBeat(0))
            heard += self.hear()
        return heard


def greeted(**identity):
    host = Host(**identity)
    host.greet()
    return host


class TestUnlocking:
    def test_a_valid_order_draws_one_bolt_until_nobody_opened(self):
        host = greeted()
        assert host.unlock(1) == 0
        assert host.mcu.drawn(host.now_ms) == [1]
        host.wait(4900)
        assert host.mcu.drawn(host.now_ms) == [1]
        host.wait(200)
        assert host.mcu.drawn(host.now_ms) == []

    def test_the_same_order_again_is_one_deed(self):
        host = greeted()
        word = UnlockWord(1, 0, 3000, host.nonce)
        first = host.say(word)
        host.say(LockWord(2, 0))
        assert [w.reason for w in host.say(word)] == [w.reason for w in first] == [0]
        assert host.mcu.drawn(host.now_ms) == []

    @pytest.mark.parametrize(
        ("spoil", "reason"),
        [
            (lambda host: host.unlock(0, valid_ms=0), 1),
            (lambda host: host.unlock(0, valid_ms=-5), 1),
            (lambda host: host.unlock(0, valid_ms=30_001), 7),
            (lambda host: host.unlock(0, nonce=host.nonce ^ 1), 3),
            (lambda host: host.unlock(2), 4),
        ],
        ids=["expired", "long expired", "valid for too long", "nonce", "compartment"],
    )
    def test_anything_wrong_leaves_it_locked(self, spoil, reason):
        host = greeted()
        assert spoil(host) == reason
        assert host.mcu.drawn(host.now_ms) == []

    def test_an_order_that_was_overtaken_is_refused(self):
        host = greeted()
        host.number = 5
        assert host.order(LockWord, 0) == 0
        (answer,) = host.say(UnlockWord(3, 0, 3000, host.nonce))
        assert answer.reason == 2
        assert host.mcu.drawn(host.now_ms) == []

    def test_a_recorded_order_is_worth_nothing_to_the_next_boot(self):
        host = greeted()
        data = encode_word(UnlockWord(1, 0, 3000, host.nonce), 0)
        again = Controller(BOOT + 1)
        again.receive(data, 5)
        assert again.drawn(5) == []

    def test_nothing_is_done_that_could_not_be_told(self):
        host = greeted()
        for _ in range(8):
            host.mcu.sense(host.now_ms, doors=[1])
            host.mcu.sense(host.now_ms, doors=[0])
        assert host.unlock(1) == 9


class TestMoving:
    def test_wheels_turn_as_long_as_the_lease(self):
        host = greeted()
        assert host.drive(lease_ms=500) == 0
        host.wait(480)
        assert host.mcu.moves(host.now_ms)
        host.wait(20)
        assert not host.mcu.moves(host.now_ms)

    def test_silence_stops_them_after_300_ms_and_a_beat_does_not_start_them(self):
        host = greeted()
        host.drive(lease_ms=500)
        assert host.mcu.moves(host.now_ms + 299)
        assert not host.mcu.moves(host.now_ms + 300), "without a tick, too"
        host.now_ms += 310
        host.say(HostBeat(0))
        assert not host.mcu.moves(host.now_ms)
        assert host.drive() == 0

    def test_a_lease_over_half_a_second_is_refused(self):
        host = greeted()
        assert host.drive(lease_ms=501) == 7
        assert host.drive(lease_ms=0) == 1

    def test_a_frame_that_lay_about_moves_nothing(self):
        host = greeted()
        word = DriveWord(1, host.now_ms + 300, 1000, 0)
        host.wait(400)
        assert [w.reason for w in host.say(word) if isinstance(w, Answer)] == [1]

    @pytest.mark.parametrize(
        ("sensed", "reason"),
        [
            ({"doors": [1]}, 6),
            ({"doors": [UNKNOWN]}, 6),
            ({"lid": 1}, 6),
            ({"lid": UNKNOWN}, 6),
            ({"lifted": 1}, 11),
            ({"lifted": UNKNOWN}, 11),
            ({"stop_pressed": True}, 10),
        ],
    )
    def test_what_is_not_known_to_be_safe_stops_and_forbids(self, sensed, reason):
        host = greeted()
        host.drive()
        host.mcu.sense(host.now_ms, **sensed)
        assert not host.mcu.moves(host.now_ms)
        assert host.drive() == reason
        host.mcu.sense(host.now_ms, doors=[0], lid=0, lifted=0, stop_pressed=False)
        assert not host.mcu.moves(host.now_ms), "nothing starts by itself"

    def test_never_both_an_open_bolt_and_wheels(self):
        host = greeted()
        host.unlock()
        assert host.drive() == 6
        host.wait(5100)
        assert host.drive() == 0
        assert host.unlock() == 5

    def test_stop_ends_everything_whoever_asks(self):
        host = greeted()
        host.order(WinchWord, host.now_ms + 300, 200)
        host.order(LidWord, host.now_ms + 300, 1)
        host.say(StopWord(0))
        assert not host.mcu.moves(host.now_ms)

    def test_a_part_it_does_not_have(self):
        host = greeted(capabilities=0)
        assert host.drive() == 4
        assert host.order(WinchWord, host.now_ms + 300, 200) == 4


class TestDoors:
    def events(self, host):
        return [(w.what, w.compartment) for w in host.hear() if isinstance(w, EventWord)]

    def test_opened_and_closed_and_then_locked(self):
        host = greeted()
        host.unlock(1)
        host.mcu.sense(host.now_ms, doors=[0, 1])
        host.wait(20_000)
        assert host.mcu.drawn(host.now_ms) == [1], "no bolt is driven out of an open door"
        host.say(EventAck(BOOT, 1))
        host.mcu.sense(host.now_ms, doors=[0, 0])
        assert self.events(host) == [(2, 1)]
        assert host.mcu.drawn(host.now_ms) == []

    def test_a_door_that_opens_without_an_order_was_forced(self):
        host = greeted()
        host.mcu.sense(host.now_ms, doors=[1])
        assert self.events(host) == [(3, 0)]

    def test_a_bolt_that_does_not_move_is_jammed(self):
        host = greeted()
        host.unlock(0)
        heard = host.wait(1100)
        assert (4, 0) in {(w.what, w.compartment) for w in heard if isinstance(w, EventWord)}

    def test_a_door_seen_for_the_first_time_is_no_event(self):
        mcu = Controller()
        mcu.outgoing()
        mcu.sense(1, doors=[1, 1])
        assert mcu.outgoing() == b""

    def test_silence_locks_what_nobody_opened(self):
        host = greeted()
        host.unlock(0)
        host.wait(320, beats=False)
        assert host.mcu.drawn(host.now_ms) == []

    def test_events_come_again_until_acknowledged_oldest_first(self):
        host = greeted()
        host.mcu.sense(host.now_ms, doors=[1])
        host.mcu.sense(host.now_ms, doors=[0])
        heard = [w.event_id for w in host.wait(1600) if isinstance(w, EventWord)]
        assert heard[:3] == [1, 1, 1]
        assert [w.event_id for w in host.say(EventAck(BOOT, 1))] == [2]
        assert host.say(EventAck(BOOT, 2)) == []
        assert not [w for w in host.wait(1600) if isinstance(w, EventWord)]
        assert host.say(EventAck(BOOT, 99)) == [], "what never was cannot be acknowledged"


class TestGreeting:
    def test_nothing_is_obeyed_before_it(self):
        host = Host()
        assert host.unlock() == 8
        host.say(HostBeat(0))
        assert host.drive() == 8
        assert host.mcu.drawn(host.now_ms) == []

    def test_another_host_ends_every_movement(self):
        host = greeted()
        host.drive()
        (hello,) = host.say(HostHello(PROTOCOL, 0))
        assert isinstance(hello, Hello)
        assert not host.mcu.moves(host.now_ms)
        assert host.drive() == 8

    def test_another_protocol_is_not_greeted(self):
        host = Host()
        host.say(HostHello(PROTOCOL + 1, BOOT))
        host.say(HostBeat(0))
        assert host.unlock() == 8

    def test_a_greeted_host_that_does_not_beat_is_not_obeyed(self):
        host = Host()
        host.say(HostHello(PROTOCOL, BOOT))
        assert host.drive() == 13

    def test_the_clock_may_wrap(self):
        host = greeted(now_ms=2**32 - 200)
        assert host.unlock(0) == 0
        host.wait(4000)
        assert host.mcu.drawn(host.now_ms) == [0]
        host.wait(1200)
        assert host.drive() == 0

    def test_no_wrap_makes_an_old_beat_young(self):
        host = greeted()
        host.wait(400, beats=False)
        host.now_ms += 2**32 - 400
        assert host.drive() == 13


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
