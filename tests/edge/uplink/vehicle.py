"""A vehicle's stores and uplink, as the daemon puts them together."""

import asyncio
from random import Random

from edge.errors import StoreError
from edge.handover.proof import SigningKey
from edge.messages.state import Live, Status
from edge.store.facts import FactStore
from edge.store.proofs import ProofStore
from edge.store.track import TrackStore
from edge.streams import Latest
from edge.uplink.uplink import Uplink
from tests.edge.uplink.peers import STATION_KEY, clock

KEY = SigningKey.from_seed(bytes(range(32)))


class Vehicle:
    """Carries orders out by noting them; `broken_disk` makes that fail."""

    def __init__(self, folder, connect, *, name="van-1", source="ntp"):
        self.folder = folder
        self.connect = connect
        self.name = name
        self.source = source
        self.obeyed = []
        self.refused = []
        self.broken_disk = False
        self.live = Latest()
        self.status = Latest()

    async def open(self):
        """Open the stores; after a crash they hold what was durable."""
        self.clock = clock(self.source)
        epochs = iter(("e1", "e2")).__next__
        self.facts = await FactStore.open(
            self.folder,
            vehicle=self.name,
            org="acme",
            key=KEY,
            clock=self.clock,
            new_epoch=epochs,
        )
        self.track = await TrackStore.open(
            self.folder,
            vehicle=self.name,
            clock=self.clock,
            new_epoch=lambda: "t1",
            report=lambda fact: self.facts.commit([fact]),
        )
        self.proofs = await ProofStore.open(self.facts, self.folder, clock=self.clock)
        self.status.set(Status(vehicle=self.name, state="online", version="1.2"))
        self.uplink = Uplink(
            vehicle=self.name,
            org="acme",
            facts=self.facts,
            track=self.track,
            proofs=self.proofs,
            key=KEY,
            keys=[STATION_KEY.public],
            connect=self.connect,
            clock=self.clock,
            rng=Random(7),
            live=self.live,
            status=self.status,
            on_order=self.obey,
            on_refused=self.refuse,
        )
        return self

    async def close(self):
        await self.track.close()
        await self.facts.close()

    async def obey(self, command, sealed):
        if self.broken_disk:
            raise StoreError("facts.db: database or disk is full")
        await self.facts.commit([], received=(command.epoch, command.seq))
        self.obeyed.append(command.seq)

    async def refuse(self, fact, received):
        await self.facts.commit([fact], received=received)
        self.refused.append((fact, received))

    def show(self, stops_left):
        """Set what the live lane shows."""
        self.live.set(
            Live(
                vehicle=self.name,
                utc=self.clock.utc(),
                time_source="ntp",
                fix="none",
                stops_left=stops_left,
            )
        )


async def until(true, within_s=60.0):
    """Wait on the loop's clock for a condition."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 -- nothing tells
            await asyncio.sleep(0.1)
