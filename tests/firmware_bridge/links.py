"""Wires in memory for the tests, and a configuration with a receiver on one."""

import asyncio
from contextlib import asynccontextmanager

import msgspec

from edge.config import Config
from edge.devices import Lent, new_orders
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


def lent():
    """Return a daemon's memory that begins empty."""
    kept = {}

    async def keep(name, blob):
        kept[name] = blob

    return Lent(recall=kept.get, keep=keep, orders=new_orders())


def config(gnss, **more):
    """Return the least configuration that has this receiver."""
    return msgspec.convert(
        {
            "vehicle": {"name": "van-1", "org": "north"},
            "keys": {"signing_key_file": "key", "station_keys": ["00" * 32]},
            "store": {"folder": "."},
            "broker": {"host": "127.0.0.1"},
            "gnss": msgspec.to_builtins(gnss),
            **more,
        },
        Config,
    )
