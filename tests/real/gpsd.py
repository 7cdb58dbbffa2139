"""A real gpsd on a port of its own."""

import asyncio
import os
import shutil
import signal
import socket

import pytest


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def need_gpsd():
    if shutil.which("gpsd") is None or shutil.which("gpsdctl") is None:
        pytest.skip("gpsd is not installed: apt install gpsd")


class Gpsd:
    """gpsd reading one device; can be killed, started again, stopped and continued.

    Its control socket lies beside the device.
    """

    def __init__(self, device, port=None):
        self.device = device
        self.port = port or free_port()
        self.control = device.with_name("gpsd.sock")
        self._process = None

    async def start(self):
        self._process = await asyncio.create_subprocess_exec(
            "gpsd",
            *("-N", "-n", "-b", "-S", str(self.port), "-F", str(self.control)),
            str(self.device),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def tell(self, verb):
        """Add or remove the device, as Debian's udev rules do when it comes and goes.

        gpsd 3.22 cannot be relied on to find out by itself: it reads a device that has hung up
        only when something else wakes it, and then forgets one that it cannot open at once.
        """
        process = await asyncio.create_subprocess_exec(
            "gpsdctl",
            *(verb, str(self.device)),
            env={**os.environ, "GPSD_SOCKET": str(self.control)},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert await process.wait() == 0, f"gpsdctl {verb} failed"

    async def kill(self):
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def hang(self):
        self._process.send_signal(signal.SIGSTOP)

    def wake(self):
        self._process.send_signal(signal.SIGCONT)
