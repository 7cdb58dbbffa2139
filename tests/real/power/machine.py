"""A machine whose disk is an ext4 on a loop device over a disk that can lose its power."""

import asyncio
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from random import Random

from tests.real.kills.processes.forge import ROOT, Life
from tests.real.power.fuse import NAME

SIZE_B = 96 << 20  # five hundred lives write some 30 MB
MADE_WITH = ("-q", "-F", "-b", "4096", "-m", "0", "-J", "size=4")
MOUNTED_WITH = "noatime,commit=5"


class Machine:
    """Its disk is mounted at `store` while it has power."""

    def __init__(self, folder: Path, store: Path, rng: Random) -> None:
        self._image = folder / "disk.img"
        self._raw = folder / "raw"
        self._store = store
        self._rng = rng
        self._server: Process | None = None
        self._loop_device = ""
        self.cuts = 0
        self.cuts_with_writes_waiting = 0
        self.writes_waiting = 0
        """How many writes were in the disk's cache when the power went, all together."""
        self.flushes = 0

    async def __aenter__(self) -> "Machine":
        self._raw.mkdir()
        self._store.mkdir(parents=True, exist_ok=True)
        with self._image.open("wb") as image:
            image.truncate(SIZE_B)
        await _run("mkfs.ext4", *MADE_WITH, str(self._image))
        await self._boot()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._loop_device:
            await self._let_go()

    async def end(self, life: Life) -> None:
        """Cut the power under the daemon, and give it back."""
        assert self._server is not None, "it has power"
        assert self._server.stdin is not None, "started with a pipe"
        assert self._server.stdout is not None, "started with a pipe"
        self._server.stdin.write(f"cut {self._rng.random()}\n".encode())
        waiting, flushes = map(int, (await self._server.stdout.readline()).split())
        await life.kill_or_bury()
        self.cuts += 1
        self.writes_waiting += waiting
        self.cuts_with_writes_waiting += waiting > 0
        self.flushes += flushes
        await self._let_go()
        await self._boot()

    async def _boot(self) -> None:
        """Let the disk serve what survived, and the kernel replay its journal."""
        self._server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.real.power.volatile_disk"),
            *(str(self._image), str(self._raw)),
            stdin=PIPE,
            stdout=PIPE,
            cwd=ROOT,
        )
        assert self._server.stdout is not None, "started with a pipe"
        said = await self._server.stdout.readline()
        assert said == b"mounted\n", "the disk did not start: its reason stands above"
        raw = str(self._raw / NAME)
        self._loop_device = (await _run("losetup", "--find", "--show", raw)).strip()
        await _run(
            "mount", "-t", "ext4", "-o", MOUNTED_WITH, self._loop_device, str(self._store)
        )

    async def _let_go(self) -> None:
        """Take the disk out; what the kernel still wants to write to it is lost."""
        assert self._server is not None, "it was served"
        await _run("umount", str(self._store))
        await _run("losetup", "--detach", self._loop_device)
        self._loop_device = ""
        await _run("umount", str(self._raw))
        await self._server.wait()


def why_not() -> str:
    """Say why no such machine can be made here; empty if it can."""
    if not Path("/dev/fuse").exists():
        return "the kernel has no FUSE"
    try:
        free = subprocess.run(
            ["losetup", "--find"], capture_output=True, text=True, check=False
        )
        made = subprocess.run(["mkfs.ext4", "-V"], capture_output=True, check=False)
    except FileNotFoundError as error:
        return f"{error.filename} is not installed"
    if free.returncode != 0:
        return f"no loop device: {free.stderr.strip()}"
    return "" if made.returncode == 0 else "mkfs.ext4 does not work"


async def _run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    out, error = await process.communicate()
    assert process.returncode == 0, f"{' '.join(command)}: {error.decode()}"
    return out.decode()
