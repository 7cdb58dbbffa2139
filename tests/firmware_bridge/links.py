"""Wires in memory for the tests: each connection is a script."""

import asyncio
from contextlib import asynccontextmanager

from edge.errors import LinkError


class Wire:
    """The near end of a wire; the test speaks for the far end."""

    def __init__(self):
        self.pieces = asyncio.Queue()
        self.written = []

    def say(self, data):
        self.pieces.put_nowait(data)

    def cut(self):
        self.pieces.put_nowait(b"")

    async def read(self):
        return await self.pieces.get()

    async def write(self, data):
        self.written.append(data)


class Plug:
    """An OpenLink whose wire can be pulled out and put back."""

    def __init__(self):
        self.wire = None
        self.present = True
        self.opened = []

    @asynccontextmanager
    async def open_link(self, address):
        self.opened.append((asyncio.get_running_loop().time(), address))
        if not self.present:
            raise LinkError(f"cannot open {address}")
        self.wire = Wire()
        try:
            yield self.wire
        finally:
            self.wire = None

    def say(self, data):
        if self.wire is not None:
            self.wire.say(data)

    def pull(self):
        self.present = False
        if self.wire is not None:
            self.wire.cut()

    def put_back(self):
        self.present = True
