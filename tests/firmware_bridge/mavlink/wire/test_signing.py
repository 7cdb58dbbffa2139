"""Signatures against pymavlink's, both ways, and the attacks on them."""

import time
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from firmware_bridge.mavlink.wire.dialect import mavlink
from firmware_bridge.mavlink.wire.frames import Framer
from firmware_bridge.mavlink.wire.outbox import Outbox
from firmware_bridge.mavlink.wire.signing import PER_S, TOLERANCE, Signing, stamp_of
from tests.firmware_bridge.mavlink.speak import heard, heartbeat, said, speaker

KEY = bytes(range(32))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STAMP = stamp_of(NOON)


def signing(*, stamp=STAMP, clock_is_known=True, key=KEY):
    return Signing(key, link_id=3, stamp=stamp, now_s=0.0, clock_is_known=clock_is_known)


def frames(*raw):
    return Framer().feed(b"".join(raw), 0.0)


def test_a_stamp_counts_ten_microseconds_since_2015():
    assert stamp_of(datetime(2015, 1, 1, 0, 0, 1, tzinfo=UTC)) == PER_S
    assert stamp_of(datetime(1970, 1, 1, tzinfo=UTC)) == 0


def test_what_pymavlink_signs_is_accepted_once():
    mav, ours = speaker(key=KEY, stamp=STAMP), signing()
    got = frames(*(said(mav, heartbeat()) for _ in range(10)))
    assert [ours.accepts(frame, 0.1) for frame in got] == [True] * 10
    assert [ours.accepts(frame, 0.1) for frame in got] == [False] * 10
    assert ours.count.replayed == 10


def test_what_we_sign_is_accepted_by_pymavlink():
    outbox = Outbox(1, 191, signing())
    for _ in range(10):
        outbox.say(heartbeat(), 0.0)
    theirs = heard(outbox.take(), KEY)
    assert len(theirs) == 10
    assert all(message.get_signed() for message in theirs)


def test_another_key_is_refused_and_so_is_no_signature():
    ours = signing()
    (other,) = frames(said(speaker(key=bytes(32), stamp=STAMP), heartbeat()))
    (none,) = frames(said(speaker(), heartbeat()))
    assert not ours.accepts(other, 0.0)
    assert not ours.accepts(none, 0.0)
    assert (ours.count.forged, ours.count.unsigned) == (1, 1)


def test_a_radio_in_between_may_report_unsigned():
    report = mavlink.MAVLink_radio_status_message(1, 2, 3, 4, 5, 6, 7)
    (frame,) = frames(said(speaker(), report))
    assert signing().accepts(frame, 0.0)


def test_a_forged_stamp_near_the_end_of_time_locks_nobody_out():
    """pymavlink keeps the stamp before it checks the hash, and then refuses the real sender."""
    mav, ours = speaker(key=KEY, stamp=STAMP), signing()
    genuine = [said(mav, heartbeat()) for _ in range(3)]
    forged = bytearray(genuine[1])
    forged[-12:-6] = ((1 << 48) - 2).to_bytes(6, "little")
    verdicts = [
        ours.accepts(frame, 0.0) for frame in frames(genuine[0], bytes(forged), *genuine[1:])
    ]
    assert verdicts == [True, False, True, True]
    assert len(heard(genuine[0] + bytes(forged) + genuine[1] + genuine[2], KEY)) == 1


def test_a_recording_of_yesterday_is_refused_also_after_a_restart():
    (old,) = frames(said(speaker(key=KEY, stamp=STAMP - TOLERANCE - 1), heartbeat()))
    assert not signing().accepts(old, 0.0)


def test_who_is_more_than_a_minute_ahead_is_refused_by_a_clock_that_is_known():
    (ahead,) = frames(said(speaker(key=KEY, stamp=STAMP + 2 * TOLERANCE), heartbeat()))
    ours = signing()
    assert not ours.accepts(ahead, 0.0)
    assert ours.accepts(ahead, 61.0)


def test_a_board_without_a_clock_follows_the_sender_that_holds_the_key():
    (frame,) = frames(said(speaker(key=KEY, stamp=STAMP), heartbeat()))
    ours = signing(stamp=1000, clock_is_known=False)
    assert ours.accepts(frame, 5.0)
    assert ours.stamp(6.0) == STAMP + PER_S
    ours.set_clock(NOON + timedelta(hours=1), 6.0)
    assert ours.stamp(6.0) == STAMP + 3600 * PER_S


def test_our_stamps_rise_with_the_clock_and_never_repeat_or_fall():
    ours = signing()
    outbox = Outbox(1, 191, ours)

    def stamp(now_s):
        return int.from_bytes(outbox.say(heartbeat(), now_s)[-12:-6], "little")

    stamps = [stamp(now_s) for now_s in (0.0, 0.0, 0.0, 1.0, 0.5, 2.0)]
    ours.set_clock(NOON - timedelta(days=1), 2.0)
    stamps.append(stamp(2.0))
    assert stamps == sorted(set(stamps))
    assert stamps[5] == STAMP + 2 * PER_S


def test_a_short_key_is_named():
    with pytest.raises(ValueError, match="32 bytes, not 5"):
        signing(key=b"short")


def forge(seed, size):
    """Signed frames with flipped bits and with stamps moved; return how many were accepted."""
    rng, mav, ours = Random(seed), speaker(key=KEY, stamp=STAMP), signing()
    genuine, framer, done, false = [], Framer(), 0, 0
    while done < size:
        raw = said(mav, heartbeat(custom_mode=rng.randrange(30)))
        genuine.append(raw)
        forged = bytearray(raw)
        for _ in range(rng.randrange(1, 4)):
            forged[rng.randrange(10, len(raw))] ^= 1 << rng.randrange(8)
        tail = len(raw) - 15
        forged[tail : tail + 2] = mavlink.x25crc(bytes(forged[1:tail]) + b"\x32").crc.to_bytes(
            2, "little"
        )
        if bytes(forged) == raw:
            continue
        done += len(forged)
        for frame in framer.feed(bytes(forged), 0.0):
            false += ours.accepts(frame, 0.0) and frame.raw != raw
    accepted = sum(ours.accepts(frame, 0.0) for frame in frames(*genuine[-100:]))
    return false, accepted


def test_no_forged_frame_is_accepted_and_the_sender_is_still_heard():
    assert forge(1, 100_000) == (0, 100)


@pytest.mark.fuzz
@pytest.mark.timeout(0)
def test_ten_million_forged_bytes():
    seed = time.time_ns()
    print(f"seed {seed}")
    assert forge(seed, 10_000_000) == (0, 100)
