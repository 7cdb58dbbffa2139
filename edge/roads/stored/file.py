"""The file of a road graph: a fixed opening, a JSON header, arrays on 64-byte bounds.

 0   8  magic "DOORROAD"
 8   4  version, little-endian like everything after it
12   4  length of the header
16  32  SHA-256 of the header and of all arrays, in the order of ARRAYS
48  16  zeros
64      header in JSON, then the arrays, each at the offset that the header names
"""

import hashlib
import mmap
import os
import struct
from pathlib import Path

import msgspec
import numpy as np

from edge.roads.stored.check import checked_arrays
from edge.roads.stored.layout import (
    ALIGNMENT,
    ARRAYS,
    ArrayEntry,
    Arrays,
    GraphFileError,
    Header,
)

MAGIC = b"DOORROAD"
VERSION = 1
OPENING = struct.Struct("<8sII32s16x")
MOST_HEADER_BYTES = 65_536


def content_digest(header: Header, arrays: Arrays) -> str:
    """Return the digest that a file of this header and these arrays has."""
    return _digest(msgspec.json.encode(_placed(header, arrays)), arrays).hex()


def write_graph_file(path: Path, header: Header, arrays: Arrays) -> None:
    """Write the file whole or not at all. Raises GraphFileError if it cannot be written."""
    placed = _placed(header, arrays)
    text = msgspec.json.encode(placed)
    opening = OPENING.pack(MAGIC, VERSION, len(text), _digest(text, arrays))
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as file:
            file.write(opening + text)
            for entry in placed.arrays:
                file.seek(entry.offset + _arrays_begin(len(text)))
                file.write(arrays[entry.name].astype(entry.dtype, copy=False).tobytes())
            file.truncate(_aligned(file.tell()))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        cure = "free some space or name another --out"
        raise GraphFileError(path, f"cannot be written: {error.strerror}", cure) from error


def read_graph_file(path: Path) -> tuple[Header, Arrays, str]:
    """Map a file: its header, its arrays (read-only) and its digest. Raises GraphFileError.

    Every index is checked to lie in range, so that a damaged file is refused here and not
    noticed on the road; whether the content is what was written, `digest_holds` says.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < OPENING.size:
                raise GraphFileError(path, f"is too short for a road graph ({size} bytes)")
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        what = f"cannot be opened ({getattr(error, 'strerror', None) or error})"
        raise GraphFileError(path, what, "name the file that `roads import` wrote") from error
    header, begin, digest = _read_header(path, content)
    arrays = checked_arrays(path, header, content, begin)
    content.madvise(mmap.MADV_DONTNEED)  # what the checks read is not needed for that
    return header, arrays, digest.hex()


def digest_holds(path: Path) -> bool:
    """Say whether the content is what was written; reads all of it. Raises GraphFileError."""
    header, arrays, digest = read_graph_file(path)
    return content_digest(header, arrays) == digest


def _read_header(path: Path, content: mmap.mmap) -> tuple[Header, int, bytes]:
    """Return the header, where the arrays begin, and the digest."""
    magic, version, length, digest = OPENING.unpack_from(content)
    if magic != MAGIC:
        raise GraphFileError(path, "is no road graph", "name the file of `roads import`")
    if version != VERSION:
        raise GraphFileError(path, f"has version {version}; this doorstep reads {VERSION}")
    if length > MOST_HEADER_BYTES or OPENING.size + length > len(content):
        raise GraphFileError(path, f"is damaged or cut: a header of {length} bytes")
    try:
        text = content[OPENING.size : OPENING.size + length]
        header = msgspec.json.decode(text, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GraphFileError(path, f"is damaged: its header is unreadable ({error})") from error
    return header, _arrays_begin(length), digest


def _arrays_begin(header_length: int) -> int:
    return _aligned(OPENING.size + header_length)


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


def _placed(header: Header, arrays: Arrays) -> Header:
    """Return the header with the arrays' places, counted from the end of the header."""
    entries, offset = [], 0
    for name, (dtype, _) in ARRAYS.items():
        items = arrays[name].size
        entries.append(ArrayEntry(name=name, dtype=dtype, items=items, offset=offset))
        offset = _aligned(offset + items * np.dtype(dtype).itemsize)
    return msgspec.structs.replace(header, arrays=tuple(entries))


def _digest(text: bytes, arrays: Arrays) -> bytes:
    digest = hashlib.sha256(text)
    for name, (dtype, _) in ARRAYS.items():
        digest.update(np.ascontiguousarray(arrays[name], dtype=dtype).data)
    return digest.digest()
