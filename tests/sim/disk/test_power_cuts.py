"""Power cuts at every write of the shipped fact store: what was acknowledged is there after."""

import asyncio
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from edge.clock import LoopClock
from edge.errors import StoreError
from edge.handover.proof import FIRST_PREVHASH, SigningKey, fact_hash
from edge.messages.broker.wire import read_fact
from edge.messages.facts import EpochStarted, LoadingStarted
from edge.store.database import Database
from edge.store.facts import FactStore
from sim.disk.disk import SimDisk
from sim.disk.platter import Survival
from sim.virtual_time import VirtualTimeLoop

KEY = SigningKey.from_seed(bytes(32))
MOODS = (Survival(0.0, 0.0), Survival(0.0, 1.0), Survival(0.5, 0.5), Survival(1.0, 0.0))


class Bench:
    """A store on a disk that loses power again and again."""

    def __init__(self, folder, seed):
        self.rng = Random(seed)
        self.folder = folder
        self.life = 1
        (folder / "disk-1").mkdir(parents=True)
        self.disk = SimDisk(folder / "disk-1", Random(seed + 1))
        self.disk.watched = True
        self.promised = {}  # number of a fact that was acknowledged -> its bytes
        self.cuts = 0

    async def open(self):
        clock = LoopClock(
            asyncio.get_running_loop(), datetime(2026, 11, 23, tzinfo=UTC), "simulated"
        )
        return await FactStore.open(
            self.disk.folder,
            vehicle="van-1",
            org="o",
            key=KEY,
            clock=clock,
            new_epoch=lambda: f"{self.rng.getrandbits(64):016x}",
            disk=self.disk.for_stores(),
        )

    def cut(self):
        """Lose power now: the next life finds what survived."""
        self.life += 1
        self.cuts += 1
        before = self.disk.folder
        self.disk.go_on_in(self.folder / f"disk-{self.life}", self.rng.choice(MOODS))
        return before

    async def live(self):
        """Work until the power goes at some write; then check what the next life finds."""
        gone = []
        self.disk.at_write(self.rng.randint(1, 60), lambda: gone.append(self.cut()))
        store = None
        try:
            store = await self.open()
            while not gone:
                number = await store.commit(
                    [LoadingStarted()] * self.rng.randint(1, 4),
                    state={"progress": self.rng.randbytes(self.rng.randint(1, 9000))},
                )
                if gone:  # nobody heard this answer
                    break
                for seq, sealed in await store.read(number - 3 if number > 3 else 1, 4):
                    self.promised[seq] = sealed
                if self.rng.random() < 0.1:
                    await store.acknowledge(number)
                    await store.database.tidy()
        except StoreError:
            assert gone, "the store failed without a power cut"
        finally:
            if store is not None:
                await store.database.close()
        shutil.rmtree(gone[0])

    async def check(self):
        """Open once more: every promise is kept and the chain is whole."""
        store = await self.open()
        found = dict(await store.read(1, 100_000))
        await store.database.close()
        lost = {seq for seq, sealed in self.promised.items() if found.get(seq) != sealed}
        assert not lost, f"after {self.cuts} cuts"
        previous = FIRST_PREVHASH
        for seq in sorted(found):
            event = read_fact(found[seq])
            assert event.prevhash == previous
            assert not (isinstance(event.data, EpochStarted) and seq > 1)
            previous = fact_hash(found[seq])
        assert sorted(found) == list(range(1, len(found) + 1))


def campaign(seed, cuts):
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:

        async def run():
            bench = Bench(Path(name), seed)
            while bench.cuts < cuts:
                await bench.live()
                if bench.cuts % 20 == 0:
                    await bench.check()
            await bench.check()
            return len(bench.promised)

        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(run())


def test_100_power_cuts_at_any_write_lose_nothing_that_was_acknowledged():
    assert campaign(1, 100) > 100


def test_the_disk_has_teeth_a_store_that_does_not_sync_loses_facts(monkeypatch):
    shipped = Database.open

    async def careless(path, schema, **options):
        return await shipped(path, schema, synchronous="OFF", **options)

    monkeypatch.setattr(Database, "open", careless)
    with pytest.raises((AssertionError, StoreError)):
        campaign(1, 60)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(2, 12))
def test_5000_power_cuts_at_any_write_lose_nothing_that_was_acknowledged(seed):
    assert campaign(seed, 500) > 500
