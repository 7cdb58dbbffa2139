"""Memory that runs out: a control group in which the kernel must kill the daemon."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real.kills.processes.forge import Life

HIERARCHIES = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
LIMITS = ("memory.limit_in_bytes", "memory.max")
"""Of the first and the second version of control groups, in this order."""
CAP_B = 96 * 1024 * 1024
DIES_WITHIN_S = 20.0
LOOKS_EVERY_S = 0.01

EATER = """
import sys
sys.stdin.readline()
eaten = []
while True:
    eaten.append(bytearray(b"x" * (1 << 20)))
"""


@contextmanager
def capped_group(name: str) -> Iterator[Path | None]:
    """Make a control group with that much memory; None if there can be none here."""
    for hierarchy, limit in zip(HIERARCHIES, LIMITS, strict=True):
        group = hierarchy / name
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            if (group / limit).exists():
                (group / limit).write_text(str(CAP_B))
                yield group
                return
        finally:
            with contextlib.suppress(OSError):
                group.rmdir()
    yield None


class OutOfMemory:
    """Ends a life by giving something else in its group all the memory there is."""

    def __init__(self, group: Path) -> None:
        self._group = group
        self.killed = 0
        """How many lives the kernel ended; the others had come to nothing before."""

    async def end(self, life: Life) -> None:
        """Let the kernel kill it. Raises DiedError if it was dead already."""
        self._join(life.pid)
        _offer_to_the_kernel(life.pid)
        eater = await asyncio.create_subprocess_exec(
            sys.executable, "-c", EATER, stdin=asyncio.subprocess.PIPE
        )
        assert eater.stdin is not None, "started with a pipe"
        try:
            self._join(eater.pid)
            eater.stdin.write(b"\n")
            loop = asyncio.get_running_loop()
            until_s = loop.time() + DIES_WITHIN_S
            while not life.is_dead and loop.time() < until_s:  # noqa: ASYNC110 -- no event
                await asyncio.sleep(LOOKS_EVERY_S)
            self.killed += life.is_dead
        finally:
            with contextlib.suppress(ProcessLookupError):
                eater.kill()
            await eater.wait()
        await life.kill()  # nobody has waited for it yet: it says what it died of

    def _join(self, pid: int) -> None:
        (self._group / "cgroup.procs").write_text(str(pid))


def _offer_to_the_kernel(pid: int) -> None:
    """Have it chosen before anything else in its group."""
    Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
