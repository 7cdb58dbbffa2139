"""The framer against what pymavlink writes, whole, in pieces and damaged."""

import math
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.mavlink.wire.dialect import CRC_EXTRA, mavlink, message_from
from firmware_bridge.mavlink.wire.frames import LONGEST_FRAME_B, STALE_S, Framer
from tests.firmware_bridge.mavlink.speak import heard, heartbeat, said, speaker, usual


def flight(count, seed=1, *, v1=False):
    """Frames of pymavlink, one by one."""
    rng, mav = Random(seed), speaker()
    return [said(mav, usual(rng), v1=v1) for _ in range(count)]


@pytest.mark.parametrize("v1", [False, True])
def test_every_frame_of_pymavlink_comes_out_as_it_went_in(v1):
    frames = flight(500, v1=v1)
    framer = Framer()
    got = framer.feed(b"".join(frames), 0.0)
    assert [frame.raw for frame in got] == frames
    assert (framer.count.lost, framer.count.damaged, framer.count.noise_bytes) == (0, 0, 0)


def test_payloads_read_as_pymavlink_reads_them():
    data = b"".join(flight(500))
    ours = [frame.decode() for frame in Framer().feed(data, 0.0)]
    theirs = heard(data)
    assert len(ours) == len(theirs) == 500
    for one, other in zip(ours, theirs, strict=True):
        assert repr(one.to_dict()) == repr(other.to_dict())  # repr: nan is nan


@pytest.mark.parametrize("number", sorted(mavlink.mavlink_map))
def test_every_message_of_the_dialect_reads_as_pymavlink_reads_it(number):
    kind = mavlink.mavlink_map[number]
    payload = Random(number).randbytes(kind.unpacker.size)
    mav = speaker()
    message = kind(*message_from_fields(kind, payload))
    raw = said(mav, message)
    (frame,) = Framer().feed(raw, 0.0)
    (theirs,) = heard(raw)
    assert repr(frame.decode().to_dict()) == repr(theirs.to_dict())


def message_from_fields(kind, payload):
    message = message_from(kind.id, payload)
    return [vars(message).get(f"_{name}_raw", vars(message)[name]) for name in kind.fieldnames]


@given(st.integers(0, 2**32), st.lists(st.integers(1, 300), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_pieces_of_any_size_give_the_same_frames(seed, sizes):
    frames = flight(30, seed)
    data, framer, got = b"".join(frames), Framer(), []
    while data:
        for size in sizes:
            got += framer.feed(data[:size], 0.0)
            data = data[size:]
    assert [frame.raw for frame in got] == frames


@given(st.binary(max_size=600))
@settings(max_examples=300, deadline=None)
def test_noise_neither_crashes_nor_holds_more_than_a_frame(noise):
    framer = Framer()
    framer.feed(noise, 0.0)
    assert len(framer._rest) < LONGEST_FRAME_B


def test_a_stray_header_swallows_nothing():
    """pymavlink loses the next seven messages here."""
    frames = flight(20)
    got = Framer().feed(b"\xfd\xff\x00" + b"".join(frames), 0.0)
    assert [frame.raw for frame in got] == frames


def test_half_a_frame_holds_up_a_slow_link_only_for_a_moment():
    beat = said(speaker(), heartbeat())
    cut = said(speaker(), mavlink.MAVLink_statustext_message(6, b"x" * 50))[:20]
    framer = Framer()
    assert framer.feed(cut, 0.0) == []
    assert [frame.raw for frame in framer.feed(beat, STALE_S + 0.1)] == [beat]


def test_a_datagram_ends_what_it_began():
    beat = said(speaker(), heartbeat())
    framer = Framer(datagrams=True)
    assert framer.feed(beat[:-1], 0.0) == []
    assert [frame.raw for frame in framer.feed(beat + beat[:5], 0.0)] == [beat]
    assert len(framer.feed(beat, 0.0)) == 1


def test_missing_numbers_are_counted_per_sender_and_late_ones_are_not():
    mav, other = speaker(), speaker(component=154)
    beats = [said(mav, heartbeat()) for _ in range(300)]
    framer = Framer()
    kept = beats[:10] + beats[13:]
    framer.feed(b"".join(kept) + said(other, heartbeat()) + beats[298] + beats[299], 0.0)
    assert framer.count.lost == 3
    assert framer.count.frames == 300


def test_what_only_px4_says_is_framed_and_not_decoded():
    raw = bytes([0xFD, 4, 0, 0, 7, 1, 1, *(411).to_bytes(3, "little"), 9, 0, 0, 0])
    crc = mavlink.x25crc(raw[1:] + CRC_EXTRA[411]).crc
    (frame,) = Framer().feed(raw + crc.to_bytes(2, "little"), 0.0)
    assert frame.message_id == 411


def test_an_unknown_id_is_noise_because_nothing_vouches_for_it():
    raw = bytes([0xFD, 1, 0, 0, 7, 1, 1, *(60_000).to_bytes(3, "little"), 9, 0, 0])
    beat = said(speaker(), heartbeat())
    assert [frame.raw for frame in Framer().feed(raw + beat, 0.0)] == [beat]


def test_one_lost_byte_in_a_thousand_costs_only_the_frames_it_hits():
    rng, frames = Random(4), flight(10_000, seed=3)
    whole, sent, framer, got = 0, [], Framer(), []
    for frame in frames:
        kept = bytes(byte for byte in frame if rng.random() >= 0.001)
        whole += kept == frame
        sent.append(kept)
    data = b"".join(sent)
    for at in range(0, len(data), 100):
        got += framer.feed(data[at : at + 100], at / 1e6)
    assert {frame.raw for frame in got} <= set(frames)
    assert len(got) >= 0.999 * whole
    assert len(got) >= 0.95 * len(frames)


def fuzz(seed, size):
    """Noise among real frames, and frames with flipped bits; nothing false may come out."""
    rng = Random(seed)
    frames = flight(400, seed)
    true, framer, done, false, got = set(frames), Framer(), 0, 0, 0
    while done < size:
        data = b"".join(
            rng.randbytes(rng.randrange(40)) + spoilt(rng, rng.choice(frames))
            for _ in range(50)
        )
        done += len(data)
        while data:
            piece = rng.randrange(1, 500)
            for frame in framer.feed(data[:piece], done / 1e4):
                frame.decode() if frame.message_id in mavlink.mavlink_map else None
                false += frame.raw not in true
                got += 1
            data = data[piece:]
    return got, false


def spoilt(rng, frame):
    for _ in range(rng.choice((0, 0, 1, 1, 3))):
        at = rng.randrange(len(frame))
        frame = frame[:at] + bytes([frame[at] ^ (1 << rng.randrange(8))]) + frame[at + 1 :]
    return frame


def check_fuzz(seed, size):
    got, false = fuzz(seed, size)
    assert got > size / 500
    # Sixteen bits: one in 65,536 of what looks like a frame passes; a signature stops that too.
    assert false <= math.ceil(size / 1e6) * 3
    return got, false


def test_damaged_frames_do_not_come_out():
    check_fuzz(1, 300_000)


@pytest.mark.fuzz
@pytest.mark.timeout(0)
def test_ten_million_fuzzed_bytes():
    seed = time.time_ns()
    print(f"seed {seed}: frames, false {check_fuzz(seed, 10_000_000)}")
