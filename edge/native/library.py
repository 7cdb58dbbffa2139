"""Load the compiled library once and bind its functions by name."""

import ctypes
import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.errors import DoorstepError
from edge.native.build import LIBRARY_NAME, source_digest

log = logging.getLogger(__name__)

CURE = "reinstall doorstep, or run `python -m edge.native.build` in a source tree"


class NativeLibraryError(DoorstepError):
    """The compiled library is missing or does not fit this Python side; names file and cure."""


def open_library(path: Path) -> ctypes.CDLL:
    """Open the library at a path. Raises NativeLibraryError if it is missing or damaged."""
    if not path.is_file():
        raise NativeLibraryError(f"{path} is missing: {CURE}")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise NativeLibraryError(f"{path} cannot be loaded ({error}): {CURE}") from error
    built_from = version_of(library)
    if built_from != source_digest(path.parent):
        log.warning(
            "native library was built from other sources",
            extra={"library": str(path), "built_from": built_from, "cure": CURE},
        )
    return library


def version_of(library: ctypes.CDLL) -> str:
    """Return the digest of the sources an open library was compiled from."""
    version = bind(library, "doorstep_native_version", ctypes.c_char_p)
    digest = version()
    assert isinstance(digest, bytes), "the version is a string constant"
    return digest.decode()


def bind(
    library: ctypes.CDLL, name: str, returns: type[Any] | None, *takes: type[Any]
) -> Callable[..., Any]:
    """Return a C function with its types declared. Raises NativeLibraryError if absent."""
    try:
        function = library[name]
    except AttributeError as error:
        path = library._name  # noqa: SLF001  # ctypes has no public word for it
        raise NativeLibraryError(f"{path} has no {name}: {CURE}") from error
    function.restype = returns
    function.argtypes = takes
    return function


@functools.cache
def native_library() -> ctypes.CDLL:
    """Return the library of this installation, opened at the first call."""
    return open_library(Path(__file__).with_name(LIBRARY_NAME))


def native_function(
    name: str, returns: type[Any] | None, *takes: type[Any]
) -> Callable[..., Any]:
    """Return one function of this installation's library, with its types declared."""
    return bind(native_library(), name, returns, *takes)


def doorstep_native_version() -> str:
    """Return the digest of the C sources that this installation's library was compiled from."""
    return version_of(native_library())
