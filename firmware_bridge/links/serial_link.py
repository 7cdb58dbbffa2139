"""A serial port in the event loop: pyserial opens it, the loop watches its descriptor."""

import asyncio
import os
import termios
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import serial

from edge.errors import LinkError
from firmware_bridge.port import ByteLink

PIECE_BYTES = 4096
BUFFER_BYTES = 65_536  # 5 s of 115200 Bd; past it the oldest go, old positions are of no use
WRITE_S = 5.0
CC = 6  # index of the control characters in what termios.tcgetattr returns


class SerialLink:
    """An open port; nothing here waits for the wire, not even a flush."""

    def __init__(self, path: str, fd: int) -> None:
        self._path = path
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._pieces: deque[bytes] = deque()
        self._held_bytes = 0
        self._gone = False
        self._ready = asyncio.Event()
        self.lost_bytes = 0
        """Bytes dropped because nobody read them in time."""
        self._loop.add_reader(fd, self._on_readable)

    async def read(self) -> bytes:
        """Return at least one byte, or b"" once the port is gone."""
        while not self._pieces and not self._gone:
            self._ready.clear()
            await self._ready.wait()
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._held_bytes = 0
        return data

    async def write(self, data: bytes) -> None:
        """Write all bytes. Raises LinkError when the port is gone or takes nothing."""
        try:
            async with asyncio.timeout(WRITE_S):
                while data:
                    data = data[await self._write_some(data) :]
        except (OSError, TimeoutError) as error:
            raise LinkError(f"{self._path} takes no bytes: {error or 'time is up'}") from error

    async def _write_some(self, data: bytes) -> int:
        if self._gone:
            raise LinkError(f"{self._path} is gone")
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            writable = asyncio.Event()
            self._loop.add_writer(self._fd, writable.set)
            try:
                await writable.wait()
            finally:
                self._loop.remove_writer(self._fd)
            return 0

    def _on_readable(self) -> None:
        try:
            data = os.read(self._fd, PIECE_BYTES)
        except BlockingIOError:
            return
        except OSError:  # EIO: unplugged
            data = b""
        if data:
            self._pieces.append(data)
            self._held_bytes += len(data)
            while self._held_bytes > BUFFER_BYTES:
                dropped = len(self._pieces.popleft())
                self._held_bytes -= dropped
                self.lost_bytes += dropped
        else:
            self._gone = True
            self._loop.remove_reader(self._fd)
        self._ready.set()

    def close(self) -> None:
        """Stop watching the descriptor."""
        self._gone = True
        self._loop.remove_reader(self._fd)
        self._ready.set()


@asynccontextmanager
async def open_serial(path: str, baud: int) -> AsyncIterator[ByteLink]:
    """Open a port for one reader; a stable path is followed to its device at each opening.

    Raises LinkError on entry if there is no such port, it is no terminal or another holds it.
    """
    try:
        port = serial.Serial(path, baud, timeout=0, exclusive=True)
    except OSError as error:  # pyserial's messages name the port twice
        why = os.strerror(error.errno) if error.errno else error
        raise LinkError(f"cannot open {path}: {why}") from error
    except (ValueError, termios.error) as error:
        raise LinkError(f"cannot open {path}: {error}") from error
    try:
        fd = port.fileno()
        _block_for_a_byte(path, fd)
        link = SerialLink(path, fd)
        try:
            yield link
        finally:
            link.close()
    finally:
        port.close()


def _block_for_a_byte(path: str, fd: int) -> None:
    """Let "no bytes yet" read as EAGAIN, so that an empty read can only mean unplugged.

    pyserial sets VMIN 0, where Linux answers both with an empty read (termios(3)).
    """
    try:
        settings = termios.tcgetattr(fd)
        settings[CC][termios.VMIN] = 1
        termios.tcsetattr(fd, termios.TCSANOW, settings)
    except termios.error as error:
        raise LinkError(f"cannot set up {path}: {error}") from error
