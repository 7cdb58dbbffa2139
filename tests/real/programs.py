"""The installed programs, run as processes of their own."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

PROGRAMS = Path(sys.executable).parent
ENDS_WITHIN_S = 20.0


@asynccontextmanager
async def running(program: str, *arguments: str, log: Path) -> AsyncIterator[Process]:
    """Have a program run; it must end in order when it is told to."""
    with log.open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            PROGRAMS / program, *arguments, stdout=written, stderr=written
        )
    try:
        yield process
        assert process.returncode is None, f"{program} ended by itself\n{end_of(log)}"
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(ENDS_WITHIN_S):
            status = await process.wait()
        assert status == 0, f"stopped, {program} ended with {status}\n{end_of(log)}"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def end_of(log: Path) -> str:
    """Return what a program said last."""
    return log.read_text(errors="replace")[-4000:]
