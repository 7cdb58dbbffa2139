"""Our side against the firmware itself, over cables that lose, double, delay and damage."""

from dataclasses import dataclass, field
from random import Random

import pytest

from edge.errors import LinkError
from edge.messages.machines.controller import (
    CompartmentEvent,
    ControllerPresence,
    ControllerStatus,
    Drive,
    KeptEvent,
    Lock,
    MoveLid,
    RunWinch,
    SoundSiren,
    StopMoving,
    Unlock,
)
from edge.messages.machines.orders import OrderAnswer
from firmware_bridge.mcu.frames import FrameSplitter
from firmware_bridge.mcu.session import McuSession
from firmware_bridge.mcu.words import DriveWord, Hello, UnlockWord, decode_word, encode_word
from tests.firmware_bridge.mcu.firmware import UNKNOWN, Controller

STEP_S = 0.01
BOARD_AHEAD_MS = 123_456  # its clock is not ours
ORDERS = [
    Drive(order_id="d", speed_mps=0.5),
    MoveLid(order_id="l", opens=True),
    RunWinch(order_id="w", speed_mps=-0.2),
    Unlock(order_id="u", compartment=1),
    Lock(order_id="k", compartment=1),
    StopMoving(order_id="s"),
    SoundSiren(order_id="a", on=True),
]


@dataclass
class Cable:
    """Both directions of a line between a session and a controller, in virtual time."""

    rng: Random = field(default_factory=lambda: Random(1))
    loss: float = 0.0
    twice: float = 0.0
    flip: float = 0.0
    late_s: float = 0.0
    now_s: float = 50.0
    cut: bool = False

    def __post_init__(self):
        self.session = McuSession(self.now_s)
        self.under_way = []
        self.news = []
        self.boot(77)

    def boot(self, boot_id):
        self.mcu = Controller(boot_id, now_ms=self.mcu_ms, cause=2)
        self.mcu.sense(self.mcu_ms)

    @property
    def mcu_ms(self):
        return round(self.now_s * 1000) + BOARD_AHEAD_MS

    def send(self, order):
        self.session.send(order, self.now_s)
        self.news += self.session.wake(self.now_s)

    def run(self, seconds):
        until_s = self.now_s + seconds
        while self.now_s < until_s - 1e-9:
            self.now_s = round(self.now_s + STEP_S, 6)
            self.mcu.tick(self.mcu_ms)
            if self.now_s >= self.session.wake_at_s:
                self.news += self.session.wake(self.now_s)
            self._carry(self.session.outgoing(), to_board=True)
            self._carry(self.mcu.outgoing(), to_board=False)
            due = [one for one in self.under_way if one[0] <= self.now_s]
            self.under_way = [one for one in self.under_way if one[0] > self.now_s]
            for _, to_board, data in sorted(due, key=lambda one: one[0]):
                if to_board:
                    self.mcu.receive(data, self.mcu_ms)
                else:
                    self.news += self.session.receive(data, self.now_s)
        return self

    def _carry(self, data, *, to_board):
        for frame in data.split(b"\0")[:-1]:
            if self.cut or self.rng.random() < self.loss:
                continue
            piece = bytearray(frame + b"\0")
            if self.rng.random() < self.flip:
                piece[self.rng.randrange(len(piece))] ^= 1 << self.rng.randrange(8)
            for _ in range(2 if self.rng.random() < self.twice else 1):
                due_s = self.now_s + self.late_s * self.rng.random()
                self.under_way.append((due_s, to_board, bytes(piece)))

    def of(self, kind):
        return [one for one in self.news if isinstance(one, kind)]

    def answer(self, order_id):
        (answer,) = (a for a in self.of(OrderAnswer) if a.order_id == order_id)
        return answer.result, answer.why


class TestMeeting:
    def test_who_is_there_is_said_once_and_states_follow(self):
        cable = Cable().run(2)
        (presence,) = cable.of(ControllerPresence)
        assert presence.firmware == "0102030405060708"
        assert presence.parts == ("wheels", "lid", "winch", "siren")
        assert (presence.compartments, presence.reset_cause) == (2, "watchdog")
        assert presence.why_not == ""
        assert len(cable.of(ControllerStatus)) >= 18

    def test_what_is_not_known_is_none(self):
        status = Cable().run(1).of(ControllerStatus)[-1]
        assert status.temperature_c is status.tilt_deg is status.battery_v is None
        assert status.doors_open == (False, False)
        assert status.bolts_locked == (True, True)
        assert status.takes_orders

    def test_sensors_come_in_si_units(self):
        cable = Cable().run(1)
        cable.mcu.sense(cable.mcu_ms, tilt_cdeg=-150, temperature_cc=2375, battery_mv=24120)
        cable.mcu.sense(cable.mcu_ms, winch_mm=1500, lifted=UNKNOWN, doors=[UNKNOWN, 1])
        status = cable.run(0.3).of(ControllerStatus)[-1]
        assert (status.tilt_deg, status.temperature_c, status.battery_v) == (-1.5, 23.75, 24.12)
        assert (status.winch_out_m, status.lifted) == (1.5, None)
        assert status.doors_open == (None, True)

    def test_another_protocol_is_named_and_not_obeyed(self):
        session = McuSession(0.0)
        hello = Hello(2, b"\x01" * 8, 15, 77, 1, 2, 0, 5, 9)
        (presence,) = session.receive(encode_word(hello, 0), 0.0)
        assert "protocol 2" in presence.why_not
        session.send(ORDERS[0], 0.1)
        (answer,) = session.wake(0.1)
        assert answer.result == "refused"
        assert "protocol 2" in answer.why


