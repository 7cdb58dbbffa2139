"""SQLite's C structures, as far as a file system under it needs them (sqlite3.h)."""

import _sqlite3
import ctypes
from typing import Final

from edge.errors import ConfigError

File = ctypes.c_void_p
CLOSE = ctypes.CFUNCTYPE(ctypes.c_int, File)
WRITE = ctypes.CFUNCTYPE(ctypes.c_int, File, ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong)
TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, File, ctypes.c_longlong)
SYNC = ctypes.CFUNCTYPE(ctypes.c_int, File, ctypes.c_int)
# The name stays SQLite's own memory: the file keeps pointing to it.
OPEN = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,
    File,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_int),
)
DELETE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
OTHER = ctypes.c_void_p

OK: Final = 0
FULL: Final = 13
IOERR_WRITE: Final = 778
IOERR_FSYNC: Final = 1034


class Methods(ctypes.Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("close", CLOSE),
        ("read", OTHER),
        ("write", WRITE),
        ("truncate", TRUNCATE),
        ("sync", SYNC),
        *(
            (name, OTHER)
            for name in (
                "file_size",
                "lock",
                "unlock",
                "check_reserved_lock",
                "file_control",
                "sector_size",
                "device_characteristics",
                "shm_map",
                "shm_lock",
                "shm_barrier",
                "shm_unmap",
                "fetch",
                "unfetch",
            )
        ),
    )


class Vfs(ctypes.Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("most_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("app_data", ctypes.c_void_p),
        ("open", OPEN),
        ("delete", DELETE),
        *(
            (name, OTHER)
            for name in (
                "access",
                "full_path",
                "dl_open",
                "dl_error",
                "dl_sym",
                "dl_close",
                "randomness",
                "sleep",
                "current_time",
                "last_error",
                "current_time_64",
                "set_system_call",
                "get_system_call",
                "next_system_call",
            )
        ),
    )


def library() -> ctypes.CDLL:
    """Return the very SQLite that Python's sqlite3 works with.

    Raises ConfigError where it is out of reach: a Python that carries its own, hidden.
    """
    for path in (getattr(_sqlite3, "__file__", None), None):
        found = ctypes.CDLL(path)
        if hasattr(found, "sqlite3_vfs_register"):
            found.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
            found.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
            found.sqlite3_vfs_register.restype = ctypes.c_int
            found.sqlite3_vfs_register.argtypes = [ctypes.POINTER(Vfs), ctypes.c_int]
            return found
    raise ConfigError(
        "faults of disks need a Python whose sqlite3 uses a shared SQLite, as Debian's does"
    )
