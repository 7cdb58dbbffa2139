"""A tape: one life of a daemon in one file, in pieces that each carry their checksum.

A file is MAGIC and pieces; a piece is its length, the CRC-32 of what follows, and a part of one
zstd stream whose content is entries in MessagePack, each behind its length.
"""

import os
import struct
from pathlib import Path
from zlib import crc32

import msgspec
import zstandard

from edge.errors import DoorstepError
from edge.record.entries import FORMAT, Begun, Entry

MAGIC = b"DOORSTEP TAPE 1\n"
HEAD = struct.Struct("<II")
LENGTH = struct.Struct("<I")
LEVEL = 3
PIECE_B = 32_768  # of entries; larger pieces are not packed much smaller
MOST_PIECE_B = 256 * 1024 * 1024  # a whole store's files may be in the first
EVERY_S = 1.0  # bytes of devices wait so long at most for the disk

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)


class TapeError(DoorstepError):
    """A tape cannot be read; the text names file, place and what to do."""


class TapeWriter:
    """Appends entries to a new file. Every method may raise OSError."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._packer = zstandard.ZstdCompressor(level=LEVEL).compressobj()
        self._waiting = bytearray()
        self._written_s = float("-inf")
        self.size_b = 0
        self._write(MAGIC)

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
        self._write(HEAD.pack(len(packed), crc32(packed)) + packed)

    def close(self) -> None:
        """Write what waits and let go of the file."""
        try:
            self.flush()
        finally:
            os.close(self._file)

    def _write(self, data: bytes) -> None:
        os.write(self._file, data)
        self.size_b += len(data)


class Tape(msgspec.Struct, frozen=True, kw_only=True):
    """One life as it was recorded."""

    path: Path
    begun: Begun
    entries: tuple[Entry, ...]
    """Everything after `begun`, in order."""
    torn_b: int
    """Bytes at the end of a piece that was never finished: the power went."""


def read_tape(path: Path) -> Tape:
    """Read a tape whole. Raises TapeError that names the place of what is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TapeError(f"{path}: cannot be read: {error.strerror}") from error
    if not content.startswith(MAGIC):
        raise TapeError(f"{path}: byte 0: no tape of doorstep-edge; name a folder of tapes")
    torn_b, entries = _read(path, content)
    if not entries or not isinstance(entries[0], Begun):
        raise TapeError(f"{path}: byte {len(MAGIC)}: does not say how the life began")
    begun = entries[0]
    if begun.format > FORMAT:
        raise TapeError(
            f"{path}: format {begun.format}, written by a newer version ({begun.version}); "
            "replay it with that version"
        )
    return Tape(path=path, begun=begun, entries=tuple(entries[1:]), torn_b=torn_b)


def _read(path: Path, content: bytes) -> tuple[int, list[Entry]]:
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    entries: list[Entry] = []
    rest = b""
    at = len(MAGIC)
    while at < len(content):
        piece = _piece(path, content, at)
        if piece is None:
            return len(content) - at, entries
        try:
            rest += unpacker.decompress(piece)
            whole, rest = _cut(rest)
            entries += [_decoder.decode(packed) for packed in whole]
        except (zstandard.ZstdError, msgspec.MsgspecError) as error:
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
