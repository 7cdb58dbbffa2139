"""A file system of one file, spoken to the kernel without a library.

A loop device on that file is a disk of which we see each write and each flush. The protocol is
that of include/uapi/linux/fuse.h.
"""

import ctypes
import errno
import os
import stat
import struct
from pathlib import Path
from typing import Protocol

NO_ANSWER = (2, 42)  # FORGET, BATCH_FORGET
NOTHING_TO_SAY = (18, 25, 29)  # RELEASE, FLUSH, RELEASEDIR

ROOT, DISK = 1, 2
NAME = "disk"
REQUEST = struct.Struct("<IIQQIIII")
ANSWER = struct.Struct("<IiQ")
INIT_IN = struct.Struct("<IIII")
INIT_OUT = struct.Struct("<IIIIHHIIHHI28x")
ATTR = struct.Struct("<QQQQQQIIIIIIIIII")
MOVE_IN = struct.Struct("<QQI")
WRITE_IN_B = 40
MINOR = 31
BIG_WRITES = 1 << 5
MAX_WRITE_B = 128 * 1024
FOREVER_S = 3600


class Disk(Protocol):
    """What answers; raises OSError."""

    size_b: int

    def read(self, at: int, size_b: int) -> bytes: ...

    def write(self, at: int, content: bytes) -> None: ...

    def flush(self) -> None: ...


def mount(folder: Path) -> int:
    """Mount there; return the descriptor to serve. Raises OSError."""
    device = os.open("/dev/fuse", os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
    done = libc.mount(
        b"doorstep-disk", bytes(folder), b"fuse.doorstep", 0, ctypes.c_char_p(options.encode())
    )
    if done != 0:
        number = ctypes.get_errno()
        os.close(device)
        raise OSError(number, os.strerror(number), str(folder))
    return device


def answer(device: int, disk: Disk) -> bool:
    """Read one request and answer it; False when the file system is gone."""
    try:
        request = os.read(device, MAX_WRITE_B + 4096)
    except OSError as error:
        if error.errno == errno.ENODEV:
            return False
        if error.errno in (errno.ENOENT, errno.EINTR, errno.EAGAIN):
            return True  # it was taken back
        raise
    _, opcode, unique, node, *_ = REQUEST.unpack_from(request)
    if opcode in NO_ANSWER:
        return True
    try:
        said, number = _answered(disk, opcode, node, request[REQUEST.size :]), 0
    except OSError as error:
        said, number = b"", -(error.errno or errno.EIO)
    try:
        os.write(device, ANSWER.pack(ANSWER.size + len(said), number, unique) + said)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise
    return True


def _answered(disk: Disk, opcode: int, node: int, asked: bytes) -> bytes:
    match opcode:
        case 26:  # INIT
            _, minor, readahead_b, flags = INIT_IN.unpack_from(asked)
            given = (7, min(minor, MINOR), readahead_b, flags & BIG_WRITES, 0, 0)
            return INIT_OUT.pack(*given, MAX_WRITE_B, 1, 0, 0, 0)
        case 1:  # LOOKUP
            if asked.rstrip(b"\0") != NAME.encode():
                raise OSError(errno.ENOENT, "no such file")
            life = struct.pack("<QQQQII", DISK, 0, FOREVER_S, FOREVER_S, 0, 0)
            return life + _attributes(disk, DISK)
        case 3 | 4:  # GETATTR, SETATTR
            return struct.pack("<QII", FOREVER_S, 0, 0) + _attributes(disk, node)
        case 14 | 27:  # OPEN, OPENDIR
            return struct.pack("<QII", node, 0, 0)
        case 15:  # READ
            _, at, size_b = MOVE_IN.unpack_from(asked)
            return disk.read(at, size_b)
        case 16:  # WRITE
            _, at, size_b = MOVE_IN.unpack_from(asked)
            disk.write(at, asked[WRITE_IN_B : WRITE_IN_B + size_b])
            return struct.pack("<II", size_b, 0)
        case 20:  # FSYNC
            disk.flush()
            return b""
    if opcode in NOTHING_TO_SAY:
        return b""
    raise OSError(errno.ENOSYS, "not spoken here")


def _attributes(disk: Disk, node: int) -> bytes:
    size_b = disk.size_b if node == DISK else 0
    mode = stat.S_IFREG | 0o600 if node == DISK else stat.S_IFDIR | 0o700
    times = (0,) * 6
    return ATTR.pack(node, size_b, size_b // 512, *times, mode, 1, 0, 0, 0, 4096, 0)
