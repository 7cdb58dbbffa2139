"""What nobody but the vehicle's key may read: it is on the tape, and it is not to be found."""

import asyncio
import struct
from datetime import UTC, datetime
from random import Random
from zlib import crc32

import msgspec
import pytest
import zstandard

from edge.clock import LoopClock
from edge.handover.proof import SigningKey
from edge.messages.commands import HandOver
from edge.record import entries as said
from edge.record.recorder import Recorder
from edge.record.shelf import Shelf, tapes_of
from edge.record.tape import CLEAR_MAGIC, HEAD, MAGIC, TapeError, read_tape
from tests.edge.record.lives import KEY, LABEL, begun, with_key
from tests.edge.record.test_recorder import CONFIG

UTC_NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
PIN, RECIPIENT = "739214", "Wilhelmine Zirbelkiefer"
NAME, PHONE, DOOR_CODE = "Balthasar Querfeldein", "+49 30 901820", "K4711#B"
STROKES = b'<svg><path d="M 17.25 88.5 L 18.75 91.25 L 23.5 97.125"/></svg>'
SECRETS = [PIN, RECIPIENT, NAME, PHONE, DOOR_CODE, STROKES.decode()]


class Page:
    """A desk that does what it is told."""

    views = None

    async def act(self, action):
        return action

    async def attach(self, content, media_type):
        return content


@pytest.fixture(name="tape")
async def _tape(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "facts.db").write_bytes(f"door {DOOR_CODE} of {NAME}".encode())
    recorder = Recorder(Shelf(tmp_path / "record", days=3, max_mb=256), lambda: (0.0, 0))
    clock = LoopClock(asyncio.get_running_loop(), UTC_NOW, "host")
    recorder.begin(CONFIG, tmp_path, clock, Random(1), key=KEY, version="1")
    desk = recorder.at_desk(Page())
    await desk.act(
        HandOver(
            action_id="a1",
            driver="ada",
            stop_id="S1",
            parcel_ids=("P1",),
            recipient=RECIPIENT,
            pin=PIN,
        )
    )
    await desk.attach(STROKES, "image/svg+xml")
    recorder.heard(said.Message, 1, "down/route", f"{NAME} {PHONE}".encode(), now=True)
    recorder.end("stopped")
    (path,) = tapes_of(tmp_path / "record")
    return path


def pieces_of(content):
    """Return all pieces of a tape behind its label."""
    at, found = len(MAGIC), []
    while at < len(content):
        size, _ = HEAD.unpack_from(content, at)
        found.append(content[at + HEAD.size : at + HEAD.size + size])
        at += HEAD.size + size
    return found[1:]


async def test_whoever_has_the_tape_alone_finds_nothing_that_was_typed(tape):
    content = tape.read_bytes()
    for secret in SECRETS:
        assert secret.encode() not in content
    pieces = pieces_of(content)
    assert len(pieces) >= 4
    for piece in (*pieces, b"".join(pieces)):
        with pytest.raises(zstandard.ZstdError):
            zstandard.ZstdDecompressor().decompressobj().decompress(piece)


async def test_whoever_has_the_key_finds_all_of_it(tape):
    found = read_tape(tape, with_key)
    inside = msgspec.msgpack.encode([found.begun, *found.entries])
    for secret in (*SECRETS[:-1], STROKES.decode()):
        assert secret.encode() in inside
    assert found.label.vehicle == "van-1"


async def test_another_vehicles_key_is_refused_with_what_to_do(tape):
    with pytest.raises(TapeError, match=r"byte \d+: sealed by the key .* --key FILE"):
        read_tape(tape, lambda _: SigningKey.from_seed(b"o" * 32))


async def test_a_piece_that_was_moved_is_not_taken_for_the_tape(tape):
    content = tape.read_bytes()
    *before, last = pieces_of(content)
    cut = len(content) - HEAD.size - len(last) - HEAD.size - len(before[-1])
    moved = content[:cut] + b"".join(
        HEAD.pack(len(piece), crc32(piece)) + piece for piece in (last, before[-1])
    )
    tape.write_bytes(moved)
    with pytest.raises(TapeError, match="not sealed with this key, or not as this piece"):
        read_tape(tape, with_key)


def test_two_tapes_of_one_vehicle_have_nothing_in_common(tmp_path):
    label = msgspec.structs.replace(LABEL, salt=b"t" * 16)
    purposes = {b"doorstep tape " + each.salt for each in (LABEL, label)}
    assert len({KEY.secret(purpose) for purpose in purposes}) == 2


def test_a_tape_of_before_the_seal_is_read_without_a_key(tmp_path):
    entries = [begun(), said.Came(1.0, 0, 1, b"$GPRMC"), said.Ended(2.0, 0, "stopped")]
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    content = b""
    for entry in entries:
        packed = msgspec.msgpack.encode(entry)
        content += packer.compress(struct.pack("<I", len(packed)) + packed)
    content += packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    path = tmp_path / "000001.tape"
    path.write_bytes(CLEAR_MAGIC + HEAD.pack(len(content), crc32(content)) + content)
    found = read_tape(path, lambda _: pytest.fail("no label asks for a key"))
    assert [found.begun, *found.entries] == entries
    assert found.label is None
