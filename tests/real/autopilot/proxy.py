"""MAVProxy at a pseudo-terminal: it reads commands from nothing else."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "mavproxy.py"
MODULES = "mode,arm,param,wp,cmdlong,misc"  # what a console without windows needs


class Console:
    """What it says and what it is told."""

    def __init__(self, end: int) -> None:
        self._end = end
        self._heard = ""
        self.said = ""

    def tell(self, line: str) -> None:
        """Type a line."""
        os.write(self._end, line.encode() + b"\n")

    def wait(self, text: str, within_s: float) -> None:
        """Read on until it has said this; raises AssertionError if it does not."""
        until_s = time.monotonic() + within_s
        while text not in self._heard:
            left_s = until_s - time.monotonic()
            assert left_s > 0, f"no {text!r} within {within_s} s after:\n{self.said[-2000:]}"
            if select.select([self._end], [], [], left_s)[0]:
                new = os.read(self._end, 4096).decode(errors="replace")
                self._heard += new
                self.said += new
        self._heard = self._heard.partition(text)[2]


@contextmanager
def mavproxy(master: str, folder: Path) -> Iterator[Console]:
    """Run it as long as the block lasts; it leaves nothing behind but in the folder."""
    end, terminal = pty.openpty()
    process = subprocess.Popen(
        [
            sys.executable, PROGRAM, f"--master={master}", "--no-state",
            f"--default-modules={MODULES}",
        ],
        cwd=folder,
        env=os.environ | {"TERM": "dumb", "HOME": str(folder)},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield Console(end)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
        os.close(end)
