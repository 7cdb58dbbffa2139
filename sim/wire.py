"""A serial cable from a simulated device: it delays, splits, loses and damages bytes.

What can be wrong with the other wire, the radio network, is said here too (`sim.broker`).
"""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.errors import LinkError

Fraction = Annotated[float, Meta(ge=0, le=1)]
MOST_WAITING_B = 65_536  # what a kernel's serial buffer would still hold; older bytes are lost


class WireFaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How bad the cable is."""

    delay_s: Annotated[float, Meta(ge=0, le=60)] = 0.02
    split_frac: Fraction = 0.0
    """Chance that a write arrives in two pieces."""
    loss_frac: Fraction = 0.0
    """Chance per byte that a run of up to 40 bytes begins to be lost."""
    damage_frac: Fraction = 0.0
    """Chance per byte of one flipped bit."""


class NetworkFaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How bad the radio network between a client and the broker is."""

    delay_s: Annotated[float, Meta(ge=0, le=60)] = 0.08
    jitter_s: Annotated[float, Meta(ge=0, le=60)] = 0.0
    lost_frac: Fraction = 0.0
    """Of QoS 0 messages."""
    twice_frac: Fraction = 0.0
    """Of QoS 1 deliveries that come a second time, later."""
    breaks_per_h: Annotated[float, Meta(ge=0, le=3600)] = 0.0
    """Connections torn down without warning."""
    notices_s: Annotated[float, Meta(ge=0, le=600)] = 12.0
    """How long a dead connection looks alive to its client."""


class Wire:
    """One direction of a cable; bytes stay in order."""

    def __init__(self, rng: Random, faults: WireFaults) -> None:
        self._rng = rng
        self._faults = faults
        self._arrived: deque[bytes] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._last_s = 0.0
        self._until_damage = self._gap(faults.damage_frac)
        self._until_loss = self._gap(faults.loss_frac)
        self.cut = False

    def send(self, data: bytes) -> None:
        """Put bytes on the wire; they arrive later, or not, or not as they were."""
        data = self._spoilt(data)
        if not data:
            return
        loop = asyncio.get_running_loop()
        at_s = max(loop.time() + self._faults.delay_s, self._last_s)
        if len(data) > 1 and self._rng.random() < self._faults.split_frac:
            cut = self._rng.randrange(1, len(data))
            loop.call_at(at_s, self._arrive, data[:cut])
            at_s += 0.01
            data = data[cut:]
        loop.call_at(at_s, self._arrive, data)
        self._last_s = at_s

    async def receive(self) -> bytes:
        """Return what arrived next, at least one byte; b"" once the wire is cut."""
        while not self._arrived:
            if self.cut:
                return b""
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        return self._arrived.popleft()

    def end(self) -> None:
        """Cut the wire: what is still on it is lost."""
        self.cut = True
        self._arrived.clear()
        self._wake()

    def _arrive(self, data: bytes) -> None:
        if self.cut:
            return
        self._arrived.append(data)
        while sum(map(len, self._arrived)) > MOST_WAITING_B:
            self._arrived.popleft()
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _gap(self, chance_frac: float) -> int:
        """Return how many bytes pass until the next fault of this chance."""
        if chance_frac <= 0:
            return 1 << 62
        if chance_frac >= 1:
            return 0
        return int(math.log(1.0 - self._rng.random()) / math.log1p(-chance_frac))

    def _spoilt(self, data: bytes) -> bytes:
        size = len(data)
        if self._until_damage >= size and self._until_loss >= size:
            self._until_damage -= size
            self._until_loss -= size
            return data
        spoilt = bytearray(data)
        at = self._until_damage
        while at < size:
            spoilt[at] ^= 1 << self._rng.randrange(8)
            at += 1 + self._gap(self._faults.damage_frac)
        self._until_damage = at - size
        gone: list[tuple[int, int]] = []
        at = self._until_loss
        while at < size:
            run = self._rng.randint(1, 40)
            gone.append((at, at + run))
            at += run + self._gap(self._faults.loss_frac)
        self._until_loss = at - size
        for first, end in reversed(gone):
            del spoilt[first:end]
        return bytes(spoilt)


class Cable:
    """A cable with a device at its far end; the near end is opened by the daemon."""

    def __init__(self, rng: Random, faults: WireFaults) -> None:
        self._rng = rng
        self._faults = faults
        self._plugged = True
        self._up: Wire | None = None
        self._down: Wire | None = None
        self._opened = asyncio.Event()
        self.swapped = False
        """Something else than the device is at the far end."""
        self.more_damage_frac = 0.0
        """Chance per byte of one flipped bit, beyond the cable's own."""

    def send(self, data: bytes) -> None:
        """Send from the device; falls on the floor while nobody has the port open."""
        if not self.swapped:
            self.inject(data)

    def inject(self, data: bytes) -> None:
        """Send from whatever is at the far end."""
        if self._up is None or not self._plugged:
            return
        if self.more_damage_frac:
            data = damaged(data, self._rng, self.more_damage_frac)
        self._up.send(data)

    async def receive(self) -> bytes:
        """Return what the daemon sent next, also after the port was closed and opened again."""
        while True:
            await self._opened.wait()
            assert self._down is not None, "an open port has a wire each way"
            if data := await self._down.receive():
                return data

    def unplug(self) -> None:
        """Pull the plug: an open port ends, and none can be opened."""
        self._plugged = False
        self._opened.clear()
        for wire in (self._up, self._down):
            if wire is not None:
                wire.end()

    def plug(self) -> None:
        """Put the plug back in."""
        self._plugged = True

    @asynccontextmanager
    async def open(self) -> AsyncIterator["NearEnd"]:
        """Open the daemon's end. Raises LinkError while unplugged or open already."""
        if not self._plugged:
            raise LinkError("no such device")
        if self._up is not None:
            raise LinkError("the port is in use")
        self._up = Wire(self._rng, self._faults)
        self._down = Wire(self._rng, self._faults)
        self._opened.set()
        try:
            yield NearEnd(self._up, self._down)
        finally:
            self._opened.clear()
            self._up.end()
            self._down.end()
            self._up = self._down = None


class NearEnd:
    """The daemon's end of a cable."""

    def __init__(self, up: Wire, down: Wire) -> None:
        self._up = up
        self._down = down

    async def read(self) -> bytes:
        """Return at least one byte, or b"" once the link is gone."""
        return await self._up.receive()

    async def write(self, data: bytes) -> None:
        """Write all bytes. Raises LinkError when the link is gone."""
        if self._down.cut:
            raise LinkError("the cable is unplugged")
        self._down.send(data)


def damaged(data: bytes, rng: Random, frac: float) -> bytes:
    """Return bytes of which so large a part has one bit flipped."""
    return bytes(
        byte ^ (1 << rng.randrange(8)) if rng.random() < frac else byte for byte in data
    )


class Ports:
    """The serial ports of one board: its OpenLink is `open_link`."""

    def __init__(self) -> None:
        self._cables: dict[str, Cable] = {}

    def attach(self, path: str, cable: Cable) -> None:
        """Let `serial:PATH:BAUD` open this cable."""
        self._cables[path] = cable

    @asynccontextmanager
    async def open_link(self, address: str) -> AsyncIterator[NearEnd]:
        """Open a simulated address. Raises LinkError."""
        kind, _, rest = address.partition(":")
        path = rest.rpartition(":")[0]
        cable = self._cables.get(path)
        if kind != "serial" or cable is None:
            raise LinkError(f"{address}: no such port")
        async with cable.open() as end:
            yield end