class TestOrders:
    @pytest.mark.parametrize("order", ORDERS, ids=lambda order: type(order).__name__)
    def test_each_is_done_on_a_good_line(self, order):
        cable = Cable().run(1)
        cable.send(order)
        assert cable.run(0.3).answer(order.order_id) == ("done", "")

    def test_wheels_stop_with_the_lease_unless_it_is_renewed(self):
        cable = Cable().run(1)
        for number in range(20):
            cable.send(Drive(order_id=f"d{number}", speed_mps=0.5, turn_dps=-10, lease_s=0.3))
            cable.run(0.1)
            outputs = cable.mcu.outputs(cable.mcu_ms)
            assert (outputs.speed_mmps, outputs.turn_mradps) == (500, -175)
        cable.run(0.31)
        assert not cable.mcu.moves(cable.mcu_ms)

    def test_the_same_order_again_gets_the_same_answer_and_no_second_deed(self):
        cable = Cable().run(1)
        order = Unlock(order_id="u", compartment=0)
        cable.send(order)
        cable.run(6)  # unlocked, and locked again because nobody opened
        cable.send(order)
        cable.run(1)
        assert [a.result for a in cable.of(OrderAnswer)] == ["done", "done"]
        assert cable.mcu.drawn(cable.mcu_ms) == []

    def test_several_bolts_one_after_the_other(self):
        cable = Cable().run(1)
        for compartment in (0, 1):
            cable.send(Unlock(order_id=f"u{compartment}", compartment=compartment))
        cable.run(0.5)
        assert cable.mcu.drawn(cable.mcu_ms) == [0, 1]

    def test_too_many_are_refused(self):
        cable = Cable().run(1)
        for number in range(10):
            cable.send(Unlock(order_id=f"u{number}", compartment=0))
        assert {a.why for a in cable.of(OrderAnswer)} == {
            "too many orders wait for the controller"
        }

    def test_an_order_to_nobody_is_refused_at_once(self):
        cable = Cable(cut=True).run(1)
        cable.send(ORDERS[3])
        assert cable.answer("u") == ("refused", "the controller is not there")

    def test_an_unlocking_that_finds_no_way_is_unanswered_and_never_done_later(self):
        cable = Cable().run(1)
        cable.cut = True
        cable.send(Unlock(order_id="u", compartment=0, valid_s=2.0))
        cable.run(3)
        assert cable.answer("u")[0] == "unanswered"
        cable.cut = False
        cable.run(1)
        assert cable.mcu.drawn(cable.mcu_ms) == []

    def test_a_refusal_carries_its_reason(self):
        cable = Cable().run(1)
        cable.mcu.sense(cable.mcu_ms, doors=[1])
        cable.send(ORDERS[0])
        result, why = cable.run(0.3).answer("d")
        assert result == "refused"
        assert "door" in why


class TestStartingAnew:
    def test_a_new_boot_ends_what_was_under_way_and_arms_nothing(self):
        cable = Cable().run(1)
        cable.cut = True
        cable.send(Unlock(order_id="u", compartment=0, valid_s=30))
        cable.send(Drive(order_id="d", speed_mps=1.0, lease_s=0.5))
        cable.run(0.1)
        cable.boot(78)
        cable.cut = False
        cable.run(3)
        assert cable.answer("u") == ("unanswered", "the controller started anew")
        assert cable.mcu.drawn(cable.mcu_ms) == []
        assert not cable.mcu.moves(cable.mcu_ms)
        assert [p.boot_id for p in cable.of(ControllerPresence)] == [77, 78]
        cable.send(Unlock(order_id="u2", compartment=0))
        assert cable.run(0.5).answer("u2") == ("done", "")

    def test_a_new_host_goes_on_where_the_old_one_stopped(self):
        cable = Cable().run(1)
        for number in range(5):
            cable.send(Lock(order_id=f"k{number}", compartment=0))
        cable.run(1)
        cable.session, cable.news = McuSession(cable.now_s), []
        cable.run(1)
        cable.send(Unlock(order_id="u", compartment=0))
        assert cable.run(0.5).answer("u") == ("done", "")

    def test_a_lost_link_ends_orders_and_is_greeted_again(self):
        cable = Cable().run(1)
        cable.cut = True
        cable.send(Unlock(order_id="u", compartment=0, valid_s=30))
        cable.news += cable.session.link_lost(cable.now_s, "unplugged")
        assert cable.answer("u") == ("unanswered", "the link was lost: unplugged")
        cable.cut = False
        cable.now_s += 60
        cable.session.link_opened(cable.now_s)
        cable.run(1)
        assert cable.of(ControllerStatus)[-1].takes_orders

    def test_a_quiet_line_is_opened_again(self):
        with pytest.raises(LinkError, match="5 s"):
            Cable(cut=True).run(6)


