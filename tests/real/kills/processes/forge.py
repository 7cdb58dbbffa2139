"""A fork server: starts a program's lives in milliseconds and ends them with kill -9.

A process that has imported the program and runs a single thread forks a child for each life.
Such a child is a process like any other: what SIGKILL takes from it is what it takes from one
that was started by hand, only the imports need not be paid for ten thousand times.
"""

import asyncio
import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[4]
PR_SET_PDEATHSIG = 1  # linux/prctl.h
STARTS_WITHIN_S = 60.0
ENDS_WITHIN_S = 30.0


class DiedError(AssertionError):
    """A program ended by itself; says with what and its last words."""


class Life:
    """One process of the program; ended by us, and by nothing else."""

    def __init__(
        self, program: "Program", pid: int, started_s: float, fresh: Process | None
    ) -> None:
        self.pid = pid
        self.started_s = started_s
        """`time.monotonic` just before it was asked for."""
        self.fresh = fresh is not None
        """A process of its own from the first instruction, not a fork."""
        self._program = program
        self._process = fresh

    @property
    def is_dead(self) -> bool:
        """It has ended, waited for or not."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except FileNotFoundError:
            return True
        return stat.rpartition(")")[2].split()[0] in ("Z", "X")

    async def kill_or_bury(self) -> None:
        """End it as a power cut would; it may be dead already."""
        await self._end(signal.SIGKILL)

    async def kill(self) -> None:
        """End it as a power cut would. Raises DiedError if it was dead already."""
        status = await self._end(signal.SIGKILL)
        if status != -signal.SIGKILL:
            raise DiedError(
                f"it ended with {status} before its kill\n{self._program.last_words}"
            )

    async def stop(self) -> None:
        """End it in an orderly way. Raises DiedError if it does not end so."""
        status = await self._end(signal.SIGTERM)
        if status != 0:
            raise DiedError(f"stopped, it ended with {status}\n{self._program.last_words}")

    async def _end(self, number: signal.Signals) -> int:
        async with asyncio.timeout(ENDS_WITHIN_S):
            if self._process is None:
                os.kill(self.pid, number)  # ours until it is waited for, even if it is dead
                return await self._program.forge.ask("wait", pid=self.pid)
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
            return await self._process.wait()


class Program:
    """One vehicle's or station's program: these arguments, this log, many lives."""

    def __init__(self, forge: "Forge", arguments: Sequence[str], log: Path) -> None:
        self.forge = forge
        self._arguments = [*arguments]
        self._log = log

    @property
    def last_words(self) -> str:
        """The end of what its lives have logged."""
        return self._log.read_text(errors="replace")[-4000:] if self._log.exists() else ""

    async def start(self, *, fresh: bool = False) -> Life:
        """Begin a life: a fork, or a fresh process as systemd would start it."""
        started_s = time.monotonic()
        if fresh:
            process = await self.forge.start_fresh(self._arguments, self._log)
            return Life(self, process.pid, started_s, process)
        pid = await self.forge.ask("start", argv=self._arguments, log=str(self._log))
        return Life(self, pid, started_s, None)


class Forge:
    """Starts lives of one module; closing it ends whatever still lives."""

    def __init__(
        self, module: str, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """`environment` is added to ours."""
        self._module = module
        # BLAS would start threads at import, and a process with threads must not fork.
        self._environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **(environment or {})}
        self._log = log
        self._server: Process | None = None
        self._fresh: list[Process] = []
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> "Forge":
        with self._log.open("ab") as log:
            self._server = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", __name__, self._module),
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                cwd=ROOT,
                env=self._environment,
                start_new_session=True,  # one group: itself and every life
            )
        try:
            async with asyncio.timeout(STARTS_WITHIN_S):
                await self.ask("ready")
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None, "closed before it was opened"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._server.pid, signal.SIGKILL)
        for process in self._fresh:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in (self._server, *self._fresh):
            await process.wait()

    async def start_fresh(self, arguments: Sequence[str], log_file: Path) -> Process:
        """Start a process from nothing."""
        with log_file.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self._module.removesuffix(".__main__")),
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=self._environment,
                start_new_session=True,
            )
        self._fresh = [one for one in self._fresh if one.returncode is None] + [process]
        return process

    async def ask(self, what: str, **more: object) -> int:
        """Have the server do something; return its number for an answer."""
        assert self._server is not None, "asked before it was opened"
        assert self._server.stdin is not None, "started with a pipe"
        assert self._server.stdout is not None, "started with a pipe"
        async with self._turn:
            self._server.stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")
            line = await self._server.stdout.readline()
        if not line:
            last_words = self._log.read_text(errors="replace")[-4000:]
            raise DiedError(f"the fork server of {self._module} is gone\n{last_words}")
        return int(line)


def _serve(module: str) -> None:
    """Fork lives and wait for their ends as asked on stdin, until it is closed."""
    program = importlib.import_module(module)
    threads = len(os.listdir("/proc/self/task"))
    assert threads == 1, f"importing {module} started {threads - 1} threads"
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        answer = 0
        if asked["do"] == "start":
            answer = os.fork()
            if answer == 0:
                _live(program.main, asked["argv"], asked["log"])
        elif asked["do"] == "wait":
            answer = os.waitstatus_to_exitcode(os.waitpid(asked["pid"], 0)[1])
        print(answer, flush=True)


def _live(main: object, argv: list[str], log: str) -> None:
    """Be a life of the program; never returns."""
    assert callable(main), "a program has a main()"
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor, target in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(descriptor, target)
    sys.argv = [log, *argv]
    status = 1
    try:
        main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve(sys.argv[1])
