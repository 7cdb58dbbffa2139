"""The port to a wire: serial line, socket or simulated cable."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class ByteLink(Protocol):
    """A duplex byte stream."""

    async def read(self) -> bytes:
        """Return at least one byte, or b"" once the link is gone."""
        ...

    async def write(self, data: bytes) -> None:
        """Write all bytes. Raises LinkError when the link is gone."""
        ...


OpenLink = Callable[[str], AbstractAsyncContextManager[ByteLink]]
"""Open an address as `firmware_bridge.links.open_link` knows them. Raises LinkError."""
