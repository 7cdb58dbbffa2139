"""A tape: one life of a daemon in one file, in pieces that each carry their checksum.

A file is MAGIC and pieces; a piece is its length, the CRC-32 of what follows, and that. The
first is the label, as JSON, which anybody may read. Each other one is a sealed part of one zstd
stream whose content is entries in MessagePack, each behind its length. Tapes of before the seal
(CLEAR_MAGIC) have no label.
"""

import os
import struct
from collections.abc import Callable
from itertools import dropwhile, takewhile
from pathlib import Path
from zlib import crc32

import msgspec
import zstandard
from msgspec.structs import replace

from edge.errors import DoorstepError
from edge.handover.proof import SigningKey
from edge.record.entries import FORMAT, Begun, Entry, StorePart
from edge.record.seal import Label, Seal

MAGIC = b"DOORSTEP TAPE 2\n"
CLEAR_MAGIC = b"DOORSTEP TAPE 1\n"
HEAD = struct.Struct("<II")
LENGTH = struct.Struct("<I")
LEVEL = 3
PIECE_B = 32_768  # of entries; larger pieces are not packed much smaller
MOST_PIECE_B = 256 * 1024 * 1024  # a whole store's files may be in the first
EVERY_S = 1.0  # bytes of devices wait so long at most for the disk

KeyFor = Callable[[Label], SigningKey]
"""Returns the key that a label asks for. Raises ConfigError if it cannot be had."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)


class TapeError(DoorstepError):
    """A tape cannot be read; the text names file, place and what to do."""


class TapeWriter:
    """Appends entries to a new file. Every method may raise OSError."""

    def __init__(self, path: Path, label: Label, key: SigningKey) -> None:
        self._seal = Seal(key, label)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._packer = zstandard.ZstdCompressor(level=LEVEL).compressobj()
        self._waiting = bytearray()
        self._written_s = float("-inf")
        self.size_b = 0
        self._write(MAGIC)
        self._write_piece(msgspec.json.encode(label))

    def add(self, entry: Entry, *, now: bool) -> None:
        """Append an entry; with `now`, or once some have waited, they go to the file."""
        packed = _encoder.encode(entry)
        self._waiting += LENGTH.pack(len(packed)) + packed
        if now or len(self._waiting) >= PIECE_B or entry.at_s - self._written_s >= EVERY_S:
            self._written_s = entry.at_s
            self.flush()

    def flush(self) -> None:
        """Hand everything to the kernel: a killed process loses nothing of it."""
        if not self._waiting:
            return
        packed = self._packer.compress(bytes(self._waiting))
        packed += self._packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        self._waiting.clear()
        self._write_piece(self._seal.close(packed))

    def close(self) -> None:
        """Write what waits and let go of the file."""
        try:
            self.flush()
        finally:
            os.close(self._file)

    def _write_piece(self, piece: bytes) -> None:
        self._write(HEAD.pack(len(piece), crc32(piece)) + piece)

    def _write(self, data: bytes) -> None:
        os.write(self._file, data)
        self.size_b += len(data)


class Tape(msgspec.Struct, frozen=True, kw_only=True):
    """One life as it was recorded."""

    path: Path
    label: Label | None
    """None: a tape of before the seal."""
    begun: Begun
    entries: tuple[Entry, ...]
    """Everything after `begun`, in order."""
    torn_b: int
    """Bytes at the end of a piece that was never finished: the power went."""


def read_tape(path: Path, key_for: KeyFor) -> Tape:
    """Read a tape whole. Raises TapeError that names the place of what is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TapeError(f"{path}: cannot be read: {error.strerror}") from error
    label, seal, at = _opened(path, content, key_for)
    torn_b, entries = _read(path, content, at, seal)
    if not entries or not isinstance(entries[0], Begun):
        raise TapeError(f"{path}: byte {at}: does not say how the life began")
    begun = entries[0]
    if begun.format > FORMAT:
        raise TapeError(
            f"{path}: format {begun.format}, written by a newer version ({begun.version}); "
            "replay it with that version"
        )
    rest = entries[1:]
    store = {name: bytearray(content) for name, content in begun.store.items()}
    for part in takewhile(lambda entry: isinstance(entry, StorePart), rest):
        assert isinstance(part, StorePart), "only parts are taken"
        store.setdefault(part.name, bytearray()).extend(part.content)
    return Tape(
        path=path,
        label=label,
        begun=replace(begun, store={name: bytes(content) for name, content in store.items()}),
        entries=tuple(dropwhile(lambda entry: isinstance(entry, StorePart), rest)),
        torn_b=torn_b,
    )


