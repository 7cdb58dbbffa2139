"""The same bytes on both sides of the cable, and by other people's software."""

import ctypes
import json
import zlib

import msgspec
import pytest
from cobs import cobs
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import PeerError
from firmware_bridge.mcu.frames import (
    FRAME_BYTES,
    Frame,
    FrameSplitter,
    cobs_decode,
    cobs_encode,
    encode_frame,
)
from firmware_bridge.mcu.words import WORDS, decode_word, encode_word
from tests.firmware_bridge.mcu.firmware import UNKNOWN, Controller, library
from tests.firmware_bridge.mcu.make_vectors import FILE, text

VECTORS = json.loads(FILE.read_text(encoding="ascii"))
HOST_WORDS = VECTORS["host words"]
STEPS = VECTORS["conversation"]
SAID = [(said, step["at_ms"]) for step in STEPS for said in step["says"]]


def test_the_file_is_what_other_software_makes():
    assert FILE.read_text(encoding="ascii") == text()


class TestByHand:
    """From the standards themselves, without any software."""

    def test_crc_32_of_the_standard_check(self):
        assert zlib.crc32(b"123456789") == 0xCBF43926
        assert library().dm_crc32(b"123456789", ctypes.c_size_t(9)) == 0xCBF43926

    @pytest.mark.parametrize(
        ("inside", "coded"),
        [
            ("00", "0101"),
            ("0000", "010101"),
            ("00110022", "0102110222"),
            ("11220033", "0311220233"),
            ("11223344", "0511223344"),
            ("11000000", "0211010101"),
        ],
    )
    def test_cobs_as_in_the_paper(self, inside, coded):
        inside, coded = bytes.fromhex(inside), bytes.fromhex(coded)
        assert cobs_encode(inside) == coded
        assert cobs_decode(coded) == inside
        held = ctypes.create_string_buffer(300)
        count = library().dm_cobs_encode(inside, ctypes.c_size_t(len(inside)), held)
        assert held.raw[:count] == coded

    def test_a_stop_byte_by_byte(self):
        """08 00, the array 91 05, its CRC behind; the zero of seq 0 becomes a distance."""
        crc = zlib.crc32(bytes.fromhex("08009105")).to_bytes(4, "little")
        assert 0 not in crc
        by_hand = bytes((2, 0x08, 7, 0x91, 0x05)) + crc + b"\0"
        assert encode_word(WORDS[0x08](5), 0) == by_hand


@pytest.mark.parametrize("vector", HOST_WORDS, ids=lambda vector: vector["what"])
class TestWhatWeSay:
    def test_we_make_these_bytes(self, vector):
        word = msgspec.convert(vector["array"], WORDS[vector["type"]])
        if "newer" not in vector["what"]:
            assert encode_word(word, vector["seq"]).hex() == vector["wire"]

    def test_we_read_them(self, vector):
        (frame,) = FrameSplitter().feed(bytes.fromhex(vector["wire"]))
        word = decode_word(frame)
        assert (frame.type, frame.seq) == (vector["type"], vector["seq"])
        known = msgspec.to_builtins(word)
        assert list(known) == vector["array"][: len(known)]

    def test_the_firmware_reads_and_makes_them(self, vector):
        data = bytes.fromhex(vector["wire"])
        held = ctypes.create_string_buffer(300)
        count = library().face_again(data, ctypes.c_size_t(len(data) - 1), held)
        assert held.raw[: max(0, count)].hex() == vector["wire"]


def test_the_firmware_says_what_the_conversation_says():
    controller = Controller()
    for step in STEPS:
        at_ms = step["at_ms"]
        if step["does"] == "receive":
            controller.receive(bytes.fromhex(step["host"]["wire"]), at_ms)
        elif step["does"] == "sense":
            filled = {k: UNKNOWN if v is None else v for k, v in step["sensors"].items()}
            controller.sense(at_ms, **filled)
        elif step["does"] == "tick":
            controller.tick(at_ms)
        said = "".join(said["wire"] for said in step["says"])
        assert controller.outgoing().hex() == said, step


@pytest.mark.parametrize(("said", "at_ms"), SAID)
def test_we_read_what_the_controller_says(said, at_ms):
    (frame,) = FrameSplitter().feed(bytes.fromhex(said["wire"]))
    word = decode_word(frame)
    told = [v.hex() if isinstance(v, bytes) else v for v in msgspec.structs.astuple(word)]
    assert [list(v) if isinstance(v, tuple) else v for v in told] == said["array"]
    assert encode_word(word, frame.seq).hex() == said["wire"]


@given(st.binary(max_size=FRAME_BYTES))
def test_cobs_is_the_packages(inside):
    assert cobs_encode(inside) == cobs.encode(inside)
    assert cobs_decode(cobs.encode(inside)) == inside
    held, back = ctypes.create_string_buffer(300), ctypes.create_string_buffer(300)
    count = library().dm_cobs_encode(inside, ctypes.c_size_t(len(inside)), held)
    assert held.raw[:count] == cobs.encode(inside)
    count = library().dm_cobs_decode(held, ctypes.c_size_t(count), back)
    assert back.raw[:count] == inside


@given(st.binary(min_size=1, max_size=249))
def test_all_three_agree_on_what_is_no_cobs(piece):
    def theirs():
        try:
            return cobs.decode(piece)
        except cobs.DecodeError:
            return None

    def ours():
        try:
            return cobs_decode(piece)
        except PeerError:
            return None

    back = ctypes.create_string_buffer(300)
    count = library().dm_cobs_decode(piece, ctypes.c_size_t(len(piece)), back)
    assert ours() == theirs()
    assert back.raw[:count] == (theirs() or b"")


def test_a_body_that_is_too_long_is_not_sent():
    assert len(encode_frame(Frame(1, 2, b"x" * 242))) == 250
    with pytest.raises(ValueError, match="too long"):
        encode_frame(Frame(1, 2, b"x" * 243))