class TestEvents:
    def test_an_event_is_said_once_and_kept_by_the_board_until_we_have_it(self):
        cable = Cable().run(1)
        cable.send(Unlock(order_id="u", compartment=1))
        cable.run(0.2)
        opened_s = cable.now_s
        cable.mcu.sense(cable.mcu_ms, doors=[0, 1])
        cable.run(3)
        (event,) = cable.of(CompartmentEvent)
        assert (event.what, event.compartment, event.order_id) == ("opened", 1, "u")
        assert event.at_s == pytest.approx(opened_s, abs=0.02)
        cable.session = McuSession(cable.now_s)  # a daemon that died before it was durable
        cable.news = []
        cable.run(2)
        (event,) = cable.of(CompartmentEvent)
        cable.send(KeptEvent(order_id="e", boot_id=event.boot_id, event_id=event.event_id))
        cable.run(1)
        cable.mcu.sense(cable.mcu_ms, doors=[0, 0])
        cable.run(0.1)
        assert [e.what for e in cable.of(CompartmentEvent)] == ["opened", "closed"]

    def test_a_forced_door_belongs_to_no_order(self):
        cable = Cable().run(1)
        cable.mcu.sense(cable.mcu_ms, doors=[1])
        (event,) = cable.run(0.3).of(CompartmentEvent)
        assert (event.what, event.order_id) == ("forced", None)


BAD = {"loss": 0.2, "twice": 0.1, "flip": 0.05, "late_s": 0.08}


@pytest.mark.parametrize("seed", range(6))
def test_on_a_bad_line_each_order_has_one_answer_and_no_bolt_is_drawn_twice(seed):
    cable = Cable(rng=Random(seed), **BAD).run(3)
    for number in range(12):
        cable.send(Unlock(order_id=f"u{number}", compartment=number % 2, valid_s=3))
        drawn = set()
        for _ in range(300):
            cable.run(STEP_S)
            drawn |= set(cable.mcu.drawn(cable.mcu_ms))
        if cable.answer(f"u{number}")[0] == "done":
            assert number % 2 in drawn
        cable.run(6)
        assert cable.mcu.drawn(cable.mcu_ms) == []
    results = [a.result for a in cable.of(OrderAnswer)]
    assert len(results) == 12
    assert results.count("done") >= 11


@pytest.mark.parametrize("seed", range(3))
def test_on_a_bad_line_every_event_arrives_once_in_order(seed):
    cable = Cable(rng=Random(seed), **BAD).run(2)
    for turn in range(40):
        if turn < 10:
            cable.mcu.sense(cable.mcu_ms, doors=[1 - turn % 2])
        cable.run(0.4)
        for event in cable.of(CompartmentEvent)[-1:]:
            kept = KeptEvent(order_id="e", boot_id=77, event_id=event.event_id)
            cable.session.send(kept, cable.now_s)
    events = cable.of(CompartmentEvent)
    assert [e.event_id for e in events] == list(range(1, 11))
    assert [e.what for e in events] == ["forced", "closed"] * 5


def flood(count, seed):
    """Feed noise and damaged frames to both sides; return how many forged words were taken."""
    rng = Random(seed)
    session, splitter = McuSession(0.0), FrameSplitter()
    mcu = Controller()
    good = encode_word(DriveWord(3, 200, 1000, 0), 1) + encode_word(
        UnlockWord(4, 0, 300, 22), 2
    )
    taken = fed = 0
    while fed < count:
        piece = bytearray(good if rng.random() < 0.5 else rng.randbytes(rng.randrange(1, 300)))
        place = rng.randrange(len(piece))
        piece[place] ^= rng.randrange(1, 256)
        cut = rng.randrange(len(piece))
        data = bytes(piece[cut:] + piece[:cut])
        fed += len(data)
        session.receive(data, 0.0)
        mcu.receive(data, 5)
        mcu.outgoing()
        for frame in splitter.feed(data):
            sound = {encode_word(DriveWord(3, 200, 1000, 0), 1), good[-len(good) :]}
            again = encode_word(decode_word(frame), frame.seq)
            taken += again not in sound and again not in good
    assert not mcu.moves(5)
    assert mcu.drawn(5) == []
    return taken


def test_noise_and_flips_make_no_word():
    assert flood(60_000, seed=1) == 0


@pytest.mark.fuzz
def test_a_million_bytes_of_noise_and_flips_make_no_word():
    assert flood(1_000_000, seed=2) == 0
