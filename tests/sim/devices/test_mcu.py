"""The simulated controller against the firmware's reference: the same bytes, the same bolts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.mcu.words import (
    DriveWord,
    EventAck,
    HostBeat,
    HostHello,
    LidWord,
    LockWord,
    SirenWord,
    StopWord,
    UnlockWord,
    WinchWord,
    encode_word,
)
from sim.devices.mcu import Controller
from sim.devices.mcu_parts import Sensors
from tests.firmware_bridge.mcu.firmware import UNKNOWN
from tests.firmware_bridge.mcu.firmware import Controller as Firmware

SIDE = st.sampled_from([0, 0, 0, 1, None])
FLAT = st.sampled_from([0, 0, 0, 0, 0, 0, 1, None])
STOP = st.sampled_from([False, False, False, True])
STEP = st.sampled_from([1, 1, 1, 1, 2, 0, -1])
"""From the last number that was taken."""
SOON_MS = st.sampled_from([-1, 0, 1, 150, 300, 400, 499, 500, 501, 700])
EXPIRY_MS = st.sampled_from([-1, 0, 1, 3000, 3000, 3000, 30_000, 30_001])
BOX = st.sampled_from([0, 0, 0, 1, 2])
OPS = st.one_of(
    st.tuples(st.just("hello"), st.sampled_from([77, 77, 77, 0, 5])),
    st.tuples(st.just("beat")),
    st.tuples(st.just("unlock"), STEP, BOX, EXPIRY_MS, st.sampled_from([True, True, False])),
    st.tuples(st.just("lock"), STEP, BOX),
    st.tuples(st.just("drive"), STEP, SOON_MS),
    st.tuples(st.just("lid"), STEP, SOON_MS),
    st.tuples(st.just("winch"), STEP, SOON_MS),
    st.tuples(st.just("stop"), STEP),
    st.tuples(st.just("siren"), STEP, EXPIRY_MS, st.sampled_from([1, 1, 0])),
    st.tuples(st.just("ack"), st.integers(0, 5)),
    st.tuples(st.just("noise"), st.binary(max_size=20)),
    st.tuples(st.just("sense"), SIDE, SIDE, FLAT, FLAT, STOP),
    st.tuples(st.just("wait"), st.integers(0, 60)),
)
MOVES = {"drive": (DriveWord, (700, -20)), "lid": (LidWord, (-1,)), "winch": (WinchWord, (90,))}
BEFORE = [("sense", 0, 0, 0, 0, False), ("hello", 77), ("beat",)]


class Pair:
    """Both, told the same."""

    def __init__(self):
        self.now_ms = 0
        self.real = Firmware(77)
        self.played = Controller(boot_id=77, seed=99)
        self.compare()

    def compare(self):
        assert self.played.outgoing().hex(" ") == self.real.outgoing().hex(" ")
        assert self.played.drawn == self.real.drawn(self.now_ms)
        assert self.played.siren.sounds(self.now_ms) == self.real.sounds(self.now_ms)
        assert self.played.speed_mmps == self.real.outputs(self.now_ms).speed_mmps

    def sense(self, door, bolt, lid, lifted, stop):
        self.played.sense(
            Sensors(
                doors=[door, 0], bolts=[bolt, 1], lid=lid, lifted=lifted, stop_pressed=stop
            ),
            self.now_ms,
        )
        door, bolt, lid, lifted = (
            UNKNOWN if s is None else s for s in (door, bolt, lid, lifted)
        )
        self.real.sense(
            self.now_ms,
            doors=[door, 0],
            bolts=[bolt, 1],
            lid=lid,
            lifted=lifted,
            stop_pressed=stop,
        )

    def word(self, name, *rest):
        number, now_ms = rest[0] if rest else 0, self.now_ms
        if name not in ("hello", "ack"):
            number = max(0, self.played.last_number + number)
        if name in MOVES:
            kind, more = MOVES[name]
            return kind(number, max(0, now_ms + rest[1]), *more)
        if name == "unlock":
            nonce = self.played.nonce ^ (not rest[3])
            return UnlockWord(number, rest[1], max(0, now_ms + rest[2]), nonce)
        kinds = {
            "hello": HostHello(1, number),
            "beat": HostBeat(now_ms),
            "ack": EventAck(77, number),
        }
        if name == "siren":
            return SirenWord(number, max(0, now_ms + rest[1]), rest[2])
        others = {"stop": StopWord(number), "lock": LockWord(number, (*rest, 0, 0)[1])}
        return (kinds | others)[name]

    def tick(self):
        self.played.tick(self.now_ms)
        self.real.tick(self.now_ms)
        self.compare()

    def do(self, name, *rest):
        if name == "sense":
            self.sense(*rest)
        elif name == "wait":
            for _ in range(rest[0]):
                self.now_ms += 100
                self.do("beat")
                self.tick()
        else:
            noise = name == "noise"
            data = rest[0] + b"\0" if noise else encode_word(self.word(name, *rest), 0)
            self.played.receive(data, self.now_ms)
            self.real.receive(data, self.now_ms)
        self.compare()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 150), OPS, st.sampled_from([True, True, True, False])),
        min_size=10,
        max_size=40,
    )
)
def test_both_say_and_do_the_same(steps):
    pair = Pair()
    for op in BEFORE:
        pair.do(*op)
    for passes_ms, op, beats in steps:
        pair.now_ms += passes_ms
        pair.tick()
        pair.do(*op)
        if beats:
            pair.do("beat")


def test_both_lock_a_door_that_became_unknown_after_its_time():
    pair = Pair()
    for op in (*BEFORE, ("unlock", 1, 0, 3000, True)):
        pair.do(*op)
    assert pair.played.drawn == [0]
    pair.do("sense", None, 0, 0, 0, False)
    pair.do("wait", 49)
    assert pair.played.drawn == [0]
    pair.do("wait", 2)
    assert pair.played.drawn == []