def _opened(
    path: Path, content: bytes, key_for: KeyFor
) -> tuple[Label | None, Seal | None, int]:
    """Return the label, what opens the pieces, and where they begin."""
    if content.startswith(CLEAR_MAGIC):
        return None, None, len(CLEAR_MAGIC)
    if not content.startswith(MAGIC):
        raise TapeError(f"{path}: byte 0: no tape of doorstep-edge; name a folder of tapes")
    at = len(MAGIC)
    packed = _piece(path, content, at)
    if packed is None:
        raise TapeError(f"{path}: byte {at}: ends within its label; leave this file out")
    try:
        label = msgspec.json.decode(packed, type=Label)
    except msgspec.MsgspecError as error:
        raise TapeError(_damaged(path, at, f"its label: {error}", [])) from error
    key = key_for(label)
    if key.key_id != label.key_id:
        raise TapeError(
            f"{path}: byte {at}: sealed by the key {label.key_id} of {label.vehicle}, and this"
            f" is {key.key_id}; name the vehicle's key file of that time with --key FILE"
        )
    return label, Seal(key, label), at + HEAD.size + len(packed)


def _read(path: Path, content: bytes, at: int, seal: Seal | None) -> tuple[int, list[Entry]]:
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    entries: list[Entry] = []
    rest = b""
    while at < len(content):
        piece = _piece(path, content, at)
        if piece is None:
            return len(content) - at, entries
        try:
            packed = piece if seal is None else seal.open(piece)
            rest += unpacker.decompress(packed)
            whole, rest = _cut(rest)
            entries += [_decoder.decode(packed) for packed in whole]
        except (ValueError, zstandard.ZstdError, msgspec.MsgspecError) as error:
            raise TapeError(_damaged(path, at, str(error), entries)) from error
        at += HEAD.size + len(piece)
    return 0, entries


def _piece(path: Path, content: bytes, at: int) -> bytes | None:
    """Return the packed bytes of the piece here; None if the file ends within it."""
    if at + HEAD.size > len(content):
        return None
    size, checksum = HEAD.unpack_from(content, at)
    piece = content[at + HEAD.size : at + HEAD.size + size]
    if size > MOST_PIECE_B:
        raise TapeError(_damaged(path, at, f"a piece of {size} bytes", []))
    if len(piece) < size:
        return None
    if crc32(piece) != checksum:
        raise TapeError(_damaged(path, at, "its checksum does not fit", []))
    return piece


def _cut(content: bytes) -> tuple[list[bytes], bytes]:
    """Return the whole entries, and what comes behind the last of them."""
    whole, at = [], 0
    while at + LENGTH.size <= len(content):
        (size,) = LENGTH.unpack_from(content, at)
        end = at + LENGTH.size + size
        if end > len(content):
            break
        whole.append(content[at + LENGTH.size : end])
        at = end
    return whole, content[at:]


def _damaged(path: Path, at: int, why: str, entries: list[Entry]) -> str:
    reaches = f"; it can be read up to {entries[-1].at_s:.3f} s" if entries else ""
    return (
        f"{path}: damaged at byte {at}: {why}{reaches}. Take a copy from the vehicle again, "
        "or replay the other lives of the day without this file"
    )
