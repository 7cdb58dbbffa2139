"""The firmware's promises: nothing unlocks or moves but by a valid order, in order, in time."""

import pytest

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
    encode_word,
)
from tests.firmware_bridge.mcu.firmware import UNKNOWN, Controller
from tests.firmware_bridge.mcu.host import BOOT, Host, greeted


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
