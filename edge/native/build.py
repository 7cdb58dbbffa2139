"""Compile the C files of this folder and those below into the one shared library here.

The wheel build calls this (hatch_build.py), and so does a developer who changed a C file:
`python -m edge.native.build`. It runs before anything is installed, so it may import nothing
but the standard library.
"""

import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

LIBRARY_NAME = "libdoorstep.so"
FLAGS = (
    "-std=c99",
    "-O2",
    "-ffp-contract=off",  # no fused multiply-add: the same figures on every machine
    "-fPIC",
    "-shared",
    "-Wall",
    "-Wextra",
)
ZIG_REQUIREMENT = "ziglang>=0.13,<0.18"  # a C compiler from PyPI, for machines without one
GLIBC_FLOOR = "2.28"  # what a zig-built library asks of the host; Debian 12 has 2.36


class BuildError(Exception):
    """The library cannot be compiled; the message says what is missing or wrong."""


def source_files(folder: Path) -> list[Path]:
    """Return the C files of a folder and those below, in the order they are compiled."""
    return sorted(folder.rglob("*.c"))


def source_digest(folder: Path) -> str:
    """Return a short hash of the C files and headers, which the library carries inside."""
    digest = hashlib.sha256()
    for path in (*source_files(folder), *sorted(folder.rglob("*.h"))):
        digest.update(
            path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        )
    return digest.hexdigest()[:16]


def system_compiler(environment: Mapping[str, str]) -> list[str] | None:
    """Return $CC or the first of cc, gcc, clang on PATH, as a command; None if there is none.

    Raises BuildError if $CC names a program that does not exist.
    """
    search_path = environment.get("PATH")
    if chosen := shlex.split(environment.get("CC", "")):
        if shutil.which(chosen[0], path=search_path) is None:
            raise BuildError(f"CC={environment['CC']!r}: there is no program {chosen[0]!r}")
        return chosen
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name, path=search_path):
            return [found]
    return None


def zig_compiler() -> list[str]:
    """Return PyPI's zig as a C compiler command. Raises BuildError if it is absent."""
    if importlib.util.find_spec("ziglang") is None:
        raise BuildError(
            "no C compiler: neither $CC, cc, gcc nor clang; install one,"
            f" or `pip install '{ZIG_REQUIREMENT}'`"
        )
    command = [sys.executable, "-m", "ziglang", "cc"]
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(
        platform.machine(), platform.machine()
    )
    if sys.platform == "linux" and machine in ("x86_64", "aarch64"):
        # Naming the target keeps zig from tuning for this one processor and this one glibc.
        glibc = platform.libc_ver()[0] == "glibc"
        command += ["-target", f"{machine}-linux-{'gnu.' + GLIBC_FLOOR if glibc else 'musl'}"]
    return command


def compile_library(folder: Path, environment: Mapping[str, str]) -> Path:
    """Compile every C file of a folder; return the library, swapped in by one rename.

    Raises BuildError with the compiler's own words if it fails; the old library then stays.
    """
    library = folder / LIBRARY_NAME
    digest = source_digest(folder)
    compiler = system_compiler(environment) or zig_compiler()
    with tempfile.TemporaryDirectory(prefix="doorstep-build-") as scratch:
        fresh = Path(scratch, LIBRARY_NAME)
        command = [
            *compiler,
            *FLAGS,
            f'-DDOORSTEP_SOURCE_DIGEST="{digest}"',
            *(str(path) for path in source_files(folder)),
            *("-o", str(fresh), "-lm"),
        ]
        caches = {"ZIG_GLOBAL_CACHE_DIR": scratch, "ZIG_LOCAL_CACHE_DIR": scratch}
        result = subprocess.run(  # noqa: S603  # the command is ours or the builder's own $CC
            command, env={**environment, **caches}, capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise BuildError(f"{shlex.join(command)}\n{result.stdout}{result.stderr}")
        beside = folder / f".{LIBRARY_NAME}.{os.getpid()}"  # a rename needs the same disk
        shutil.copy(fresh, beside)
        beside.replace(library)
    sys.stderr.write(result.stderr)
    return library


def main() -> int:
    """Rebuild the library in place and say where it lies."""
    try:
        library = compile_library(Path(__file__).parent, os.environ)
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"built {library}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
