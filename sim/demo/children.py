"""The demo's vans as child processes: started, told the pace, heard, and always ended."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process

import msgspec

from sim.demo.paced import Pace
from sim.demo.van import Job, Sign

ENDS_WITHIN_S = 5.0  # then it is killed


class VanProcess:
    """One van, seen from the demo."""

    def __init__(self, name: str, process: Process) -> None:
        self.name = name
        self.sign = Sign(late_s=0.0, phase="dark", stops_left=0, settled=False)
        """Its last sign of life."""
        self.has_route = asyncio.Event()
        """Its daemon runs and has taken its route over."""
        self.settled = asyncio.Event()
        """Its day is closed and the station has everything."""
        self._process = process

    @classmethod
    async def start(cls, job: Job) -> "VanProcess":
        """Start a van; in a session of its own, so that Ctrl-C reaches only the demo."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sim.demo.van",
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,
        )
        van = cls(job.name, process)
        await van._tell(msgspec.json.encode(job))
        return van

    async def follow(self) -> None:
        """Hear its signs until it ends, which is an error here."""
        assert self._process.stdout is not None, "started with a pipe"
        while line := await self._process.stdout.readline():
            self.sign = msgspec.json.decode(line, type=Sign)
            if self.sign.phase not in ("dark", "idle"):
                self.has_route.set()
            if self.sign.settled:
                self.settled.set()
        code = await self._process.wait()
        raise RuntimeError(f"the process of {self.name} ended with {code}")

    async def pace(self, pace: Pace) -> None:
        """Tell it the pace."""
        await self._tell(msgspec.json.encode(pace))

    async def end(self) -> None:
        """End it: kindly by closing its input, then by force. Safe to call again.

        The loop must go at the speed of real time.
        """
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None, "started with a pipe"
        try:
            self._process.stdin.write(line + b"\n")
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise RuntimeError(f"the process of {self.name} is gone") from error
