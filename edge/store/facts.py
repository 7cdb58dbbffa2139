"""facts.db: facts, mission progress and the command stream's position, each commit as one."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from edge.clock import Clock
from edge.errors import StoreError
from edge.handover.proof import FIRST_PREVHASH, SigningKey, fact_hash
from edge.messages.facts import EpochStarted, Fact, ItemQuarantined
from edge.store import rows
from edge.store.database import Database
from edge.store.disk import HOST, Disk
from edge.store.rows import Head, Memory
from edge.store.sealer import Sealer
from edge.streams import Latest

log = logging.getLogger(__name__)

FILE = "facts.db"
SEALED_ACKS = "sealed acks"
ACKED_UNWRITTEN = 256  # facts sent again for nothing after a crash, at most


@dataclass(slots=True)
class _Request:
    """One caller's commit, waiting for its turn."""

    facts: Sequence[Fact]
    state: Mapping[str, bytes | None]
    received: tuple[str, int] | None
    answer: tuple[str, bytes] | None
    envelope: Mapping[str, Any]
    done: "asyncio.Future[int]"


class FactStore:
    """The durable memory of the daemon; every fact is numbered, chained and signed here."""

    def __init__(self, database: Database, memory: Memory, sealer: Sealer) -> None:
        self.database = database
        self.epoch = memory.epoch
        self.boot = memory.boot
        """Counts the starts on this file, from 1."""
        self.acked = memory.acked
        """The ledger has committed every fact up to this one."""
        self.appended: Latest[int] = Latest()
        """Number of the last durable fact; wakes the uplink."""
        self._sealer = sealer
        self._memory = memory
        self._acked_on_disk = memory.acked
        self._waiting: list[_Request] = []
        self._writing = False

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        vehicle: str,
        org: str,
        key: SigningKey,
        clock: Clock,
        new_epoch: Callable[[], str],
        disk: Disk = HOST,
    ) -> "FactStore":
        """Open facts.db in `folder`, or begin a new epoch whose first fact says why.

        Raises StoreError, and ConfigError if the folder belongs to another vehicle.
        """
        database = await Database.open(folder / FILE, rows.SCHEMA, disk=disk)
        try:
            memory = await database.transact(lambda c: rows.load(c, vehicle, new_epoch))
            sealer = Sealer(
                vehicle=vehicle,
                org=org,
                epoch=memory.epoch,
                boot=memory.boot,
                key=key,
                clock=clock,
            )
            store = cls(database, memory, sealer)
            if memory.head.seq == 0:
                await store.commit([EpochStarted(reason=database.set_aside or "first start")])
            for _, sealed in await store.read(store.last_seq, 1):
                memory.head = Head(store.last_seq, fact_hash(sealed))
            if memory.spoiled:
                await store.commit(memory.spoiled)
        except BaseException:
            await database.close()
            raise
        store.appended.set(store.last_seq)
        return store

    @property
    def last_seq(self) -> int:
        """Number of the last durable fact."""
        return self._memory.head.seq

    @property
    def alarm(self) -> str:
        """What an operator must know now; empty when all is well."""
        return self.database.alarm

    def state(self, name: str) -> bytes | None:
        """Return a state blob as of the last commit."""
        return self._memory.state.get(name)

    def answer(self, action_id: str) -> bytes | None:
        """Return the answer that was given to a driver's action, if it was answered."""
        return self._memory.answers.get(action_id)

    def received(self) -> Mapping[str, int]:
        """Return the number of the last command that took effect, by epoch, newest last."""
        return self._memory.received

    async def commit(
        self,
        facts: Sequence[Fact],
        *,
        state: Mapping[str, bytes | None] | None = None,
        received: tuple[str, int] | None = None,
        answer: tuple[str, bytes] | None = None,
        driver: str = "",
        route: str = "",
        subject: str = "",
    ) -> int:
        """Make facts, state, stream position and answer durable, all or nothing.

        A state of None removes the blob. Callers that wait while a commit runs share the
        next one. Returns the number of the last fact. Raises StoreError; nothing of this
        call is kept then, and nothing that depends on it may happen.
        """
        envelope = self._sealer.envelope(driver=driver, route=route, subject=subject)
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Request(facts, state or {}, received, answer, envelope, done))
        self._start()
        return await done

    async def read(self, first: int, limit: int) -> list[tuple[int, bytes]]:
        """Return up to `limit` sealed facts from number `first` on, in order.

        A fact whose bytes have rotted is replaced, for good, by an `item_quarantined` of the
        same number: the loss is told, and what follows is not held up.
        """
        sound, rotten = await self.database.read(
            lambda c: rows.read_facts(c, first, limit, self._sealer.signed)
        )
        if not rotten:
            return sound
        for seq, _ in rotten:
            log.error("fact has rotted", extra={"seq": seq})
        await self._replace(rotten, "bit rot")
        return await self.read(first, limit)

    async def stand_ins(self, numbers: Sequence[int]) -> list[tuple[int, bytes]]:
        """Put facts in the place of those that were wiped, for good, that say so."""
        await self._replace([(seq, b"") for seq in numbers], "wiped once it was acknowledged")
        found = await self.read(numbers[0], numbers[-1] - numbers[0] + 1)
        return [row for row in found if row[0] in numbers]

    async def acknowledge(self, upto: int) -> None:
        """Note that the ledger has everything up to `upto`, which may be less than before.

        More is written with the next commit: losing it only means sending again. Less is
        written at once: what the ledger lacks may not be pruned.
        """
        self.acked = min(upto, self.last_seq)
        if not 0 <= self.acked - self._acked_on_disk < ACKED_UNWRITTEN:
            await self.commit(())

    @property
    def acks_are_sealed(self) -> bool:
        """The station has signed an acknowledgement once."""
        return self.state(SEALED_ACKS) is not None

    async def expect_sealed_acks(self) -> None:
        """Believe no unsigned acknowledgement from now on. Raises StoreError."""
        await self.commit((), state={SEALED_ACKS: b"1"})

    async def prune(self, before_utc: datetime) -> int:
        """Delete acknowledged facts from before an instant; return how many.

        The last fact always stays: the chain continues from it.
        """
        upto, before_ms = min(self.acked, self.last_seq - 1), rows.to_ms(before_utc)
        deleted = await self.database.transact(lambda c: rows.prune_facts(c, upto, before_ms))
        await self.database.tidy()
        return deleted

    async def close(self) -> None:
        """Write what is only in memory, and let go of the file."""
        try:
            if self.acked != self._acked_on_disk:
                await self.commit(())
        except StoreError:
            log.exception("acknowledgement not kept, its facts will be sent again")
        finally:
            await self.database.close()

    def _start(self) -> None:
        if self._writing or not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        self._writing = True
        head, acked = self._memory.head, self.acked
        work = self.database.begin(lambda c: self._write(c, batch, head, acked))
        work.add_done_callback(lambda done: self._written(batch, acked, done))

    def _written(
        self, batch: list[_Request], acked: int, work: "asyncio.Future[list[Head]]"
    ) -> None:
        self._writing = False
        error = work.exception()
        if error is None:
            self._acked_on_disk = acked
            before = self.last_seq
            for request, head in zip(batch, work.result(), strict=True):
                self._take_over(request, head)
                if not request.done.done():
                    request.done.set_result(head.seq)
            if self.last_seq > before:
                self.appended.set(self.last_seq)
        else:
            for request in batch:
                if not request.done.done():
                    request.done.set_exception(error)
        self._start()

    def _take_over(self, request: _Request, head: Head) -> None:
        """Show what has just become durable."""
        memory = self._memory
        memory.head = head
        for name, blob in request.state.items():
            if blob is None:
                memory.state.pop(name, None)
            else:
                memory.state[name] = blob
        if request.answer is not None:
            memory.answers[request.answer[0]] = request.answer[1]
            if len(memory.answers) > rows.KEPT_ANSWERS:
                memory.answers.popitem(last=False)
        if request.received is not None:
            epoch, upto = request.received
            memory.received[epoch] = upto
            if len(memory.received) > rows.KEPT_EPOCHS:
                del memory.received[next(iter(memory.received))]

    async def _replace(self, lost: list[tuple[int, bytes]], why: str) -> None:
        envelope = self._sealer.envelope()
        await self.database.transact(lambda c: self._write_lost(c, lost, why, envelope))

    # Everything below runs in the database's worker.

    def _write(
        self, connection: sqlite3.Connection, batch: list[_Request], head: Head, acked: int
    ) -> list[Head]:
        """Write a group of commits; return the end of the chain after each."""
        heads = []
        for request in batch:
            utc_ms = rows.to_ms(request.envelope["time"])
            if request.envelope["timesource"] == "none":
                utc_ms = 0
            for fact in request.facts:
                sealed = self._sealer.seal(fact, head, request.envelope)
                head = Head(head.seq + 1, fact_hash(sealed))
                rows.write_fact(connection, head.seq, utc_ms, sealed)
            rows.write_state(connection, request.state)
            if request.answer is not None:
                rows.write_answer(connection, *request.answer)
            if request.received is not None:
                rows.write_received(connection, *request.received)
            heads.append(head)
        if acked != self._acked_on_disk:
            rows.write_meta(connection, "acked", acked)
        return heads

    def _write_lost(
        self,
        connection: sqlite3.Connection,
        lost: list[tuple[int, bytes]],
        why: str,
        envelope: Mapping[str, Any],
    ) -> None:
        for seq, spoilt in lost:
            before = connection.execute("SELECT sealed FROM fact WHERE seq = ?", (seq - 1,))
            previous = before.fetchone()
            prevhash = fact_hash(previous[0]) if previous else FIRST_PREVHASH
            digest = sha256(spoilt).hexdigest()
            told = ItemQuarantined(stream="fact", seq=seq, sha256=digest, why=why)
            if spoilt:
                rows.quarantine(connection, f"fact {seq}", spoilt)
            sealed = self._sealer.seal(told, Head(seq - 1, prevhash), envelope)
            rows.write_fact(connection, seq, 0, sealed)
