"""A receiver on a pseudo-terminal: plays a recording, can be unplugged and replugged."""

import asyncio
import os
import pty
import tty
from pathlib import Path


def epochs_of(lines, begins=b"RMC"):
    """Cut a log into what a receiver says at once: each part begins with that sentence."""
    epochs = []
    for line in lines:
        if line[3:6] == begins or not epochs:
            epochs.append(b"")
        epochs[-1] += line.rstrip(b"\r\n") + b"\r\n"
    return epochs


class PtyFeeder:
    """Says one epoch each `interval_s`; its near end stands under a stable path, like udev's.

    Time goes on while it is unplugged or mute: what it would have said then is never said.
    gpsd gives up root before it opens a device again, so the terminal and the folder of
    `path` must be open to everyone.
    """

    def __init__(self, path: Path, epochs: list[bytes], interval_s: float = 1.0) -> None:
        self.path = path
        self.epochs = epochs
        self.interval_s = interval_s
        self.mute = False
        self.said = 0
        """How many epochs are past, said or not."""
        self.started_s = 0.0
        """When the first epoch was due, by the loop's clock."""
        self._ends: tuple[int, int] | None = None

    def plug(self) -> None:
        """Make a new terminal and let the stable path lead to it."""
        far, near = pty.openpty()
        tty.setraw(near)
        os.set_blocking(far, False)
        name = os.ttyname(near)
        os.chmod(name, 0o666)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(name)
        self._ends = (far, near)

    def unplug(self) -> None:
        """Take the terminal away, and the path with it."""
        ends, self._ends = self._ends, None
        self.path.unlink(missing_ok=True)
        for end in ends or ():
            os.close(end)

    async def run(self) -> None:
        """Speak until cancelled or the recording is over."""
        loop = asyncio.get_running_loop()
        self.started_s = loop.time()
        for number, epoch in enumerate(self.epochs):
            await asyncio.sleep(self.started_s + number * self.interval_s - loop.time())
            self.said = number + 1
            if self._ends is not None and not self.mute:
                self._say(self._ends[0], epoch)

    def _say(self, far: int, data: bytes) -> None:
        """Write what fits; a receiver waits for nobody."""
        try:
            os.write(far, data)
        except BlockingIOError:
            return
